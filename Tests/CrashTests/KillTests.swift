import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Real processes, killed or side by side")
struct KillTests {
    /// A repository on a real disk, or in memory where that is quicker, and its cache.
    private struct Place {
        let folder: TemporaryFolder
        let cache: TemporaryFolder
        let storage: LocalDirectory
        let key: UInt8

        init(key: UInt8, onDisk: Bool = false) throws {
            self.key = key
            folder = try TemporaryFolder(onDisk: onDisk)
            cache = try TemporaryFolder()
            storage = try LocalDirectory(folder.path)
            _ = try Store.create(
                in: storage, encryption: key == 0 ? .none : .aes256GCM, credentials: credentials,
                options: .small(cache: cache.path))
        }

        var credentials: [Credential] { key == 0 ? [] : [TestKey.file(key)] }

        /// A process that puts this many rounds of the data of a seed.
        func putter(seed: Int, rounds: Int, cache other: TemporaryFolder? = nil) throws -> RunningProgram {
            try RunningProgram(
                beside: "CrashHelper",
                ["put", folder.path.string, (other ?? cache).path.string, "\(key)", "\(seed)", "\(rounds)"])
        }

        func left() throws -> [String] {
            try (storage.list("tmp", recursive: true) + storage.list("leases", recursive: true)).map(\.name)
        }
    }

    private func roots(_ lines: [String]) -> [String] {
        lines.compactMap { $0.hasPrefix("root ") ? String($0.dropFirst(5)) : nil }
    }

    @Test(
        "whenever a process is killed, what it said was committed is there, and the next one goes on from it",
        arguments: [
            UInt8(0), 1,
        ])
    func kill(key: UInt8) throws {
        let place = try Place(key: key, onDisk: key == 1)
        var chance = SplitMix64(seed: 40 + UInt64(key))
        var promised: [String] = []
        var chunksBefore = 0
        for round in 0..<(isFullSweep ? 100 : 8) {
            let putter = try place.putter(seed: 7, rounds: 10_000)
            RunningProgram.rest(microseconds: 10_000 + chance.number(below: 400_000))
            putter.kill()
            let lines = putter.lines
            try #require(!lines.contains { $0.hasPrefix("failed") }, "round \(round): \(lines)")
            promised += roots(lines)
            let health = try Watchdog.watch("reading after a kill") {
                try expectHealthy(place.storage, credentials: place.credentials, roots: promised)
            }
            #expect(health.duplicates == 0, "round \(round)")
            #expect(health.chunks >= chunksBefore, "round \(round)")
            chunksBefore = health.chunks
        }
        // One that may end finds all of it and sweeps behind the dead.
        let last = try place.putter(seed: 7, rounds: 20)
        #expect(Watchdog.watch("the run after all kills") { last.wait() } == 0, "\(last.lines)")
        let health = try expectHealthy(
            place.storage, credentials: place.credentials, roots: promised + roots(last.lines))
        #expect(health.duplicates == 0)
        #expect(try place.left() == [])
        print(
            "kills with key \(key): \(promised.count) roots had been promised, \(health.chunks) chunks, \(health.packs) packs"
        )
    }

    @Test(
        "two processes put at once, the same data or different, with one cache or two, and all of it can be read",
        arguments: [
            (7, 7, true), (7, 8, true), (7, 7, false), (7, 8, false),
        ])
    func sideBySide(first: Int, second: Int, isCacheShared: Bool) throws {
        let place = try Place(key: 1)
        let otherCache = try TemporaryFolder()
        let putters = [
            try place.putter(seed: first, rounds: 20),
            try place.putter(seed: second, rounds: 20, cache: isCacheShared ? nil : otherCache),
        ]
        let codes = Watchdog.watch("two processes that put") { putters.map { $0.wait() } }
        let lines = putters.map(\.lines)
        #expect(codes == [0, 0], "\(lines)")
        let promised = lines.flatMap { roots($0) }
        #expect(promised.count >= 4)
        try expectHealthy(place.storage, credentials: place.credentials, roots: promised)
        #expect(try place.left() == [])
        // A third finds everything and stores nothing but its last tree, if that.
        let third = try place.putter(seed: second, rounds: 20)
        #expect(Watchdog.watch("a third process") { third.wait() } == 0)
        #expect(third.lines.contains { $0.hasPrefix("stored 0 ") }, "\(third.lines)")
    }

    @Test("while a process lives, its temporary files and its lease are nobody else's to sweep")
    func living() throws {
        let place = try Place(key: 0)
        let session = try Store.open(place.storage, options: .small(cache: place.cache.path)).write(for: "long")
        defer { session.close() }
        var data = SplitMix64(seed: 3)
        // More than the window holds, so that a pack is begun and stays open.
        let stream = try session.stream { _ in }
        for _ in 0..<7 { try stream.write(data.bytes(1 << 20)) }
        Watchdog.watch("the begun pack") {
            while (try? place.storage.list("tmp", recursive: true).isEmpty) ?? true {
                RunningProgram.rest(microseconds: 1_000)
            }
        }
        let before = try place.left()
        let other = try place.putter(seed: 9, rounds: 2)
        #expect(Watchdog.watch("another process") { other.wait() } == 0, "\(other.lines)")
        #expect(Set(before).isSubset(of: try place.left()))
        try stream.finish()
        try session.flush()
        #expect(session.statistics.packs > 0)
        try expectHealthy(place.storage, credentials: [], roots: roots(other.lines))
    }
}
