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

/// What a store holds, whoever needs it.
public struct StorageStatistics: Sendable, Hashable {
    /// Data chunks, each counted once.
    public var dataChunks: UInt64 = 0
    /// Their plain bytes.
    public var dataBytes: UInt64 = 0
    /// Tree chunks, each counted once.
    public var treeChunks: UInt64 = 0
    /// Their plain bytes.
    public var treeBytes: UInt64 = 0
    /// The bytes of all packs, in which copies, if there are any, count as often as they lie there.
    public var storedBytes: UInt64 = 0
    /// The plain bytes of what is stored as differences from other chunks.
    public var deltaBytes: UInt64 = 0
    /// What these take.
    public var deltaStoredBytes: UInt64 = 0
    /// How much smaller all other blocks are than what they hold; nil where there are none.
    public var wholeRatio: Double?

    /// About so much more would be stored without differences: as much as is compressed by itself takes, of the same length.
    public var deltaSavedBytesEstimate: UInt64 {
        guard let wholeRatio, wholeRatio > 0 else { return 0 }
        let whole = UInt64(Double(deltaBytes) / wholeRatio)
        return whole - min(whole, deltaStoredBytes)
    }

    /// How much smaller the packs are than the chunks: 2 means half. Nil where nothing is stored.
    public var compressionRatio: Double? {
        storedBytes == 0 ? nil : Double(dataBytes.addingClamped(treeBytes)) / Double(storedBytes)
    }
}
