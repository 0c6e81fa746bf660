import Bytes
import ChunkStore
import Crypto
import Posix
import SQLite

/// What is remembered of a source between its snapshots, so that what did not change need not be read again: for each folder the names in
/// it with what `lstat` said and the entries that came of them. It always describes exactly the last snapshot that was finished with it, and can be
/// deleted at any time.
///
/// An SQLite database in the cache, one for each source. Items lie in pages in the order of names, so that a folder of any size can be
/// gone through. Each page proves that it is whole and at its place, and whether it is the last, for what a torn file forgets must not look
/// like what was deleted. Any thread may call.
///
/// It is only a help. Where it cannot be written any more it lets everything go that is new in this run, and tells as before what it remembers
/// of earlier ones; where it cannot be read, or is damaged, the run begins again without it.
final class Journal: Sendable {
    /// What the journal stands on: the manifest that it describes, and the state of the catalog at that time.
    struct Basis: Hashable, Sendable {
        var manifest: String
        var catalogMark: String
        /// When the machine was started. Nothing in the journal is synchronised, so pages of different times may stand in it after the power failed.
        var bootID = Machine.bootID
    }

    private static let version: Int64 = 3
    static let pageBytes = 32 << 10

    private let path: Path
    private let connection: Monitor<Database>
    private let damage = Monitor(false)
    /// Files that an earlier run had read when it was cut off, and the record of this run's.
    let finishedFiles: FinishedFiles?
    /// Whether it only tells what it remembers: nothing new comes of a rehearsal.
    private let isRehearsal: Bool

    private final class Database: @unchecked Sendable {
        // Unchecked, for it lies in a monitor.
        let connection: Connection
        /// Why nothing is kept of this run.
        var trouble: CairnError?
        init(_ connection: Connection) { self.connection = connection }
    }

    /// Opens the journal of a source, or begins one; nil where another process is working with it: then everything is read, and nothing
    /// remembered. Throws where there is no place for it.
    static func open(
        in folder: Path, host: String, paths: [Path], isRehearsal: Bool = false
    ) throws(CairnError) -> Journal? {
        var name = ByteWriter()
        for part in [Array(host.utf8)] + paths.sorted().map({ Array($0.bytes) }) {
            name.append(UInt32(part.count))
            name.append(bytes: part)
        }
        let base = "journal-\(SHA256.digest(name.bytes).hex.prefix(32))"
        let finished: FinishedFiles?
        do throws(PosixError) {
            try Folder.makeAll(folder)
            finished = try FinishedFiles.open(folder.appending(base + ".log"))
        } catch {
            throw CairnError(error, "the journal cannot be written", remedy: "name another place for the cache")
        }
        guard let finished else { return nil }
        let path = folder.appending(base + ".sqlite")
        // Whatever is wrong with it, another one can be made.
        if let journal = try? Journal(path, finished, isRehearsal) { return journal }
        do throws(SQLiteError) { return try anew(path, finished, isRehearsal) } catch {
            throw failure(error, "cannot be written", path)
        }
    }

    private static func anew(
        _ path: Path, _ finished: FinishedFiles, _ isRehearsal: Bool
    ) throws(SQLiteError) -> Journal {
        for suffix in ["", "-journal", "-wal", "-shm"] { try? Folder.remove(Path(path.bytes + Array(suffix.utf8))) }
        try? Folder.removeEmpty(path)
        return try Journal(path, finished, isRehearsal)
    }

    /// An empty one in its place, if one can be made.
    func remade() -> Journal? {
        connection.withLock { $0.connection.close() }
        // One that cannot be removed must not be taken for an empty one.
        try? Folder.remove(path)
        guard (try? Folder.status(path)) == nil, let finishedFiles else { return nil }
        return try? Self.anew(path, finishedFiles, isRehearsal)
    }

