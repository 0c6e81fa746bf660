extension Connection {
    /// Executes `PRAGMA text` and returns the first column of its first row as an integer; nil if there is no row.
    @discardableResult
    public func pragma(_ text: String) throws(SQLiteError) -> Int64? {
        try compile("PRAGMA " + text).firstRow { (row) throws(SQLiteError) in row.integer(0) }
    }

    /// Executes `PRAGMA text` and returns the first column of its first row as text; nil if there is no row.
    @discardableResult
    public func pragmaText(_ text: String) throws(SQLiteError) -> String? {
        try compile("PRAGMA " + text).firstRow { (row) throws(SQLiteError) in row.text(0) }
    }
}
