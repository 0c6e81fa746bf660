public import ChunkStore

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
