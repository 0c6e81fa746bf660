// unsafe: owns one connection of SQLite.

internal import CSQLite

/// An open database.
///
/// Not thread-safe: one thread at a time, and its statements with it. The file is read at
/// the first statement, so a file that is no database shows then, not in `init`. Text in double quotes is a name, never a
/// string, and the functions of a schema are not trusted, whoever wrote the file.
public final class Connection {
    /// How to open a database.
    public enum Mode: Sendable {
        /// Reads an existing file.
        case readOnly
        /// Reads and writes an existing file.
        case readWrite
        /// Reads and writes a file, which is made if it is missing.
        case create
        /// A new database in memory; the path only appears in errors.
        case memory
        /// A new database in a nameless temporary file, of which a part is kept in memory; the path only appears in errors.
        case temporary
    }

    /// The path as it was given.
    public let path: String

    private(set) var handle: OpaquePointer?
    private var statements: [String: Statement] = [:]
    private static let statementsMax = 256

    /// Opens the database at `path`, which is always a path: no URI, and no name has a special meaning.
    public init(path: String, mode: Mode) throws(SQLiteError) {
        guard !path.utf8.contains(0) else { throw .misuse("a path cannot hold a zero byte", sql: nil, path: path) }
        self.path = path
        let flags =
            switch mode {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .memory: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
            case .temporary: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        // SQLite gives meanings to "", ":memory:" and the like, but not to what begins with a slash or a dot.
        let name =
            switch mode {
            case .memory: ":memory:"
            case .temporary: ""
            default: path.utf8.first == UInt8(ascii: "/") ? path : "./" + path
            }
        let code = sqlite3_open_v2(name, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        // From here on `deinit` closes, even if this throws; SQLite makes a handle also when opening fails.
        guard code == SQLITE_OK else { throw .fromLibrary(code, connection: handle, sql: nil, path: path) }
        for option in [SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML] {
            let code = cairn_sqlite_configure(handle, option, 0)
            guard code == SQLITE_OK else { throw .fromLibrary(code, connection: handle, sql: nil, path: path) }
        }
    }

    deinit {
        close()
    }

    /// Closes the database and its statements; what is used afterwards throws. Open transactions are rolled back.
    public func close() {
        guard let handle else { return }
        for statement in statements.values { statement.finalize() }
        statements = [:]
        // Should a statement have outlived its place among the kept ones, SQLite closes with the last of them.
        sqlite3_close_v2(handle)
        self.handle = nil
    }

    /// How long a statement waits for another connection's lock before it throws `isBusy`. At first: not at all.
    public var busyTimeoutMilliseconds: Int32 = 0 {
        didSet { if handle != nil { sqlite3_busy_timeout(handle, busyTimeoutMilliseconds) } }
    }

    /// The row id of the last inserted row; 0 before the first.
    public var lastInsertedRow: Int64 { handle == nil ? 0 : sqlite3_last_insert_rowid(handle) }

    /// How many rows the last INSERT, UPDATE or DELETE changed.
    public var changes: Int64 { handle == nil ? 0 : sqlite3_changes64(handle) }

    /// True between the beginning and the end of a transaction.
    public var isInTransaction: Bool { handle != nil && sqlite3_get_autocommit(handle) == 0 }

    /// Executes any number of statements, whose rows are ignored. The first that fails ends it; those before it stand.
    public func execute(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(try openHandle(sql), sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw .fromLibrary(code, connection: handle, sql: sql, path: path) }
    }

    /// The statement for `sql`, compiled at its first use and kept until the connection closes.
    ///
    /// While that statement is between a row and its `reset()`, a second request (in a recursion, say) gets a new one, which is
    /// compiled for this use alone. At most 256 are kept; then keeping begins anew.
    public func statement(_ sql: String) throws(SQLiteError) -> Statement {
        if let known = statements[sql] {
            return known.isBusy ? try compile(sql) : known
        }
        let statement = try compile(sql)
        if statements.count == Self.statementsMax { statements = [:] }
        statements[sql] = statement
        return statement
    }

    /// A new statement that is not kept.
    func compile(_ sql: String) throws(SQLiteError) -> Statement {
        let handle = try openHandle(sql)
        var pointer: OpaquePointer?
        var hasMore = false
        let code = sql.withCString { text in
            var rest: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, &rest)
            let ignored = [" ", "\n", "\t", "\r", ";"].map { CChar(bitPattern: UInt8(ascii: $0)) }
            while let next = rest, next.pointee != 0, ignored.contains(next.pointee) { rest = next + 1 }
            hasMore = rest.map { $0.pointee != 0 } ?? false
            return code
        }
        guard code == SQLITE_OK else { throw .fromLibrary(code, connection: handle, sql: sql, path: path) }
        guard let pointer else { throw .misuse("there is no statement in the text", sql: sql, path: path) }
        // From here on the statement frees its pointer.
        let statement = Statement(pointer, path: path)
        guard !hasMore else { throw .misuse("there is more than one statement in the text", sql: sql, path: path) }
        return statement
    }

    private func openHandle(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        guard let handle else { throw .misuse("the connection is closed", sql: sql, path: path) }
        return handle
    }
}
