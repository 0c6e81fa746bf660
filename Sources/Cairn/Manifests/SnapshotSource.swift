public import Posix

/// What a snapshot is of: a machine, and absolute paths on it, in whatever order they were given.
public struct SnapshotSource: Hashable, Comparable, Sendable {
    /// The machine's name.
    public let host: String
    /// The paths, sorted.
    public let paths: [Path]

    /// Names a source.
    public init(host: String, paths: [Path]) {
        self.host = host
        self.paths = paths.sorted()
    }

    /// The source of a snapshot.
    public init(_ manifest: Manifest) { self.init(host: manifest.hostname, paths: manifest.paths) }

    /// By host, then by paths.
    public static func < (left: SnapshotSource, right: SnapshotSource) -> Bool {
        left.host != right.host ? left.host < right.host : left.paths.lexicographicallyPrecedes(right.paths)
    }
}
