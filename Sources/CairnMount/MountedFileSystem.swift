internal import Cairn
internal import ChunkStore
internal import Glibc
internal import Posix

/// The snapshots of a repository as the kernel sees them.
final class MountedFileSystem: ReadOnlyFileSystem {
    private let source: MountSource
    private let tree: MountedTree
    private let files = OpenFiles()
    private let room: RecurrenceRoom
    private let user: (id: UInt32, group: UInt32) = (Machine.userID, Machine.groupID)
    private let neighbours = Monitor<Neighbours?>(nil)

    init(_ source: MountSource, _ tree: MountedTree, room: RecurrenceRoom) {
        self.source = source
        self.tree = tree
        self.room = room
    }

    /// From now on neighbours are handed over.
    func use(_ neighbours: Neighbours?) { self.neighbours.withLock { $0 = neighbours } }

    // MARK: Names

    func lookup(_ name: [UInt8], in folder: NodeID) throws(Refusal) -> NodeEntry {
        try reading(folder) { (reader) throws(CairnError) -> NodeEntry? in
            guard let (id, node) = try tree.find(name, in: folder, reader) else { return nil }
            return try entry(id, node, reader)
        }
    }

    func attributes(of node: NodeID) throws(Refusal) -> (NodeAttributes, Durability) {
        let found = try reading(node) { (reader) throws(CairnError) -> NodeEntry? in
            guard let found = try tree.node(node, reader) else { return nil }
            return try entry(node, found, reader)
        }
        return (found.attributes, found.durability)
    }

    func linkTarget(of node: NodeID) throws(Refusal) -> [UInt8] {
        switch try found(node) {
        case .link(let target): return target
        case .entry(let entry, _, _):
            guard case .symbolicLink(let target) = entry.node else { throw .invalid }
            return target
        default: throw .invalid
        }
    }

    private func found(_ node: NodeID) throws(Refusal) -> MountedTree.Node {
        try reading(node) { (reader) throws(CairnError) in try tree.node(node, reader) }
    }

    // MARK: Folders

    func list(_ node: NodeID, from offset: UInt64, into sink: inout some ListingSink) throws(Refusal) {
        var listing = sink
        let _: Bool = try reading(node) { (reader) throws(CairnError) in
            guard Self.addDots(node, from: offset, to: &listing) else { return true }
            try tree.list(node, from: max(offset, Self.dots) - Self.dots, reader) {
                (name, id, found, next) throws(CairnError) in
                let entry =
                    listing.wantsAttributes
                    ? try entry(id, found, reader)
                    : NodeEntry(node: id, attributes: kind(id, found), durability: .fleeting)
                return listing.add(name, entry, next: next + Self.dots)
            }
            return true
        }
        sink = listing
    }

    /// How many entries stand before those that a folder holds: `.` and `..`.
    private static let dots: UInt64 = 2

    /// False where there is no room. The kernel knows both itself, so nothing but a number is told of them.
    private static func addDots(_ node: NodeID, from offset: UInt64, to sink: inout some ListingSink) -> Bool {
        let attributes = NodeAttributes(inode: node.rawValue, modified: .now, mode: S_IFDIR, userID: 0, groupID: 0)
        for number in min(offset, dots)..<dots {
            let entry = NodeEntry(node: NodeID(rawValue: 0), attributes: attributes, durability: .fleeting)
            let name = [UInt8](repeating: UInt8(ascii: "."), count: Int(number) + 1)
            guard sink.add(name, entry, next: number + 1) else { return false }
        }
        return true
    }

    // MARK: Files

    func open(_ node: NodeID) throws(Refusal) -> UInt64 {
        let file = try reading(node) { (reader) throws(CairnError) -> OpenFile? in
            guard case .entry(let entry, _, _) = try tree.node(node, reader) else { return nil }
            return try OpenFile(entry, node: node, room: room)
        }
        return files.add(file)
    }

    func read(_ handle: UInt64, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Refusal) -> Int {
        guard let file = files.file(handle) else { throw Refusal(errno: EBADF) }
        guard offset < file.size else { return 0 }
        let wanted = UnsafeMutableRawBufferPointer(
            rebasing: buffer[..<Int(min(UInt64(buffer.count), file.size - offset))])
        let reader = source.reader
        let advice = file.note(offset..<offset + UInt64(wanted.count))
        let readers = files.note(handle, isInOrder: advice == .inOrder)
        let ahead = advice == .inOrder ? AccessPattern.ahead(of: readers, cacheBytes: source.cacheBytes) : 0
        let count: Int
        do throws(CairnError) {
            count = try file.content.read(at: offset, into: wanted, ahead: ahead, through: reader)
        } catch { throw refusal(of: error, file.node) }
        if advice == .scattered, let neighbours = neighbours.withLock({ $0 }) {
            neighbours.offer(file, offset, reader)
        }
        return count
    }

    func seek(_ handle: UInt64, from offset: UInt64, toHole: Bool) throws(Refusal) -> UInt64 {
        guard let file = files.file(handle) else { throw Refusal(errno: EBADF) }
        guard offset < file.size else { throw .beyondTheEnd }
        let holes: FileHoles
        do throws(CairnError) { holes = try file.holes(through: source.reader) } catch {
            throw refusal(of: error, file.node)
        }
        if toHole { return holes.nextHole(from: offset, size: file.size) }
        guard let data = holes.nextData(from: offset, size: file.size) else { throw .beyondTheEnd }
        return data
    }

