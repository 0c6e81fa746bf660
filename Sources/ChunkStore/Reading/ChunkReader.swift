internal import Bytes
internal import Crypto
internal import Posix
internal import SQLite
internal import Storage

/// Gets chunks by id. Every chunk is checked against its id before it is handed out; where one copy is damaged or gone, another
/// serves. Decoded blocks are kept within the memory budget, and blocks that follow are read ahead. Any thread may call.
public final class ChunkReader: Sendable {
    private let repository: Repository
    let catalog: Catalog
    let cache: BlockCache
    private let shelf: BufferShelf
    private let decoders = Monitor<[DecoderBox]>([])
    private let readingAhead: Stage<BlockKey>
    private let readAheadDepth: Int64
    private let lease: Lease?
    private let readyBases = Monitor<[ChunkID: Buffer]>([:])
    /// What bases that are readied may take together.
    let readyBytesMax: Int

    /// Decoders wait here between uses; each is used by one thread at a time.
    private final class DecoderBox: @unchecked Sendable {
        // Unchecked, for it is taken out of the monitor before it is used.
        let decoder: BlockDecoder
        init(_ decoder: BlockDecoder) { self.decoder = decoder }
    }

    init(
        _ repository: Repository, catalog: Catalog, lease: Lease?, budget: Budget, cacheBytes: Int? = nil
    ) throws(StoreError) {
        self.repository = repository
        self.catalog = catalog
        self.lease = lease
        shelf = BufferShelf(bufferBytes: budget.blockBytes, kept: budget.workers + 2)
        let cacheBytes = cacheBytes ?? budget.blockCacheBytes
        cache = BlockCache(limitBytes: cacheBytes, shelf: shelf)
        readyBytesMax = cacheBytes / 4 * 3
        readAheadDepth = Int64(budget.workers)
        let target = Monitor<WeakReader>(WeakReader())
        readingAhead = try Stage(named: "read-ahead", workers: budget.workers, capacity: 2 * budget.workers) {
            { key in target.withLock { $0.reader }?.load(ahead: key) }
        }
        target.withLock { $0.reader = self }
    }

    /// Ends the read-ahead and the lease.
    public func close() {
        readingAhead.close()
        lease?.release()
    }

    deinit { close() }

    /// A chunk's bytes.
    public func get(_ id: ChunkID) throws(StoreError) -> [UInt8] {
        try withChunk(id) { Array($0) }
    }

    /// Lends a chunk's bytes to the body; they are valid only there.
    public func withChunk<Result>(_ id: ChunkID, _ body: (UnsafeRawBufferPointer) -> Result) throws(StoreError)
        -> Result
    {
        let (plain, range) = try find(id)
        return withExtendedLifetime(plain) { body(plain.bytes(range)) }
    }

    /// Whether the chunk is stored, as far as the catalog knows, so that others may rely on it: what only condemned packs hold can be read as
    /// long as they are there, and does not count.
    public func contains(_ id: ChunkID) throws(StoreError) -> Bool {
        try catalog.read { (connection) throws(SQLiteError) in try connection.contains(id) }
    }

    /// Whether any pack has the chunk, as far as the catalog knows: one on its way out too.
    public func isListed(_ id: ChunkID) throws(StoreError) -> Bool { try !places(of: id).isEmpty }

