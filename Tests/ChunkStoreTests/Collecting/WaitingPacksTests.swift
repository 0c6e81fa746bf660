import Crypto
import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// What condemned packs that wait owe to those who came after them.
@Suite struct WaitingPacksTests {
    /// The leases that are held now.
    private func leases(_ scene: PruneScene) throws -> [String] {
        try scene.storage.names(below: "leases").map { String($0.dropFirst("leases/".count)) }.filter(LeaseRoll.isID)
    }

    @Test(
        "a record that names a pack which never left, for its prune died, takes that pack from nobody",
        arguments: ["0", "f"])
    func halfWay(digit: String) throws {
        // Records are looked at in the order of their names here: in one of the two cases this one comes first.
        var scene = try PruneScene(RestlessStorage(MemoryStorage()))
        let chunks = (0..<5).map { _ in scene.chunk() }
        let root = try scene.commit("old", chunks)
        let reader = try openStore(scene.storage, mode: scene.mode).reader()
        // A prune had begun to condemn when it died; the next one wrote down who lived.
        let name = "condemned/" + String(repeating: digit, count: 32)
        let record = CondemnedRecord(since: 1, roots: [root], packs: try scene.storage.packs())
        try scene.storage.write(record.encoded, as: name + CondemnedRecord.suffix, temporaryName: "tmp/x")
        try scene.storage.write(
            CondemnedRecord.encode(leases: try leases(scene)), as: name + CondemnedRecord.witnessSuffix,
            temporaryName: "tmp/y")
        // Whoever comes now sees the packs where they always were.
        let session = try openStore(scene.storage, mode: scene.mode).write(for: "snapshot")
        for chunk in chunks { try session.put(chunk) }
        #expect(session.statistics.dataChunks == 0)
        try scene.store.forgetRoot(root)
        try scene.prune()
        reader.close()
        try scene.prune()
        try PruneScene.commit("new", chunks, in: session)
        session.close()
        try scene.prune()
        #expect(try scene.holds(chunks))
        #expect(try scene.prune().deleted.packs == 0)
        #expect(try scene.condemned.isEmpty)
    }

    @Test("a root that waiting packs know nothing of stays until they have ended, for others build on it unseen")
    func laterRoot() throws {
        var scene = try PruneScene()
        let chunks = (0..<5).map { _ in scene.chunk() }
        let first = try scene.commit("first", chunks)
        let early = try openStore(scene.storage, mode: scene.mode).write(for: "snapshot")
        for chunk in chunks { try early.put(chunk) }
        let reader = try openStore(scene.storage, mode: scene.mode).reader()
        try scene.store.forgetRoot(first)
        #expect(try scene.prune().waiting.packs == 1)
        let second = try PruneScene.commit("second", chunks, in: early)
        early.close()
        // Whoever builds on the second root takes over its chunks without looking each of them up.
        let late = try openStore(scene.storage, mode: scene.mode).write(for: "snapshot")
        try scene.store.forgetRoot(second)
        let outcome = try scene.prune()
        #expect(outcome.waiting.packs == 1 && outcome.endedRoots == 0 && outcome.heldRoots == 1)
        reader.close()
        #expect(try scene.prune().rescued.packs == 1)
        let tree = try late.put(chunks.flatMap { [UInt8(0)] + ChunkID(of: $0).digest.bytes }, as: .tree)
        try late.commit(Array("third".utf8), references: [RootReference(kind: .tree, id: tree)])
        late.close()
        try scene.prune()
        #expect(try scene.holds(chunks))
        #expect(try scene.condemned.isEmpty)
        #expect(try scene.storage.names(below: "forgotten").isEmpty)
    }

    @Test("what only waiting packs hold can be read, and nobody may rely on it")
    func contains() throws {
        var scene = try PruneScene()
        let chunks = (0..<2).map { _ in scene.chunk() }
        let root = try scene.commit("old", chunks)
        try scene.commit("other", [chunks[1]])
        let earlier = try openStore(scene.storage, mode: scene.mode).reader()
        try scene.store.forgetRoot(root)
        #expect(try scene.prune().waiting.packs > 0)
        for store in [scene.store, try openStore(scene.storage, mode: scene.mode)] {
            let reader = try store.reader()
            #expect(try !reader.contains(ChunkID(of: chunks[0])))
            #expect(try reader.contains(ChunkID(of: chunks[1])))
            #expect(try reader.get(ChunkID(of: chunks[0])) == chunks[0])
            reader.close()
        }
        earlier.close()
    }
}
