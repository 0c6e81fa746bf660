import Cairn
import ChunkStore
import Posix
import TestSupport
import Testing

@Suite("Pruning beside snapshots")
struct SnapshotPruningTests {
    @discardableResult
    private func prune(_ scene: SnapshotScene, _ change: (inout PruneRequest) -> Void = { _ in }) throws -> PruneOutcome
    {
        var request = PruneRequest()
        request.isGraceOver = true
        request.maxUnused = .bytes(0)
        change(&request)
        return try SnapshotPruning(scene.store, request).run()
    }

    private func manifest(_ outcome: SnapshotOutcome) throws -> String { try #require(outcome.snapshot).manifestID }

    @Test(
        "what a forgotten snapshot alone held goes; what others hold with it, in lists, pages, holes and large files, stays"
    )
    func whole() throws {
        let scene = try SnapshotScene()
        var data = SplitMix64(seed: 5)
        // Enough entries for several pages, enough bytes for lists of chunks.
        for number in 0..<600 {
            try scene.write("many/\(number)-\(String(repeating: "n", count: 100))", [UInt8(number & 255)])
        }
        let large = data.bytes(3_000_000)
        try scene.write("large", large)
        let (alone, shared) = (data.bytes(400_000), data.bytes(300_000))
        try scene.write("alone", alone)
        try scene.write("shared", shared)
        SnapshotScene.settle()
        let first = try scene.take()
        try Folder.remove(scene.path("alone"))
        try scene.write("large", large + data.bytes(1_000))
        SnapshotScene.settle()
        let second = try scene.take()
        let before = try scene.store.storedBytes()
        try scene.store.forgetRoot(try manifest(first))
        let outcome = try prune(scene)
        #expect(outcome.deleted.packs > 0)
        let after = try scene.store.storedBytes()
        #expect(before - after > 350_000 && before - after < 800_000)
        #expect(try scene.content("shared", in: second) == shared)
        #expect(try scene.content("large", in: second).count == 3_001_000)
        for number in stride(from: 0, to: 600, by: 37) {
            let name = "many/\(number)-\(String(repeating: "n", count: 100))"
            #expect(try scene.content(name, in: second) == [UInt8(number & 255)])
        }
        #expect(throws: (any Error).self) { try scene.content("alone", in: first) }
        #expect(try prune(scene).deleted.packs == 0)
        // The journal's trust in what the base holds is right: nothing is stored again, nothing is missing.
        let third = try scene.take()
        #expect(try scene.content("large", in: third).count == 3_001_000)
    }

    @Test("a snapshot taken after a prune stores again what it meets and what is gone")
    func again() throws {
        let scene = try SnapshotScene()
        var data = SplitMix64(seed: 6)
        let bytes = data.bytes(200_000)
        try scene.write("file", bytes)
        SnapshotScene.settle()
        try scene.store.forgetRoot(try manifest(try scene.take()))
        try prune(scene)
        #expect(try scene.store.storedBytes() == 0)
        #expect(try scene.content("file", in: try scene.take()) == bytes)
    }

    @Test("a root of another program keeps what it names, and one with trees of its own ends the prune")
    func foreign() throws {
        let scene = try SnapshotScene()
        let session = try scene.store.write(for: "another program")
        let id = try session.put([1, 2, 3])
        try session.commit(Array("cache".utf8), references: [RootReference(kind: .data, id: id)])
        try prune(scene)
        #expect(try scene.store.reader().get(id) == [1, 2, 3])
        let tree = try session.put([4], as: .tree)
        try session.commit(Array("mail".utf8), references: [RootReference(kind: .tree, id: tree)])
        session.close()
        let error = #expect(throws: CairnError.self) { try prune(scene) }
        #expect(error?.remedy?.contains("program that wrote it") == true)
    }

    @Test("a wish to stop ends it, and the next one goes on")
    func cancelled() throws {
        let scene = try SnapshotScene()
        try scene.write("file", [1])
        try scene.take()
        let cancellation = Cancellation()
        cancellation.cancel()
        let error = #expect(throws: CairnError.self) {
            try SnapshotPruning(scene.store, cancellation: cancellation).run()
        }
        #expect(error?.code == .cancelled)
        #expect(try prune(scene).lostChunks == 0)
    }
}
