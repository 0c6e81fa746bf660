extension Connection {
    /// When a transaction takes its locks.
    public enum TransactionKind: String, Sendable {
        /// The lock for writing at once, so that waiting happens here; others may still read.
        case immediate = "BEGIN IMMEDIATE"
    }

    /// Runs `body` in a transaction: commits when it returns, rolls back when it or the commit throws.
    ///
    /// Transactions do not nest: inside another one this throws before `body` runs, and the outer one goes on.
    public func transaction<Result>(
        _ kind: TransactionKind, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try transaction(kind, mapping: { $0 }, body)
    }

    /// The same for a `body` that throws errors of its own; `mapping` makes one of what the transaction itself throws.
    public func transaction<Result, Failure: Error>(
        _ kind: TransactionKind, mapping: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        do throws(SQLiteError) { try statement(kind.rawValue).run() } catch { throw mapping(error) }
        let result: Result
        do {
            result = try body()
        } catch {
            rollBack()
            throw error
        }
        do throws(SQLiteError) {
            try statement("COMMIT").run()
        } catch {
            rollBack()
            throw mapping(error)
        }
        return result
    }

    /// Undoes the transaction, if there still is one: after some errors SQLite has done it already. That this fails in its turn
    /// tells the caller less than the error that led here; the next writer rolls back from the journal.
    private func rollBack() {
        guard isInTransaction else { return }
        try? statement("ROLLBACK").run()
    }
}
