public import Posix

/// Which snapshots are meant. A condition that is not set holds for all.
public struct SnapshotFilter: Hashable, Sendable {
    /// From one of these machines.
    public var hosts: [String] = []
    /// With all tags of one of these lists; an empty list means snapshots without any tag.
    public var tags: [[String]] = []
    /// Of all of these paths, and perhaps others.
    public var paths: [Path] = []
    /// Made by one of these strategies.
    public var strategies: [Strategy] = []
    /// Not earlier.
    public var since: SnapshotTime?
    /// Not later.
    public var until: SnapshotTime?

    /// A filter that leaves all snapshots.
    public init() {}

    /// Whether nothing is asked for.
    public var isEmpty: Bool { self == SnapshotFilter() }

    /// Whether a snapshot is meant.
    public func matches(_ manifest: Manifest) -> Bool {
        let hasHost = hosts.isEmpty || hosts.contains(manifest.hostname)
        let hasTags =
            tags.isEmpty
            || tags.contains { $0.isEmpty ? manifest.tags.isEmpty : $0.allSatisfy(manifest.tags.contains) }
        let hasPaths = paths.allSatisfy(manifest.paths.contains)
        let hasStrategy = strategies.isEmpty || strategies.contains(manifest.strategy)
        let isInTime =
            since.map { !manifest.time.isEarlier(than: $0) } ?? true
            && until.map { !$0.isEarlier(than: manifest.time) } ?? true
        return hasHost && hasTags && hasPaths && hasStrategy && isInTime
    }
}
