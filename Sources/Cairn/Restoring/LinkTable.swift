import Posix
import SQLite

/// Where the first name of each group of hard links was restored. Groups may be many, so they are kept in a temporary database, which
/// spills to the disk. One thread at a time.
final class LinkTable {
    private var connection: Connection?

    init() {}

    /// The first name's path; nil for a group that was not met before.
    func path(of group: UInt64) throws(CairnError) -> [UInt8]? {
        guard connection != nil else { return nil }
        return try database { connection throws(SQLiteError) in
            let query = try connection.statement("SELECT path FROM links WHERE number = ?")
            try query.bind(Int64(bitPattern: group), at: 1)
            defer { query.reset() }
            return try query.step() ? query.withBlob(0) { Array($0) } : nil
        }
    }

    /// Remembers a group's first name.
    func add(_ group: UInt64, path: [UInt8]) throws(CairnError) {
        try database { connection throws(SQLiteError) in
            let insert = try connection.statement("INSERT OR IGNORE INTO links VALUES (?, ?)")
            try insert.bind(Int64(bitPattern: group), at: 1)
            try path.withUnsafeBytesThrowing { bytes throws(SQLiteError) in try insert.bind(copying: bytes, at: 2) }
            try insert.run()
        }
    }

    private func database<Result>(_ body: (Connection) throws(SQLiteError) -> Result) throws(CairnError) -> Result {
        do throws(SQLiteError) {
            if let connection { return try body(connection) }
            let made = try Connection(path: "links", mode: .memory)
            try made.execute(
                """
                PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -2048; PRAGMA temp.journal_mode = OFF;
                CREATE TEMP TABLE links (number INTEGER PRIMARY KEY, path BLOB NOT NULL);
                """)
            connection = made
            return try body(made)
        } catch {
            throw CairnError(.system, "the table of hard links: \(error.message)", remedy: "free some space in TMPDIR")
        }
    }
}
