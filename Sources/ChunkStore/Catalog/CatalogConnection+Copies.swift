import SQLite

/// One copy of a chunk, and what matters for choosing among several.
struct ChunkCopy: Sendable {
    let place: ChunkPlace
    let kind: ChunkKind
    /// Whether its block names bases.
    let isDelta: Bool
    let isCondemned: Bool
}

extension CatalogConnection {
    /// All copies of a chunk. One whose block or pack is not known is none.
    func copies(of id: ChunkID) throws(SQLiteError) -> [ChunkCopy] {
        let query = try connection.statement(
            """
            SELECT chunks.pack, block, chunks.offset, length, kind, bases IS NOT NULL, condemned
            FROM chunks JOIN blocks ON blocks.pack = chunks.pack AND blocks.number = block
            JOIN packs ON packs.number = chunks.pack WHERE chunks.id = ?
            """)
        return try id.withBound(to: query, at: 1) { () throws(SQLiteError) in
            var copies: [ChunkCopy] = []
            while try query.step() {
                guard let kind = ChunkKind(rawValue: UInt8(clamping: query.integer(4))) else { continue }
                let place = ChunkPlace(
                    pack: query.integer(0), block: query.integer(1), offset: Int(query.integer(2)),
                    length: Int(query.integer(3)))
                guard place.range(inBlockOf: Limits.blockPlainBytes) != nil else { continue }
                copies.append(
                    ChunkCopy(
                        place: place, kind: kind, isDelta: query.integer(5) != 0, isCondemned: query.integer(6) != 0))
            }
            return copies
        }
    }

    /// What the blocks of all packs take, in the order of packs: stored and plain bytes.
    func forEachBlock(
        _ body: (_ block: BlockKey, _ stored: Int64, _ plain: Int64) -> Void
    ) throws(SQLiteError) {
        let query = try connection.statement("SELECT pack, number, stored, plain FROM blocks ORDER BY pack, number")
        try query.forEachRow { (row) throws(SQLiteError) in
            body(BlockKey(pack: row.integer(0), block: row.integer(1)), row.integer(2), row.integer(3))
        }
    }
}
