import Crypto
import Posix
import SQLite

/// Where one copy of a chunk lies.
struct ChunkPlace: Hashable, Comparable, Sendable {
    let pack: Int64
    let block: Int64
    let offset: Int
    let length: Int

    /// The block that it lies in.
    var key: BlockKey { BlockKey(pack: pack, block: block) }

    /// The order in which chunks lie.
    static func < (left: ChunkPlace, right: ChunkPlace) -> Bool {
        (left.pack, left.block, left.offset) < (right.pack, right.block, right.offset)
    }

    /// The chunk's bytes in a block of so many; nil where the row makes no sense.
    func range(inBlockOf byteCount: Int) -> Range<Int>? {
        guard offset >= 0, length >= 0, offset <= byteCount, length <= byteCount - offset else { return nil }
        return offset..<offset + length
    }
}

/// What is needed to read a block.
struct BlockPlace: Sendable {
    let pack: PackName
    let number: UInt32
    let offset: UInt64
    let storedBytes: Int
    let plainBytes: Int
    let codec: PackDirectory.Codec
    let bases: [ChunkID]
}

/// One connection to the catalog, with the questions that are asked of it. One thread at a time.
final class CatalogConnection: @unchecked Sendable {
    // Unchecked, for the catalog lends a connection to one thread at a time.
    let connection: Connection
    /// The packs that are on their way out, as the last snapshot shows them: what only they hold does not count as stored.
    private var condemned: Set<Int64> = []
    /// The delta blocks that cannot be read, for whole copies of some of their bases are gone: what only they hold does not count either.
    private var baseless: Set<BlockKey> = []

    /// The error code for a database that is whole but not of this repository or version.
    static let foreign: Int32 = -1
    /// Changes with the tables; a catalog of another version is made anew.
    private static let schemaVersion: Int64 = 4
    private static let applicationID: Int64 = 0x4341_524E

    init(_ path: Path, _ mode: Connection.Mode, cacheBytes: Int) throws(SQLiteError) {
        connection = try Connection(path: path.string, mode: mode)
        connection.busyTimeoutMilliseconds = 600_000
        try connection.execute(
            "PRAGMA cache_size = -\(cacheBytes / 1024); PRAGMA temp_store = FILE; PRAGMA mmap_size = 0")
        if mode != .readOnly {
            // A power cut may take the last transactions, never the database's order; the packs bring back what is missing.
            try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8192")
        }
    }

    func close() { connection.close() }

    /// Looks at the database as it is now, and sees nothing else until `endSnapshot`.
    func beginSnapshot() throws(SQLiteError) {
        if connection.isInTransaction { return }
        try connection.statement("BEGIN").run()
        condemned.removeAll()
        let query = try connection.statement("SELECT number FROM packs WHERE condemned")
        while try query.step() { condemned.insert(query.integer(0)) }
        baseless = try baselessBlocks()
    }

    /// Lets go of what was seen.
    func endSnapshot() {
        if connection.isInTransaction { try? connection.statement("COMMIT").run() }
    }

