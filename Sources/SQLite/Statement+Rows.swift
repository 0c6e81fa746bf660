extension Statement {
    /// Calls `body` for each row, and resets whichever way it ends.
    @inlinable public func forEachRow(
        _ body: (Statement) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        defer { reset() }
        while try step() { try body(self) }
    }

    /// What `read` makes of the first row, nil if there is none; resets whichever way it ends.
    @inlinable public func firstRow<Result>(
        _ read: (Statement) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }
}
