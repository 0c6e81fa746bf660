import Bytes
import Cairn
import ChunkStore
import Posix
import TestSupport
import Testing

/// What a changed file adds to a repository.
@Suite struct ChangedFilesTests {
    private let scene: SnapshotScene
    private var random = SplitMix64(seed: 500)

    init() throws { scene = try SnapshotScene() }

    private func deltaBytes() throws -> UInt64 { try StorageStatistics(scene.store).deltaBytes }

    /// What the next snapshot adds, in bytes on disk.
    private func growth(_ change: (inout SnapshotRequest) -> Void = { _ in }) throws -> (Int, SnapshotOutcome) {
        let before = try scene.store.storedBytes()
        let outcome = try scene.take(change)
        return (Int(try scene.store.storedBytes() - before), outcome)
    }

    @Test(
        "of a file that changed a little a snapshot stores the difference, whatever its size",
        arguments: [3_000, 300_000, 9_000_000])
    mutating func changed(count: Int) throws {
        var bytes = random.bytes(count)
        try scene.write("file", bytes)
        try scene.take()
        for step in 1...3 {
            bytes[count * step / 5] ^= 1
            bytes.insert(contentsOf: [1, 2, 3], at: count * step / 4)
            try scene.write("file", bytes)
            let (growth, outcome) = try growth()
            #expect(growth < 4_000)
            #expect(try scene.content("file", in: outcome) == bytes)
        }
        #expect(try deltaBytes() > 0)
    }

    @Test("a full snapshot, and one without its journal, store differences too")
    mutating func withoutJournal() throws {
        var bytes = random.bytes(200_000)
        try scene.write("a/file", bytes)
        try scene.write("other", random.bytes(50_000))
        try scene.take()
        bytes[100_000] ^= 1
        try scene.write("a/file", bytes)
        #expect(try growth { $0.strategy = .full }.0 < 5_000)
        let cache = try #require(try scene.store.cacheFolder())
        for file in try Folder.entries(of: cache) where !file.name.starts(with: Array("catalog".utf8)) {
            try Folder.remove(cache.appending(Path(file.name)))
        }
        bytes[50_000] ^= 1
        try scene.write("a/file", bytes)
        let (growth, outcome) = try growth()
        #expect(growth < 5_000 && outcome.filesRead == 2)
        #expect(try scene.content("a/file", in: outcome) == bytes)
    }

    @Test("a changed copy elsewhere, of the same name, is a difference from what is there")
    mutating func copied() throws {
        let bytes = random.bytes(150_000)
        try scene.write("1.0/source.c", bytes)
        try scene.take()
        try scene.write("1.1/source.c", bytes + [1, 2, 3])
        let (growth, outcome) = try growth()
        #expect(growth < 5_000)
        #expect(try scene.content("1.1/source.c", in: outcome) == bytes + [1, 2, 3])
        // Half as long again, or of another name: no copy of it.
        try scene.write("1.2/source.c", random.bytes(400_000))
        #expect(try self.growth().0 > 400_000)
    }

    @Test("a file that was renamed and then changed is a difference from what it was, to a name before or behind")
    mutating func renamed() throws {
        let bytes = random.bytes(150_000)
        try scene.write("log/middle", bytes)
        try scene.take()
        for name in ["a first", "z last"] {
            let present = try Folder.entries(of: scene.path("log")).map { String(decoding: $0.name, as: UTF8.self) }
            try Folder.rename(scene.path("log/\(present[0])"), to: scene.path("log/\(name)"))
            let file = try FileDescriptor.open(scene.path("log/\(name)"), [.write, .append])
            try Array("the end, in \(name)".utf8).withUnsafeBytesThrowing { raw throws(PosixError) in
                try file.write(all: raw)
            }
            let (growth, outcome) = try growth()
            #expect(growth < 5_000)
            #expect(try scene.content("log/\(name)", in: outcome).starts(with: bytes))
        }
    }

    @Test("in a large directory a new name changes little of what is stored")
    mutating func largeDirectory() throws {
        for number in 0..<3_000 { try scene.write("many/file \(number)", []) }
        try scene.take()
        try scene.write("many/file x", [])
        #expect(try growth().0 < 5_000)
    }

    @Test("a stream that was another one before is a difference from it")
    mutating func stream() throws {
        var bytes = random.bytes(3_000_000)
        for step in 0..<2 {
            bytes[1_000_000 * step] ^= 1
            try scene.write("dump", bytes)
            let stream = StreamSource(try FileDescriptor.open(scene.path("dump"), .read))
            let before = try scene.store.storedBytes()
            let outcome = try scene.take { $0.source = .stream("/dump.sql", stream) }
            #expect(outcome.snapshot != nil)
            if step > 0 { #expect(try scene.store.storedBytes() - before < 5_000) }
        }
    }

    @Test("what comes back as it was before costs nothing")
    mutating func backAgain() throws {
        let bytes = random.bytes(100_000)
        try scene.write("file", bytes)
        try scene.take()
        try scene.write("file", bytes + [1])
        try scene.take()
        try scene.write("file", bytes)
        let outcome = try scene.take()
        #expect(outcome.statistics.dataChunks == 0)
        #expect(try scene.content("file", in: outcome) == bytes)
    }
}
