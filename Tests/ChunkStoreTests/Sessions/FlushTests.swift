import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct FlushTests {
    @Test("a flush that returns has made durable what was put before, also what another flush has taken in hand")
    func together() throws {
        let store = try makeStore(mode: .none)
        let session = try store.write(for: "test")
        defer { session.close() }
        let reader = try store.reader()
        defer { reader.close() }
        let lost = Monitor<[Int]>([])
        try onThreads(4) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            for round in 0..<200 {
                // What waits to be ordered lets flushes meet at one point.
                try session.put(random.bytes(2_000))
                let id = try session.put(random.bytes(300), as: .tree)
                try session.flush()
                if try !reader.contains(id) { lost.update { $0.append(round) } }
            }
        }
        #expect(lost.withLock { $0 }.isEmpty)
    }
}
