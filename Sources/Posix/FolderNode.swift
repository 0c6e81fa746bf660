/// An open folder, shared by whoever works in it; closed when the last lets go.
public final class OpenFolder: Sendable {
    /// The folder.
    public let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}

/// A folder by its place below another one. It is opened when somebody works in it, and closed again when many others are open, so that
/// trees may be deeper than the kernel's limits for paths and for open files. Any thread may call.
///
/// A folder that is opened again must be the same as the first time: if something else has its name by then, be it a link to it,
/// opening throws `.stale`.
public final class FolderNode: Sendable {
    private struct State {
        var parent: FolderNode?
        var open: OpenFolder?
        var device: UInt64?
        var inode: UInt64?
    }

    /// The folder above; nil for where one began.
    public var parent: FolderNode? { state.withLock { $0.parent } }
    /// The name in it; of the first folder its path.
    public let name: Path
    private let pool: FolderPool
    private let isListed: Bool
    private let state: Monitor<State>

    /// A folder to begin with. Here alone links are followed. One that is not to be listed need not be readable: names in it can be
    /// worked with all the same.
    public init(path: Path, pool: FolderPool = FolderPool(), isListed: Bool = true) {
        state = Monitor(State())
        name = path
        self.pool = pool
        self.isListed = isListed
    }

    private init(parent: FolderNode, name: Path) {
        state = Monitor(State(parent: parent))
        self.name = name
        pool = parent.pool
        isListed = true
    }

    /// A folder in this one. Nothing is opened yet.
    public func child(_ name: Path) -> FolderNode { FolderNode(parent: self, name: name) }

    // Parents are let go one after another: a chain of thousands must not end in as many nested calls.
    deinit {
        var next = state.withLock { $0.parent }
        state.withLock { $0.parent = nil }
        while next != nil, isKnownUniquelyReferenced(&next) {
            next = next?.state.withLock { state in
                defer { state.parent = nil }
                return state.parent
            }
        }
    }

    /// The whole path, for messages.
    public var path: Path { path(of: nil) }

    /// The whole path of a name in the folder, for messages.
    public func path(of entry: Path?) -> Path {
        var names = entry.map { [$0] } ?? []
        var node: FolderNode? = self
        while let here = node {
            names.append(here.name)
            node = here.parent
        }
        var bytes: [UInt8] = []
        for name in names.reversed() {
            if !bytes.isEmpty && bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
            bytes += name.bytes
        }
        return Path(bytes)
    }

    /// The folder, opened.
    public func opened() throws(PosixError) -> OpenFolder {
        if let open = state.withLock({ $0.open }) { return open }
        // Up to the nearest one that is open, and down again.
        var way: [FolderNode] = [self]
        var nearest: OpenFolder?
        while let above = way[way.count - 1].parent {
            nearest = above.state.withLock { $0.open }
            if nearest != nil { break }
            way.append(above)
        }
        // Of a long way only the end stays open: all of it would close what others work in, who would then have to go their ways again.
        for (left, node) in way.enumerated().reversed() {
            nearest = try node.open(in: nearest, staysOpen: left < pool.wayMax)
        }
        return nearest!
    }

    private func open(in folder: OpenFolder?, staysOpen: Bool) throws(PosixError) -> OpenFolder {
        let descriptor: FileDescriptor
        do throws(PosixError) {
            if let folder {
                descriptor = try folder.descriptor.open(name, [.read, .folder])
            } else {
                descriptor = try FileDescriptor.openFolder(name, isListed: isListed)
            }
        } catch {
            let wasOpen = state.withLock { $0.inode != nil }
            let isOther = wasOpen && [.notAFolder, .linksInACircle].contains(error.errno)
            throw PosixError(call: error.call, path: path, errno: isOther ? .stale : error.errno)
        }
        let status = try descriptor.status()
        let opened = OpenFolder(descriptor)
        let isSame = state.withLock { state in
            if let inode = state.inode, inode != status.inode || state.device != status.device { return false }
            if staysOpen { state.open = opened }
            state.device = status.device
            state.inode = status.inode
            return true
        }
        guard isSame else { throw PosixError(call: "open", path: path, errno: .stale) }
        if staysOpen { pool.opened(self) }
        return opened
    }

    fileprivate var isOpen: Bool { state.withLock { $0.open != nil } }

    /// Closes the folder as soon as nobody works in it; it will be opened again when needed.
    public func close() { state.withLock { $0.open = nil } }
}

/// Sees to it that not too many folders are open at once: of those that somebody still holds, the one that was opened first is closed first.
public final class FolderPool: Sendable {
    private struct Weak { weak var node: FolderNode? }

    private let limit: Int
    private let nodes = Monitor<[Weak]>([])

    /// What one pool takes of the files that this process may have open: most must be left for others, and more than this gain nothing.
    private static let share = min(128, OpenFiles.limit / 4)

    /// How many folders of a way down stay open, counted from its end.
    fileprivate var wayMax: Int { (limit + 3) / 4 }

    /// At most so many folders stay open without being worked in; by default 128, or a quarter of what the process may have open.
    public init(limit: Int? = nil) { self.limit = max(1, limit ?? Self.share) }

    fileprivate func opened(_ node: FolderNode) {
        let evicted = nodes.withLock { nodes -> [Weak] in
            nodes.append(Weak(node: node))
            guard nodes.count > limit else { return [] }
            // First those leave that are closed anyway. That must make some room, or the search comes too often.
            nodes.removeAll { $0.node?.isOpen != true }
            guard nodes.count > limit - limit / 4 else { return [] }
            // Several at once, as taking them off the front moves all that are behind.
            let count = (limit + 1) / 2
            defer { nodes.removeFirst(count) }
            return Array(nodes[..<count])
        }
        for weak in evicted where weak.node !== node { weak.node?.close() }
    }
}
