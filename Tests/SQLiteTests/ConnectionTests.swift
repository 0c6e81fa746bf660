import SQLite
import Testing

@Suite struct ConnectionTests {
    @Test("the same text gives the same statement, unless that one is between rows")
    func kept() throws {
        let connection = try Connection(path: "", mode: .memory)
        let first = try connection.statement("SELECT 1 UNION SELECT 2")
        #expect(try connection.statement("SELECT 1 UNION SELECT 2") === first)
        #expect(try first.step())
        let second = try connection.statement("SELECT 1 UNION SELECT 2")
        #expect(second !== first)
        #expect(try second.step() && second.integer(0) == 1)
        #expect(try first.step() && first.integer(0) == 2)
        first.reset()
        #expect(try connection.statement("SELECT 1 UNION SELECT 2") === first)
    }

    @Test("a thousand different statements are served, and one held from before still works after closing")
    func many() throws {
        let connection = try Connection(path: "", mode: .memory)
        let held = try connection.statement("SELECT 42")
        for number in 0..<1000 {
            #expect(try connection.statement("SELECT \(number)").firstRow { row in row.integer(0) } == Int64(number))
        }
        #expect(try held.firstRow { row in row.integer(0) } == 42)
        connection.close()
        _ = try? held.step()
        held.reset()
    }

    @Test(
        "text that is not exactly one statement is refused",
        arguments: ["", " ;", "-- nothing", "SELECT 1; SELECT 2", "SELEC 1"])
    func notOneStatement(sql: String) throws {
        let connection = try Connection(path: "", mode: .memory)
        #expect(throws: SQLiteError.self) { try connection.statement(sql) }
        #expect(try connection.statement("SELECT 1 ;\n").firstRow { row in row.integer(0) } == 1)
    }

    @Test("text in double quotes is never a string")
    func doubleQuotes() throws {
        let connection = try Connection(path: "", mode: .memory)
        #expect(throws: SQLiteError.self) { try connection.statement("SELECT \"typo\"") }
    }

    @Test("several statements execute in order until one fails")
    func execute() throws {
        let connection = try Connection(path: "", mode: .memory)
        try connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)")
        #expect(connection.lastInsertedRow == 2 && connection.changes == 1)
        #expect(throws: SQLiteError.self) { try connection.execute("INSERT INTO t VALUES(3); nonsense; DELETE FROM t") }
        #expect(try connection.statement("SELECT count(*) FROM t").firstRow { row in row.integer(0) } == 3)
    }

    @Test("pragmas are set and read")
    func pragmas() throws {
        let connection = try Connection(path: "", mode: .memory)
        try connection.pragma("user_version = 12")
        #expect(try connection.pragma("user_version") == 12)
        #expect(try connection.pragmaText("journal_mode") == "memory")
        #expect(try connection.pragmaText("integrity_check") == "ok")
        #expect(try connection.pragma("no_such_pragma") == nil)
        #expect(try connection.pragma("trusted_schema") == 0)
    }

    @Test("after closing everything throws and nothing traps")
    func closed() throws {
        let connection = try Connection(path: "gone", mode: .memory)
        let statement = try connection.statement("SELECT ?")
        try statement.bind(1, at: 1)
        #expect(try statement.step())
        connection.close()
        connection.close()
        connection.busyTimeoutMilliseconds = 5
        #expect(connection.changes == 0 && connection.lastInsertedRow == 0 && !connection.isInTransaction)
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT 1") }
        #expect(throws: SQLiteError.self) { try connection.statement("SELECT 1") }
        #expect(throws: SQLiteError.self) { try connection.pragma("user_version") }
        #expect(throws: SQLiteError.self) { try connection.transaction(.immediate) {} }
        #expect(throws: SQLiteError.self) { try statement.step() }
        #expect(throws: SQLiteError.self) { try statement.bind(1, at: 1) }
        #expect(throws: SQLiteError.self) { try statement.bind(text: "", at: 1) }
        #expect(throws: SQLiteError.self) {
            try statement.withBound(blob: UnsafeRawBufferPointer(start: nil, count: 0), at: 1) {}
        }
        statement.reset()
        #expect(statement.isNull(0) && statement.integer(0) == 0 && statement.text(0) == "" && statement.blob(0) == [])
        #expect(statement.sql == "" && !statement.isBusy)
    }

    @Test("a statement that outlives its connection throws")
    func outlived() throws {
        var connection: Connection? = try Connection(path: "", mode: .memory)
        let statement = try #require(try connection?.statement("SELECT 1"))
        connection = nil
        #expect(throws: SQLiteError.self) { try statement.step() }
    }
}
