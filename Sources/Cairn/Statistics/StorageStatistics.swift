public import ChunkStore

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

extension StorageStatistics {
    /// Counts what is stored, from the catalog and the sizes of the packs.
    public init(_ store: Store) throws(CairnError) {
        var counts = StorageStatistics()
        var last: (id: ChunkID, kind: ChunkKind)?
        try storing { () throws(StoreError) in
            try store.forEachChunk { id, kind, length in
                // Copies follow one another; of one id those of both kinds may be mixed, and each kind is told from the last of it.
                guard last?.id != id || last?.kind != kind else { return }
                last = (id, kind)
                switch kind {
                case .data:
                    counts.dataChunks += 1
                    counts.dataBytes += UInt64(length)
                case .tree:
                    counts.treeChunks += 1
                    counts.treeBytes += UInt64(length)
                }
            }
        }
        let blocks = try storing { () throws(StoreError) in try store.blockTotals() }
        counts.deltaBytes = blocks.deltas.plainBytes
        counts.deltaStoredBytes = blocks.deltas.storedBytes
        if blocks.whole.storedBytes > 0 {
            counts.wholeRatio = Double(blocks.whole.plainBytes) / Double(blocks.whole.storedBytes)
        }
        counts.storedBytes = try storing { () throws(StoreError) in try store.storedBytes() }
        self = counts
    }
}
