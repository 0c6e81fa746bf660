/// What a new tree has in common with an old one, in numbers.
///
/// ```swift
/// var statistics = ChangeStatistics()
/// try TreeComparison(reader, old: base, new: root).run { change in statistics.add(change) }
/// ```
public struct ChangeStatistics: Sendable, Hashable {
    /// How many entries of one sort met which fate. One that became something else counts as removed and as new.
    public struct Counts: Sendable, Hashable {
        /// They were not there before.
        public var new = 0
        /// Bytes or metadata differ. A directory is changed where its own metadata differ, whatever happened below it.
        public var changed = 0
        /// They are as they were; known only of a snapshot that was just taken.
        public var unmodified = 0
        /// They are not there any more.
        public var removed = 0

        /// None yet.
        public init() {}
    }

    /// How many entries a tree has, not counting its root.
    struct Totals {
        /// Regular files.
        var files: Int
        /// Directories.
        var directories: Int
        /// Links, pipes, sockets and devices.
        var others: Int
    }

    /// Regular files.
    public var files = Counts()
    /// Directories.
    public var directories = Counts()
    /// Links, pipes, sockets and devices.
    public var others = Counts()
    /// The lengths of files that are new or have other bytes.
    public var bytesAdded: UInt64 = 0
    /// The lengths that removed files, and those that have other bytes now, had before.
    public var bytesRemoved: UInt64 = 0

    /// No change yet.
    public init() {}

    /// Counts a change.
    public mutating func add(_ change: TreeChange) {
        switch change.kind {
        case .metadata: count(change.new, \.changed)
        case .content:
            count(change.new, \.changed)
            addBytes(change)
        case .added, .removed, .kind:
            count(change.new, \.new)
            count(change.old, \.removed)
            addBytes(change)
        }
    }

    /// Derives what is unmodified: what the new tree has and is neither new nor changed.
    mutating func setUnmodified(_ totals: Totals) {
        files.unmodified = max(0, totals.files - files.new - files.changed)
        directories.unmodified = max(0, totals.directories - directories.new - directories.changed)
        others.unmodified = max(0, totals.others - others.new - others.changed)
    }

    private mutating func addBytes(_ change: TreeChange) {
        // Sizes come from disk: absurd ones must not trap.
        bytesAdded = bytesAdded.addingClamped(change.new?.node.fileSize ?? 0)
        bytesRemoved = bytesRemoved.addingClamped(change.old?.node.fileSize ?? 0)
    }

    private mutating func count(_ entry: TreeEntry?, _ fate: WritableKeyPath<Counts, Int>) {
        switch entry?.node {
        case nil: break
        case .file: files[keyPath: fate] += 1
        case .directory: directories[keyPath: fate] += 1
        default: others[keyPath: fate] += 1
        }
    }
}

extension UInt64 {
    /// The sum, or the largest number where that is beyond counting.
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, isTooMuch) = addingReportingOverflow(other)
        return isTooMuch ? .max : sum
    }
}
