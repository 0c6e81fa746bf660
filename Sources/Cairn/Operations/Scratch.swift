import Posix
import SQLite

/// What an operation has to remember until it ends and what may be more than memory holds: tables in a temporary file, which nobody else sees and
/// which is gone with this object, however the process ends. Not thread-safe.
final class Scratch {
    private let connection: Connection

    /// Makes temporary tables.
    init(_ schema: String) throws(CairnError) {
        do throws(SQLiteError) {
            connection = try Connection(path: "scratch", mode: .memory)
            try connection.execute(
                "PRAGMA temp_store = FILE; PRAGMA cache_size = -4096; PRAGMA temp.journal_mode = OFF; BEGIN; \(schema)")
        } catch { throw CairnError(scratch: error) }
    }

    /// Runs statements.
    func run<Result>(_ body: (Connection) throws(SQLiteError) -> Result) throws(CairnError) -> Result {
        do throws(SQLiteError) { return try body(connection) } catch { throw CairnError(scratch: error) }
    }

    /// Inserts a row that has one blob and some integers behind it; false where the table refuses it as known already.
    @discardableResult
    func insert(_ sql: String, _ blob: [UInt8], _ integers: Int64...) throws(CairnError) -> Bool {
        try run { (connection) throws(SQLiteError) in
            let statement = try connection.statement(sql)
            for (index, value) in integers.enumerated() { try statement.bind(value, at: index + 2) }
            return try blob.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try statement.withBound(blob: raw, at: 1) { () throws(SQLiteError) in try statement.run() }
                return connection.changes > 0
            }
        }
    }
}

extension CairnError {
    fileprivate init(scratch error: SQLiteError) {
        self.init(
            .system, "a temporary table: \(error.message)",
            remedy: error.isFull
                ? "free some space where temporary files lie, or set SQLITE_TMPDIR to a folder that has some" : nil)
    }
}
