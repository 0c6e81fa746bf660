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
        guard let mounted = try MountedFolder(kind: "ramfs") else { return }
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
}
