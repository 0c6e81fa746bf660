import Crypto
import SQLite

extension CatalogConnection {
    /// The blocks of a pack as the catalog knows them: for packs whose own directory cannot be read any more. Looks at every row of chunks.
    func blocks(of pack: Int64) throws(SQLiteError) -> [Salvage.Block] {
        let deltas = try connection.statement("SELECT number FROM blocks WHERE pack = ? AND bases IS NOT NULL")
        try deltas.bind(pack, at: 1)
        var areDeltas: Set<Int64> = []
        try deltas.forEachRow { (row) throws(SQLiteError) in areDeltas.insert(row.integer(0)) }
        let rows = try connection.statement(
            "SELECT id, block, offset, length, kind FROM chunks WHERE pack = ? ORDER BY block, offset")
        try rows.bind(pack, at: 1)
        var chunks: [Int64: (kind: ChunkKind, chunks: [(chunk: ChunkReference, offset: Int)])] = [:]
        try rows.forEachRow { (row) throws(SQLiteError) in
            guard let id = row.withBlob(0, { SHA256Digest(bytes: $0) }),
                let kind = ChunkKind(rawValue: UInt8(clamping: row.integer(4))),
                (0...Int64(Limits.blockPlainBytes)).contains(row.integer(2)),
                (0...Int64(Limits.chunkBytes)).contains(row.integer(3))
            else { return }
            let chunk = ChunkReference(id: ChunkID(id), length: UInt32(row.integer(3)))
            chunks[row.integer(1), default: (kind, [])].chunks.append((chunk, Int(row.integer(2))))
        }
        return chunks.sorted { $0.key < $1.key }.map {
            Salvage.Block(
                number: $0.key, kind: $0.value.kind, isDelta: areDeltas.contains($0.key), chunks: $0.value.chunks)
        }
    }
}
