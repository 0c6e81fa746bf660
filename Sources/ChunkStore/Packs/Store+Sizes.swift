internal import SQLite
internal import Storage

extension Store {
    /// What blocks hold, and what they take.
    public struct BlockTotals: Sendable, Hashable {
        /// The plain bytes of chunks.
        public var plainBytes: UInt64 = 0
        /// What they take, compressed and sealed.
        public var storedBytes: UInt64 = 0
    }

    /// The sums over all blocks that are compressed by themselves, and over those that are differences from others.
    public func blockTotals() throws(StoreError) -> (whole: BlockTotals, deltas: BlockTotals) {
        let catalog = try catalog()
        try catalog.synchronize(.all)
        return try catalog.read { (connection) throws(SQLiteError) in
            (try connection.blockTotals(areDeltas: false), try connection.blockTotals(areDeltas: true))
        }
    }

    /// The bytes of all packs: what the chunks take on disk.
    public func storedBytes() throws(StoreError) -> UInt64 {
        var sum: UInt64 = 0
        for folder in [PackName.PackFolder.data, .trees] {
            let files = try storing { () throws(StorageError) in
                try repository.storage.list("\(PackName.root)/\(folder.letter)", recursive: true)
            }
            for file in files where PackName(path: file.name) != nil { sum += file.size }
        }
        return sum
    }
}
