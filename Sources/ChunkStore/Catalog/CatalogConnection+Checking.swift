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

    /// Looks chunks up in other packs than these; the answers come in order. A length of nil fits any.
    func presence(
        of chunks: [(chunk: RootReference, length: UInt32?)], outside packs: Set<Int64>
    ) throws(SQLiteError) -> [StoreCheck.Presence] {
        var answers = [StoreCheck.Presence](repeating: .absent, count: chunks.count)
        // In the order of ids: neighbours in the catalog's tree are found with one way down.
        for index in chunks.indices.sorted(by: { chunks[$0].chunk.id < chunks[$1].chunk.id }) {
            let (chunk, length) = chunks[index]
            let lengths = try lengths(of: chunk.id, kind: chunk.kind, outside: packs)
            guard let first = lengths.first else { continue }
            let isFitting = length.map { lengths.contains(Int($0)) } ?? true
            answers[index] = isFitting ? .present : .otherLength(first)
        }
        return answers
    }

    /// The lengths under which a chunk is stored as this kind, in other packs than these; none where it is not.
    private func lengths(
        of id: ChunkID, kind: ChunkKind, outside packs: Set<Int64>
    ) throws(SQLiteError) -> [Int] {
        let query = try connection.statement("SELECT length, pack FROM chunks WHERE id = ? AND kind = ?")
        try query.bind(Int64(kind.rawValue), at: 2)
        return try id.withBound(to: query, at: 1) { () throws(SQLiteError) in
            var lengths: [Int] = []
            while try query.step() {
                if !packs.contains(query.integer(1)) { lengths.append(Int(query.integer(0))) }
            }
            return lengths
        }
    }
}
