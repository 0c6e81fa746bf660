import Glibc
import SQLite
import Testing

private func error(of body: () throws -> Void) -> SQLiteError? {
    do {
        try body()
    } catch {
        return error as? SQLiteError
    }
    return nil
}

@Suite struct HostileFileTests {
    let folder = TemporaryFolder()

    /// A database with an index and some hundred pages, as bytes.
    private func makeDatabase() throws -> [UInt8] {
        let connection = try Connection(path: folder.file("good"), mode: .create)
        try connection.execute("PRAGMA page_size = 1024; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB UNIQUE)")
        try connection.transaction(.immediate) { () throws(SQLiteError) in
            for _ in 0..<400 { try connection.execute("INSERT INTO t(b) VALUES(randomblob(200))") }
        }
        connection.close()
        return folder.read("good")
    }

    /// Reads and checks all there is; nil if everything seems in order.
    private func readAll(_ name: String, mode: Connection.Mode) -> SQLiteError? {
        error {
            let connection = try Connection(path: folder.file(name), mode: mode)
            try connection.statement("SELECT a, b FROM t").forEachRow { row in
                _ = row.integer(0)
                _ = row.blob(1)
            }
            try connection.statement("SELECT count(*) FROM t WHERE b > x'80'").run()
            let verdict = try connection.pragmaText("quick_check") ?? "nothing"
            if verdict != "ok" { throw SQLiteError(code: 11, message: verdict, sql: nil, path: name) }
        }
    }

    @Test(
        "a file of garbage is corrupt, in each mode", arguments: [.readOnly, .readWrite, .create] as [Connection.Mode])
    func garbage(mode: Connection.Mode) throws {
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 3) }
        folder.write(bytes, to: "garbage")
        #expect(readAll("garbage", mode: mode)?.isCorrupt == true)
        #expect(folder.read("garbage") == bytes)
    }

    @Test("a database cut short by a page or more is corrupt, never right, and never traps")
    func truncated() throws {
        let bytes = try makeDatabase()
        #expect(readAll("good", mode: .readOnly) == nil)
        for count in [2, 15, 16, 99, 100, 101, 511, 1023, 1024, 1025]
            // SQLite takes the missing end of a last page for zeros, and zeros in the midst of a blob are a blob.
            + Array(stride(from: 2048, through: bytes.count - 1024, by: 4999))
        {
            folder.write(Array(bytes[..<count]), to: "short")
            let error = readAll("short", mode: .readOnly)
            #expect(error?.isCorrupt == true, "cut to \(count) bytes: \(String(describing: error))")
        }
        // To SQLite a file of no bytes, or of one, is an empty database.
        for count in 0...1 {
            folder.write(Array(bytes[..<count]), to: "short")
            #expect(readAll("short", mode: .readOnly)?.message == "no such table: t")
        }
    }

    @Test("a database with overwritten bytes never traps")
    func overwritten() throws {
        let bytes = try makeDatabase()
        var found = 0
        for position in Array(0..<200) + Array(stride(from: 200, to: bytes.count, by: 911)) {
            var changed = bytes
            for index in position..<min(position + 4, bytes.count) { changed[index] = ~changed[index] }
            folder.write(changed, to: "changed")
            if let error = readAll("changed", mode: .readOnly) {
                found += 1
                #expect(error.code != 0)
            }
        }
        #expect(found > 50)
    }

    @Test("what cannot be opened says so")
    func cannotOpen() throws {
        for (name, mode) in [("missing", Connection.Mode.readWrite), ("missing", .readOnly), ("no/folder", .create)] {
            #expect(error { _ = try Connection(path: folder.file(name), mode: mode) }?.isCantOpen == true)
        }
        #expect(error { _ = try Connection(path: folder.path, mode: .readWrite) }?.isCantOpen == true)
        #expect(error { _ = try Connection(path: "", mode: .create) }?.isCantOpen == true)
        #expect(
            error { _ = try Connection(path: folder.file("a\u{0}b"), mode: .create) }?.path == folder.file("a\u{0}b"))
    }

    @Test("names that mean something to SQLite are only paths here")
    func specialNames() throws {
        #expect(error { _ = try Connection(path: ":memory:", mode: .readOnly) }?.isCantOpen == true)
        #expect(error { _ = try Connection(path: "file:x?mode=memory", mode: .readOnly) }?.isCantOpen == true)
    }

    @Test("writing to what was opened for reading is refused")
    func readOnly() throws {
        _ = try makeDatabase()
        let connection = try Connection(path: folder.file("good"), mode: .readOnly)
        #expect(error { try connection.execute("DELETE FROM t") }?.isReadOnly == true)
        #expect(
            error {
                try connection.transaction(.immediate) { () throws(SQLiteError) in
                    try connection.statement("INSERT INTO t(b) VALUES(1)").run()
                }
            }?.isReadOnly == true)
        #expect(!connection.isInTransaction)
        #expect(try connection.statement("SELECT count(*) FROM t").firstRow { row in row.integer(0) } == 400)
    }

    @Test("a full database says so, loses nothing, and takes rows again when there is room")
    func full() throws {
        let connection = try Connection(path: folder.file("full"), mode: .create)
        try connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        try connection.pragma("max_page_count = 10")
        let insertion = try connection.statement("INSERT INTO t VALUES(zeroblob(3000))")
        let failure = error {
            try connection.transaction(.immediate) { () throws(SQLiteError) in
                for _ in 0..<100 { try insertion.run() }
            }
        }
        #expect(failure?.isFull == true && !connection.isInTransaction)
        #expect(try connection.statement("SELECT count(*) FROM t").firstRow { row in row.integer(0) } == 1)
        try connection.pragma("max_page_count = 1000")
        try insertion.run()
        #expect(try connection.pragmaText("integrity_check") == "ok")
    }

    @Test("a lock of another connection makes a writer busy, at once or after its time")
    func busy() throws {
        _ = try makeDatabase()
        let one = try Connection(path: folder.file("good"), mode: .readWrite)
        let other = try Connection(path: folder.file("good"), mode: .readWrite)
        let insertion = try other.statement("INSERT INTO t(b) VALUES(1)")
        try one.transaction(.immediate) { () throws(SQLiteError) in
            #expect(error { try insertion.run() }?.isBusy == true)
            #expect(error { try other.transaction(.immediate) {} }?.isBusy == true)
            other.busyTimeoutMilliseconds = 1
            #expect(error { try insertion.run() }?.isBusy == true)
            #expect(try other.statement("SELECT count(*) FROM t").firstRow { row in row.integer(0) } == 400)
        }
        try insertion.run()
        // A reader between two rows keeps the other from committing; its transaction is rolled back.
        let reading = try one.statement("SELECT a FROM t")
        #expect(try reading.step())
        #expect(
            error {
                try other.transaction(.immediate) { () throws(SQLiteError) in try other.execute("DELETE FROM t") }
            }?.isBusy == true)
        #expect(!other.isInTransaction)
        reading.reset()
    }

    @Test("a failed opening leaves no file descriptor behind")
    func noLeaks() throws {
        func descriptors() -> Int {
            var count = 0
            for descriptor in 0..<Int32(512) where fcntl(descriptor, F_GETFD) >= 0 { count += 1 }
            return count
        }
        folder.write([1, 2, 3], to: "garbage")
        let before = descriptors()
        for _ in 0..<200 {
            _ = error { _ = try Connection(path: folder.path, mode: .readWrite) }
            _ = readAll("garbage", mode: .readWrite)
        }
        // Tests beside this one open files too; two hundred leaks would still stand out.
        #expect(descriptors() < before + 100)
    }
}
