import Bytes
import Crypto
import Posix
import SQLite

/// The files with several names. Each is read once; its names form a group, and groups are part of what a snapshot proves. What is known of them
/// lies in a temporary database, of which little is kept in memory. Any thread may call.
final class HardLinks: Sendable {
    /// Who waits for the entry of a file that is being read; nil comes if it could not be.
    typealias Waiter = @Sendable (TreeEntry?) -> Void

    /// What is known of a file when another of its names is met.
    enum Claim {
        /// Nothing: whoever asked reads it.
        case first(group: UInt64)
        /// It was read.
        case known(TreeEntry)
        /// It could not be read.
        case failed
        /// Somebody is reading it; the waiter will hear.
        case waiting
    }

    private final class State: @unchecked Sendable {
        // Unchecked, for it lies in a monitor.
        var connection: Connection?
        var waiters: [UInt64: [Waiter]] = [:]
    }

    private let state = Monitor(State())

    /// Asks for a file by its place on disk.
    func claim(_ status: FileStatus, waiter: @escaping Waiter) throws(CairnError) -> Claim {
        try with { (state, connection) throws(SQLiteError) in
            let query = try connection.statement("SELECT number, entry FROM files WHERE device = ? AND inode = ?")
            try query.bind(Int64(bitPattern: status.device), at: 1)
            try query.bind(Int64(bitPattern: status.inode), at: 2)
            defer { query.reset() }
            guard try query.step() else {
                let group = try Self.number(for: status, in: connection)
                state.waiters[group] = []
                return .first(group: group)
            }
            let group = UInt64(bitPattern: query.integer(0))
            if state.waiters[group] != nil {
                state.waiters[group]?.append(waiter)
                return .waiting
            }
            let bytes = query.withBlob(1) { Array($0) }
            return (try? TreeEntry.decodeOne(bytes)).map { .known($0) } ?? .failed
        }
    }

    /// Which number a file's group has: its inode's, so that it stays the same from snapshot to snapshot, unless one of another device has
    /// that.
    private static func number(for status: FileStatus, in connection: Connection) throws(SQLiteError) -> UInt64 {
        let insert = try connection.statement("INSERT OR IGNORE INTO files (device, inode, number) VALUES (?, ?, ?)")
        var number = status.inode
        while true {
            try insert.bind(Int64(bitPattern: status.device), at: 1)
            try insert.bind(Int64(bitPattern: status.inode), at: 2)
            try insert.bind(Int64(bitPattern: number), at: 3)
            try insert.run()
            if connection.changes == 1 { return number }
            number = number &* 0x9E37_79B9_7F4A_7C15 &+ 1
        }
    }

    /// Says what came of reading a file.
    func settle(_ group: UInt64, _ entry: TreeEntry?) throws(CairnError) {
        let waiters = try with { (state, connection) throws(SQLiteError) in
            let update = try connection.statement("UPDATE files SET entry = ? WHERE number = ?")
            try update.bind(Int64(bitPattern: group), at: 2)
            try (entry?.encode() ?? []).withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try update.withBound(blob: raw, at: 1) { () throws(SQLiteError) in try update.run() }
            }
            return state.waiters.removeValue(forKey: group) ?? []
        }
        for waiter in waiters { waiter(entry) }
    }

    /// Adds a name to a group: which source it lies below, and its path there.
    func add(_ group: UInt64, source: Int, path: [UInt8]) throws(CairnError) {
        try with { (_, connection) throws(SQLiteError) in
            let insert = try connection.statement("INSERT OR IGNORE INTO names VALUES (?, ?, ?)")
            try insert.bind(Int64(bitPattern: group), at: 1)
            try insert.bind(Int64(source), at: 2)
            try path.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try insert.withBound(blob: raw, at: 3) { () throws(SQLiteError) in try insert.run() }
            }
        }
    }

    /// Feeds the groups of two or more names to the digest of a snapshot, in the order that FORMAT.md gives them.
    func digest(into root: inout MerkleDigest.Root) throws(CairnError) {
        guard state.withLock({ $0.connection }) != nil else { return root.begin(groups: 0) }
        var digest = root
        try with { (_, connection) throws(SQLiteError) in
            let count = try connection.statement(
                "SELECT count(*) FROM (SELECT 1 FROM names GROUP BY number HAVING count(*) > 1)")
            _ = try count.step()
            digest.begin(groups: Int(count.integer(0)))
            count.reset()
            let query = try connection.statement(
                """
                SELECT count, place, source, path FROM (
                    SELECT source, path, count(*) OVER (PARTITION BY number) AS count,
                        row_number() OVER named AS place,
                        first_value(source) OVER named AS firstSource, first_value(path) OVER named AS firstPath
                    FROM names WINDOW named AS (PARTITION BY number ORDER BY source, path))
                WHERE count > 1 ORDER BY firstSource, firstPath, place
                """)
            while try query.step() {
                if query.integer(1) == 1 { digest.begin(groupOf: Int(query.integer(0))) }
                digest.add(source: Int(query.integer(2)), path: query.withBlob(3) { Array($0) })
            }
        }
        root = digest
    }

    private func with<Result>(
        _ body: (State, Connection) throws(SQLiteError) -> Result
    ) throws(CairnError) -> Result {
        do throws(SQLiteError) {
            return try state.withLock { state throws(SQLiteError) in
                if let connection = state.connection { return try body(state, connection) }
                let connection = try Connection(path: "hard links", mode: .temporary)
                try connection.execute(
                    """
                    PRAGMA cache_size = -2048; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                    CREATE TABLE files (device INTEGER, inode INTEGER, number INTEGER UNIQUE, entry BLOB,
                        PRIMARY KEY (device, inode));
                    CREATE TABLE names (number INTEGER, source INTEGER, path BLOB,
                        PRIMARY KEY (number, source, path)) WITHOUT ROWID;
                    BEGIN
                    """)
                state.connection = connection
                return try body(state, connection)
            }
        } catch {
            throw CairnError(
                .system, "the table of hard links: \(error.message)", path: Path(Machine.temporaryFolder),
                remedy: error.isFull ? "free some space there" : nil)
        }
    }
}
