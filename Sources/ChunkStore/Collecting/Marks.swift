internal import Posix
internal import SQLite

/// Which stored copies of chunks are needed. Kept in a temporary database beside the catalog, keyed by where the copies lie: what is
/// stored together is marked together, so marking stays quick, and memory does not grow with the repository.
///
/// Of a chunk that lies in several packs one copy is marked: a whole one before a delta, then the one in the newest pack. Where the copy is part
/// of a delta block, a whole copy of each of that block's bases is marked too. One thread at a time.
public final class Marks {
    /// Reads chunks under the operation's own lease: for whoever has to look into a chunk to know what else it needs.
    public let reader: ChunkReader
    private let catalog: Catalog
    private let table: Connection
    /// Delta blocks whose bases are marked; only the latest ones, for asking twice does no harm.
    private var basesMarked: Set<BlockKey> = []

    /// Needed chunks of which there is no copy.
    private(set) var lostCount = 0
    /// The first of them.
    private(set) var lost: [ChunkID] = []
    /// The plain bytes of all that is marked.
    private(set) var markedBytes: UInt64 = 0

    /// What a chunk is marked as when a delta block is made of it.
    private static let baseRole: UInt8 = 62

    init(_ catalog: Catalog, reader: ChunkReader, name: String) throws(StoreError) {
        self.catalog = catalog
        self.reader = reader
        let path = catalog.path.parent.appending("marks-\(name).sqlite")
        do throws(SQLiteError) {
            table = try Connection(path: path.string, mode: .create)
            try table.execute(
                """
                PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                PRAGMA cache_size = -8192;
                CREATE TABLE live (
                    pack INTEGER NOT NULL, block INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
                    roles INTEGER NOT NULL, PRIMARY KEY (pack, block, offset)) WITHOUT ROWID;
                BEGIN
                """)
        } catch { throw StoreError(error, marks: path) }
        // Without a name it goes with the process, however that ends.
        try? Folder.remove(path)
    }

    /// Says that a chunk is needed. `role`, below 62, is what its reader takes it for: the same bytes may be needed as several things.
    /// Returns whether it was not known yet in that role, thus whether to look for what it needs in its turn. One of which there is no copy counts as
    /// lost, unless `isGivenUp` says that this is known and accepted.
    @discardableResult
    public func need(
        _ id: ChunkID, _ kind: ChunkKind, as role: UInt8 = 0,
        isGivenUp: () throws(StoreError) -> Bool = { () throws(StoreError) in false }
    ) throws(StoreError) -> Bool {
        precondition(role < Self.baseRole, "a role is below 62")
        guard let copy = try best(of: copies(of: id), kind: kind) else {
            if try isGivenUp() { return kind == .tree }
            lostCount += 1
            if lost.count < 100 { lost.append(id) }
            return kind == .tree
        }
        return try mark(copy, as: role)
    }

    // MARK: Marking

    private func copies(of id: ChunkID) throws(StoreError) -> [ChunkCopy] {
        try catalog.read { (connection) throws(SQLiteError) in try connection.copies(of: id) }
    }

    private func best(of copies: [ChunkCopy], kind: ChunkKind?, isWhole: Bool = false) -> ChunkCopy? {
        copies.filter { !isWhole || !$0.isDelta }.max { a, b in
            if a.isCondemned != b.isCondemned { return a.isCondemned }
            if a.kind != b.kind, let kind { return b.kind == kind }
            if a.isDelta != b.isDelta { return a.isDelta }
            return a.place.pack < b.place.pack
        }
    }

    private func mark(_ copy: ChunkCopy, as role: UInt8) throws(StoreError) -> Bool {
        let isNew = try marking { (table) throws(SQLiteError) in
            let insert = try table.statement(
                "INSERT INTO live VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")
            for (index, value) in [copy.place.pack, copy.place.block].enumerated() {
                try insert.bind(value, at: index + 1)
            }
            try insert.bind(Int64(copy.place.offset), at: 3)
            try insert.bind(Int64(copy.place.length), at: 4)
            try insert.bind(1 << Int64(role), at: 5)
            try insert.run()
            if table.changes > 0 { return true }
            let update = try table.statement(
                """
                UPDATE live SET roles = roles | ?4
                WHERE pack = ?1 AND block = ?2 AND offset = ?3 AND roles & ?4 = 0
                """)
            try update.bind(copy.place.pack, at: 1)
            try update.bind(copy.place.block, at: 2)
            try update.bind(Int64(copy.place.offset), at: 3)
            try update.bind(1 << Int64(role), at: 4)
            try update.run()
            return table.changes > 0
        }
        if isNew {
            markedBytes += UInt64(copy.place.length)
            if copy.isDelta { try markBases(of: copy) }
        }
        return isNew
    }

