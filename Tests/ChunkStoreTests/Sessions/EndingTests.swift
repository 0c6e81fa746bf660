import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct EndingTests {
    @Test("flushing again, or with nothing put, writes nothing")
    func flushTwice() throws {
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        try session.flush()
        #expect(try store.directories().isEmpty)
        try session.put([1])
        try session.flush()
        let packs = try store.repository.storage.packs()
        try session.flush()
        try session.flush()
        #expect(try store.repository.storage.packs() == packs && packs.count == 1)
    }

    @Test("what was put and not flushed is dropped by a close, and nothing is left lying about")
    func dropped() throws {
        var random = SplitMix64(seed: 50)
        let folder = try TemporaryFolder()
        let store = try makeStore(folder.storage())
        let session = try store.write(for: "test")
        let ids = try (0..<50).map { _ in try session.put(random.bytes(200_000)) }
        session.close()
        session.close()
        for id in ids { expectFailure(.missing) { try store.get(id) } }
        #expect(try store.copies().isEmpty)
        #expect(try store.repository.storage.names(below: "tmp").isEmpty)
        #expect(try store.repository.storage.names(below: "leases").isEmpty)
    }

    @Test("a session that is only let go ends by itself")
    func letGo() throws {
        let store = try makeStore()
        do {
            let session = try store.write(for: "test")
            try session.put([1])
        }
        #expect(try store.repository.storage.names(below: "leases").isEmpty)
    }

    @Test("every use of a closed session is an error that says so")
    func closed() throws {
        var random = SplitMix64(seed: 51)
        let session = try makeStore().write(for: "test")
        let small = try session.stream { _ in }
        try small.write([1])
        let large = try session.stream { _ in }
        try large.write(random.bytes(700_000))
        session.close()
        let more = random.bytes(700_000)
        expectFailure(.usage, "closed") { try session.put([1]) }
        expectFailure(.usage, "closed") { try session.put([1], as: .tree) }
        expectFailure(.usage, "closed") { try session.stream { _ in } }
        expectFailure(.usage, "closed") { try session.flush() }
        expectFailure(.usage, "closed") { try session.commit([1], references: []) }
        expectFailure(.usage, "closed") { try small.finish() }
        expectFailure(.usage, "closed") {
            try large.write(more)
            try large.finish()
        }
        session.cancel()
        #expect(session.statistics.packs == 0)
    }

    @Test("after a cancel every call says so, and a new session works")
    func cancelled() throws {
        var random = SplitMix64(seed: 52)
        let store = try makeStore()
        let session = try store.write(for: "test")
        try session.put(random.bytes(10_000))
        let stream = try session.stream { _ in }
        try stream.write(random.bytes(600_000))
        session.cancel()
        expectFailure(.cancelled, "stopped on request") { try session.put([1]) }
        expectFailure(.cancelled) { try session.flush() }
        expectFailure(.cancelled) { try session.commit([1], references: []) }
        expectFailure(.cancelled) { try stream.finish() }
        session.close()
        #expect(try store.put([[1]]) == [ChunkID(of: [1])])
    }

    @Test("a cancel from another thread ends those who wait")
    func cancelWhileBusy() throws {
        let store = try makeStore(mode: .none)
        let session = try store.write(for: "test")
        let put = Monitor(0)
        try onThreads(3) { thread in
            if thread == 0 {
                put.update(when: { $0 > 3 }) { _ in }
                session.cancel()
                // Whoever waits for the second batch may be ended before there is one.
                return put.update { $0 = .max / 2 }
            }
            var random = SplitMix64(seed: UInt64(thread))
            expectFailure(.cancelled) {
                while true {
                    try session.put(random.bytes(1_000_000))
                    put.update { $0 += 1 }
                }
            }
        }
        session.close()
    }

    @Test("a commit is a root that any reader finds, with all that it names")
    func commit() throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage)
        let session = try store.write(for: "test")
        defer { session.close() }
        let reference = RootReference(kind: .tree, id: try session.put([1, 2], as: .tree))
        let root = try session.commit(Array("today".utf8), references: [reference], payload: [9])
        #expect(root.references == [reference] && root.payload == [9] && !root.isHalfDamaged)
        let other = try openStore(storage)
        #expect(try other.roots().roots == [root])
        #expect(try other.root(named: Array("today".utf8)) == root)
        #expect(try other.root(named: [1]) == nil)
        #expect(try other.get(reference.id) == [1, 2])
    }

    @Test("a root that exceeds a limit is refused and leaves nothing")
    func rootLimits() throws {
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        let id = try session.put([1])
        let many = [RootReference](repeating: RootReference(kind: .data, id: id), count: 65_537)
        expectFailure(.usage) { try session.commit([], references: []) }
        expectFailure(.usage) { try session.commit([UInt8](repeating: 1, count: 1_025), references: []) }
        expectFailure(.usage) { try session.commit([1], references: many) }
        expectFailure(.usage) {
            try session.commit([1], references: [], payload: [UInt8](repeating: 0, count: 16_777_217))
        }
        #expect(try store.roots().roots.isEmpty)
        try session.commit(
            [UInt8](repeating: 1, count: 1_024), references: many.dropLast(),
            payload: [UInt8](repeating: 0, count: 16_777_216))
        #expect(try store.roots().roots.count == 1)
    }
}