    func close(_ handle: UInt64) {
        files.remove(handle)
    }

    /// Sees whether snapshots have come or gone, also where nobody asks anything.
    func look() {
        source.refresh()
        if files.isEmpty { source.renewLease() }
    }

    // MARK: Attributes

    func attributeNames(of node: NodeID) throws(Refusal) -> [[UInt8]] {
        try treeEntry(node)?.attributes.map(\.name) ?? []
    }

    func attribute(_ name: [UInt8], of node: NodeID) throws(Refusal) -> [UInt8] {
        guard let value = try treeEntry(node)?.attributes.first(where: { $0.name == name })?.value else {
            throw .noData
        }
        return value
    }

    private func treeEntry(_ node: NodeID) throws(Refusal) -> TreeEntry? {
        switch try found(node) {
        case .entry(let entry, _, _), .snapshot(let entry, _, _): entry
        case .folder, .link: nil
        }
    }

    func space() -> (bytes: UInt64, files: UInt64) { source.space() }

    private func entry(
        _ id: NodeID, _ node: MountedTree.Node, _ reader: TreeReader
    ) throws(CairnError) -> NodeEntry {
        switch node {
        case .folder(let folder):
            let attributes = NodeAttributes(
                inode: id.rawValue, modified: folder.modified, mode: S_IFDIR | 0o555,
                links: UInt32(clamping: 2 + folder.folderCount), userID: user.id, groupID: user.group)
            return NodeEntry(node: id, attributes: attributes, durability: .fleeting)
        case .link(let target):
            let attributes = NodeAttributes(
                inode: id.rawValue, size: UInt64(target.count), modified: tree.layout.top.modified,
                mode: S_IFLNK | 0o777, userID: user.id, groupID: user.group)
            return NodeEntry(node: id, attributes: attributes, durability: .fleeting)
        case .snapshot(let root, let snapshot, _):
            var attributes = NodeAttributes(root, inode: id.rawValue)
            let time = snapshot.snapshot.manifest.time
            attributes.modified = FileTime(seconds: time.seconds, nanoseconds: time.nanoseconds)
            return NodeEntry(node: id, attributes: attributes, durability: .fleeting)
        case .entry(let entry, let snapshot, _):
            var attributes = NodeAttributes(entry, inode: id.rawValue)
            if let group = entry.linkGroup {
                attributes.inode = snapshot.inode(ofGroup: group)
                attributes.links = try snapshot.linkCount(ofGroup: group, through: reader)
            }
            if case .file(let size, _, _, let holes) = entry.node, holes != .empty {
                let bytes = size - (try FileHoles(of: entry, through: reader).byteCount)
                // The size is whatever a repository says: no sum of it may overflow.
                attributes.blocks = bytes / 512 + (bytes % 512 > 0 ? 1 : 0)
            }
            return NodeEntry(node: id, attributes: attributes, durability: .lasting)
        }
    }

    /// What a listing without attributes tells.
    private func kind(_ id: NodeID, _ node: MountedTree.Node) -> NodeAttributes {
        switch node {
        case .folder: NodeAttributes(inode: id.rawValue, modified: .now, mode: S_IFDIR, userID: 0, groupID: 0)
        case .link: NodeAttributes(inode: id.rawValue, modified: .now, mode: S_IFLNK, userID: 0, groupID: 0)
        case .snapshot(let entry, _, _): NodeAttributes(entry, inode: id.rawValue)
        case .entry(let entry, let snapshot, _):
            NodeAttributes(entry, inode: entry.linkGroup.map(snapshot.inode) ?? id.rawValue)
        }
    }

    // MARK: Trouble

    private func reading<Result>(
        _ node: NodeID, _ body: (TreeReader) throws(CairnError) -> Result?
    ) throws(Refusal) -> Result {
        source.refresh()
        let found: Result?
        do throws(CairnError) { found = try body(source.reader) } catch { throw refusal(of: error, node) }
        guard let found else { throw .notThere }
        return found
    }

    /// What only a snapshot held that is gone is no damage.
    private func refusal(of error: CairnError, _ node: NodeID) -> Refusal {
        if tree.isGone(node) { return .gone }
        source.tell(error)
        return .damaged
    }
}

extension NodeAttributes {
    fileprivate init(_ entry: TreeEntry, inode: UInt64) {
        self.init(
            inode: inode, modified: entry.modified, mode: entry.statMode, userID: entry.userID, groupID: entry.groupID)
        switch entry.node {
        case .file(let bytes, _, _, _):
            size = bytes
            // As file systems count: whole pages.
            blocks = bytes / 4_096 * 8 + (bytes % 4_096 > 0 ? 8 : 0)
        case .directory(let content, _): size = content.byteCount ?? 0
        case .symbolicLink(let target): size = UInt64(target.count)
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor): device = (major, minor)
        case .fifo, .socket: break
        }
    }
}
