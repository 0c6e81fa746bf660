import Bytes
import Posix
import Testing

@testable import ChunkStore

@Suite struct BlockCacheTests {
    private func key(_ number: Int) -> BlockKey { BlockKey(pack: 1, block: Int64(number)) }

    private func cache(limitBytes: Int) -> BlockCache {
        BlockCache(limitBytes: limitBytes, shelf: BufferShelf(bufferBytes: 1_000, kept: 2))
    }

    private func refuse() throws(StoreError) -> Buffer { throw .cancelled }

    @Test("no more bytes are kept than the limit allows, and the longest unused go first")
    func bound() throws {
        let cache = cache(limitBytes: 10_000)
        for number in 0..<100 {
            _ = try cache.block(key(number)) { () throws(StoreError) in Buffer(capacity: 1_000) }
            if number > 0 { _ = try cache.block(key(0), load: refuse) }
        }
        #expect((0..<100).filter { cache.contains(key($0)) } == [0] + Array(91..<100))
    }

    @Test("a block larger than the limit is handed out, and kept alone")
    func larger() throws {
        let cache = cache(limitBytes: 10)
        for number in 0..<3 {
            #expect(try cache.block(key(number)) { () throws(StoreError) in Buffer(capacity: 99) }.plain.capacity == 99)
        }
        #expect((0..<3).filter { cache.contains(key($0)) } == [2])
    }

    @Test("a block that a reader holds is not given to another when it falls out of the cache")
    func held() throws {
        let cache = cache(limitBytes: 10)
        let (mine, _) = try cache.block(key(0)) { () throws(StoreError) in Buffer(capacity: 1_000) }
        mine.append([1, 2, 3].withUnsafeBytes { Buffer(copying: $0) }.bytes)
        for number in 1..<5 {
            let (other, _) = try cache.block(key(number)) { () throws(StoreError) in Buffer(capacity: 1_000) }
            #expect(other !== mine)
        }
        #expect(!mine.bytes.isEmpty)
    }

    @Test("what a chunk is found to be is remembered for these very bytes, and for as long as they are here")
    func proven() throws {
        let cache = cache(limitBytes: 10_000)
        let bytes: [UInt8] = [1, 2, 3, 4, 5]
        let (good, wrong) = (ChunkID(of: [2, 3]), ChunkID(of: [3, 4]))
        let load = { () throws(StoreError) in bytes.withUnsafeBytes { Buffer(copying: $0) } }
        let (plain, _) = try cache.block(key(0), load: load)
        #expect(!cache.isGood(wrong, 1..<3, of: plain, key(0)))
        #expect(cache.isGood(good, 1..<3, of: plain, key(0)))
        #expect(!cache.isGood(wrong, 1..<3, of: plain, key(0)) && !cache.isGood(good, 2..<4, of: plain, key(0)))
        plain.memory[1] = 99
        // It is not hashed again, here or anywhere where this buffer stands for the block.
        #expect(cache.isGood(good, 1..<3, of: plain, key(0)))
        #expect(try cache.isGood(good, 1..<3, of: cache.block(key(0), load: refuse).plain, key(0)))
        // Another key, another buffer, and a block that is read again know nothing of it.
        #expect(!cache.isGood(good, 1..<3, of: plain, key(1)))
        let copy = Buffer(copying: plain.bytes)
        #expect(!cache.isGood(good, 1..<3, of: copy, key(0)))
        cache.removeAll()
        #expect(!cache.isGood(good, 1..<3, of: plain, key(0)))
        let (again, _) = try cache.block(key(0), load: load)
        #expect(cache.isGood(good, 1..<3, of: again, key(0)))
    }

    @Test("of many threads that want a block, one decodes it and all get it")
    func once() throws {
        let cache = cache(limitBytes: 10_000)
        let loads = Monitor(0)
        let waiting = Monitor(0)
        try onThreads(6) { _ in
            waiting.update { $0 += 1 }
            let (plain, _) = try cache.block(BlockKey(pack: 1, block: 1)) { () throws(StoreError) in
                loads.update { $0 += 1 }
                waiting.update(when: { $0 == 6 }) { _ in }
                return Buffer(capacity: 77)
            }
            #expect(plain.capacity == 77)
        }
        #expect(loads.withLock { $0 } == 1)
    }

    @Test("a failed decoding is tried again by whoever comes next")
    func failure() throws {
        let cache = cache(limitBytes: 10_000)
        for _ in 0..<2 {
            expectFailure(.cancelled) { try cache.block(key(1), load: refuse) }
            #expect(!cache.contains(key(1)))
        }
        #expect(try cache.block(key(1)) { () throws(StoreError) in Buffer(capacity: 5) }.isFirstTouch)
        #expect(try !cache.block(key(1), load: refuse).isFirstTouch)
        cache.removeAll()
        #expect(!cache.contains(key(1)))
    }

    @Test("what was being decoded when everything was forgotten is handed out and not kept")
    func forgottenMeanwhile() throws {
        let cache = cache(limitBytes: 10_000)
        let (old, _) = try cache.block(key(1)) { () throws(StoreError) in
            cache.removeAll()
            return Buffer(capacity: 5)
        }
        #expect(old.capacity == 5 && !cache.contains(key(1)))
        let (new, _) = try cache.block(key(1)) { () throws(StoreError) in Buffer(capacity: 6) }
        #expect(new.capacity == 6 && cache.contains(key(1)))
    }

    @Test("what was only read ahead counts as untouched until somebody asks")
    func touch() throws {
        let cache = cache(limitBytes: 10_000)
        _ = try cache.block(key(1), ahead: true) { () throws(StoreError) in Buffer(capacity: 5) }
        #expect(try cache.block(key(1), load: refuse).isFirstTouch)
        #expect(try !cache.block(key(1), load: refuse).isFirstTouch)
    }
}
