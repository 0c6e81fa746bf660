// unsafe: lends the bytes of blocks while they are held.
internal import Bytes

extension ChunkReader {
    /// Lends chunks to the body in the order in which they are asked for, as whoever reads a content from front to back wants them. What lies side by side
    /// in a block is looked up, checked and lent together, and one block is held at a time. Stops at the first chunk of which there is no good copy.
    ///
    /// `following` are those that will probably be asked for next: their blocks are read ahead. Without them, what follows in the pack is.
    public func lendInOrder(
        _ ids: [ChunkID], following: [ChunkID] = [], _ body: (_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Void
    ) throws(StoreError) {
        let places = try firstPlaces(of: ids)
        var next = 0
        while next < ids.count {
            let key = places[next]?.key
            let end = places[next...].firstIndex { $0?.key != key } ?? places.count
            var lent = 0
            if let key, let plain = try? block(key, before: places[end...], following) {
                lent = lend(next..<end, ids, places, of: plain, key, body)
            }
            // Why a chunk is not good there shows where it is looked for elsewhere.
            for index in (next..<end).dropFirst(lent) {
                let (plain, range) = try find(ids[index])
                withExtendedLifetime(plain) { body(index, plain.bytes(range)) }
            }
            next = end
        }
    }

    /// A block. Whoever is the first to ask for it has those read ahead in which the next chunks lie.
    private func block(
        _ key: BlockKey, before next: ArraySlice<ChunkPlace?>, _ following: [ChunkID]
    ) throws(StoreError) -> Buffer {
        if following.isEmpty { return try block(key) }
        let (plain, isFirstTouch) = try blockAlone(key)
        if isFirstTouch {
            // Neighbours mostly lie in one block: looking up a few of them shows nearly all blocks.
            let some = stride(from: 0, to: following.count, by: 8).map { following[$0] }
            let places = try next + firstPlaces(of: some)
            var seen: Set<BlockKey> = []
            readAhead(places.compactMap { $0?.key }.filter { seen.insert($0).inserted })
        }
        return plain
    }

    /// Lends chunks of one block up to the first that is not good there, and says how many.
    private func lend(
        _ run: Range<Int>, _ ids: [ChunkID], _ places: [ChunkPlace?], of plain: Buffer, _ key: BlockKey,
        _ body: (_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Void
    ) -> Int {
        let chunks = run.compactMap { index in
            places[index]?.range(inBlockOf: plain.count).map { (id: ids[index], range: $0) }
        }
        guard chunks.count == run.count else { return 0 }
        let count = cache.areGood(chunks, of: plain, key).prefix { $0 }.count
        withExtendedLifetime(plain) {
            for (index, chunk) in zip(run, chunks.prefix(count)) { body(index, plain.bytes(chunk.range)) }
        }
        return count
    }
}
