internal import Cairn
internal import Glibc
internal import Posix

/// Finds what stands behind a node, and what is in a folder.
final class MountedTree: Sendable {
    /// What a node is.
    enum Node: Sendable {
        case folder(LayoutFolder)
        case link(target: [UInt8])
        /// The root of a snapshot.
        case snapshot(TreeEntry, MountedSnapshot, isChanges: Bool)
        case entry(TreeEntry, MountedSnapshot, isChanges: Bool)
    }

    private static let foldersMax = 2_048
    private static let pageEntriesMax = 65_536
    private static let nameBytesMax = 1_024

    let layout: MountLayout
    private let folders = FolderTable()
    private let trees = Generations<UInt32, TreeFolder>(weightMax: foldersMax)
    private let earlier = Generations<UInt32, Earlier>(weightMax: foldersMax)
    private let pages = TreeFolder.Pages(weightMax: pageEntriesMax) { $0.count }

    /// What a folder was in the base of its snapshot; nil where it is new.
    private struct Earlier: Sendable {
        let folder: TreeFolder?
    }

    init(_ layout: MountLayout) { self.layout = layout }

    // MARK: Nodes

    /// What a node is.
    func node(_ id: NodeID, _ reader: TreeReader) throws(CairnError) -> Node? {
        if id == .root { return .folder(layout.top) }
        guard let record = folders.record(id.folder) else { return nil }
        switch record.kind {
        case .layout(let folder):
            switch folder.item(at: id.place) {
            case .folder(let folder): return .folder(folder)
            case .link(let target): return .link(target: target)
            case .snapshot(let snapshot, let isChanges):
                return .snapshot(
                    try reader.root(snapshot.snapshot.manifest.tree), snapshot, isChanges: isChanges)
            case nil: return nil
            }
        case .tree(let snapshot, let isChanges):
            guard let tree = try tree(id.folder, reader) else { return nil }
            let entries = try tree.entries(ofPage: id.page, through: reader)
            guard entries.indices.contains(id.place) else { return nil }
            return .entry(entries[id.place], snapshot, isChanges: isChanges)
        }
    }

    /// The number of the folder that a node is; nil for what is none.
    private func number(_ id: NodeID, _ reader: TreeReader) throws(CairnError) -> UInt32? {
        switch try node(id, reader) {
        case .folder(let folder): folders.number(of: id, .layout(folder))
        case .snapshot(_, let snapshot, let isChanges):
            folders.number(of: id, .tree(snapshot, isChanges: isChanges))
        case .entry(let entry, let snapshot, let isChanges):
            entry.node.isDirectory ? folders.number(of: id, .tree(snapshot, isChanges: isChanges)) : nil
        case .link, nil: nil
        }
    }

    /// The directory behind a number; nil where it stands for something else.
    private func tree(_ number: UInt32, _ reader: TreeReader) throws(CairnError) -> TreeFolder? {
        try descend(to: number, in: trees) { (step, above) throws(CairnError) in
            guard let entry = try directory(at: step.node, above, reader) else { return nil }
            return try TreeFolder(entry, of: step.snapshot, cache: pages, through: reader)
        }
    }

    private func directory(
        at node: NodeID, _ above: TreeFolder?, _ reader: TreeReader
    ) throws(CairnError) -> TreeEntry? {
        guard let above else {
            guard case .snapshot(let root, _, _) = try self.node(node, reader) else { return nil }
            return root
        }
        let entries = try above.entries(ofPage: node.page, through: reader)
        return entries.indices.contains(node.place) ? entries[node.place] : nil
    }

    /// A folder of a snapshot on the way down.
    private struct Step {
        let number: UInt32
        let node: NodeID
        let snapshot: MountedSnapshot
    }

    /// What is remembered of a folder of a snapshot, or is made now: from the nearest folder above of which something is remembered, or from the
    /// snapshot's root, for which `above` is nil. One folder after another: a tree may have thousands of levels.
    private func descend<Value>(
        to number: UInt32, in known: Generations<UInt32, Value>,
        _ make: (_ step: Step, _ above: Value?) throws(CairnError) -> Value?
    ) throws(CairnError) -> Value? {
        var steps: [Step] = []
        var above: Value?
        var next = number
        while let record = folders.record(next), case .tree(let snapshot, _) = record.kind {
            above = known.remembered(next)
            if above != nil { break }
            steps.append(Step(number: next, node: record.node, snapshot: snapshot))
            next = record.node.folder
        }
        for step in steps.reversed() {
            guard let made = try make(step, above) else { return nil }
            known.remember(made, step.number)
            above = made
        }
        return above
    }

