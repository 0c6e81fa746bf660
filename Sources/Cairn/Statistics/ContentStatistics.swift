/// What snapshots hold, alone and together.
public struct ContentStatistics: Sendable, Hashable {
    /// What one snapshot holds.
    public struct OfSnapshot: Sendable, Hashable {
        /// Its regular files, each name counted.
        public var files: UInt64 = 0
        /// The sum of their lengths.
        public var logicalBytes: UInt64 = 0
        /// The plain bytes of data chunks that no other of the counted snapshots reaches: what would become free with it, before compression.
        public var aloneBytes: UInt64 = 0
    }

    /// Files whose names end alike.
    public struct OfType: Sendable, Hashable {
        /// What follows the last dot of the name, in lower-case letters; empty where there is none.
        public var name: [UInt8]
        /// Different contents. One that occurs under several names counts with the first that was met.
        public var contents: UInt64
        /// The sum of their lengths.
        public var bytes: UInt64
    }

    /// One for each snapshot, in the order given.
    public var snapshots: [OfSnapshot] = []
    /// Different contents of files.
    public var contents: UInt64 = 0
    /// Data chunks that the snapshots reach, each counted once.
    public var uniqueChunks: UInt64 = 0
    /// Their plain bytes.
    public var uniqueBytes: UInt64 = 0
    /// The types of files with the most bytes, largest first.
    public var types: [OfType] = []

    /// The lengths of all files of all snapshots.
    public var logicalBytes: UInt64 { snapshots.reduce(0) { $0.addingClamped($1.logicalBytes) } }
}
