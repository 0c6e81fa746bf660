import Posix
import SQLite
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct CondemnedLossTests {
    private func condemn(_ packs: [PackName], in scene: PruneScene, isLoss: Bool) throws {
        // By another client, whose catalog is its own.
        let other = try openStore(scene.storage, mode: scene.mode)
        let lease = try Lease(for: "test", in: scene.storage)
        defer { lease.release() }
        _ = try CondemnedPacks(repository: other.repository, catalog: try other.catalog(), lease: lease).condemn(
            packs, marked: [], isLoss: isLoss)
    }

    @Test("whoever remembers what is stored looks again when chunks may be lost with a condemned pack, and only then")
    func mark() throws {
        var scene = try PruneScene()
        try scene.commit("a", [scene.chunk()])
        try scene.commit("b", [scene.chunk()])
        try scene.store.synchronize()
        let before = try scene.store.lossMark()
        let packs = try scene.store.catalog().read { connection throws(SQLiteError) in
            try connection.packs().map(\.name)
        }
        try condemn([packs[0]], in: scene, isLoss: false)
        try scene.store.synchronize()
        #expect(try scene.store.lossMark() == before)
        try condemn([packs[1]], in: scene, isLoss: true)
        try scene.store.synchronize()
        #expect(try scene.store.lossMark() != before)
    }

    @Test("packs that never left are taken out of an old record, and others stay in it")
    func unmoved() throws {
        var scene = try PruneScene()
        try scene.commit("a", [scene.chunk()])
        try scene.commit("b", [scene.chunk()])
        try scene.store.synchronize()
        let packs = try scene.store.catalog().read { connection throws(SQLiteError) in
            try connection.packs().map(\.name)
        }
        try condemn(packs, in: scene, isLoss: false)
        try scene.storage.rename(packs[0].condemnedPath, to: packs[0].path)
        let repair = try StoreRepair(scene.store) { _ in }
        defer { repair.close() }
        let records = try scene.condemned.filter { $0.hasSuffix(CondemnedRecord.suffix) }
        #expect(records.count == 1)
        #expect(CondemnedRecord(try scene.storage.read(records[0], limit: 1 << 20))?.packs == [packs[1]])
    }
}