    /// Whether the snapshot that holds a node is not shown any more.
    func isGone(_ id: NodeID) -> Bool {
        switch folders.record(id.folder)?.kind {
        case .tree(let snapshot, _): return snapshot.isGone
        case .layout(let folder):
            // The root of a snapshot.
            guard case .snapshot(let snapshot, _) = folder.item(at: id.place) else { return false }
            return snapshot.isGone
        case nil: return false
        }
    }

    // MARK: Folders

    /// A name in a folder. The folder is known to be one; nil where the name is not there.
    func find(_ name: [UInt8], in id: NodeID, _ reader: TreeReader) throws(CairnError) -> (NodeID, Node)? {
        guard let number = try number(id, reader), let record = folders.record(number) else { return nil }
        switch record.kind {
        case .layout(let folder):
            guard let (place, _) = folder.find(name),
                let found = NodeID(folder: number, page: 0, place: place), let node = try node(found, reader)
            else { return nil }
            return (found, node)
        case .tree(let snapshot, let isChanges):
            guard let tree = try tree(number, reader),
                let (page, place, entry) = try tree.find(name, through: reader),
                let found = NodeID(folder: number, page: page, place: place)
            else { return nil }
            if isChanges, try !hasChanged(entry, in: number, reader) { return nil }
            return (found, .entry(entry, snapshot, isChanges: isChanges))
        }
    }

    /// Goes through a folder from an offset on. The body gets the offset behind each name, and answers false when it wants no more.
    func list(
        _ id: NodeID, from offset: UInt64, _ reader: TreeReader,
        _ body: (_ name: [UInt8], _ id: NodeID, _ node: Node, _ next: UInt64) throws(CairnError) -> Bool
    ) throws(CairnError) {
        guard let number = try number(id, reader), let record = folders.record(number) else { return }
        switch record.kind {
        case .layout(let folder):
            for (place, name, _) in folder.items(from: Int(clamping: offset)) {
                guard let id = NodeID(folder: number, page: 0, place: place), let node = try node(id, reader) else {
                    continue
                }
                guard try body(name, id, node, UInt64(place) + 1) else { return }
            }
        case .tree(let snapshot, let isChanges):
            guard let tree = try tree(number, reader) else { return }
            let start = NodeID(rawValue: offset)
            var (page, place) = (start.page, start.place)
            while page < tree.pageCount {
                let entries = try tree.entries(ofPage: page, through: reader)
                while place < entries.count {
                    let entry = entries[place]
                    guard let id = NodeID(folder: number, page: page, place: place),
                        let next = NodeID(folder: 1, page: page, place: place + 1)
                    else { throw CairnError(.unsupported, "a folder has too many entries to be mounted") }
                    place += 1
                    // The kernel refuses a listing with a longer name.
                    if entry.name.count > Self.nameBytesMax { continue }
                    if isChanges, try !hasChanged(entry, in: number, reader) { continue }
                    let node = Node.entry(entry, snapshot, isChanges: isChanges)
                    guard try body(entry.name, id, node, next.rawValue) else { return }
                }
                (page, place) = (page + 1, 0)
            }
        }
    }

    // MARK: Changes

    /// Whether an entry of a folder is another one than in the base of the snapshot, or has something below it that is.
    private func hasChanged(_ entry: TreeEntry, in number: UInt32, _ reader: TreeReader) throws(CairnError) -> Bool {
        let old = try earlier(number, reader)?.folder?.find(entry.name, through: reader)?.entry
        if TreeChange(path: [], old: old, new: entry) != nil { return true }
        guard entry.node.isDirectory else { return false }
        do throws(CairnError) {
            try TreeComparison(reader, old: old, new: entry).run { change throws(CairnError) in
                if change.kind != .removed { throw CairnError(.cancelled, "") }
            }
            return false
        } catch {
            guard error.code == .cancelled else { throw error }
            return true
        }
    }

    private func earlier(_ number: UInt32, _ reader: TreeReader) throws(CairnError) -> Earlier? {
        try descend(to: number, in: earlier) { (step, above) throws(CairnError) in
            guard let entry = try earlierDirectory(step, above, reader), entry.node.isDirectory else {
                return Earlier(folder: nil)
            }
            return Earlier(folder: try TreeFolder(entry, of: step.snapshot, cache: pages, through: reader))
        }
    }

    private func earlierDirectory(
        _ step: Step, _ above: Earlier?, _ reader: TreeReader
    ) throws(CairnError) -> TreeEntry? {
        guard let above else {
            switch layout.list?.changesBase(of: step.snapshot.snapshot) {
            case .own(let base), .nearest(let base): return try reader.root(base.manifest.tree)
            default: return nil
            }
        }
        guard let old = above.folder, case .entry(let entry, _, _) = try node(step.node, reader) else { return nil }
        return try old.find(entry.name, through: reader)?.entry
    }
}
