import SQLite
import Testing

extension Statement {
    /// The blob in `column` in a new array.
    func blob(_ column: Int) -> [UInt8] { withBlob(column) { [UInt8]($0) } }
}

@Suite struct StatementTests {
    let connection: Connection

    init() throws {
        connection = try Connection(path: "test", mode: .memory)
        try connection.execute("CREATE TABLE pairs(key BLOB PRIMARY KEY, number INTEGER, name TEXT) WITHOUT ROWID")
    }

    private func insert(_ key: [UInt8], _ number: Int64, _ name: String) throws {
        let statement = try connection.statement("INSERT INTO pairs VALUES(?, ?, ?)")
        try key.withUnsafeBytes { try statement.bind(copying: $0, at: 1) }
        try statement.bind(number, at: 2)
        try statement.bind(text: name, at: 3)
        try statement.run()
    }

    @Test("values of each kind come back as they were bound")
    func values() throws {
        let names = ["", "a", "naïve 🪨", "with a \u{0} inside", "'; DROP TABLE pairs; --"]
        let numbers: [Int64] = [.min, -1, 0, 1, .max]
        for (index, name) in names.enumerated() { try insert([UInt8(index), 0, 255], numbers[index], name) }
        let statement = try connection.statement("SELECT key, number, name FROM pairs ORDER BY key")
        for (index, name) in names.enumerated() {
            #expect(try statement.step())
            #expect(statement.blob(0) == [UInt8(index), 0, 255])
            #expect(statement.integer(1) == numbers[index])
            #expect(statement.text(2) == name)
        }
        #expect(try !statement.step())
        #expect(!statement.isBusy)
    }

    @Test("NULL reads as nothing and is known as NULL; so does a column that is not there, or no row")
    func nulls() throws {
        let statement = try connection.statement("SELECT ?, 5")
        try statement.bindNull(at: 1)
        #expect(statement.isNull(1) && statement.integer(1) == 0)
        #expect(try statement.step())
        #expect(statement.isNull(0) && !statement.isNull(1))
        for column in [0, 2, -1, Int.max, Int.min] {
            #expect(statement.isNull(column) && statement.integer(column) == 0)
            #expect(statement.text(column) == "" && statement.blob(column) == [])
        }
    }

    @Test("an empty blob and an empty text are not NULL, however they are bound")
    func empty() throws {
        let statement = try connection.statement("SELECT typeof(?1), length(?1), ?1")
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        try statement.bind(copying: nothing, at: 1)
        try statement.forEachRow { row in
            #expect(row.text(0) == "blob" && row.integer(1) == 0 && row.blob(2) == [] && !row.isNull(2))
        }
        let kind = try statement.withBound(blob: nothing, at: 1) { () throws(SQLiteError) in
            try statement.firstRow { row in row.text(0) }
        }
        #expect(kind == "blob")
        try statement.bind(text: "", at: 1)
        #expect(try statement.firstRow { row in row.text(0) } == "text")
    }

    @Test("text that is not UTF-8 is repaired, and numbers are read from text and blobs without a trap")
    func oddTypes() throws {
        let statement = try connection.statement("SELECT CAST(x'61ff62' AS TEXT), 'twelve', x'00', 1e300, '12'")
        #expect(try statement.step())
        #expect(statement.text(0) == "a\u{fffd}b")
        #expect((1...4).map { statement.integer($0) } == [0, 0, .max, 12])
        statement.reset()
    }

    @Test("a borrowed blob is found, and is bound to NULL again afterwards")
    func borrowed() throws {
        try insert([1, 2, 3], 7, "seven")
        let find = try connection.statement("SELECT number, ?1 IS NULL FROM pairs WHERE key = ?1 OR ?1 IS NULL")
        let key: [UInt8] = [1, 2, 3]
        let number = try key.withUnsafeBytes { key in
            try find.withBound(blob: key, at: 1) { () throws(SQLiteError) -> Int64 in
                #expect(try find.step())
                return find.integer(0)
            }
        }
        #expect(number == 7)
        #expect(!find.isBusy)
        #expect(try find.firstRow { row in row.integer(1) } == 1)
    }

