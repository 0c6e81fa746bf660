import Posix

/// Finds the differences between two trees, in the order of paths, each directory before what is in it. Of directories that are stored in the
/// same chunks nothing is read, so the cost is that of the parts that differ. Memory: one page of entries for each level of depth.
public struct TreeComparison {
    private let reader: TreeReader
    private let old: TreeEntry?
    private let new: TreeEntry?

    /// Compares an old entry with a new one: roots, directories, or single files. With nil, everything was added or removed.
    public init(_ reader: TreeReader, old: TreeEntry?, new: TreeEntry?) {
        self.reader = reader
        self.old = old
        self.new = new
    }

    /// Calls the body with each difference. The two entries themselves count too, with an empty path, unless they are roots: `/`
    /// only holds what was snapshot.
    public func run(
        cancellation: Cancellation? = nil, _ body: (TreeChange) throws(CairnError) -> Void
    ) throws(CairnError) {
        if let top = TreeChange(path: [], old: old?.unlessRoot, new: new?.unlessRoot) { try body(top) }
        var path: [UInt8] = []
        var open: [Level] = []
        if let level = Level(reader, old: old, new: new, pathLength: 0) { open.append(level) }
        while let last = open.indices.last {
            guard let (old, new) = try open[last].nextPair() else {
                open.removeLast()
                continue
            }
            try cancellation?.check()
            path.removeSubrange(open[last].pathLength...)
            if !path.isEmpty { path.append(UInt8(ascii: "/")) }
            path += (new ?? old)?.name ?? []
            if let change = TreeChange(path: path, old: old, new: new) { try body(change) }
            if let level = Level(reader, old: old, new: new, pathLength: path.count) { open.append(level) }
        }
    }

    /// Two directories of one path, read side by side.
    private struct Level {
        private var old: EntryCursor?
        private var new: EntryCursor?
        private var oldNext: TreeEntry?
        private var newNext: TreeEntry?
        private var hasBegun = false
        /// How much of the path leads here.
        let pathLength: Int

        /// Nil where there is nothing to look into: neither is a directory, or both are the same.
        init?(_ reader: TreeReader, old: TreeEntry?, new: TreeEntry?, pathLength: Int) {
            let oldContent = old?.node.directoryContent
            let newContent = new?.node.directoryContent
            guard oldContent != newContent else { return nil }
            self.old = oldContent.map { EntryCursor($0, reader: reader.chunks) }
            self.new = newContent.map { EntryCursor($0, reader: reader.chunks) }
            self.pathLength = pathLength
        }

        /// The entries of the next name, at least one of which is there; nil after the last.
        mutating func nextPair() throws(CairnError) -> (old: TreeEntry?, new: TreeEntry?)? {
            if !hasBegun {
                hasBegun = true
                try takeOld()
                try takeNew()
            }
            let (old, new) = (oldNext, newNext)
            if let old, let new, old.name != new.name {
                if old.name.precedes(new.name) {
                    try takeOld()
                    return (old, nil)
                }
                try takeNew()
                return (nil, new)
            }
            if old != nil { try takeOld() }
            if new != nil { try takeNew() }
            return old == nil && new == nil ? nil : (old, new)
        }

        private mutating func takeOld() throws(CairnError) { oldNext = try old?.next() }
        private mutating func takeNew() throws(CairnError) { newNext = try new?.next() }
    }
}

extension TreeEntry {
    fileprivate var unlessRoot: TreeEntry? { name == Self.rootName ? nil : self }
}
