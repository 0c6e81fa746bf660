// unsafe: lends the bytes of blocks while they are held.
internal import Bytes
internal import SQLite

/// One block, and which of the chunks that somebody wants lie in it.
public struct BlockVisit: Sendable {
    struct Member: Sendable {
        let index: Int32
        let offset: Int32
        let length: Int32
    }

    /// Nil where the catalog knows no place; then there is one chunk, for which a place is looked for again.
    let key: BlockKey?
    var members: [Member]

    /// How many of the wanted chunks lie there; one that is wanted twice counts twice.
    public var count: Int { members.count }

    /// Their places among those that were asked for.
    public var indices: some Sequence<Int> { members.lazy.map { Int($0.index) } }
}

/// A chunk's bytes, valid while they are lent.
public struct LentChunk {
    /// The chunk's place among those that were asked for.
    public let index: Int
    /// Its bytes. Neighbours in a block are neighbours in memory.
    public let bytes: UnsafeRawBufferPointer
}

extension ChunkReader {
    /// Sorts wanted chunks by the blocks that they lie in, blocks in the order of packs, so that each block needs to be read once; delta blocks
    /// follow the block in which their bases begin, so that it is still at hand. Each chunk is looked up once. Takes memory in proportion to
    /// `ids`, thus the caller bounds their number.
    public func visits(to ids: [ChunkID]) throws(StoreError) -> [BlockVisit] {
        let places = try firstPlaces(of: ids)
        let anchors = try anchors(of: Set(places.lazy.compactMap { $0?.key }))
        var visits: [BlockVisit] = []
        for index in places.indices.sorted(by: { Self.isBefore(places[$0], places[$1], anchors) }) {
            let place = places[index]
            let member = BlockVisit.Member(
                index: Int32(index), offset: Int32(place?.offset ?? 0), length: Int32(place?.length ?? 0))
            if let key = place?.key, visits.last?.key == key {
                visits[visits.count - 1].members.append(member)
            } else {
                visits.append(BlockVisit(key: place?.key, members: [member]))
            }
        }
        return visits
    }

    /// Chunks that the catalog does not know come first.
    private static func isBefore(
        _ place: ChunkPlace?, _ other: ChunkPlace?, _ anchors: [BlockKey: BlockKey]
    ) -> Bool {
        guard let place, let other else { return place == nil && other != nil }
        let (key, otherKey) = (place.key, other.key)
        if key == otherKey { return place.offset < other.offset }
        let (anchor, otherAnchor) = (anchors[key] ?? key, anchors[otherKey] ?? otherKey)
        if anchor != otherAnchor { return anchor < otherAnchor }
        // What others follow comes first.
        return (anchor == key ? 0 : 1, key) < (otherAnchor == otherKey ? 0 : 1, otherKey)
    }

    /// For each of these blocks that is a delta block, the block in which its bases begin.
    private func anchors(of keys: Set<BlockKey>) throws(StoreError) -> [BlockKey: BlockKey] {
        try catalog.read { (connection) throws(SQLiteError) in
            var anchors: [BlockKey: BlockKey] = [:]
            for key in keys {
                guard let base = try connection.firstBase(of: key.block, in: key.pack),
                    let whole = try connection.copies(of: base).first(where: { !$0.isDelta })
                else { continue }
                anchors[key] = whole.place.key
            }
            return anchors
        }
    }

    /// Reads a block and lends the wanted chunks to the body, in the order in which they lie there; each is checked against its id first.
    /// What is damaged there is taken from another copy, and lent by itself. Returns the chunks of which there is no good one.
    public func lend(
        _ visit: BlockVisit, of ids: [ChunkID], _ body: ([LentChunk]) -> Void
    ) -> [(index: Int, error: StoreError)] {
        var chunks: [LentChunk] = []
        chunks.reserveCapacity(visit.members.count)
        var elsewhere: [Int] = []
        let plain: Buffer?
        // Why a block cannot be read shows again below, chunk by chunk.
        if let key = visit.key { plain = try? block(key, ahead: true) } else { plain = nil }
        for member in visit.members {
            let index = Int(member.index)
            let place = ChunkPlace(pack: 0, block: 0, offset: Int(member.offset), length: Int(member.length))
            if let plain, let range = place.range(inBlockOf: plain.count) {
                chunks.append(LentChunk(index: index, bytes: plain.bytes(range)))
            } else {
                elsewhere.append(index)
            }
        }
        elsewhere += Self.takeOutWrong(&chunks, ids)
        withExtendedLifetime(plain) { if !chunks.isEmpty { body(chunks) } }
        return lendOneByOne(elsewhere, of: ids, body)
    }

    /// Takes out those that are not what their ids promise. One that is wanted several times in a row is looked at once.
    private static func takeOutWrong(_ chunks: inout [LentChunk], _ ids: [ChunkID]) -> [Int] {
        var different: [UnsafeRawBufferPointer] = []
        // For each chunk, which of the different ones it is.
        var numbers: [Int] = []
        numbers.reserveCapacity(chunks.count)
        for place in chunks.indices {
            let isSame =
                place > 0 && ids[chunks[place].index] == ids[chunks[place - 1].index]
                && chunks[place].bytes.baseAddress == chunks[place - 1].bytes.baseAddress
            if !isSame { different.append(chunks[place].bytes) }
            numbers.append(different.count - 1)
        }
        let found = ChunkID.ids(of: different)
        var wrong: [Int] = []
        var next = 0
        chunks.removeAll { chunk in
            defer { next += 1 }
            if found[numbers[next]] == ids[chunk.index] { return false }
            wrong.append(chunk.index)
            return true
        }
        return wrong
    }

    /// Whether the block can be read. Lending takes what is bad in one from other copies, chunk by chunk, which takes long where there are none.
    public func canRead(_ visit: BlockVisit) -> Bool {
        visit.key.map { (try? block($0, ahead: true)) != nil } ?? false
    }

    private func lendOneByOne(
        _ indices: [Int], of ids: [ChunkID], _ body: ([LentChunk]) -> Void
    ) -> [(index: Int, error: StoreError)] {
        var failures: [(index: Int, error: StoreError)] = []
        var known: [ChunkID: StoreError] = [:]
        for index in indices {
            if let error = known[ids[index]] {
                failures.append((index, error))
                continue
            }
            do throws(StoreError) {
                let (other, range) = try find(ids[index], ahead: true)
                withExtendedLifetime(other) { body([LentChunk(index: index, bytes: other.bytes(range))]) }
            } catch {
                known[ids[index]] = error
                failures.append((index, error))
            }
        }
        return failures
    }
}
