import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct WindowTests {
    @Test("chunks of small streams become neighbours by their keys, equal keys in the order they came")
    func ordered() throws {
        var random = SplitMix64(seed: 70)
        let store = try makeStore(mode: .none, options: .small(compression: .off))
        let session = try store.write(for: "test")
        defer { session.close() }
        var byID: [ChunkID: (key: Int, number: Int)] = [:]
        for number in 0..<240 {
            let key = number * 7 % 5
            let bytes = random.bytes(random.number(5_000...15_000))
            let order = OrderKey([UInt8(key)])
            if number % 2 == 0 {
                byID[try session.put(bytes, near: order)] = (key, number)
            } else {
                for chunk in try session.putStream(bytes, near: order) { byID[chunk.id] = (key, number) }
            }
        }
        try session.flush()
        let stored = try store.directories().flatMap(\.directory.blocks).flatMap(\.chunks).map { byID[$0.id]! }
        #expect(stored.count == byID.count && stored.count >= 240)
        #expect(zip(stored, stored.dropFirst()).allSatisfy { ($0.key, $0.number) <= ($1.key, $1.number) })
    }

    @Test("a window that overflows is emptied by itself, in order within each generation")
    func overflow() throws {
        var random = SplitMix64(seed: 71)
        let store = try makeStore(mode: .none, options: .small(compression: .off))
        let session = try store.write(for: "test")
        defer { session.close() }
        for number in 0..<200 { try session.put(random.bytes(150_000), near: OrderKey([UInt8(number % 2)])) }
        // 30 MB went through a window of 12 MiB.
        try session.flush()
        #expect(try store.copies().count == 200)
    }

    @Test("keys compare by their bytes")
    func keys() {
        #expect(OrderKey.none < OrderKey([0]))
        #expect(OrderKey([1]) < OrderKey([1, 0]) && OrderKey([1, 255]) < OrderKey([2]))
    }
}
