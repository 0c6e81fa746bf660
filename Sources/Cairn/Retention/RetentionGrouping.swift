public import Posix

/// What snapshots must have in common to be judged together. With none of it all are one group.
public struct RetentionGrouping: OptionSet, Hashable, Sendable {
    /// One bit for each.
    public let rawValue: Int
    /// By bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The machine.
    public static let host = RetentionGrouping(rawValue: 1)
    /// The paths, all of them.
    public static let paths = RetentionGrouping(rawValue: 2)
    /// The tags, all of them.
    public static let tags = RetentionGrouping(rawValue: 4)
    /// Host and paths: what makes a source.
    public static let source: RetentionGrouping = [.host, .paths]

    /// The group that a snapshot belongs to.
    func key(of manifest: Manifest) -> RetentionGroup.Key {
        RetentionGroup.Key(
            host: contains(.host) ? manifest.hostname : nil, paths: contains(.paths) ? manifest.paths.sorted() : nil,
            tags: contains(.tags) ? manifest.tags : nil)
    }
}

/// Snapshots that were judged together.
public struct RetentionGroup: Hashable, Sendable {
    /// What they have in common; nil for what was not asked for.
    public struct Key: Hashable, Comparable, Sendable {
        /// The machine.
        public let host: String?
        /// The paths, sorted.
        public let paths: [Path]?
        /// The tags, sorted.
        public let tags: [String]?

        /// By host, then by paths, then by tags.
        public static func < (left: Key, right: Key) -> Bool {
            if left.host != right.host { return left.host ?? "" < right.host ?? "" }
            if left.paths != right.paths { return (left.paths ?? []).lexicographicallyPrecedes(right.paths ?? []) }
            return (left.tags ?? []).lexicographicallyPrecedes(right.tags ?? [])
        }
    }

    /// What they have in common.
    public let key: Key
    /// What becomes of each, the oldest first.
    public let decisions: [RetentionDecision]
}

/// What becomes of one snapshot.
public struct RetentionDecision: Hashable, Sendable {
    /// The snapshot.
    public let snapshot: Snapshot
    /// Why it is kept; nothing where it is forgotten.
    public let reasons: [RetentionReason]

    /// Whether it is kept.
    public var isKept: Bool { !reasons.isEmpty }
}