    private init(_ path: Path, _ finished: FinishedFiles, _ isRehearsal: Bool) throws(SQLiteError) {
        self.path = path
        self.isRehearsal = isRehearsal
        finishedFiles = finished
        let connection = try Connection(path: path.string, mode: .create)
        connection.busyTimeoutMilliseconds = 1_000
        // What is lost with the power is made again; a torn file would be noticed, and made anew.
        try connection.execute(
            """
            PRAGMA page_size = 8192; PRAGMA cache_size = -4096; PRAGMA temp_store = FILE; PRAGMA mmap_size = 0;
            PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE
            """)
        if try connection.pragma("user_version") != Self.version {
            try connection.execute(
                """
                DROP TABLE IF EXISTS facts; DROP TABLE IF EXISTS pages;
                CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT);
                CREATE TABLE pages (number INTEGER PRIMARY KEY, folder BLOB NOT NULL, page INTEGER NOT NULL,
                    items BLOB NOT NULL);
                CREATE UNIQUE INDEX places ON pages (folder, page);
                PRAGMA user_version = \(Self.version)
                """)
        }
        try connection.execute(
            """
            CREATE TEMP TABLE large (folder BLOB, page INTEGER, items BLOB, PRIMARY KEY (folder, page));
            CREATE TEMP TABLE forgotten (number INTEGER PRIMARY KEY, folder BLOB)
            """)
        // One that cannot be written is noticed here, and not when there is something to keep.
        try connection.execute("BEGIN IMMEDIATE; DELETE FROM facts WHERE name = ''")
        self.connection = Monitor(Database(connection))
    }

    func reading<Result>(
        _ body: (Connection) throws(SQLiteError) -> Result
    ) throws(CairnError) -> Result {
        try connection.withLock { database throws(CairnError) in
            do throws(SQLiteError) { return try body(database.connection) } catch {
                throw lose(&database, Self.failure(error, "cannot be read", path))
            }
        }
    }

    /// Writes, unless that has failed before.
    func writing(_ body: (Connection) throws(SQLiteError) -> Void) throws(CairnError) {
        try connection.withLock { database throws(CairnError) in
            guard database.trouble == nil else { return }
            do throws(SQLiteError) { try body(database.connection) } catch {
                let failure = Self.failure(error, "cannot be written", path)
                if error.isCorrupt || error.isMismatch || error.isConstraint { throw lose(&database, failure) }
                Self.drop(&database, failure)
            }
        }
    }

    private static func failure(_ error: SQLiteError, _ what: String, _ path: Path) -> CairnError {
        CairnError(
            .system, "the journal \(what): \(error.message)", path: path,
            remedy: error.isFull || error.isReadOnly || error.isCantOpen
                ? "make room for it, or name another place for the cache"
                : "it can be deleted at any time: then the next snapshot reads everything once")
    }

    /// Lets go what this run has written. SQLite may have done so already, and then what came next would be kept by itself, beside what is
    /// remembered of an earlier run: so nothing more is written.
    private static func drop(_ database: inout Database, _ trouble: CairnError) {
        database.trouble = trouble
        try? database.connection.execute("ROLLBACK")
    }

    private func lose(_ database: inout Database, _ trouble: CairnError) -> CairnError {
        Self.drop(&database, trouble)
        damage.withLock { $0 = true }
        return trouble
    }

    /// Whether it was found to be damaged, or cannot be read: then it must be made anew.
    var isDamaged: Bool { damage.withLock { $0 } }

    /// What the journal stands on; nil if no snapshot was finished with it.
    func basis() throws(CairnError) -> Basis? {
        try reading { (connection) throws(SQLiteError) in
            let query = try connection.statement("SELECT value FROM facts WHERE name = ?")
            var values: [String] = []
            for name in ["manifest", "catalog", "boot"] {
                try query.bind(text: name, at: 1)
                if try query.step() { values.append(query.text(0)) }
                query.reset()
            }
            guard values.count == 3 else { return nil }
            return Basis(manifest: values[0], catalogMark: values[1], bootID: values[2])
        }
    }

    /// One page of a folder's items, the first being number 0. It is there: the page before said so, or the item of the folder.
    func page(_ number: Int, of folder: [UInt8]) throws(CairnError) -> JournalPage {
        guard let page = try pageIfThere(number, of: folder) else { throw damaged("a page is missing") }
        return page
    }