    private func markBases(of copy: ChunkCopy) throws(StoreError) {
        let key = copy.place.key
        if basesMarked.count > 4_096 { basesMarked.removeAll() }
        guard basesMarked.insert(key).inserted else { return }
        let block = try catalog.read { (connection) throws(SQLiteError) in
            try connection.block(key.block, of: key.pack)
        }
        for base in block?.bases ?? [] {
            if let whole = try best(of: copies(of: base), kind: nil, isWhole: true) {
                _ = try mark(whole, as: Self.baseRole)
            } else {
                lostCount += 1
                if lost.count < 100 { lost.append(base) }
            }
        }
    }

    /// Marks whole copies of a delta block's bases, as they are needed if the block stays, whether something in it is needed or not. Returns false where
    /// one is not there.
    func keepBases(_ bases: [ChunkID]) throws(StoreError) -> Bool {
        for base in bases {
            guard let whole = try best(of: copies(of: base), kind: nil, isWhole: true), !whole.isCondemned else {
                return false
            }
            _ = try mark(whole, as: Self.baseRole)
        }
        return true
    }

    /// What whole copies of bases take of which nothing is needed so far, as near as their blocks tell.
    func unneededBytes(of bases: Set<ChunkID>) throws(StoreError) -> UInt64 {
        var bytes: UInt64 = 0
        for base in bases {
            guard let place = try best(of: copies(of: base), kind: nil, isWhole: true)?.place, try !isMarked(place)
            else { continue }
            let block = try catalog.read { (connection) throws(SQLiteError) in
                try connection.block(place.block, of: place.pack)
            }
            guard let block, block.plainBytes > 0 else { continue }
            bytes += UInt64(Double(place.length) * Double(block.storedBytes) / Double(block.plainBytes))
        }
        return bytes
    }

    // MARK: Asking

    /// Whether a copy is needed.
    func isMarked(_ place: ChunkPlace) throws(StoreError) -> Bool {
        try marking { (table) throws(SQLiteError) in
            let query = try table.statement("SELECT 1 FROM live WHERE pack = ? AND block = ? AND offset = ?")
            try query.bind(place.pack, at: 1)
            try query.bind(place.block, at: 2)
            try query.bind(Int64(place.offset), at: 3)
            defer { query.reset() }
            return try query.step()
        }
    }

    /// A needed copy of the chunk in another pack than this one.
    func markedCopy(of id: ChunkID, outside pack: Int64) throws(StoreError) -> ChunkPlace? {
        for copy in try copies(of: id) where copy.place.pack != pack {
            if try isMarked(copy.place) { return copy.place }
        }
        return nil
    }

    /// The plain bytes of what is needed, block by block, in the order of packs.
    func forEachBlock(_ body: (_ block: BlockKey, _ bytes: Int, _ chunks: Int) -> Void) throws(StoreError) {
        try marking { (table) throws(SQLiteError) in
            let query = try table.statement(
                "SELECT pack, block, sum(length), count(*) FROM live GROUP BY pack, block ORDER BY pack, block")
            try query.forEachRow { (row) throws(SQLiteError) in
                body(BlockKey(pack: row.integer(0), block: row.integer(1)), Int(row.integer(2)), Int(row.integer(3)))
            }
        }
    }

    /// Where in a block the needed chunks begin.
    func offsets(pack: Int64, block: Int64) throws(StoreError) -> Set<Int> {
        try marking { (table) throws(SQLiteError) in
            let query = try table.statement("SELECT offset FROM live WHERE pack = ? AND block = ?")
            try query.bind(pack, at: 1)
            try query.bind(block, at: 2)
            var offsets: Set<Int> = []
            try query.forEachRow { (row) throws(SQLiteError) in offsets.insert(Int(row.integer(0))) }
            return offsets
        }
    }

    private func marking<Result>(_ body: (Connection) throws(SQLiteError) -> Result) throws(StoreError) -> Result {
        do throws(SQLiteError) { return try body(table) } catch { throw StoreError(error, marks: catalog.path.parent) }
    }
}

extension StoreError {
    fileprivate init(_ error: SQLiteError, marks path: Path) {
        self.init(
            error.isFull ? .full : .catalog, "what is needed cannot be written down: \(error.message)",
            path: path.description, remedy: "free some space there, or name another place for the cache")
    }
}
