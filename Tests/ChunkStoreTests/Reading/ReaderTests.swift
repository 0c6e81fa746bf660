import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct ReaderTests {
    /// Blocks enough for several times the block cache of the smallest budget.
    private static func filled(_ storage: any Storage = MemoryStorage()) throws -> (Store, [[UInt8]], [ChunkID]) {
        var random = SplitMix64(seed: 90)
        let chunks = (0..<300).map { _ in random.bytes(random.number(40_000...120_000)) }
        let store = try makeStore(storage)
        return (store, chunks, try store.put(chunks))
    }

    @Test("every chunk comes back through every call, in any order")
    func everyWay() throws {
        var random = SplitMix64(seed: 91)
        let (store, chunks, ids) = try Self.filled()
        let reader = try store.reader()
        defer { reader.close() }
        for index in chunks.indices.shuffled(using: &random) { #expect(try reader.get(ids[index]) == chunks[index]) }
        for index in chunks.indices {
            #expect(try reader.withChunk(ids[index]) { ChunkID(of: $0) } == ids[index])
            #expect(try reader.contains(ids[index]))
        }
        // Neighbours, the same one twice, and jumps from block to block.
        for order in [Array(ids.indices), [5, 5, 6, 299, 0, 5], ids.indices.shuffled(using: &random), []] {
            var lent: [Int] = []
            try reader.lendInOrder(order.map { ids[$0] }) { index, bytes in
                #expect(ChunkID(of: bytes) == ids[order[index]])
                lent.append(index)
            }
            // Piece by piece, with what comes next read ahead, or what never comes.
            for start in stride(from: 0, to: order.count, by: 7) {
                let piece = order[start...].prefix(7).map { ids[$0] }
                let following = order.dropFirst(start + 7).prefix(20).map { ids[$0] } + [ChunkID(of: [1])]
                try reader.lendInOrder(piece, following: following) { index, bytes in
                    #expect(ChunkID(of: bytes) == piece[index])
                    lent.append(start + index)
                }
            }
            #expect(lent == Array(order.indices) + Array(order.indices))
        }
        let seen = Monitor<[Int]>([])
        try reader.forEach(ids + ids.prefix(10), threads: 3) { index, bytes in
            #expect(ChunkID(of: bytes) == ids[index % ids.count])
            seen.update { $0.append(index) }
        }
        #expect(seen.withLock { $0.sorted() } == Array(0..<310))
    }

    @Test("many threads may read at once, each in its own order")
    func threads() throws {
        let (store, _, ids) = try Self.filled()
        let reader = try store.reader()
        defer { reader.close() }
        try onThreads(6) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            let order = thread == 0 ? Array(ids.indices) : ids.indices.shuffled(using: &random)
            for index in order {
                let id = try reader.withChunk(ids[index]) { ChunkID(of: $0) }
                #expect(id == ids[index])
            }
        }
    }

    @Test("a chunk that is nowhere is missing, and the message says what to do")
    func missing() throws {
        let (store, _, ids) = try Self.filled()
        let reader = try store.reader()
        defer { reader.close() }
        let nowhere = ChunkID(of: Array("nowhere".utf8))
        #expect(try !reader.contains(nowhere))
        expectFailure(.missing, "\(nowhere)", "packs", "bring lost packs back") { try reader.get(nowhere) }
        expectFailure(.missing) { try reader.forEach([ids[0], nowhere, ids[1]]) { _, _ in } }
        var lent: [Int] = []
        expectFailure(.missing, "\(nowhere)") {
            try reader.lendInOrder([ids[0], ids[1], nowhere, ids[2]]) { index, _ in lent.append(index) }
        }
        #expect(lent == [0, 1])
        try reader.forEach([]) { _, _ in Issue.record("there is nothing") }
    }

    @Test("a reader that is only let go, amid read-ahead, ends by itself and gives its lease up")
    func letGo() throws {
        let storage = MemoryStorage()
        let (store, _, ids) = try Self.filled(storage)
        for round in 0..<40 {
            let reader = try store.reader()
            for id in ids.prefix(30 + round) { _ = try reader.get(id) }
        }
        // The last reference may be held for a moment by a thread that reads ahead.
        let deadline = Machine.monotonicNanoseconds + 20_000_000_000
        while try !storage.names(below: "leases").isEmpty, Machine.monotonicNanoseconds < deadline {}
        #expect(try storage.names(below: "leases").isEmpty)
    }

    @Test("a closed reader still reads, without reading ahead")
    func closed() throws {
        let (store, chunks, ids) = try Self.filled()
        let reader = try store.reader()
        reader.close()
        reader.close()
        for index in 0..<50 { #expect(try reader.get(ids[index]) == chunks[index]) }
    }

    @Test("what another client stores while a reader is open is found, and what it removes is not")
    func otherClient() throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage)
        let reader = try store.reader()
        defer { reader.close() }
        let id = try openStore(storage).put([[1, 2, 3]])[0]
        #expect(try reader.get(id) == [1, 2, 3])
        for name in try storage.packs() { try storage.remove(name.path) }
        let fresh = try store.reader()
        defer { fresh.close() }
        expectFailure(.missing) { try fresh.get(id) }
        #expect(try !fresh.contains(id))
    }

    @Test("all chunks are listed with kind and length, in the order of ids")
    func forEachChunk() throws {
        let store = try makeStore()
        try store.put([[], [1], [2, 2]])
        try store.put([[2, 2]], as: .tree)
        var listed: [String] = []
        try store.forEachChunk { id, kind, length in listed.append("\(id) \(kind) \(length)") }
        let data = ([[], [1], [2, 2]] as [[UInt8]]).map { "\(ChunkID(of: $0)) data \($0.count)" }
        #expect(listed.sorted() == (data + ["\(ChunkID(of: [2, 2])) tree 2"]).sorted())
        #expect(listed.map { $0.prefix(64) } == listed.map { $0.prefix(64) }.sorted())
    }
}
