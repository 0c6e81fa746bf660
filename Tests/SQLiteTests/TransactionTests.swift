import SQLite
import Testing

@Suite struct TransactionTests {
    private enum Refusal: Error, Equatable {
        case own
        case database(Int32)
    }

    let connection: Connection

    init() throws {
        connection = try Connection(path: "", mode: .memory)
        try connection.execute("CREATE TABLE t(a UNIQUE)")
    }

    private var count: Int64? {
        get throws { try connection.statement("SELECT count(*) FROM t").firstRow { row in row.integer(0) } }
    }

    @Test("what a transaction returns is committed")
    func commits() throws {
        let answer = try connection.transaction(.immediate) { () throws(SQLiteError) -> Int in
            #expect(connection.isInTransaction)
            try connection.execute("INSERT INTO t VALUES(1)")
            return 5
        }
        #expect(answer == 5 && !connection.isInTransaction)
        #expect(try count == 1)
    }

    @Test("a thrown error of the body rolls back and passes on as it is")
    func rollsBack() throws {
        #expect(throws: Refusal.own) {
            try connection.transaction(.immediate, mapping: { Refusal.database($0.code) }) { () throws(Refusal) in
                do throws(SQLiteError) { try connection.execute("INSERT INTO t VALUES(1)") } catch {
                    throw .database(error.code)
                }
                throw .own
            }
        }
        #expect(try count == 0 && !connection.isInTransaction)
    }

    @Test("an error of SQLite inside rolls back, with a statement left between rows")
    func rollsBackBusy() throws {
        try connection.execute("INSERT INTO t VALUES(1), (2)")
        let reading = try connection.statement("SELECT a FROM t")
        #expect {
            try connection.transaction(.immediate) { () throws(SQLiteError) in
                try connection.execute("INSERT INTO t VALUES(3)")
                _ = try reading.step()
                try connection.execute("INSERT INTO t VALUES(1)")
            }
        } throws: { error in
            (error as? SQLiteError)?.message == "UNIQUE constraint failed: t.a"
        }
        reading.reset()
        #expect(try count == 2 && !connection.isInTransaction)
    }

    @Test("a commit that fails rolls back and throws")
    func commitFails() throws {
        try connection.execute(
            "PRAGMA foreign_keys = ON; CREATE TABLE c(a REFERENCES t(a) DEFERRABLE INITIALLY DEFERRED)")
        #expect(throws: Refusal.database(787)) {
            try connection.transaction(.immediate, mapping: { Refusal.database($0.code) }) { () throws(Refusal) in
                do { try connection.execute("INSERT INTO c VALUES(99)") } catch { throw .own }
            }
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.statement("SELECT count(*) FROM c").firstRow { row in row.integer(0) } == 0)
    }

    @Test("a transaction inside another is refused, and the outer one goes on")
    func nested() throws {
        try connection.transaction(.immediate) { () throws(SQLiteError) in
            try connection.execute("INSERT INTO t VALUES(1)")
            #expect(throws: SQLiteError.self) {
                try connection.transaction(.immediate) { () throws(SQLiteError) in Issue.record("the inner body ran") }
            }
            #expect(connection.isInTransaction)
        }
        #expect(try count == 1)
    }

    @Test("a body that ended the transaction itself makes the commit throw, not trap")
    func endedInside() throws {
        #expect(throws: SQLiteError.self) {
            try connection.transaction(.immediate) { () throws(SQLiteError) in try connection.execute("ROLLBACK") }
        }
        #expect(throws: SQLiteError.self) {
            try connection.transaction(.immediate) { () throws(SQLiteError) in
                try connection.execute("ROLLBACK; nonsense")
            }
        }
        #expect(!connection.isInTransaction)
    }
}
