import Crypto
import SQLite

extension CatalogConnection {
    /// What the rows of each pack amount to, and the packs of which there are rows, by their numbers. Looks at every row; memory for every pack.
    func rowSums() throws(SQLiteError) -> [Int64: RowSum] {
        var sums: [Int64: RowSum] = [:]
        for pack in try packs() { sums[pack.number] = RowSum() }
        let blocks = try connection.statement("SELECT pack, number, offset, stored, plain, codec, bases FROM blocks")
        try blocks.forEachRow { (row) throws(SQLiteError) in
            sums[row.integer(0), default: RowSum()].add(
                block: row.integer(1), offset: row.integer(2), stored: row.integer(3), plain: row.integer(4),
                codec: row.integer(5), bases: row.withBlob(6) { ChunkID.list($0) })
        }
        let chunks = try connection.statement("SELECT id, pack, block, offset, length, kind FROM chunks")
        try chunks.forEachRow { (row) throws(SQLiteError) in
            // An id that is none belongs to no directory.
            let id = row.withBlob(0) { SHA256Digest(bytes: $0) } ?? SHA256.digest([])
            sums[row.integer(1), default: RowSum()].add(
                chunk: ChunkID(id), block: row.integer(2), offset: row.integer(3), length: row.integer(4),
                kind: row.integer(5))
        }
        return sums
    }

    /// Looks chunks up in other packs than these; the answers come in order. A length of nil fits any. A copy in a delta block of which a base has no
    /// whole copy there cannot be read, thus counts for none.
    func presence(
        of chunks: [(chunk: RootReference, length: UInt32?)], outside packs: Set<Int64>
    ) throws(SQLiteError) -> [StoreCheck.Presence] {
        var answers = [StoreCheck.Presence](repeating: .absent, count: chunks.count)
        var blocks: [BlockKey: Bool] = [:]
        // In the order of ids: neighbours in the catalog's tree are found with one way down.
        for index in chunks.indices.sorted(by: { chunks[$0].chunk.id < chunks[$1].chunk.id }) {
            let (chunk, length) = chunks[index]
            for copy in try places(of: chunk.id, kind: chunk.kind) where !packs.contains(copy.block.pack) {
                if blocks[copy.block] == nil { blocks[copy.block] = try hasBases(copy.block, outside: packs) }
                guard blocks[copy.block] == true else { continue }
                let isFitting = length.map { Int($0) == copy.length } ?? true
                if isFitting {
                    answers[index] = .present
                    break
                }
                if answers[index] == .absent { answers[index] = .otherLength(copy.length) }
            }
        }
        return answers
    }

    /// The blocks in which a chunk is stored as this kind, and its lengths there.
    private func places(
        of id: ChunkID, kind: ChunkKind
    ) throws(SQLiteError) -> [(block: BlockKey, length: Int)] {
        let query = try connection.statement("SELECT length, pack, block FROM chunks WHERE id = ? AND kind = ?")
        try query.bind(Int64(kind.rawValue), at: 2)
        return try id.withBound(to: query, at: 1) { () throws(SQLiteError) in
            var found: [(block: BlockKey, length: Int)] = []
            while try query.step() {
                found.append(
                    (BlockKey(pack: query.integer(1), block: query.integer(2)), Int(query.integer(0))))
            }
            return found
        }
    }

    /// Whether whole copies of all bases that a block names lie in other packs than these.
    private func hasBases(_ block: BlockKey, outside packs: Set<Int64>) throws(SQLiteError) -> Bool {
        for base in try self.block(block.block, of: block.pack)?.bases ?? [] {
            let copies = try copies(of: base)
            if !copies.contains(where: { !$0.isDelta && !packs.contains($0.place.pack) }) { return false }
        }
        return true
    }
}
