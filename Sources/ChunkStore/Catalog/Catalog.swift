import Bytes
import Posix
import SQLite
import Storage

/// Where each chunk lies: an SQLite database beside the repository. It is a view of the packs; whatever is wrong with it,
/// it is thrown away and made again.
///
/// One connection writes, several read; each is used by one thread at a time. Any thread may call.
final class Catalog: Sendable {
    /// Connections that nobody uses right now, and how many are out.
    private struct Connections {
        var writer: CatalogConnection?
        var readers: [CatalogConnection] = []
        var out = 0
        var isWriterOut = false
        /// Counts how often the catalog was made anew, so that one fault seen by many is mended once.
        var generation = 0
        /// Counts the transactions that changed the catalog: what a reader has seen of an earlier one is old.
        var epoch = 0
        /// The file that is open: another one of the same name is another catalog.
        var file: FileStatus?
        /// Whether a reader that nobody uses may keep its view: without a write-ahead log no writer could commit beside it.
        var keepsSnapshots = false
        /// Whether all rows have been counted.
        var isCounted = false
    }

    let path: Path
    private let repository: Repository
    private let readerLimit: Int
    private let writerBytes: Int
    private let readerBytes: Int
    private let connections = Monitor(Connections())
    /// A folder to remove in the end, where the catalog was not given a lasting place.
    private let scratchFolder: Path?

    /// Opens the catalog of a repository, or makes one, in the folder that the cache has for it; without one it is a temporary file.
    init(_ repository: Repository, cacheFolder: Path?, budget: Budget) throws(StoreError) {
        self.repository = repository
        readerLimit = budget.workers + 2
        writerBytes = budget.catalogWriterBytes
        readerBytes = budget.catalogReaderBytes
        let folder: Path
        do throws(PosixError) {
            if let cacheFolder {
                folder = cacheFolder
                scratchFolder = nil
            } else {
                let name = "cairn-\(repository.id)-\(Machine.processID)-\(Machine.monotonicNanoseconds)"
                folder = Path(Machine.temporaryFolder).appending(name)
                scratchFolder = folder
            }
            try Folder.makeAll(folder)
        } catch {
            throw StoreError(
                .catalog, "the folder of the catalog cannot be made: \(error)", path: error.path?.plain,
                remedy: "name another place for the cache")
        }
        path = folder.appending("catalog.sqlite")
        do throws(SQLiteError) { try prepare() } catch {
            guard asksForNew(error) else { throw StoreError(error, catalog: path.string) }
            try startAnew(after: 0)
        }
    }

    deinit {
        let idle = connections.withLock { connections in
            defer { connections = Connections() }
            return connections.readers + [connections.writer].compactMap { $0 }
        }
        for connection in idle { connection.close() }
        if let scratchFolder { Self.removeFiles(at: path, folder: scratchFolder) }
    }

    /// Lets the body look chunks up. Between two calls a connection keeps its view of the database, unless this process has changed
    /// that: taking a new view for each chunk would cost more than finding it.
    func read<Result>(_ body: (CatalogConnection) throws(SQLiteError) -> Result) throws(StoreError) -> Result {
        try recovering { () throws(SQLiteError) in
            let (idle, epoch) = connections.update(when: { $0.out < readerLimit }) { connections in
                connections.out += 1
                return (connections.readers.popLast(), connections.epoch)
            }
            var returned: CatalogConnection?
            defer {
                connections.update { connections in
                    connections.out -= 1
                    guard let returned else { return }
                    // Nobody idle may hold a snapshot of the past: the log behind it could never be cleared.
                    if connections.epoch != epoch || !connections.keepsSnapshots { returned.endSnapshot() }
                    connections.readers.append(returned)
                }
            }
            let connection: CatalogConnection
            if let idle {
                connection = idle
            } else {
                connection = try CatalogConnection(path, .readOnly, cacheBytes: readerBytes)
            }
            returned = connection
            try connection.beginSnapshot()
            return try body(connection)
        }
    }

    /// All packs.
    func packs() throws(StoreError) -> [CatalogConnection.PackRow] {
        try read { (connection) throws(SQLiteError) in try connection.packs() }
    }

    /// A pack's row; nil where the pack is not known.
    func row(of pack: PackName) throws(StoreError) -> CatalogConnection.PackRow? {
        try read { (connection) throws(SQLiteError) in try connection.row(of: pack) }
    }

    /// Lets the body change the catalog, in one transaction that ends whole or not at all.
    func write<Result>(_ body: (CatalogConnection) throws(SQLiteError) -> Result) throws(StoreError) -> Result {
        try recovering { () throws(SQLiteError) in
            let writer = connections.update(when: { !$0.isWriterOut }) { connections in
                connections.isWriterOut = true
                return connections.writer
            }
            defer { connections.update { $0.isWriterOut = false } }
            let connection: CatalogConnection
            if let writer { connection = writer } else { connection = try makeWriter() }
            let result = try connection.transaction { () throws(SQLiteError) in try body(connection) }
            connections.withLock { connections in
                connections.epoch += 1
                for reader in connections.readers { reader.endSnapshot() }
            }
            return result
        }
    }

    private func makeWriter() throws(SQLiteError) -> CatalogConnection {
        let writer = try CatalogConnection(path, .readWrite, cacheBytes: writerBytes)
        connections.withLock { $0.writer = writer }
        return writer
    }

