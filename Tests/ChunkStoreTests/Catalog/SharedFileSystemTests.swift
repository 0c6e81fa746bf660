import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct SharedFileSystemTests {
    @Test("where the catalog has no write-ahead log, a store that has read lets itself and others write")
    func writersBesideReaders() throws {
        let scene = try CatalogScene()
        // A kind of file system that is not known to be this machine's alone.
        guard let mounted = try SmallFileSystem(kind: "ramfs") else { return }
        let options = StoreOptions.small(cache: mounted.path.appending("cache"))
        let store = try openStore(scene.storage, options: options)
        let reader = try store.reader()
        defer { reader.close() }
        #expect(try reader.get(ChunkID(of: scene.chunks[0])) == scene.chunks[0])
        // Each would wait ten minutes for a look that nobody takes any more.
        let ids = try store.put([[1], [2]])
        let others = try openStore(scene.storage, options: options).put([[3]])
        #expect(try (ids + others).map { try reader.get($0) } == [[1], [2], [3]])
    }

    @Test("a cache without a write-ahead log that is cleared in the middle of a session ends nothing")
    func cleared() throws {
        let scene = try CatalogScene()
        guard let mounted = try SmallFileSystem(kind: "ramfs") else { return }
        let cache = mounted.path.appending("cache")
        let store = try openStore(scene.storage, options: .small(cache: cache))
        let session = try store.write(for: "test")
        defer { session.close() }
        try session.put([1])
        try session.flush()
        TemporaryFolder.removeAll(cache)
        let id = try session.put([2])
        try session.commit([1], references: [RootReference(kind: .data, id: id)])
        #expect(try store.get(id) == [2])
        #expect(try scene.failures(store).isEmpty)
    }
}
