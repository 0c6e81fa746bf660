import Glibc
import SQLite
import Synchronization
import Testing

/// Interrupts again and again, because an interruption that comes before the statement runs has no effect. On a thread of its
/// own: the statement blocks the one that a task would need.
private final class Nagging: Sendable {
    let isOver = Atomic(false)
    private let interrupter: Interrupter

    init(_ interrupter: Interrupter) {
        self.interrupter = interrupter
    }

    func start() -> pthread_t {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { argument in
                let nagging = Unmanaged<Nagging>.fromOpaque(argument!).takeRetainedValue()
                while !nagging.isOver.load(ordering: .relaxed) { nagging.interrupter.interrupt() }
                return nil
            }, argument)
        precondition(code == 0, "pthread_create failed with error \(code)")
        return thread
    }
}

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
        connection.interrupt()
        connection.busyTimeoutMilliseconds = 5
        #expect(connection.changes == 0 && connection.lastInsertedRow == 0 && !connection.isInTransaction)
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT 1") }
        #expect(throws: SQLiteError.self) { try connection.statement("SELECT 1") }
        #expect(throws: SQLiteError.self) { try connection.pragma("user_version") }
        #expect(throws: SQLiteError.self) { try connection.transaction(.deferred) {} }
        #expect(throws: SQLiteError.self) { try statement.step() }
        #expect(throws: SQLiteError.self) { try statement.bind(1, at: 1) }
        #expect(throws: SQLiteError.self) { try statement.bind(text: "", at: 1) }
        #expect(throws: SQLiteError.self) {
            try statement.withBound(blob: UnsafeRawBufferPointer(start: nil, count: 0), at: 1) {}
        }
        statement.reset()
        #expect(statement.isNull(0) && statement.integer(0) == 0 && statement.text(0) == "" && statement.blob(0) == [])
        #expect(statement.sql == "" && statement.columnCount == 0 && !statement.isBusy)
    }

    @Test("a statement that outlives its connection throws")
    func outlived() throws {
        var connection: Connection? = try Connection(path: "", mode: .memory)
        let statement = try #require(try connection?.statement("SELECT 1"))
        connection = nil
        #expect(throws: SQLiteError.self) { try statement.step() }
    }

    @Test("a running statement is interrupted from another thread, and the connection works on")
    func interrupted() throws {
        let connection = try Connection(path: "", mode: .memory)
        let nagging = Nagging(connection.interrupter)
        connection.interrupt()
        let thread = nagging.start()
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        #expect {
            try connection.statement(endless).run()
        } throws: { error in
            (error as? SQLiteError)?.isInterrupted == true
        }
        nagging.isOver.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
        #expect(try connection.statement("SELECT 1").firstRow { row in row.integer(0) } == 1)
        connection.close()
        connection.interrupter.interrupt()
    }
}