    func transaction<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        try connection.transaction(.immediate, body)
    }

    /// Makes the tables in an empty database; refuses one that is somebody else's.
    func prepare(for repository: RepositoryID, isLocal: Bool) throws(SQLiteError) {
        try connection.execute("PRAGMA page_size = 4096")
        // The write-ahead log needs shared memory, which file systems over a network do not give.
        try waiting { () throws(SQLiteError) in
            try connection.execute("PRAGMA journal_mode = \(isLocal ? "WAL" : "TRUNCATE")")
        }
        try transaction { () throws(SQLiteError) in
            let version = try connection.pragma("user_version") ?? 0
            if version == 0 {
                try connection.execute(Self.tables)
                try connection.execute(
                    "PRAGMA user_version = \(Self.schemaVersion); PRAGMA application_id = \(Self.applicationID)")
                try connection.execute("INSERT INTO facts VALUES ('mark', hex(randomblob(16))), ('losses', '0')")
                let owner = try connection.statement("INSERT INTO facts VALUES ('repository', ?)")
                try owner.bind(text: repository.description, at: 1)
                try owner.run()
                return
            }
            let owner = try connection.statement("SELECT value FROM facts WHERE name = 'repository'")
            defer { owner.reset() }
            let isOurs = try owner.step() && owner.text(0) == repository.description
            if version != Self.schemaVersion || !isOurs {
                throw SQLiteError(
                    code: Self.foreign, message: "it belongs to another repository or version", sql: nil,
                    path: connection.path)
            }
        }
    }

    /// Of two that change a new database's journal at the same moment SQLite refuses one at once, though it waits everywhere else.
    private func waiting(_ body: () throws(SQLiteError) -> Void) throws(SQLiteError) {
        for _ in 0..<Self.busyTriesMax {
            do throws(SQLiteError) { return try body() } catch { guard error.isBusy else { throw error } }
            Thread.rest(milliseconds: 5)
        }
        try body()
    }

    private static let busyTriesMax = 2_000

    /// Whether there is a write-ahead log, so that a reader's view hinders no writer.
    var hasLog: Bool { (try? connection.pragmaText("journal_mode")) == "wal" }

    private static let tables = """
        CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
        CREATE TABLE packs (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL, folder INTEGER NOT NULL,
            bytes INTEGER NOT NULL, chunks INTEGER NOT NULL, condemned INTEGER NOT NULL, UNIQUE (id, folder));
        CREATE INDEX condemned ON packs (number) WHERE condemned;
        CREATE TABLE blocks (
            pack INTEGER NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL, stored INTEGER NOT NULL,
            plain INTEGER NOT NULL, codec INTEGER NOT NULL, bases BLOB, PRIMARY KEY (pack, number)) WITHOUT ROWID;
        CREATE TABLE chunks (
            id BLOB NOT NULL, pack INTEGER NOT NULL, block INTEGER NOT NULL, offset INTEGER NOT NULL,
            length INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (id, pack, block)) WITHOUT ROWID;
        CREATE INDEX deltas ON blocks (pack, number) WHERE bases IS NOT NULL;
        CREATE TABLE baseless (pack INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (pack, number)) WITHOUT ROWID;
        """

    // MARK: Losses

    /// Notes that a pack which was there is gone, or that a chunk cannot be read any more.
    func noteLoss() throws(SQLiteError) {
        try connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'losses'")
    }

    /// A text that stays the same as long as everything that the catalog ever held is still there.
    func lossMark() throws(SQLiteError) -> String {
        let query = try connection.statement("SELECT value FROM facts WHERE name IN ('mark', 'losses') ORDER BY name")
        var parts: [String] = []
        while try query.step() { parts.append(query.text(0)) }
        return parts.joined(separator: "-")
    }

    /// A text that stays the same until the catalog is made anew; as long, a pack's number means the same pack.
    func mark() throws(SQLiteError) -> String {
        let query = try connection.statement("SELECT value FROM facts WHERE name = 'mark'")
        defer { query.reset() }
        return try query.step() ? query.text(0) : ""
    }

    // MARK: Asking

    /// Whether the chunks are stored, each as this kind, and not only in condemned packs; the answers come in order.
    func contains(_ ids: some Sequence<ChunkID>, kind: ChunkKind) throws(SQLiteError) -> [Bool] {
        let query = try connection.statement("SELECT pack, block FROM chunks WHERE id = ? AND kind = ?")
        var answers: [Bool] = []
        answers.reserveCapacity(ids.underestimatedCount)
        for id in ids {
            try query.bind(Int64(kind.rawValue), at: 2)
            answers.append(
                try id.withBound(to: query, at: 1) { () throws(SQLiteError) in
                    while try query.step() {
                        if counts(BlockKey(pack: query.integer(0), block: query.integer(1))) { return true }
                    }
                    return false
                })
        }
        return answers
    }

    /// Whether a chunk is stored as anything, and not only in condemned packs.
    func contains(_ id: ChunkID) throws(SQLiteError) -> Bool {
        try places(of: id).contains { counts($0.key) }
    }

    private func counts(_ block: BlockKey) -> Bool {
        !condemned.contains(block.pack) && (baseless.isEmpty || !baseless.contains(block))
    }

    /// Where the copies of a chunk lie.
    func places(of id: ChunkID) throws(SQLiteError) -> [ChunkPlace] {
        let query = try connection.statement("SELECT pack, block, offset, length FROM chunks WHERE id = ?")
        return try id.withBound(to: query, at: 1) { () throws(SQLiteError) in
            var places: [ChunkPlace] = []
            while try query.step() {
                places.append(
                    ChunkPlace(
                        pack: query.integer(0), block: query.integer(1), offset: Int(query.integer(2)),
                        length: Int(query.integer(3))))
            }
            return places
        }
    }

    /// How to read a block; nil where there is none, or the row makes no sense.
    func block(_ number: Int64, of pack: Int64) throws(SQLiteError) -> BlockPlace? {
        let query = try connection.statement(
            """
            SELECT packs.id, folder, offset, stored, plain, codec, bases FROM blocks JOIN packs ON packs.number = pack
            WHERE pack = ? AND blocks.number = ?
            """)
        try query.bind(pack, at: 1)
        try query.bind(number, at: 2)
        defer { query.reset() }
        guard try query.step(), let id = query.withBlob(0, { SHA256Digest(bytes: $0) }),
            let folder = PackName.PackFolder(rawValue: UInt8(clamping: query.integer(1))),
            let codec = PackDirectory.Codec(rawValue: UInt8(clamping: query.integer(5)))
        else { return nil }
        let stored = Int(query.integer(3))
        let plain = Int(query.integer(4))
        guard (0...Limits.blockStoredBytes).contains(stored), (0...Limits.blockPlainBytes).contains(plain),
            (0..<Int64(Limits.packBytes)).contains(query.integer(2))
        else { return nil }
        return BlockPlace(
            pack: PackName(folder: folder, id: id), number: UInt32(clamping: number), offset: UInt64(query.integer(2)),
            storedBytes: stored, plainBytes: plain, codec: codec, bases: query.withBlob(6) { ChunkID.list($0) })
    }

    /// Whether there is a row of this pack.
    func hasPack(_ number: Int64) throws(SQLiteError) -> Bool {
        let query = try connection.statement("SELECT 1 FROM packs WHERE number = ?")
        try query.bind(number, at: 1)
        defer { query.reset() }
        return try query.step()
    }

    /// Whether there are as many rows of chunks as the packs hold. Looks at every row.
    func isComplete() throws(SQLiteError) -> Bool {
        let query = try connection.statement(
            """
            SELECT (SELECT coalesce(sum(chunks), 0) FROM packs)
                = (SELECT count(*) FROM chunks WHERE pack IN (SELECT number FROM packs))
            """)
        defer { query.reset() }
        return try query.step() && query.integer(0) == 1
    }

    /// A pack as the catalog knows it.
    struct PackRow: Sendable {
        let number: Int64
        let name: PackName
        let bytes: UInt64
        let chunks: Int64
        let isCondemned: Bool
    }

    /// All packs.
    func packs() throws(SQLiteError) -> [PackRow] {
        let query = try connection.statement("SELECT number, id, folder, bytes, chunks, condemned FROM packs")
        defer { query.reset() }
        var packs: [PackRow] = []
        while try query.step() {
            guard let id = query.withBlob(1, { SHA256Digest(bytes: $0) }),
                let folder = PackName.PackFolder(rawValue: UInt8(clamping: query.integer(2)))
            else {
                throw SQLiteError(
                    code: Self.corrupt, message: "a pack's row makes no sense", sql: nil, path: connection.path)
            }
            packs.append(
                PackRow(
                    number: query.integer(0), name: PackName(folder: folder, id: id),
                    bytes: UInt64(clamping: query.integer(3)), chunks: query.integer(4),
                    isCondemned: query.integer(5) != 0))
        }
        return packs
    }

    /// A pack's row; nil where the pack is not known.
    func row(of pack: PackName) throws(SQLiteError) -> PackRow? { try packs().first { $0.name == pack } }

    private static let corrupt: Int32 = 11

    /// One copy of a chunk, as a listing of all of them comes by it.
    struct ChunkRow: Sendable {
        let id: ChunkID
        let kind: ChunkKind
        let length: Int
        let pack: Int64
        fileprivate let block: Int64
    }

    /// The next copies of chunks behind one, in the order of ids; at most so many, and none at the end.
    func chunks(after last: ChunkRow?, atMost count: Int) throws(SQLiteError) -> [ChunkRow] {
        let query = try connection.statement(
            """
            SELECT id, pack, block, kind, length FROM chunks WHERE (id, pack, block) > (?, ?, ?)
            ORDER BY id, pack, block LIMIT ?
            """)
        try query.bind(last?.pack ?? 0, at: 2)
        try query.bind(last?.block ?? 0, at: 3)
        try query.bind(Int64(count), at: 4)
        // Before the first id stands the blob without bytes.
        guard let last else {
            try query.bind(copying: UnsafeRawBufferPointer(start: nil, count: 0), at: 1)
            defer { query.reset() }
            return try rows(of: query)
        }
        return try last.id.withBound(to: query, at: 1) { () throws(SQLiteError) in try rows(of: query) }
    }

    private func rows(of query: Statement) throws(SQLiteError) -> [ChunkRow] {
        var rows: [ChunkRow] = []
        while try query.step() {
            guard let digest = query.withBlob(0, { SHA256Digest(bytes: $0) }),
                let kind = ChunkKind(rawValue: UInt8(clamping: query.integer(3)))
            else {
                throw SQLiteError(
                    code: Self.corrupt, message: "a chunk's row makes no sense", sql: nil, path: connection.path)
            }
            rows.append(
                ChunkRow(
                    id: ChunkID(digest), kind: kind, length: Int(query.integer(4)), pack: query.integer(1),
                    block: query.integer(2)))
        }
        return rows
    }

    // MARK: Changing

    /// Enters a pack and all it holds, and returns its number. One that is known already changes nothing.
    @discardableResult
    func insert(
        _ name: PackName, bytes: UInt64, directory: PackDirectory, isCondemned: Bool = false
    ) throws(SQLiteError) -> Int64? {
        let pack = try connection.statement(
            "INSERT INTO packs (id, folder, bytes, chunks, condemned) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
        try pack.bind(Int64(name.folder.rawValue), at: 2)
        try pack.bind(Int64(bytes), at: 3)
        try pack.bind(Int64(directory.chunkCount), at: 4)
        try pack.bind(isCondemned ? 1 : 0, at: 5)
        try ChunkID(name.id).withBound(to: pack, at: 1) { () throws(SQLiteError) in _ = try pack.step() }
        guard connection.changes == 1 else { return nil }
        let number = connection.lastInsertedRow
        try insertBlocks(directory, pack: number)
        try insertChunks(directory, pack: number)
        return number
    }

    private func insertBlocks(_ directory: PackDirectory, pack: Int64) throws(SQLiteError) {
        let row = try connection.statement("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?)")
        for (number, offset, block) in directory.placedBlocks {
            let values = [
                pack, Int64(number), Int64(offset), Int64(block.storedBytes), Int64(block.plainBytes),
                Int64(block.codec.rawValue),
            ]
            for (index, value) in values.enumerated() { try row.bind(value, at: index + 1) }
            if block.bases.isEmpty {
                try row.bindNull(at: 7)
            } else {
                try block.bases.flatMap { $0.digest.bytes }.withUnsafeBytesThrowing { bytes throws(SQLiteError) in
                    try row.bind(copying: bytes, at: 7)
                }
            }
            try row.run()
        }
    }

    private func insertChunks(_ directory: PackDirectory, pack: Int64) throws(SQLiteError) {
        // In the order of ids, so that neighbours in the tree are written together.
        var rows: [(id: ChunkID, block: Int, offset: Int, length: Int)] = []
        rows.reserveCapacity(directory.chunkCount)
        for (number, block) in directory.blocks.enumerated() {
            for (chunk, offset) in block.placedChunks {
                rows.append((chunk.id, number, offset, Int(chunk.length)))
            }
        }
        rows.sort { $0.id < $1.id }
        let insert = try connection.statement("INSERT OR IGNORE INTO chunks VALUES (?, ?, ?, ?, ?, ?)")
        try insert.bind(pack, at: 2)
        for row in rows {
            try insert.bind(Int64(row.block), at: 3)
            try insert.bind(Int64(row.offset), at: 4)
            try insert.bind(Int64(row.length), at: 5)
            try insert.bind(Int64(directory.blocks[row.block].kind.rawValue), at: 6)
            try row.id.withBound(to: insert, at: 1) { () throws(SQLiteError) in _ = try insert.step() }
        }
    }

    /// Notes which way packs have gone: among the condemned ones, or back.
    func note(packs numbers: some Sequence<Int64>, areCondemned: Bool) throws(SQLiteError) {
        let change = try connection.statement("UPDATE packs SET condemned = ? WHERE number = ?")
        try change.bind(areCondemned ? 1 : 0, at: 1)
        for number in numbers {
            try change.bind(number, at: 2)
            try change.run()
        }
    }

    /// Drops all rows of packs that are gone.
    func remove(packs numbers: [Int64]) throws(SQLiteError) {
        if numbers.isEmpty { return }
        try connection.execute("CREATE TEMP TABLE IF NOT EXISTS gone (number INTEGER PRIMARY KEY); DELETE FROM gone")
        let gone = try connection.statement("INSERT INTO gone VALUES (?)")
        for number in numbers {
            try gone.bind(number, at: 1)
            try gone.run()
        }
        // One pass over the chunks serves all the packs: an index by pack would cost more than it saves.
        try connection.execute(
            """
            DELETE FROM chunks WHERE pack IN (SELECT number FROM gone);
            DELETE FROM blocks WHERE pack IN (SELECT number FROM gone);
            DELETE FROM baseless WHERE pack IN (SELECT number FROM gone);
            DELETE FROM packs WHERE number IN (SELECT number FROM gone);
            DELETE FROM gone;
            """)
    }
}

extension ChunkID {
    /// Binds the id to a statement without a copy, runs the body, and resets the statement.
    func withBound<Result>(
        to statement: Statement, at index: Int, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try digest.withUnsafeBytes { bytes throws(SQLiteError) in
            try statement.withBound(blob: bytes, at: index) { () throws(SQLiteError) in
                defer { statement.reset() }
                return try body()
            }
        }
    }

    /// Ids that stand one after another.
    static func list(_ bytes: UnsafeRawBufferPointer) -> [ChunkID] {
        stride(from: 0, to: bytes.count - bytes.count % 32, by: 32).compactMap { offset in
            SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 32])).map { ChunkID($0) }
        }
    }
}