    /// The same for what may not be remembered at all.
    func pageIfThere(_ number: Int, of folder: [UInt8]) throws(CairnError) -> JournalPage? {
        let stored = try reading { (connection) throws(SQLiteError) -> [UInt8]? in
            let query = try connection.statement("SELECT items FROM pages WHERE folder = ? AND page = ?")
            try query.bind(Int64(number), at: 2)
            return try folder.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try query.withBound(blob: raw, at: 1) { () throws(SQLiteError) in
                    try query.step() ? query.withBlob(0) { Array($0) } : nil
                }
            }
        }
        guard let stored else { return nil }
        guard let page = JournalPage(stored, number: number, folder: folder) else { throw damaged("a page is torn") }
        return page
    }

    /// Notes that it is damaged.
    func damaged(_ how: String) -> CairnError {
        damage.withLock { $0 = true }
        return CairnError(.system, "the journal is damaged: \(how)", path: path)
    }

    /// Sets a page aside until its folder is complete: the pages before are still being read. Others follow it.
    func setAside(_ items: [UInt8], page: Int, of folder: [UInt8]) throws(CairnError) {
        let stored = JournalPage(items: items, isLast: false).encode(number: page, folder: folder)
        try writing { (connection) throws(SQLiteError) in
            try Self.store(stored, page, folder, in: connection, "INSERT OR REPLACE INTO large VALUES (?, ?, ?)")
        }
    }

    /// Replaces what is remembered of a folder: by the pages that were set aside, and the ones given, which follow them; at least one.
    func replace(_ folder: [UInt8], pages: [[UInt8]], after setAside: Int) throws(CairnError) {
        let upsert = """
            INSERT INTO pages (folder, page, items) VALUES (?, ?, ?)
            ON CONFLICT (folder, page) DO UPDATE SET items = excluded.items
            """
        try writing { (connection) throws(SQLiteError) in
            if setAside > 0 {
                let move = try connection.statement(
                    """
                    INSERT OR REPLACE INTO pages (folder, page, items)
                    SELECT folder, page, items FROM large WHERE folder = ?
                    """)
                try Self.run(move, folder)
                try Self.run(try connection.statement("DELETE FROM large WHERE folder = ?"), folder)
            }
            for (index, items) in pages.enumerated() {
                let page = JournalPage(items: items, isLast: index == pages.count - 1)
                let stored = page.encode(number: setAside + index, folder: folder)
                try Self.store(stored, setAside + index, folder, in: connection, upsert)
            }
            let surplus = try connection.statement("DELETE FROM pages WHERE folder = ? AND page >= ?")
            try surplus.bind(Int64(setAside + pages.count), at: 2)
            try Self.run(surplus, folder)
        }
    }

    /// A file has been read; the lists of its chunks may not be stored yet. A run that is cut off leaves this to the next one.
    func noteFinished(_ key: FolderKey, _ item: JournalItem, lists: [[UInt8]]) {
        if !isRehearsal { finishedFiles?.add(key, item, lists: lists) }
    }

    /// Keeps all that was replaced and forgotten: it describes the snapshot of this manifest. Without this it is as if nothing had been done;
    /// so it is where this throws.
    func finish(_ basis: Basis) throws(CairnError) {
        try writing { (connection) throws(SQLiteError) in
            let insert = try connection.statement("INSERT OR REPLACE INTO facts VALUES (?, ?)")
            let facts = [("manifest", basis.manifest), ("catalog", basis.catalogMark), ("boot", basis.bootID)]
            for (name, value) in facts {
                try insert.bind(text: name, at: 1)
                try insert.bind(text: value, at: 2)
                try insert.run()
            }
            try connection.execute("COMMIT")
            connection.close()
        }
        if let trouble = connection.withLock({ $0.trouble }) { throw trouble }
        finishedFiles?.remove()
    }

    /// Ends without keeping anything but the record of finished files.
    func close() {
        connection.withLock { $0.connection.close() }
        finishedFiles?.close()
    }

    private static func store(
        _ items: [UInt8], _ page: Int, _ folder: [UInt8], in connection: Connection, _ sql: String
    ) throws(SQLiteError) {
        let insert = try connection.statement(sql)
        try insert.bind(Int64(page), at: 2)
        try items.withUnsafeBytesThrowing { raw throws(SQLiteError) in
            try insert.withBound(blob: raw, at: 3) { () throws(SQLiteError) in try run(insert, folder) }
        }
    }

    static func run(_ statement: Statement, _ folder: [UInt8]) throws(SQLiteError) {
        try folder.withUnsafeBytesThrowing { raw throws(SQLiteError) in
            try statement.withBound(blob: raw, at: 1) { () throws(SQLiteError) in try statement.run() }
        }
    }
}
