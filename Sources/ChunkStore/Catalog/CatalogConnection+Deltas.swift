import SQLite

extension CatalogConnection {
    /// The delta blocks that are known to lack a base.
    func baselessBlocks() throws(SQLiteError) -> Set<BlockKey> {
        var blocks: Set<BlockKey> = []
        let query = try connection.statement("SELECT pack, number FROM baseless")
        try query.forEachRow { (row) throws(SQLiteError) in
            blocks.insert(BlockKey(pack: row.integer(0), block: row.integer(1)))
        }
        return blocks
    }

    /// What all blocks of one sort hold and take; those of condemned packs do not count.
    func blockTotals(areDeltas: Bool) throws(SQLiteError) -> Store.BlockTotals {
        let query = try connection.statement(
            """
            SELECT coalesce(sum(plain), 0), coalesce(sum(stored), 0) FROM blocks
            WHERE (bases IS NOT NULL) = ? AND pack IN (SELECT packs.number FROM packs WHERE NOT condemned)
            """)
        try query.bind(areDeltas ? 1 : 0, at: 1)
        defer { query.reset() }
        guard try query.step() else { return Store.BlockTotals() }
        return Store.BlockTotals(
            plainBytes: UInt64(clamping: query.integer(0)), storedBytes: UInt64(clamping: query.integer(1)))
    }

    /// The first base of a block; nil for one that has none.
    func firstBase(of block: Int64, in pack: Int64) throws(SQLiteError) -> ChunkID? {
        let query = try connection.statement(
            "SELECT bases FROM blocks WHERE pack = ? AND number = ? AND bases IS NOT NULL")
        try query.bind(pack, at: 1)
        try query.bind(block, at: 2)
        defer { query.reset() }
        return try query.step() ? query.withBlob(0) { ChunkID.list($0).first } : nil
    }

    /// Calls the body with every delta block, of all packs or of one, and its bases.
    func forEachDelta(
        of pack: Int64? = nil, _ body: (BlockKey, [ChunkID]) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let query = try connection.statement(
            "SELECT pack, number, bases FROM blocks WHERE bases IS NOT NULL AND pack BETWEEN ? AND ?")
        try query.bind(pack ?? 0, at: 1)
        try query.bind(pack ?? .max, at: 2)
        try query.forEachRow { (row) throws(SQLiteError) in
            try body(
                BlockKey(pack: row.integer(0), block: row.integer(1)), row.withBlob(2) { ChunkID.list($0) })
        }
    }

    /// Finds out which delta blocks lack a whole copy of a base outside of condemned packs, after packs have come, or, where `isLess`, after some have
    /// gone or were condemned too. What was found before is looked at again: a base may be back.
    func findBaseless(in newPacks: [Int64], isLess: Bool) throws(SQLiteError) {
        let before = try baselessBlocks()
        var search = BaselessSearch(self)
        if isLess {
            try forEachDelta { (block, bases) throws(SQLiteError) in try search.look(at: block, bases) }
        } else {
            for pack in Set(newPacks + before.map(\.pack)) {
                try forEachDelta(of: pack) { (block, bases) throws(SQLiteError) in try search.look(at: block, bases) }
            }
        }
        guard search.found != before else { return }
        try connection.execute("DELETE FROM baseless")
        let insert = try connection.statement("INSERT INTO baseless VALUES (?, ?)")
        for block in search.found {
            try insert.bind(block.pack, at: 1)
            try insert.bind(block.block, at: 2)
            try insert.run()
        }
    }
}

/// Looks for the bases of delta blocks. Neighbours share most of theirs, so what was found is remembered for a while.
private struct BaselessSearch {
    private static let knownMax = 65_536

    private let catalog: CatalogConnection
    private var known: [ChunkID: Bool] = [:]
    private(set) var found: Set<BlockKey> = []

    init(_ catalog: CatalogConnection) { self.catalog = catalog }

    mutating func look(at block: BlockKey, _ bases: [ChunkID]) throws(SQLiteError) {
        for base in bases {
            guard try isWhole(base) else {
                found.insert(block)
                return
            }
        }
    }

    private mutating func isWhole(_ base: ChunkID) throws(SQLiteError) -> Bool {
        if let answer = known[base] { return answer }
        let answer = try catalog.copies(of: base).contains { !$0.isDelta && !$0.isCondemned }
        if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
        known[base] = answer
        return answer
    }
}
