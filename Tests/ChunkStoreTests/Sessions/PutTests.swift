import Crypto
import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PutTests {
    @Test("a chunk's name is the SHA-256 of its bytes, and they come back", arguments: EncryptionMode.allCases)
    func names(mode: EncryptionMode) throws {
        var random = SplitMix64(seed: 20)
        let store = try makeStore(mode: mode)
        let chunks = (0..<60).map { $0 % 2 == 0 ? random.bytes($0 * 97) : random.text($0 * 331) }
        let ids = try store.put(chunks)
        #expect(ids == chunks.map { ChunkID(SHA256.digest($0)) })
        let reader = try store.reader()
        defer { reader.close() }
        for (chunk, id) in zip(chunks, ids) { #expect(try reader.get(id) == chunk) }
    }

    @Test("what is put twice is stored once, in one session and across flushes")
    func oneSession() throws {
        var random = SplitMix64(seed: 21)
        let store = try makeStore()
        let chunk = random.text(30_000)
        let session = try store.write(for: "test")
        defer { session.close() }
        for _ in 0..<3 {
            try session.put(chunk)
            try session.put(chunk)
            try session.flush()
        }
        #expect(try store.copies() == [ChunkID(of: chunk): 1])
        let statistics = session.statistics
        #expect(statistics.dataChunks == 1 && statistics.newBytes == 30_000 && statistics.knownBytes == 150_000)
        #expect(statistics.packs == 1)
    }

    @Test("what is put twice is stored once, across sessions and stores of one folder", arguments: [true, false])
    func manySessions(sharedCache: Bool) throws {
        var random = SplitMix64(seed: 22)
        let folder = try TemporaryFolder()
        let storage = try folder.storage()
        let chunks = (0..<20).map { _ in random.text(5_000) }
        let first = try makeStore(storage, options: .small(cache: folder.path.appending("cache")))
        try first.put(chunks)
        try first.put(chunks)
        let cache = folder.path.appending(sharedCache ? "cache" : "other")
        let second = try openStore(folder.storage(), options: .small(cache: cache))
        try second.put(chunks.reversed())
        try first.put(chunks + [[1]])
        try second.put([[1], [2]])
        #expect(try first.copies().values.allSatisfy { $0 == 1 })
        #expect(try first.copies().count == 22)
    }

    @Test("two open sessions that share a catalog see what the other one published")
    func sharedCatalog() throws {
        var random = SplitMix64(seed: 23)
        let store = try makeStore()
        let chunk = random.text(5_000)
        let one = try store.write(for: "one")
        let two = try store.write(for: "two")
        defer {
            one.close()
            two.close()
        }
        try one.put(chunk)
        try one.flush()
        try two.put(chunk)
        try two.flush()
        #expect(try store.copies() == [ChunkID(of: chunk): 1])
    }

    @Test("the same bytes as data and as tree are stored as both, once each")
    func bothKinds() throws {
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        for _ in 0..<2 {
            for kind in ChunkKind.allCases { try session.put([1, 2, 3], as: kind) }
        }
        try session.flush()
        for kind in ChunkKind.allCases {
            try session.put([1, 2, 3], as: kind)
            #expect(try store.copies(of: kind) == [ChunkID(of: [1, 2, 3]): 1])
        }
        #expect(session.statistics.dataChunks == 1 && session.statistics.treeChunks == 1)
    }

    @Test("the empty chunk is a chunk like any other", arguments: EncryptionMode.allCases, ChunkKind.allCases)
    func empty(mode: EncryptionMode, kind: ChunkKind) throws {
        let store = try makeStore(mode: mode)
        let id = try store.put([[]], as: kind)[0]
        #expect("\(id)" == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(try store.get(id) == [])
        #expect(try store.copies(of: kind) == [id: 1])
    }

    @Test(
        "a chunk of the longest length is stored, a longer one refused, and the session goes on",
        arguments: [true, false])
    func longest(compressible: Bool) throws {
        var random = SplitMix64(seed: 24)
        let longest = compressible ? [UInt8](repeating: 9, count: 8_388_608) : random.bytes(8_388_608)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        for kind in ChunkKind.allCases {
            let id = try session.put(longest, as: kind)
            expectFailure(.usage, "8388609", "stream") { try session.put(longest + [0], as: kind) }
            try session.flush()
            #expect(try store.get(id) == longest)
        }
    }

    @Test("a session's chunks can be read by others once they are flushed, and by no one before")
    func visibility() throws {
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        let id = try session.put([5])
        expectFailure(.missing, "\(id)") { try store.get(id) }
        try session.flush()
        #expect(try store.get(id) == [5])
    }
}
