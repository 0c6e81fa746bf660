import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct CatalogSyncTests {
    @Test("packs that another client brought are found, packs that went are dropped")
    func synchronised() throws {
        let scene = try CatalogScene()
        let store = try scene.open()
        let session = try openStore(scene.storage).write(for: "elsewhere")
        try session.put([7, 7, 7])
        try session.flush()
        session.close()
        #expect(try store.get(ChunkID(of: [7, 7, 7])) == [7, 7, 7])
        var listed = 0
        try store.forEachChunk { _, _, _ in listed += 1 }
        #expect(listed == 9)

        for name in try scene.storage.packs() { try scene.storage.remove(name.path) }
        try store.forEachChunk { _, _, _ in Issue.record("nothing is left") }
        #expect(try scene.failures(store).count == 8)
        #expect(try scene.newWhenPutAgain(store) == 8)
        #expect(try scene.failures(store).isEmpty)
    }

    @Test("a pack whose length changed is read again")
    func otherLength() throws {
        let scene = try CatalogScene()
        let store = try scene.open()
        #expect(try scene.failures(store).isEmpty)
        let name = try #require(try scene.storage.packs().first)
        let good = try scene.storage.file(name.path)
        try scene.storage.overwrite(name.path, Array(good.dropLast(8)))
        #expect(try store.synchronize().count == 1)
        #expect(try scene.failures(store).count == 4)
        try scene.storage.overwrite(name.path, good)
        #expect(try scene.failures(store).isEmpty)
    }

    @Test("two stores of one cache folder work side by side", arguments: EncryptionMode.allCases)
    func sideBySide(mode: EncryptionMode) throws {
        let scene = try CatalogScene(mode: mode)
        try onThreads(4) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            let store = try scene.open(mode: mode)
            for _ in 0..<6 {
                let chunk = random.bytes(2_000)
                try store.put([chunk, [1, 1, 1]])
                let back = try store.get(ChunkID(of: chunk))
                #expect(back == chunk)
            }
        }
        #expect(try scene.failures(scene.open(mode: mode)).isEmpty)
    }

    @Test("only the tree packs are listed where only trees matter")
    func treesAlone() throws {
        let scene = try CatalogScene()
        let writer = try scene.open()
        try writer.put([[5]], as: .tree)
        TemporaryFolder.removeAll(scene.cache)
        let store = try scene.open()
        let catalog = try Catalog(
            store.repository, cacheFolder: scene.cache,
            budget: Budget(totalBytes: 64 << 20, jobs: 1, longestChunkBytes: 262_144))
        try catalog.synchronize(.trees)
        #expect(try catalog.packs().count == 1)
        try catalog.synchronize(.all)
        #expect(try catalog.packs().count == 3)
        try catalog.synchronize(.trees)
        #expect(try catalog.packs().count == 3)
    }
}
