internal import CSQLite

/// What SQLite reported, where and at which statement.
public struct SQLiteError: Error, Equatable, Sendable {
    /// SQLite's extended result code.
    public let code: Int32
    /// What SQLite said about it.
    public let message: String
    /// The statement that failed, where there was one.
    public let sql: String?
    /// The path of the database, as it was given.
    public let path: String

    /// An error with all its parts.
    public init(code: Int32, message: String, sql: String?, path: String) {
        self.code = code
        self.message = message
        self.sql = sql
        self.path = path
    }

    /// SQLite's primary result code: the class of the error.
    public var primaryCode: Int32 { code & 0xff }

    /// The file is not a database, or is a damaged one.
    public var isCorrupt: Bool {
        primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB
            || code == Self.shortRead
    }

    /// Another connection holds a lock that is needed here; the same may succeed later.
    public var isBusy: Bool { primaryCode == SQLITE_BUSY }

    /// The disk is full, or the database has reached the size it is allowed.
    public var isFull: Bool { primaryCode == SQLITE_FULL || code == Self.noSharedMemory }

    /// Writing is not allowed: by the mode of opening, by the file's permissions or by its file system.
    public var isReadOnly: Bool { primaryCode == SQLITE_READONLY }

    /// The file cannot be opened: it is missing, is a folder, or access is denied.
    public var isCantOpen: Bool { primaryCode == SQLITE_CANTOPEN }

    /// The statement cannot be run as it is, mostly because a table or column that it names is not there.
    public var isMismatch: Bool { primaryCode == SQLITE_ERROR }

    /// A row would break a rule of its table, for example by having another one's key.
    public var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }

    /// SQLITE_IOERR_SHMSIZE: the index of the write-ahead log, a file beside the database, found no room.
    private static let noSharedMemory = SQLITE_IOERR | (19 << 8)

    /// SQLITE_IOERR_SHORT_READ, a computed macro that does not import.
    private static let shortRead = SQLITE_IOERR | (2 << 8)
}

extension SQLiteError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        let place = sql.map { " in \"\($0)\"" } ?? ""
        return "\(path): \(message) (SQLite error \(code))\(place)"
    }
}

extension SQLiteError {
    /// The error that a function has returned, with the text that the connection keeps for it.
    static func fromLibrary(_ code: Int32, connection: OpaquePointer?, sql: String?, path: String) -> SQLiteError {
        // The connection's text belongs to its last call: it fits only if the codes agree.
        let hasText = connection != nil && sqlite3_extended_errcode(connection) == code
        let text = hasText ? sqlite3_errmsg(connection) : sqlite3_errstr(code)
        return SQLiteError(
            code: code, message: text.map { String(cString: $0) } ?? "unknown error", sql: sql, path: path)
    }

    /// A call on something that is closed, or SQL that is not one statement.
    static func misuse(_ message: String, sql: String?, path: String) -> SQLiteError {
        SQLiteError(code: SQLITE_MISUSE, message: message, sql: sql, path: path)
    }
}