    /// Lends many chunks to the body in the order in which they lie in the packs, each block decoded once, several at a time on threads
    /// of their own. The body gets the chunk's index in `ids`, and may be called on several threads at once. Stops at the first error.
    public func forEach(
        _ ids: [ChunkID], threads: Int = 2, _ body: @escaping @Sendable (Int, UnsafeRawBufferPointer) -> Void
    ) throws(StoreError) {
        let visits = try visits(to: ids)
        let failure = Monitor<StoreError?>(nil)
        let work = try Stage<BlockVisit>(named: "read", workers: threads, capacity: 2 * threads) {
            { visit in
                guard failure.withLock({ $0 == nil }) else { return }
                let failures = self.lend(visit, of: ids) { chunks in
                    for chunk in chunks { body(chunk.index, chunk.bytes) }
                }
                guard let error = failures.first?.error else { return }
                failure.withLock { if $0 == nil { $0 = error } }
            }
        }
        for visit in visits { work.submit(visit) }
        work.close()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    // MARK: Finding

    /// Where the first copy of each chunk lies, in the order of ids; nil where the catalog knows none that makes sense.
    func firstPlaces(of ids: [ChunkID]) throws(StoreError) -> [ChunkPlace?] {
        // Looked up in the order of ids: neighbours in the catalog's tree are found with one way down.
        let order = ids.indices.sorted { ids[$0] < ids[$1] }
        return try catalog.read { (connection) throws(SQLiteError) in
            var places = [ChunkPlace?](repeating: nil, count: ids.count)
            var last: Int?
            for index in order {
                places[index] =
                    if let last, ids[last] == ids[index] { places[last] } else {
                        try connection.places(of: ids[index]).first {
                            $0.range(inBlockOf: Limits.blockPlainBytes) != nil
                        }
                    }
                last = index
            }
            return places
        }
    }

    private func places(of id: ChunkID) throws(StoreError) -> [ChunkPlace] {
        try catalog.read { (connection) throws(SQLiteError) in try connection.places(of: id) }
    }

    /// The block that holds a good copy of the chunk, and where in it.
    func find(_ id: ChunkID, ahead: Bool = false) throws(StoreError) -> (Buffer, Range<Int>) {
        var failures: [StoreError] = []
        let places = try places(of: id)
        if let found = try firstGood(id, in: places, ahead: ahead, &failures) { return found }
        // Packs may have come, gone or been rewritten since the catalog looked; or the catalog is wrong.
        var before = failures
        failures = []
        if try isCatalogWrong(about: id, places) {
            try catalog.makeAnew()
            before = []
        } else {
            try catalog.synchronize(.all)
        }
        // Packs may have other numbers now.
        cache.removeAll()
        if let found = try firstGood(id, in: self.places(of: id), ahead: ahead, &failures) { return found }
        if let damage = (failures + before).first(where: { $0.code == .damaged }) { throw damage }
        if let other = failures.first(where: { $0.code != .missing }) { throw other }
        if try catalog.mendOnce() {
            cache.removeAll()
            if let found = try firstGood(id, in: self.places(of: id), ahead: ahead, &failures) { return found }
        }
        throw StoreError(
            .missing, "chunk \(id) is in no pack", path: "\(repository.storage.location)/\(PackName.root)",
            remedy: "bring lost packs back from a copy of the repository")
    }

    /// The block at a place, and where in it the chunk lies; nil where the bytes there are not what the id promises.
    func copy(of id: ChunkID, at place: ChunkPlace, ahead: Bool) throws(StoreError) -> (Buffer, Range<Int>)? {
        let plain = try block(place.key, ahead: ahead)
        guard let range = place.range(inBlockOf: plain.count), cache.isGood(id, range, of: plain, place.key) else {
            return nil
        }
        return (plain, range)
    }

    private func firstGood(
        _ id: ChunkID, in places: [ChunkPlace], ahead: Bool, _ failures: inout [StoreError]
    ) throws(StoreError) -> (Buffer, Range<Int>)? {
        for place in places {
            do throws(StoreError) {
                if let good = try copy(of: id, at: place, ahead: ahead) { return good }
                failures.append(
                    StoreError(
                        .damaged, "a copy of chunk \(id) does not have the bytes that its id promises",
                        path: try path(of: place)))
            } catch {
                // A disk that fails at one copy may well give another one.
                guard error.isAboutStored else { throw error }
                failures.append(error)
            }
        }
        return nil
    }

    /// Whether one of a chunk's copies can be read, without looking for more of them. A block that cannot is noted, and not tried again.
    func canRead(
        _ id: ChunkID, at places: [ChunkPlace], besides bad: inout Set<BlockKey>
    ) throws(StoreError) -> Bool {
        for place in places {
            if bad.contains(place.key) { continue }
            do throws(StoreError) { if try copy(of: id, at: place, ahead: true) != nil { return true } } catch {
                guard error.isAboutStored else { throw error }
                bad.insert(place.key)
            }
        }
        return false
    }

    private func path(of place: ChunkPlace) throws(StoreError) -> String? {
        let found = try catalog.read { (connection) throws(SQLiteError) in
            try connection.block(place.block, of: place.pack)
        }
        return found.map { repository.pack($0.pack).path }
    }

    /// Whether the packs' own directories say otherwise than the catalog's rows of a chunk's copies, or of the bases they need.
    private func isCatalogWrong(about id: ChunkID, _ places: [ChunkPlace]) throws(StoreError) -> Bool {
        for place in places {
            let (row, hasPack) = try catalog.read { (connection) throws(SQLiteError) in
                (try connection.block(place.block, of: place.pack), try connection.hasPack(place.pack))
            }
            // A pack that went meanwhile took its rows along.
            guard let row else {
                if hasPack { return true } else { continue }
            }
            if isWrong(row, about: id, place) { return true }
            for base in row.bases {
                for place in try self.places(of: base) {
                    let row = try catalog.read { (connection) throws(SQLiteError) in
                        try connection.block(place.block, of: place.pack)
                    }
                    if let row, isWrong(row, about: base, place) { return true }
                }
            }
        }
        return false
    }

    private func isWrong(_ row: BlockPlace, about id: ChunkID, _ place: ChunkPlace) -> Bool {
        // Of a pack that cannot be read nothing can be said.
        guard let size = try? repository.pack(row.pack).byteCount(),
            let directory = try? repository.pack(row.pack).directory(packBytes: size)
        else { return false }
        guard let (_, offset, block) = directory.placedBlocks.first(where: { $0.number == place.block }),
            row.offset == offset, row.storedBytes == Int(block.storedBytes), row.plainBytes == Int(block.plainBytes),
            row.codec == block.codec, row.bases == block.bases
        else { return true }
        return !block.placedChunks.contains { chunk, offset in
            chunk.id == id && offset == place.offset && Int(chunk.length) == place.length
        }
    }

    // MARK: Blocks

    func block(_ key: BlockKey, ahead: Bool = false) throws(StoreError) -> Buffer {
        let (plain, isFirstTouch) = try blockAlone(key, ahead: ahead)
        if isFirstTouch && !ahead && cache.contains(BlockKey(pack: key.pack, block: key.block &- 1)) {
            readAhead((1...readAheadDepth).lazy.map { BlockKey(pack: key.pack, block: key.block &+ $0) })
        }
        return plain
    }

    /// A block, past the cache, and where so asked its content as zstd made it, for storing that again.
    func blockForCopying(_ key: BlockKey, keepsContent: Bool) throws(StoreError) -> (Buffer, content: Buffer?) {
        guard keepsContent else { return (try block(key, ahead: true), nil) }
        let place = try place(of: key)
        let prefix = try prefix(of: place)
        defer { if let prefix { shelf.give(back: prefix) } }
        return try withDecoder { decoder throws(StoreError) in
            let plain = try decoder.decode(place, prefix: prefix)
            return (plain, place.codec == .stored ? Buffer(copying: plain.bytes) : decoder.takeContent())
        }
    }

    /// A block, and whether no reader had asked for it before; nothing is read ahead.
    func blockAlone(_ key: BlockKey, ahead: Bool = false) throws(StoreError) -> (plain: Buffer, isFirstTouch: Bool) {
        try cache.block(key, ahead: ahead) { () throws(StoreError) in try load(key) }
    }

    /// Has these blocks read by the time somebody asks for them, the first ones first, as far as the threads for that have time.
    func readAhead(_ keys: some Sequence<BlockKey>) {
        for key in keys.lazy.filter({ !self.cache.contains($0) }).prefix(2 * Int(readAheadDepth)) {
            readingAhead.submitIfFree(key)
        }
    }

    private func load(ahead key: BlockKey) {
        if cache.contains(key) { return }
        // What cannot be read ahead is met again, and reported, by whoever needs it.
        _ = try? cache.block(key, ahead: true) { () throws(StoreError) in try load(key) }
    }

    private func place(of key: BlockKey) throws(StoreError) -> BlockPlace {
        let place = try catalog.read { (connection) throws(SQLiteError) in try connection.block(key.block, of: key.pack)
        }
        if let place { return place }
        throw StoreError(.missing, "block \(key.block) of pack \(key.pack) is not in the catalog")
    }

    private func load(_ key: BlockKey) throws(StoreError) -> Buffer {
        let place = try place(of: key)
        let prefix = try prefix(of: place)
        defer { if let prefix { shelf.give(back: prefix) } }
        return try withDecoder { decoder throws(StoreError) in try decoder.decode(place, prefix: prefix) }
    }

    /// Keeps bases at hand, taken from where whole copies of them lie, in place of what was kept before, cached blocks too. One that cannot be had there is
    /// looked for again when it is needed.
    func ready(_ bases: [ChunkID: ChunkPlace]) throws(StoreError) {
        readyBases.withLock { $0 = [:] }
        if bases.isEmpty { return }
        cache.removeAll()
        let blocks = Dictionary(grouping: bases) { $0.value.key }
        let work = try Stage<BlockKey>(named: "bases", workers: Int(readAheadDepth), capacity: blocks.count) {
            { key in
                guard let plain = try? self.load(key) else { return }
                let wanted = (blocks[key] ?? []).compactMap { id, place in
                    place.range(inBlockOf: plain.count).map { (id: id, bytes: plain.bytes($0)) }
                }
                for (wanted, found) in zip(wanted, ChunkID.ids(of: wanted.map(\.bytes))) where wanted.id == found {
                    let base = Buffer(copying: wanted.bytes)
                    self.readyBases.withLock { $0[wanted.id] = base }
                }
                self.shelf.give(back: plain)
            }
        }
        for key in blocks.keys.sorted() { work.submit(key) }
        work.close()
    }

    /// The bases of a delta block, end to end; nil for a block that has none. Each must lie in a block that has none itself: depth is one.
    func prefix(of place: BlockPlace) throws(StoreError) -> Buffer? {
        if place.bases.isEmpty { return nil }
        let bases = try place.bases.map { (base) throws(StoreError) in (base, try places(of: base)) }
        // What the first copies are long is what is needed, unless some are wrong.
        let length = bases.reduce(0) { $0 + min(max($1.1.first?.length ?? 0, 0), Limits.prefixBytes) }
        var prefix = shelf.take(min(length, Limits.prefixBytes))
        for (base, places) in bases {
            if let ready = readyBases.withLock({ $0[base] }), ready.count <= prefix.free.count {
                prefix.append(ready.bytes)
                continue
            }
            if try append(base, at: places, to: prefix, for: place) { continue }
            let larger = Buffer(capacity: Limits.prefixBytes)
            larger.append(prefix.bytes)
            prefix = larger
            guard try append(base, at: places, to: prefix, for: place) else {
                throw .damaged(
                    "block \(place.number) of the pack", path: repository.pack(place.pack).path,
                    "its bases are too long")
            }
        }
        return prefix
    }

    /// Appends a base's bytes, from a whole copy; false where there is no room.
    private func append(
        _ base: ChunkID, at places: [ChunkPlace], to prefix: Buffer, for delta: BlockPlace
    ) throws(StoreError) -> Bool {
        var failure: StoreError?
        for place in places {
            let row = try catalog.read { (connection) throws(SQLiteError) in
                try connection.block(place.block, of: place.pack)
            }
            guard let row, row.bases.isEmpty else { continue }
            do throws(StoreError) {
                if let (plain, range) = try copy(of: base, at: place, ahead: true) {
                    guard range.count <= prefix.free.count else { return false }
                    prefix.append(plain.bytes(range))
                    return true
                }
            } catch { if error.code != .missing { failure = error } }
        }
        throw failure
            ?? .damaged(
                "block \(delta.number) of the pack", path: repository.pack(delta.pack).path,
                "no whole copy of its base \(base) is left",
                remedy: "bring lost packs back from a copy of the repository")
    }

    private func withDecoder<Result>(_ body: (BlockDecoder) throws(StoreError) -> Result) throws(StoreError) -> Result {
        let box: DecoderBox
        if let idle = decoders.withLock({ $0.popLast() }) {
            box = idle
        } else {
            box = DecoderBox(try BlockDecoder(repository, shelf: shelf))
        }
        defer { decoders.withLock { $0.append(box) } }
        return try body(box.decoder)
    }
}

/// Lets the read-ahead's threads reach their reader without keeping it alive.
private struct WeakReader: @unchecked Sendable {
    // Unchecked, for a weak reference is always read and written under the monitor's lock.
    weak var reader: ChunkReader?
}
