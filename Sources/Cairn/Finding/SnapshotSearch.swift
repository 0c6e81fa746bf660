public import Crypto
public import Posix

/// Looks for entries in many snapshots at once and tells which snapshots hold which version.
///
/// The trees are walked side by side: a directory that several snapshots share is read once for all of them. Versions that are equal (in bytes and
/// metadata) come as one match. It works on a few dozen snapshots at a time, so that memory is bounded; what it finds of more waits in a temporary file.
public struct SnapshotSearch {
    /// What is looked for; what is not set holds for everything.
    public struct Criteria {
        /// Whether the path, absolute in the snapshot, is one of those looked for.
        public var matches: (_ path: [UInt8], _ isDirectory: Bool) -> Bool = { _, _ in true }
        /// Files with this content.
        public var digest: SHA256Digest?
        /// Files of such a length.
        public var sizes: ClosedRange<UInt64>?
        /// Modified at this time or later.
        public var newer: SnapshotTime?
        /// Modified at this time or earlier.
        public var older: SnapshotTime?

        /// Looks for everything.
        public init() {}

        func holds(_ path: [UInt8], _ entry: TreeEntry) -> Bool {
            if let digest {
                guard case .file(_, _, digest, _) = entry.node else { return false }
            }
            if let sizes {
                guard let size = entry.node.fileSize, sizes.contains(size) else { return false }
            }
            let modified = (entry.modified.seconds, entry.modified.nanoseconds)
            if let newer, modified < (newer.seconds, newer.nanoseconds) { return false }
            if let older, modified > (older.seconds, older.nanoseconds) { return false }
            return matches(path, entry.node.isDirectory)
        }
    }

    /// One version of one path.
    public struct Match {
        /// The path, absolute in the snapshots.
        public let path: Path
        /// The version.
        public let entry: TreeEntry
        /// The snapshots that hold it, as their places among those that were searched, ascending.
        public let snapshots: [Int]
    }

    /// How many trees are walked side by side.
    static let batchCount = 32

    private let reader: TreeReader
    private let criteria: Criteria

    /// Chooses what to look for.
    public init(_ reader: TreeReader, _ criteria: Criteria) {
        self.reader = reader
        self.criteria = criteria
    }

    /// Calls the body with each version, in the order of paths; of one path, the version of the first snapshot first.
    public func run(
        _ roots: [TreeEntry], cancellation: Cancellation? = nil, _ body: (Match) throws(CairnError) -> Void
    ) throws(CairnError) {
        if roots.count <= Self.batchCount { return try search(roots, from: 0, cancellation, body) }
        let found = try FoundVersions()
        for start in stride(from: 0, to: roots.count, by: Self.batchCount) {
            let batch = Array(roots[start..<min(roots.count, start + Self.batchCount)])
            try search(batch, from: start, cancellation) { match throws(CairnError) in try found.add(match) }
        }
        try found.forEach(body)
    }

    private func search(
        _ roots: [TreeEntry], from start: Int, _ cancellation: Cancellation?,
        _ body: (Match) throws(CairnError) -> Void
    ) throws(CairnError) {
        var path: [UInt8] = []
        var open = [Level(reader, roots.enumerated().map { (UInt64(1) << UInt64($0), $1) }, pathLength: 0)]
        while let last = open.indices.last {
            guard let versions = try open[last].next() else {
                open.removeLast()
                continue
            }
            try cancellation?.check()
            path.removeSubrange(open[last].pathLength...)
            path.append(UInt8(ascii: "/"))
            path += versions[0].entry.name
            var told: [(key: SHA256Digest, mask: UInt64, entry: TreeEntry)] = []
            for version in versions where criteria.holds(path, version.entry) {
                let key = version.entry.versionKey
                if let index = told.firstIndex(where: { $0.key == key }) {
                    told[index].mask |= version.mask
                } else {
                    told.append((key, version.mask, version.entry))
                }
            }
            for version in told.sorted(by: { $0.mask.trailingZeroBitCount < $1.mask.trailingZeroBitCount }) {
                let places = (0..<Self.batchCount).filter { version.mask >> UInt64($0) & 1 == 1 }
                try body(Match(path: Path(path), entry: version.entry, snapshots: places.map { $0 + start }))
            }
            let directories = versions.filter { $0.entry.node.isDirectory }
            if !directories.isEmpty { open.append(Level(reader, directories, pathLength: path.count)) }
        }
    }

    /// The directories of one path in several snapshots, read side by side; equal ones once.
    private struct Level {
        private var cursors: [(mask: UInt64, cursor: EntryCursor, next: TreeEntry?)] = []
        private var hasBegun = false
        let pathLength: Int

        init(_ reader: TreeReader, _ directories: [(mask: UInt64, entry: TreeEntry)], pathLength: Int) {
            var places: [Content: Int] = [:]
            for (mask, entry) in directories {
                guard let content = entry.node.directoryContent else { continue }
                if let place = places[content] {
                    cursors[place].mask |= mask
                } else {
                    places[content] = cursors.count
                    cursors.append((mask, reader.entries(of: entry), nil))
                }
            }
            self.pathLength = pathLength
        }

        /// The entries of the next name, with the snapshots that hold them; nil after the last.
        mutating func next() throws(CairnError) -> [(mask: UInt64, entry: TreeEntry)]? {
            if !hasBegun {
                hasBegun = true
                for index in cursors.indices { cursors[index].next = try cursors[index].cursor.next() }
            }
            let names = cursors.lazy.compactMap { $0.next?.name }
            guard let first = names.min(by: { $0.precedes($1) }) else { return nil }
            var found: [(UInt64, TreeEntry)] = []
            for index in cursors.indices {
                guard let entry = cursors[index].next, entry.name == first else { continue }
                found.append((cursors[index].mask, entry))
                cursors[index].next = try cursors[index].cursor.next()
            }
            return found
        }
    }
}
