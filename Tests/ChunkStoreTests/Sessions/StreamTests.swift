import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct StreamTests {
    @Test("cuts and names are the same however a stream is split and through whichever call")
    func splits() throws {
        var random = SplitMix64(seed: 30)
        let bytes = random.bytes(700_000) + random.text(900_000)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        let whole = try session.putStream(bytes)
        #expect(whole.count > 20)
        for split in [9_973, 65_536, 524_288, 524_289] {
            #expect(try session.putStream(bytes, split: split) == whole)
        }
        var chunks: [ChunkReference] = []
        let stream = try session.stream { chunks.append($0) }
        var offset = 0
        while offset < bytes.count {
            offset += try stream.write(
                reading: { (memory) throws(StoreError) in
                    let count = min(memory.count, bytes.count - offset, 100_001)
                    memory.copyBytes(from: bytes[offset..<offset + count])
                    return count
                }, failure: { $0 })
        }
        try stream.finish()
        #expect(chunks == whole)
        #expect(session.statistics.dataChunks == Set(whole).count)
        try session.flush()
        let reader = try store.reader()
        defer { reader.close() }
        #expect(try reader.get(whole) == bytes)
    }

    @Test("a short stream is split byte by byte without a difference")
    func byteByByte() throws {
        var random = SplitMix64(seed: 31)
        let bytes = random.bytes(40_000)
        let session = try makeStore().write(for: "test")
        defer { session.close() }
        #expect(try session.putStream(bytes, split: 1) == session.putStream(bytes))
    }

    @Test(
        "streams of every length around the memory of a stream come back",
        arguments: [1, 2, 4_095, 4_096, 65_536, 524_287, 524_288, 524_289, 1_048_576, 1_600_000])
    func lengths(_ count: Int) throws {
        var random = SplitMix64(seed: UInt64(count))
        let bytes = random.bytes(count / 2) + random.text(count - count / 2)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        let chunks = try session.putStream(bytes)
        #expect(chunks.reduce(0) { $0 + Int($1.length) } == count)
        try session.flush()
        let reader = try store.reader()
        defer { reader.close() }
        #expect(try reader.get(chunks) == bytes)
    }

    @Test("an empty stream has no chunk")
    func empty() throws {
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        #expect(try session.putStream([]).isEmpty)
        try session.flush()
        #expect(try store.directories().isEmpty)
    }

    @Test("an insertion changes only the chunks around it")
    func shifted() throws {
        var random = SplitMix64(seed: 32)
        let bytes = random.bytes(1_500_000)
        let session = try makeStore().write(for: "test")
        defer { session.close() }
        let before = Set(try session.putStream(bytes))
        let after = try session.putStream(Array(bytes[..<300_000]) + [1, 2, 3] + bytes[300_000...])
        // Where cuts fall is decided by each repository's own secret: a few chunks as a rule, of about a hundred.
        #expect(after.count { !before.contains($0) } <= 25)
    }

    @Test("streams of noise that repeats are stored once")
    func repeating() throws {
        var random = SplitMix64(seed: 33)
        let piece = random.bytes(300_000)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        let chunks = try session.putStream(piece + piece + piece)
        try session.flush()
        let copies = try store.copies()
        #expect(Set(chunks.map(\.id)) == Set(copies.keys) && copies.values.allSatisfy { $0 == 1 })
        // Where one piece meets the next, chunks of their own lie; how many bytes, each repository's secret decides.
        #expect(session.statistics.newBytes < 700_000)
    }

    @Test("more streams at once than the memory pays for are refused, and an ended one makes room")
    func limit() throws {
        let session = try makeStore().write(for: "test")
        defer { session.close() }
        #expect(session.streamLimit >= 2)
        var streams = try (0..<session.streamLimit).map { _ in try session.stream { _ in } }
        expectFailure(.usage, "\(session.streamLimit) streams are open") { try session.stream { _ in } }
        try streams.removeLast().finish()
        streams.append(try session.stream { _ in })
        expectFailure(.usage) { try session.stream { _ in } }
        // One that is dropped without an end makes room too.
        streams.removeLast()
        streams.append(try session.stream { _ in })
        for stream in streams { try stream.finish() }
    }

    @Test(
        "what an abandoned stream had claimed is stored all the same: others may rely on it",
        arguments: [40_000, 3_000_000])
    func abandoned(count: Int) throws {
        var random = SplitMix64(seed: 34)
        let bytes = random.bytes(count)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        do {
            let stream = try session.stream { _ in }
            try stream.write(bytes)
        }
        let chunks = try session.putStream(bytes)
        try session.flush()
        let reader = try store.reader()
        defer { reader.close() }
        #expect(try reader.get(chunks) == bytes)
    }

    @Test("a session with unfinished streams cannot commit, for it may know chunks that only they hold")
    func unfinished() throws {
        var random = SplitMix64(seed: 35)
        let bytes = random.bytes(1_500_000)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        let stream = try session.stream { _ in }
        try stream.write(bytes)
        let chunks = try session.putStream(bytes)
        let reference = RootReference(kind: .data, id: chunks[0].id)
        expectFailure(.usage, "1 stream is unfinished") { try session.commit([1], references: [reference]) }
        try stream.finish()
        try session.commit([1], references: [reference])
        let reader = try store.reader()
        defer { reader.close() }
        #expect(try reader.get(chunks) == bytes)
    }

    @Test("with `like`, two stores cut alike; without it, they do not")
    func like() throws {
        var random = SplitMix64(seed: 36)
        let bytes = random.bytes(500_000)
        func chunks(_ store: Store) throws -> [ChunkReference] {
            let session = try store.write(for: "test")
            defer { session.close() }
            return try session.putStream(bytes)
        }
        let first = try makeStore()
        #expect(try chunks(makeStore(mode: .none, like: first)) == chunks(first))
        #expect(try chunks(makeStore()) != chunks(first))
    }
}