    /// How often in a row the database is made or opened anew before an error counts: a cache may be cleared more than once.
    private static let triesMax = 5

    /// Runs a body; if it finds the database damaged or taken away, makes that anew and runs it once more.
    private func recovering<Result>(_ body: () throws(SQLiteError) -> Result) throws(StoreError) -> Result {
        var attempt = 0
        while true {
            attempt += 1
            let generation = connections.withLock { $0.generation }
            do throws(SQLiteError) { return try body() } catch {
                let isReplaced = isReplaced
                guard attempt < Self.triesMax, isReplaced || asksForNew(error) else {
                    throw StoreError(error, catalog: path.string)
                }
                try startAnew(after: generation, kept: isReplaced)
            }
        }
    }

    /// Whether the database is damaged, somebody else's, gone, or has not the tables and rows that it must have.
    private func asksForNew(_ error: SQLiteError) -> Bool {
        error.isCorrupt || error.isMismatch || error.isConstraint || error.code == CatalogConnection.foreign
            || (error.isCantOpen && (try? Folder.status(path)) == nil)
    }

    /// Closes the database, deletes it unless it is to be `kept`, opens it and enters what is missing, unless another thread has done
    /// so since `generation`.
    private func startAnew(after generation: Int, kept: Bool = false) throws(StoreError) {
        // The writer's place is held, and every reader is waited for, so nobody has the files open.
        let isDue = connections.update(when: { !$0.isWriterOut && ($0.out == 0 || $0.generation != generation) }) {
            connections in
            guard connections.generation == generation else { return false }
            for connection in connections.readers + [connections.writer].compactMap({ $0 }) { connection.close() }
            connections = Connections()
            connections.isWriterOut = true
            connections.out = readerLimit
            connections.generation = generation + 1
            return true
        }
        guard isDue else { return }
        defer {
            connections.update { connections in
                connections.isWriterOut = false
                connections.out = 0
            }
        }
        if !kept { Self.removeFiles(at: path, folder: nil) }
        var attempt = 0
        while true {
            attempt += 1
            do throws(SQLiteError) { return try fill() } catch {
                let isReplaced = isReplaced
                guard attempt < Self.triesMax, isReplaced || asksForNew(error) else {
                    throw StoreError(error, catalog: path.string)
                }
                if !isReplaced { Self.removeFiles(at: path, folder: nil) }
            }
        }
    }

    private func fill() throws(SQLiteError) {
        try? Folder.makeAll(path.parent)
        try prepare()
        guard let writer = connections.withLock({ $0.writer }) else { return }
        _ = try writer.transaction { () throws(SQLiteError) in
            try CatalogSync(repository).run(in: writer, .all, forWriting: true)
        }
    }

    /// Opens the database again where its name belongs to another file by now, or to none: somebody has cleared the cache, and from
    /// then on what one connection writes another one would not see.
    private func reopenIfReplaced() throws(StoreError) {
        let generation = connections.withLock { $0.generation }
        if isReplaced { try startAnew(after: generation, kept: true) }
    }

    /// Whether a file is open that does not have its name any more.
    private var isReplaced: Bool {
        guard let file = connections.withLock({ $0.file }) else { return false }
        let named = try? Folder.status(path)
        return named?.inode != file.inode || named?.device != file.device
    }

    /// Sees to it that the database is there, is ours and has its tables.
    private func prepare() throws(SQLiteError) {
        let isLocal = (try? FileDescriptor.open(path.parent, [.read, .folder]).fileSystem().isLocal) ?? false
        let writer = try CatalogConnection(path, .create, cacheBytes: writerBytes)
        do throws(SQLiteError) { try writer.prepare(for: repository.id, isLocal: isLocal) } catch {
            writer.close()
            throw error
        }
        connections.withLock { connections in
            connections.writer = writer
            connections.keepsSnapshots = writer.hasLog
            connections.file = try? Folder.status(path)
        }
    }

    /// Brings the catalog up to date with the packs that are there now. Returns what hinders reading some of them.
    @discardableResult
    func synchronize(_ scope: CatalogSync.Scope, forWriting: Bool = false) throws(StoreError) -> [StoreError] {
        try reopenIfReplaced()
        let sync = CatalogSync(repository)
        let outcome = try write { (connection) throws(SQLiteError) in
            try sync.run(in: connection, scope, forWriting: forWriting)
        }
        switch outcome {
        case .success(let warnings): return warnings
        case .failure(let error): throw error
        }
    }

    /// When something that should be there is not: counts all rows, once, and makes the catalog anew if some are missing. Returns
    /// whether it did.
    func mendOnce() throws(StoreError) -> Bool {
        let isDue = connections.withLock { connections in
            defer { connections.isCounted = true }
            return !connections.isCounted
        }
        guard isDue, try !read({ (connection) throws(SQLiteError) in try connection.isComplete() }) else {
            return false
        }
        try makeAnew()
        return true
    }

    /// Throws the catalog away and fills a new one from the packs.
    func makeAnew() throws(StoreError) { try startAnew(after: connections.withLock { $0.generation }) }

    private static func removeFiles(at path: Path, folder: Path?) {
        for suffix in ["", "-wal", "-shm", "-journal"] { try? Folder.remove(Path(path.string + suffix)) }
        if let folder { try? Folder.removeEmpty(folder) }
    }
}
