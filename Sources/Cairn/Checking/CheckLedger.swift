import ChunkStore
import Crypto
import Posix
import SQLite

/// What a check has to remember and what may be more than memory holds: in temporary tables.
final class CheckLedger {
    private let scratch: Scratch
    private(set) var hasLosses = false
    private(set) var hasMisnamed = false

    init() throws(CairnError) {
        scratch = try Scratch(
            """
            CREATE TEMP TABLE met (key BLOB PRIMARY KEY) WITHOUT ROWID;
            CREATE TEMP TABLE lost (id BLOB, kind INTEGER, length INTEGER, isMissing INTEGER, PRIMARY KEY (id, kind)) WITHOUT ROWID;
            CREATE TEMP TABLE misnamed (id BLOB, length INTEGER, stored INTEGER, PRIMARY KEY (id, length)) WITHOUT ROWID;
            CREATE TEMP TABLE directories (key BLOB PRIMARY KEY, links INTEGER) WITHOUT ROWID;
            CREATE TEMP TABLE clean (key BLOB PRIMARY KEY) WITHOUT ROWID
            """)
    }

    // MARK: Chunks of trees that were met

    /// Whether a chunk is met for the first time.
    func meet(_ chunk: ReachedChunk) throws(CairnError) -> Bool {
        try scratch.insert("INSERT OR IGNORE INTO met VALUES (?1)", chunk.key)
    }

    // MARK: Chunks that are lost

    /// A chunk of which there is no good copy. Of one that is missing from the catalog that is not certain before another look.
    func lose(_ chunk: RootReference, length: UInt32? = nil, isMissing: Bool) throws(CairnError) {
        hasLosses = true
        try scratch.insert(
            """
            INSERT INTO lost (id, kind, length, isMissing) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET isMissing = min(isMissing, excluded.isMissing)
            """, chunk.id.digest.bytes, Int64(chunk.kind.rawValue), length.map { Int64($0) } ?? -1, isMissing ? 1 : 0)
    }

    /// Calls the body with the chunks that are missing, in portions; those that it answers true for are found again.
    func reconsider(
        _ isFound: ([(chunk: RootReference, length: UInt32?)]) throws(CairnError) -> [Bool]
    ) throws(CairnError) {
        var last: [UInt8] = []
        while true {
            let portion = try portion(after: last)
            guard let end = portion.last else { break }
            // Both kinds of an id come together, for the portion is cut between ids.
            last = end.chunk.id.digest.bytes
            for (entry, isFound) in zip(portion, try isFound(portion)) where isFound {
                try scratch.insert(
                    "DELETE FROM lost WHERE id = ?1 AND kind = ?2", entry.chunk.id.digest.bytes,
                    Int64(entry.chunk.kind.rawValue))
            }
        }
        hasLosses = try lostCount() > 0
    }

    private func portion(after last: [UInt8]) throws(CairnError) -> [(chunk: RootReference, length: UInt32?)] {
        try scratch.run { (connection) throws(SQLiteError) in
            let query = try connection.statement(
                """
                SELECT id, kind, length FROM lost WHERE isMissing = 1 AND id IN
                    (SELECT DISTINCT id FROM lost WHERE isMissing = 1 AND id > ?1 ORDER BY id LIMIT 4096) ORDER BY id
                """)
            var found: [(chunk: RootReference, length: UInt32?)] = []
            try last.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try query.withBound(blob: raw, at: 1) { () throws(SQLiteError) in
                    while try query.step() {
                        guard let digest = query.withBlob(0, { SHA256Digest(bytes: $0) }) else { continue }
                        let kind: ChunkKind = query.integer(1) == 0 ? .data : .tree
                        found.append(
                            (
                                RootReference(kind: kind, id: ChunkID(digest)),
                                UInt32(exactly: query.integer(2))
                            ))
                    }
                }
            }
            return found
        }
    }

    /// How many chunks are lost; with `isMissing`, of these that are nowhere.
    func lostCount(isMissing: Bool = false) throws(CairnError) -> Int {
        try scratch.run { (connection) throws(SQLiteError) in
            try connection.statement("SELECT count(*) FROM lost WHERE isMissing >= \(isMissing ? 1 : 0)").firstRow {
                (row) throws(SQLiteError) in
                Int(row.integer(0))
            } ?? 0
        }
    }

    /// Whether trees are among the chunks that are lost.
    func hasLostTrees() throws(CairnError) -> Bool {
        guard hasLosses else { return false }
        return try scratch.run { (connection) throws(SQLiteError) in
            let query = "SELECT EXISTS (SELECT 1 FROM lost WHERE kind = \(ChunkKind.tree.rawValue))"
            return try connection.statement(query).firstRow { (row) throws(SQLiteError) in row.integer(0) } == 1
        }
    }

    /// Whether a chunk is lost.
    func isLost(_ chunk: RootReference) throws(CairnError) -> Bool {
        guard hasLosses else { return false }
        return try find("SELECT 1 FROM lost WHERE id = ?1 AND kind = \(chunk.kind.rawValue)", chunk.id.digest.bytes)
            != nil
    }

    // MARK: Chunks that are stored with another length than what names them says

    func misname(_ chunk: ChunkReference, stored: Int) throws(CairnError) {
        hasMisnamed = true
        try scratch.insert(
            "INSERT OR IGNORE INTO misnamed VALUES (?1, ?2, ?3)", chunk.id.digest.bytes, Int64(chunk.length),
            Int64(stored))
    }

    /// The length that a chunk has, where it is not the one that it is named with.
    func storedLength(ofMisnamed chunk: ChunkReference) throws(CairnError) -> Int? {
        guard hasMisnamed else { return nil }
        return try find(
            "SELECT stored FROM misnamed WHERE id = ?1 AND length = ?2", chunk.id.digest.bytes, Int64(chunk.length)
        ).map { Int($0) }
    }

    // MARK: Directories that were proven

    /// Of a directory that was proven: whether hard links are below. Nil for one that was not.
    func links(below key: [UInt8]) throws(CairnError) -> Bool? {
        try find("SELECT links FROM directories WHERE key = ?1", key).map { $0 != 0 }
    }

    func prove(_ key: [UInt8], hasLinks: Bool) throws(CairnError) {
        try scratch.insert("INSERT OR IGNORE INTO directories VALUES (?1, ?2)", key, hasLinks ? 1 : 0)
    }

    // MARK: Chunks of trees below which nothing is lost

    func isClean(_ chunk: ReachedChunk) throws(CairnError) -> Bool {
        try find("SELECT 1 FROM clean WHERE key = ?1", chunk.key) != nil
    }

    func noteClean(_ chunk: ReachedChunk) throws(CairnError) {
        try scratch.insert("INSERT OR IGNORE INTO clean VALUES (?1)", chunk.key)
    }

    private func find(_ sql: String, _ blob: [UInt8], _ integers: Int64...) throws(CairnError) -> Int64? {
        try scratch.run { (connection) throws(SQLiteError) in
            let query = try connection.statement(sql)
            for (index, value) in integers.enumerated() { try query.bind(value, at: index + 2) }
            return try blob.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try query.withBound(blob: raw, at: 1) { () throws(SQLiteError) in
                    try query.firstRow { (row) throws(SQLiteError) in row.integer(0) }
                }
            }
        }
    }
}
