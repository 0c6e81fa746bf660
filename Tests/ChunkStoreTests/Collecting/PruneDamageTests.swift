import Crypto
import Posix
import SQLite
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PruneDamageTests {
    /// Two roots, of which one is forgotten, so that there is something to prune; what the other needs; its packs' names.
    private func scene() throws -> (scene: PruneScene, kept: [[UInt8]], root: String) {
        var scene = try PruneScene()
        let chunks = (0..<10).map { _ in scene.chunk() }
        let root = try scene.commit("kept", chunks)
        try scene.store.forgetRoot(try scene.commit("gone", (0..<10).map { _ in scene.chunk() }))
        return (scene, chunks, root)
    }

    private func expectRefusal(_ scene: PruneScene, _ code: StoreError.Code) throws {
        let packs = try scene.storage.names(below: "packs")
        let error = #expect(throws: StoreError.self) { try scene.prune() }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.remedy != nil || code == .missing)
        #expect(try scene.storage.names(below: "packs") == packs)
    }

    @Test("where a root cannot be read nothing is deleted, for nobody can tell what it needs")
    func root() throws {
        let (scene, _, root) = try scene()
        let name = "manifests/\(root)"
        try scene.storage.overwrite(name, Array(scene.storage.file(name).prefix(100)))
        try expectRefusal(scene, .damaged)
    }

    @Test("a root that cannot be read and was forgotten hinders nothing, and goes with its grace")
    func hopeless() throws {
        let (scene, kept, root) = try scene()
        let name = "manifests/\(root)"
        let other = try PruneScene.commit("other", kept, in: scene.store.write(for: "test"))
        try scene.storage.overwrite(name, Array(scene.storage.file(name).prefix(100)))
        try scene.store.forgetRoot(root)
        let early = try scene.prune { $0.isGraceOver = false }
        #expect(early.endedRoots == 0 && early.deleted.packs == 0)
        let outcome = try scene.prune()
        #expect(outcome.endedRoots == 2 && outcome.deleted.packs >= 1)
        #expect(try scene.holds(kept) && scene.storage.names(below: "forgotten").isEmpty && !other.isEmpty)
    }

    @Test("where a tree cannot be read nothing is deleted")
    func tree() throws {
        var (scene, _, _) = try scene()
        let session = try scene.store.write(for: "test")
        let missing = ChunkID(of: scene.chunk())
        try session.commit([7], references: [RootReference(kind: .tree, id: missing)])
        session.close()
        try expectRefusal(scene, .missing)
    }

    @Test("a lost chunk of data hinders nothing, and is told")
    func data() throws {
        var (scene, kept, _) = try scene()
        let session = try scene.store.write(for: "test")
        try session.commit([7], references: [RootReference(kind: .data, id: ChunkID(of: scene.chunk()))])
        session.close()
        let outcome = try scene.prune()
        #expect(outcome.lostChunks == 1 && outcome.deleted.packs == 1)
        #expect(try scene.holds(kept))
    }

    @Test("packs that cannot be read are left alone, and told")
    func unreadable() throws {
        let (scene, kept, _) = try scene()
        let packs = try scene.storage.packs()
        let store = try openStore(scene.storage, mode: scene.mode)
        let dead = try #require(
            try store.directories().first { pack in
                !pack.directory.blocks.contains { $0.chunks.contains { $0.id == ChunkID(of: kept[0]) } }
            }?.name)
        try scene.storage.flip(dead.path, at: try scene.storage.file(dead.path).count - 5)
        let outcome = try openStore(scene.storage, mode: scene.mode).prune(
            {
                var request = PruneRequest(); request.isGraceOver = true; return request
            }(), reach: PruneScene.reach)
        #expect(outcome.unreadable.packs == 1 && outcome.deleted.packs == 0)
        #expect(try scene.storage.packs() == packs)
    }

    @Test("of two copies neither goes before the other one has been read")
    func secondCopy() throws {
        var scene = try PruneScene()
        let chunk = scene.chunk()
        try scene.commit("root", [chunk])
        let pack = try HandMadePack(blocks: [.init(codec: .stored, chunks: [chunk])]).write(to: scene.store)
        try scene.storage.flip(pack.path, at: Header.byteCount + 100)
        // Which copy counts as needed is the newer one, and that is damaged: the good one must stay.
        let error = #expect(throws: StoreError.self) { try scene.prune() }
        #expect(error?.code == .damaged)
        #expect(try scene.holds([chunk]))
    }

    @Test("a catalog that puts a chunk where it does not lie costs no chunk")
    func lyingCatalog() throws {
        let folder = try TemporaryFolder()
        var options = StoreOptions.small(cache: folder.path)
        options.cacheFolder = folder.path.appending("cache")
        let storage = MemoryStorage()
        let store = try makeStore(storage, options: options)
        var random = SplitMix64(seed: 3)
        let (kept, other) = ((0..<6).map { _ in random.bytes(20_000) }, (0..<6).map { _ in random.bytes(20_000) })
        for (name, chunks) in [("kept", kept), ("other", other)] {
            let session = try store.write(for: "test")
            try PruneScene.commit(name, chunks, in: session)
            session.close()
        }
        try store.catalog().write { (connection) throws(SQLiteError) in
            // The rows of all chunks of one pack say that they lie in the other one.
            try connection.connection.execute(
                "UPDATE OR IGNORE chunks SET pack = (SELECT max(number) FROM packs)")
        }
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        for _ in 0..<3 {
            _ = try? openStore(storage, options: options).prune(request, reach: PruneScene.reach)
            _ = try? store.prune(request, reach: PruneScene.reach)
        }
        let reader = try openStore(storage).reader()
        defer { reader.close() }
        #expect((kept + other).allSatisfy { (try? reader.get(ChunkID(of: $0))) == $0 })
    }
}
