// unsafe: owns one compiled statement of SQLite.

internal import CSQLite

/// A compiled statement: bind its parameters, step through its rows, read the current one, and again.
///
/// Not thread-safe: it belongs to its connection's thread. A statement between a row and its `reset()` holds locks, so a loop
/// that may be left early ends with `reset()`, or uses `forEachRow` or `firstRow`, which see to it. Bindings stay until they are
/// bound anew. After any error the statement is reset and can be used on.
public final class Statement {
    private var pointer: OpaquePointer?
    private let path: String

    init(_ pointer: OpaquePointer, path: String) {
        self.pointer = pointer
        self.path = path
    }

    deinit {
        finalize()
    }

    /// Frees the pointer; every later call throws or reads nothing.
    func finalize() {
        sqlite3_finalize(pointer)
        pointer = nil
    }

    /// The text it was compiled from; empty after its connection was closed.
    public var sql: String { sqlite3_sql(pointer).map { String(cString: $0) } ?? "" }

    /// True between a row and the end of the rows or `reset()`.
    public var isBusy: Bool { sqlite3_stmt_busy(pointer) != 0 }

    // MARK: Stepping

    /// Goes to the next row and returns true, or, after the last, resets and returns false.
    public func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        if code != SQLITE_DONE { throw failure(code) }
        sqlite3_reset(pointer)
        return false
    }

    /// Goes back before the first row and gives up the locks; bindings stay.
    public func reset() {
        // The code is that of the last step, which has thrown it already.
        sqlite3_reset(pointer)
    }

    /// Steps to the end, ignoring rows, and resets.
    public func run() throws(SQLiteError) {
        while try step() {}
    }

    // MARK: Binding; parameters are numbered from 1

    /// Binds an integer.
    public func bind(_ value: Int64, at parameter: Int) throws(SQLiteError) {
        try check(sqlite3_bind_int64(pointer, Int32(clamping: parameter), value))
    }

    /// Binds a copy of `text`.
    public func bind(text: String, at parameter: Int) throws(SQLiteError) {
        var text = text
        let code = text.withUTF8 { bytes in
            cairn_sqlite_bind_text_copy(pointer, Int32(clamping: parameter), bytes.baseAddress, UInt64(bytes.count))
        }
        try check(code)
    }

    /// Binds a copy of `bytes` as a blob, which is empty, not NULL, if they are.
    public func bind(copying bytes: UnsafeRawBufferPointer, at parameter: Int) throws(SQLiteError) {
        try check(
            cairn_sqlite_bind_blob_copy(
                pointer, Int32(clamping: parameter), bytes.baseAddress, UInt64(bytes.count)))
    }

    /// Binds NULL, as all parameters are at first.
    public func bindNull(at parameter: Int) throws(SQLiteError) {
        try check(sqlite3_bind_null(pointer, Int32(clamping: parameter)))
    }

    /// Binds `bytes` as a blob without copying them, runs `body`, then resets the statement and binds NULL instead.
    ///
    /// So all stepping and reading happens inside `body`. Calls may stand inside one another for several parameters.
    @inlinable public func withBound<Result>(
        blob bytes: UnsafeRawBufferPointer, at parameter: Int, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try bindBorrowed(bytes, at: parameter)
        defer { unbind(parameter) }
        return try body()
    }

    @usableFromInline func bindBorrowed(_ bytes: UnsafeRawBufferPointer, at parameter: Int) throws(SQLiteError) {
        try check(
            cairn_sqlite_bind_blob(pointer, Int32(clamping: parameter), bytes.baseAddress, UInt64(bytes.count)))
    }

    @usableFromInline func unbind(_ parameter: Int) {
        // A statement that has been stepped takes no bindings before it is reset.
        sqlite3_reset(pointer)
        sqlite3_bind_null(pointer, Int32(clamping: parameter))
    }

    // MARK: Reading the current row; columns are numbered from 0

    /// The integer in `column`; 0 for NULL, for what is no number, and without a row.
    public func integer(_ column: Int) -> Int64 {
        sqlite3_column_int64(pointer, Int32(clamping: column))
    }

    /// The text in `column`, with bytes that are not UTF-8 replaced; empty for NULL and without a row.
    public func text(_ column: Int) -> String {
        let column = Int32(clamping: column)
        guard let bytes = sqlite3_column_text(pointer, column) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// True if `column` holds NULL, and without a row.
    public func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(pointer, Int32(clamping: column)) == SQLITE_NULL
    }

    /// Lends the bytes in `column` for the duration of `body`; none for NULL and without a row. Valid until the next step.
    @inlinable public func withBlob<Result, Failure: Error>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(borrowedBlob(column))
    }

    @usableFromInline func borrowedBlob(_ column: Int) -> UnsafeRawBufferPointer {
        let column = Int32(clamping: column)
        let bytes = sqlite3_column_blob(pointer, column)
        let count = bytes == nil ? 0 : Int(sqlite3_column_bytes(pointer, column))
        return UnsafeRawBufferPointer(start: bytes, count: count)
    }

    // MARK: Errors

    @inline(__always) private func check(_ code: Int32) throws(SQLiteError) {
        if code != SQLITE_OK { throw failure(code) }
    }

    /// Makes the error while the connection still knows its text, then resets.
    private func failure(_ code: Int32) -> SQLiteError {
        guard let pointer else { return .misuse("the connection is closed", sql: nil, path: path) }
        let error = SQLiteError.fromLibrary(code, connection: sqlite3_db_handle(pointer), sql: sql, path: path)
        sqlite3_reset(pointer)
        return error
    }
}
