import Posix
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct ConcurrencyTests {
    @Test("four threads that put the same chunks in other orders store each once", arguments: EncryptionMode.allCases)
    func duplicates(mode: EncryptionMode) throws {
        var random = SplitMix64(seed: 40)
        let chunks = (0..<400).map { _ in random.bytes(random.number(1...9_000)) }
        let store = try makeStore(mode: mode)
        let session = try store.write(for: "test")
        defer { session.close() }
        try onThreads(4) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            for chunk in chunks.shuffled(using: &random) {
                try session.put(chunk, as: random.number(0...3) == 0 ? .tree : .data)
                if random.number(0...99) == 0 { try session.flush() }
            }
            for chunk in chunks { try session.put(chunk) }
        }
        try session.flush()
        let copies = try store.copies()
        #expect(Set(copies.keys) == Set(chunks.map { ChunkID(of: $0) }))
        #expect(copies.values.allSatisfy { $0 == 1 })
        #expect(try store.copies(of: .tree).values.allSatisfy { $0 == 1 })
        let reader = try store.reader()
        defer { reader.close() }
        for chunk in chunks { #expect(try reader.get(ChunkID(of: chunk)) == chunk) }
    }

    @Test("streams on several threads that share content store each chunk once")
    func streams() throws {
        var random = SplitMix64(seed: 41)
        let shared = random.bytes(1_200_000)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        let named = Monitor<[Int: [ChunkReference]]>([:])
        let heads = (0..<3).map { _ in random.bytes(50_000) }
        try onThreads(min(3, session.streamLimit)) { thread in
            for round in 0..<2 {
                let chunks = try session.putStream(heads[thread] + shared, split: 70_000 + round)
                named.update { $0[thread] = chunks }
            }
        }
        try session.flush()
        #expect(try store.copies().values.allSatisfy { $0 == 1 })
        let reader = try store.reader()
        defer { reader.close() }
        for (thread, chunks) in named.withLock({ $0 }) { #expect(try reader.get(chunks) == heads[thread] + shared) }
    }

    @Test("a session that is closed while others put ends them with an error, never the program")
    func closing() throws {
        for round in 0..<5 {
            let session = try makeStore(mode: .none).write(for: "test")
            try onThreads(3) { thread in
                var random = SplitMix64(seed: UInt64(10 * round + thread))
                do {
                    for index in 0... {
                        if thread == 2, index == 20 * round { session.close() }
                        try session.put(random.bytes(3_000), as: index % 2 == 0 ? .data : .tree)
                        if thread == 0 { _ = try session.putStream(random.bytes(600_000)) }
                        if thread == 1, index % 7 == 0 { try session.flush() }
                    }
                } catch let error as StoreError {
                    #expect(error.code == .usage, "\(error)")
                }
            }
        }
    }
}
