// unsafe: lends the bytes of blocks while they are held.
internal import Bytes
internal import SQLite

extension ChunkReader {
    /// Lends chunks to the body in the order in which they are asked for, as whoever reads a content from front to back wants them. What lies side by side
    /// in a block is looked up, checked and lent together; the blocks that follow are read ahead. Holds one block at a time. Stops at the first chunk of
    /// which there is no good copy.
    public func lendInOrder(
        _ ids: [ChunkID], _ body: (_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Void
    ) throws(StoreError) {
        let places = try catalog.read { (connection) throws(SQLiteError) in
            try ids.map { (id) throws(SQLiteError) in try connection.places(of: id).first }
        }
        var next = 0
        while next < ids.count {
            let run = next..<end(of: places, from: next)
            let lent = lend(run, ids, places, body)
            for index in run.dropFirst(lent) {
                let (plain, range) = try find(ids[index])
                withExtendedLifetime(plain) { body(index, plain.bytes(range)) }
            }
            next = run.upperBound
        }
    }

    /// Where a stretch of chunks ends that lie in one block.
    private func end(of places: [ChunkPlace?], from start: Int) -> Int {
        guard let first = places[start] else { return start + 1 }
        return places[start...].firstIndex { $0 == nil || $0!.pack != first.pack || $0!.block != first.block }
            ?? places.count
    }

    /// Lends chunks of one block up to the first that is not good there, and says how many; why it is not shows where it is looked for elsewhere.
    private func lend(
        _ run: Range<Int>, _ ids: [ChunkID], _ places: [ChunkPlace?],
        _ body: (_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Void
    ) -> Int {
        guard let first = places[run.lowerBound] else { return 0 }
        let key = BlockCache.Key(pack: first.pack, block: first.block)
        guard let plain = try? block(key) else { return 0 }
        let chunks = run.compactMap { index in
            places[index]?.range(inBlockOf: plain.count).map { (id: ids[index], range: $0) }
        }
        guard chunks.count == run.count else { return 0 }
        let count = areGood(chunks, of: plain, key).prefix { $0 }.count
        withExtendedLifetime(plain) {
            for (index, chunk) in zip(run, chunks.prefix(count)) { body(index, plain.bytes(chunk.range)) }
        }
        return count
    }
}
