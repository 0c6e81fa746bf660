import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Taking missing chunks from live files, and trees without a manifest")
struct RescanTests {
    /// A folder of files with a snapshot in a repository of its own, and what damage does to it.
    private struct Scene {
        let scene: SnapshotScene
        let outcome: SnapshotOutcome
        let snapshot: Snapshot

        init() throws {
            scene = try SnapshotScene(repository: try TestRepository(.folder))
            var random = SplitMix64(seed: 31)
            try scene.write("deep/down/large", random.bytes(3_000_000))
            try scene.write("deep/small", random.bytes(5_000))
            for number in 0..<20 { try scene.write("n\(number)", random.bytes(70_000)) }
            outcome = try scene.take()
            snapshot = try #require(outcome.snapshot)
        }

        var repository: TestRepository { scene.repository }

        func repair(_ change: (inout RepairRequest) -> Void) throws -> (RepairSummary, [RepairEvent]) {
            var request = RepairRequest()
            change(&request)
            var events: [RepairEvent] = []
            let store = try Store.open(
                repository.storage, credentials: repository.credentials, options: .small(cache: nil))
            return (try RepositoryRepair(store, request).run { events.append($0) }, events)
        }

        /// Damages a block of the largest pack of data.
        func damage() throws {
            let largest = try #require(
                try repository.storage.list("packs/d", recursive: true).max { $0.size < $1.size })
            let path = repository.path!.appending(largest.name)
            var bytes = try SmallFile.read(path, limit: 1 << 30)
            for offset in stride(from: 100, to: bytes.count - 70_000, by: 1_000) { bytes[offset] ^= 1 }
            try Folder.remove(path)
            try SmallFile.writeNew(path, bytes)
        }

        /// A live file.
        func read(_ name: String) throws -> [UInt8] { try SmallFile.read(scene.path(name), limit: 1 << 30) }

        func holds(_ names: String...) throws -> Bool {
            for name in names {
                guard try scene.content(name, in: outcome) == read(name) else { return false }
            }
            return true
        }
    }

    @Test("progress counts the bytes of live files, not only how many there were")
    func progress() throws {
        let scene = try Scene()
        try scene.damage()
        var request = RepairRequest()
        request.livePaths = [scene.scene.path("")]
        let store = try Store.open(
            scene.repository.storage, credentials: scene.repository.credentials, options: .small(cache: nil))
        let progress = OperationProgress()
        var bytes: UInt64 = 0
        _ = try RepositoryRepair(store, request).run(progress: progress) { _ in
            let now = progress.snapshot
            if now.phase == "reading live files" { bytes = max(bytes, now.bytesDone) }
        }
        #expect(bytes > 70_000, "\(bytes)")
    }

    @Test("files as they are now give back what was lost, and nothing else of them is stored")
    func rescan() throws {
        let scene = try Scene()
        try scene.damage()
        var random = SplitMix64(seed: 5)
        try scene.scene.write("new", random.bytes(900_000))
        let (alone, _) = try scene.repair { _ in }
        #expect(alone.lostChunks > 0 && alone.isDamaged)
        let before = try scene.repository.open().storedBytes()
        let (summary, _) = try scene.repair { $0.livePaths = [scene.scene.folder.path] }
        #expect(summary.foundChunks == alone.lostChunks && summary.lostChunks == 0 && !summary.isDamaged)
        #expect(try scene.holds("deep/down/large", "deep/small", "n0", "n19"))
        #expect(try scene.repository.open().storedBytes() < before + 5_000_000)
        #expect(try !scene.repair { _ in }.0.isHealed)
        // Nobody had missed the new file.
        let session = try scene.repository.open().write(for: "test")
        defer { session.close() }
        let stream = try session.stream { _ in }
        try stream.write(scene.read("new"))
        try stream.finish()
        #expect(session.statistics.newBytes == 900_000)
    }

    @Test("a single file can be read, and what cannot be read is told and hinders nothing")
    func paths() throws {
        let scene = try Scene()
        try scene.damage()
        let folder = scene.scene.folder.path
        let (summary, events) = try scene.repair { request in
            request.livePaths = [folder.appending("nowhere"), folder.appending("deep/small"), folder]
        }
        #expect(summary.lostChunks == 0)
        let unreadable = events.compactMap { event -> ItemFailure? in
            if case .unreadable(let failure) = event { return failure }
            return nil
        }
        #expect(unreadable.map(\.path) == [folder.appending("nowhere")] && unreadable[0].kind == .missing)
    }

    @Test("a dry run counts what files would give back, and stores nothing")
    func rehearsal() throws {
        let scene = try Scene()
        try scene.damage()
        let before = try scene.repository.storage.list("packs", recursive: true).map(\.name).sorted()
        let (summary, _) = try scene.repair { request in
            request.livePaths = [scene.scene.folder.path]
            request.isRehearsal = true
        }
        #expect(summary.foundChunks > 0 && summary.lostChunks == 0)
        #expect(try scene.repository.storage.list("packs", recursive: true).map(\.name).sorted() == before)
    }

    @Test("a whole tree whose manifest is lost becomes a snapshot, once, and restores what it held")
    func recover() throws {
        let scene = try Scene()
        try scene.repository.storage.remove("manifests/\(scene.snapshot.manifestID)")
        let (rehearsed, _) = try scene.repair { request in
            request.recoversTrees = true
            request.isRehearsal = true
        }
        #expect(rehearsed.recoveredSnapshots == 1)
        let (summary, _) = try scene.repair { $0.recoversTrees = true }
        #expect(summary.recoveredSnapshots == 1 && !summary.isDamaged)
        let snapshot = try #require(try SnapshotList(try scene.repository.open()).snapshots.first)
        #expect(snapshot.manifest.tree == scene.snapshot.manifest.tree && snapshot.manifest.hostname == "recovered")
        #expect(snapshot.manifest.labels == ["recovered": "true"] && snapshot.manifest.paths == [Path("/")])
        #expect(snapshot.manifest.strategy == .full && snapshot.manifest.time.seconds <= Machine.seconds)
        #expect(try scene.repair { $0.recoversTrees = true }.0.recoveredSnapshots == 0)
        var damage = 0
        _ = try RepositoryCheck(try scene.repository.open(), CheckRequest(data: .all)).run { _ in damage += 1 }
        #expect(damage == 0)
    }

    @Test("a tree of which something is missing is not made a snapshot")
    func incompleteTree() throws {
        let scene = try Scene()
        try scene.repository.storage.remove("manifests/\(scene.snapshot.manifestID)")
        try scene.damage()
        #expect(try scene.repair { $0.recoversTrees = true }.0.recoveredSnapshots == 0)
    }

    @Test("the next snapshot that meets lost bytes stores them again, journal or not")
    func nextSnapshot() throws {
        let scene = try Scene()
        SnapshotScene.settle()
        _ = try scene.scene.take()
        try scene.damage()
        let (summary, _) = try scene.repair { _ in }
        #expect(summary.lostChunks > 0)
        let next = try scene.scene.take()
        #expect(next.filesRead > 0)
        #expect(try !scene.repair { _ in }.0.isDamaged)
        #expect(try scene.holds("deep/down/large", "n3"))
    }
}
