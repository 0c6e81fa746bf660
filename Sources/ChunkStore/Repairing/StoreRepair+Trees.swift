internal import SQLite
internal import Storage

extension StoreRepair {
    /// So many chunks are read together, in the order in which they lie.
    private static let portion = 2_048

    /// Calls the body with every chunk of a tree that is at most so long and can be read, those of running operations left out. The body may
    /// call the store.
    public func forEachTree(
        upTo lengthMax: Int, _ body: (ChunkID, [UInt8]) -> Void
    ) throws(StoreError) {
        try catalog.synchronize(.all)
        let left = try inFlightNumbers()
        var last: CatalogConnection.ChunkRow?
        var waiting: [ChunkID] = []
        while true {
            try check()
            let rows = try catalog.read { (connection) throws(SQLiteError) in
                try connection.chunks(after: last, atMost: 4_096)
            }
            for row in rows where row.kind == .tree && row.length <= lengthMax && !left.contains(row.pack) {
                if waiting.last != row.id { waiting.append(row.id) }
                if waiting.count >= Self.portion { try look(&waiting, body) }
            }
            guard let end = rows.last else { return try look(&waiting, body) }
            last = end
        }
    }

    private func look(_ ids: inout [ChunkID], _ body: (ChunkID, [UInt8]) -> Void) throws(StoreError) {
        for visit in try reader.visits(to: ids) {
            try check()
            _ = reader.lend(visit, of: ids) { chunks in
                for chunk in chunks { body(ids[chunk.index], Array(chunk.bytes)) }
            }
        }
        ids = []
    }

    private func inFlightNumbers() throws(StoreError) -> Set<Int64> {
        let rows = try catalog.packs()
        return Set(rows.filter { $0.isCondemned || inFlight.contains($0.name) }.map(\.number))
    }
}