    @Test("a borrowed blob is unbound also when the body throws")
    func borrowedThrowing() throws {
        let statement = try connection.statement("SELECT ?1 IS NULL")
        let failure = SQLiteError(code: 1, message: "", sql: nil, path: "")
        #expect(throws: failure) {
            try ([1, 2] as [UInt8]).withUnsafeBytes { bytes in
                try statement.withBound(blob: bytes, at: 1) { () throws(SQLiteError) in
                    #expect(try statement.step())
                    throw failure
                }
            }
        }
        #expect(try statement.firstRow { row in row.integer(0) } == 1)
    }

    @Test("a statement works again after an error, with its bindings")
    func reuseAfterError() throws {
        try insert([1], 1, "one")
        #expect { try insert([1], 2, "again") } throws: { ($0 as? SQLiteError)?.primaryCode == 19 }
        try insert([2], 2, "two")
        let insertion = try connection.statement("INSERT INTO pairs VALUES(?, ?, ?)")
        #expect(throws: SQLiteError.self) { try insertion.run() }
        try insertion.bind(4, at: 1)
        try insertion.run()
        #expect(connection.changes == 1)
        #expect(
            try connection.statement("SELECT name FROM pairs WHERE key = 4").firstRow { row in row.text(0) } == "two")
    }

    @Test("an error carries the extended code, the text and the statement")
    func errorText() throws {
        try insert([1], 1, "one")
        do {
            try insert([1], 1, "one")
            Issue.record("a second row with the same key was taken")
        } catch let error as SQLiteError {
            #expect(error.code == 1555)
            #expect(error.message == "UNIQUE constraint failed: pairs.key")
            #expect(error.sql == "INSERT INTO pairs VALUES(?, ?, ?)" && error.path == "test")
            #expect("\(error)".contains("test: UNIQUE constraint failed"))
        }
    }

    @Test("a parameter that is not there is refused", arguments: [0, 2, -1, Int.max, Int.min])
    func wrongParameter(parameter: Int) throws {
        let statement = try connection.statement("SELECT ?")
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(throws: SQLiteError.self) { try statement.bind(1, at: parameter) }
        #expect(throws: SQLiteError.self) { try statement.bind(text: "x", at: parameter) }
        #expect(throws: SQLiteError.self) { try statement.bindNull(at: parameter) }
        #expect(throws: SQLiteError.self) { try statement.bind(copying: nothing, at: parameter) }
        #expect(throws: SQLiteError.self) { try statement.withBound(blob: nothing, at: parameter) {} }
        #expect(try statement.step())
        statement.reset()
    }

    @Test("binding between a row and its reset is refused")
    func bindWhileBusy() throws {
        let statement = try connection.statement("SELECT ?")
        #expect(try statement.step() && statement.isBusy)
        #expect(throws: SQLiteError.self) { try statement.bind(1, at: 1) }
        #expect(!statement.isBusy)
        try statement.bind(1, at: 1)
    }

    @Test("rows are reset whichever way a loop over them ends")
    func loops() throws {
        for number in 0..<5 { try insert([UInt8(number)], Int64(number), "") }
        let statement = try connection.statement("SELECT number FROM pairs ORDER BY key")
        var numbers: [Int64] = []
        try statement.forEachRow { row in numbers.append(row.integer(0)) }
        #expect(numbers == [0, 1, 2, 3, 4] && !statement.isBusy)
        let failure = SQLiteError(code: 1, message: "", sql: nil, path: "")
        #expect(throws: failure) { try statement.forEachRow { (_) throws(SQLiteError) in throw failure } }
        #expect(!statement.isBusy)
        #expect(try statement.firstRow { row in row.integer(0) } == 0 && !statement.isBusy)
        #expect(try connection.statement("SELECT 1 WHERE 0").firstRow { row in row.integer(0) } == nil)
    }
}
