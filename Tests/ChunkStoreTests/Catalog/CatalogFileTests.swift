import Posix
import SQLite
import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// What may have become of the catalog's file between two runs, or meanwhile.
@Suite struct CatalogFileTests {
    @Test("a deleted catalog is made again")
    func deleted() throws {
        let scene = try CatalogScene()
        TemporaryFolder.removeAll(scene.cache)
        #expect(try scene.failures(scene.open()).isEmpty)
        #expect(try scene.newWhenPutAgain(scene.open()) == 0)
    }

    @Test(
        "a catalog that holds something else is made again",
        arguments: [[], [0], Array("not a database at all".utf8), [UInt8](repeating: 0, count: 20_000)] as [[UInt8]])
    func garbage(bytes: [UInt8]) throws {
        let scene = try CatalogScene()
        try scene.replaceCatalog(with: bytes)
        #expect(try scene.failures(scene.open()).isEmpty)
        #expect(try scene.newWhenPutAgain(scene.open()) == 0)
    }

    @Test("a catalog cut to any length is made again")
    func truncated() throws {
        let scene = try CatalogScene()
        _ = try scene.failures(scene.open())
        let good = try SmallFile.read(scene.catalogPath(), limit: 1 << 24)
        for count in [1, 99, 100, 4_095, 4_096, 8_192, good.count / 2, good.count - 4_096, good.count - 1] {
            try scene.replaceCatalog(with: Array(good[..<count]))
            #expect(try scene.failures(scene.open()).isEmpty, "\(count) bytes")
            #expect(try scene.newWhenPutAgain(scene.open()) == 0, "\(count) bytes")
        }
    }

    @Test("a catalog with noise in any page never leads to a wrong byte, and is no worse than a clear error")
    func noisyPages() throws {
        var random = SplitMix64(seed: 121)
        let scene = try CatalogScene()
        _ = try scene.failures(scene.open())
        let good = try SmallFile.read(scene.catalogPath(), limit: 1 << 24)
        for page in 0..<good.count / 4_096 {
            var bytes = good
            let start = page * 4_096 + (page == 0 ? 100 : 0)
            bytes.replaceSubrange(start..<start + 200, with: random.bytes(200))
            try scene.replaceCatalog(with: bytes)
            #expect(try scene.failures(scene.open()).isEmpty, "page \(page)")
        }
    }

    @Test("many that make the same catalog at the same moment all get it")
    func madeAtOnce() throws {
        let folder = try TemporaryFolder(onDisk: true)
        let id = try makeStore(MemoryStorage()).repository.id
        let failures = Monitor<[SQLiteError]>([])
        for round in 0..<40 {
            let path = folder.path.appending("\(round).sqlite")
            let threads = try (0..<6).map { number in
                try Thread("make-\(number)") {
                    do throws(SQLiteError) {
                        let connection = try CatalogConnection(path, .create, cacheBytes: 1 << 20)
                        try connection.prepare(for: id, isLocal: true)
                    } catch { failures.withLock { $0.append(error) } }
                }
            }
            threads.forEach { $0.join() }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test("another repository's catalog, copied in, is made again")
    func otherRepository() throws {
        let scene = try CatalogScene()
        let other = try CatalogScene(seed: 122)
        _ = try other.failures(other.open())
        try scene.replaceCatalog(with: SmallFile.read(other.catalogPath(), limit: 1 << 24))
        #expect(try scene.failures(scene.open()).isEmpty)
        expectFailure(.missing) { try scene.open().get(ChunkID(of: other.chunks[0])) }
    }

    @Test(
        "a catalog of another version is made again, whatever tables it has",
        arguments: [
            "PRAGMA user_version = 2", "PRAGMA user_version = -7",
            "DROP TABLE facts; DROP TABLE blocks; PRAGMA user_version = 9", "DROP TABLE facts", "DELETE FROM facts",
            "DROP TABLE facts; CREATE TABLE facts (other BLOB); PRAGMA user_version = 3",
            "PRAGMA user_version = 0",
        ])
    func otherVersion(sql: String) throws {
        let scene = try CatalogScene()
        try scene.tamper(sql)
        #expect(try scene.failures(scene.open()).isEmpty)
        #expect(try scene.newWhenPutAgain(scene.open()) == 0)
    }

    @Test("a catalog that is deleted, cut or overwritten while a store is open hinders nobody", arguments: 0..<5)
    func meanwhile(how: Int) throws {
        let scene = try CatalogScene()
        let store = try scene.open()
        #expect(try scene.failures(store).isEmpty)
        let path = try scene.catalogPath()
        switch how {
        case 0: try Folder.remove(path)
        case 1: for suffix in ["", "-wal", "-shm"] { try? Folder.remove(Path(path.string + suffix)) }
        case 2: TemporaryFolder.removeAll(scene.cache)
        case 3: try FileDescriptor.open(path, [.write, .truncate]).close()
        default:
            let file = try FileDescriptor.open(path, .write)
            try [UInt8](repeating: 0xA5, count: 30_000).withUnsafeBytesThrowing { raw throws(PosixError) in
                try file.write(all: raw)
            }
        }
        #expect(try scene.failures(store).isEmpty)
        try onThreads(4) { thread in
            // More readers at once than there were before, each with a connection of its own.
            try store.put([[UInt8(thread), 2, 3]])
            let failures = try scene.failures(store)
            #expect(failures.isEmpty)
            let bytes = try store.get(ChunkID(of: [UInt8(thread), 2, 3]))
            #expect(bytes == [UInt8(thread), 2, 3])
        }
        #expect(try scene.failures(scene.open()).isEmpty)
    }

    @Test("a cache that was cleared and made again by another store leaves both in agreement with the packs")
    func clearedByAnother() throws {
        let scene = try CatalogScene()
        let store = try scene.open()
        #expect(try scene.failures(store).isEmpty)
        TemporaryFolder.removeAll(scene.cache)
        let other = try scene.open()
        #expect(try scene.failures(other).isEmpty)
        try store.put([[1, 2, 3]])
        #expect(try store.get(ChunkID(of: [1, 2, 3])) == [1, 2, 3])
        try other.put([[1, 2, 3], [4]])
        #expect(try store.get(ChunkID(of: [4])) == [4])
        #expect(try scene.newWhenPutAgain(store) == 0)
        #expect(try store.copies().values.allSatisfy { $0 == 1 })
    }

    @Test("a cache that cannot be made or written is a clear error that says what to do")
    func unwritable() throws {
        let scene = try CatalogScene()
        for place in ["/proc/nowhere/cache", "\(scene.folder.path)/repository/config/cache"] {
            expectFailure(.catalog, "cannot be made", "name another place for the cache") {
                try openStore(scene.storage, options: .small(cache: Path(place))).reader()
            }
        }
    }

    @Test("a session whose catalog cannot be asked has failed for good: a stream may lack a part")
    func lostWhileWriting() throws {
        let scene = try CatalogScene()
        let session = try scene.open().write(for: "test")
        defer { session.close() }
        try session.put([1])
        try session.flush()
        try scene.tamper("DROP TABLE chunks")
        let folder = try scene.catalogPath().parent
        TemporaryFolder.removeAll(folder)
        try SmallFile.writeNew(folder, [])
        let error = expectFailure(.catalog) { try session.put([2]) }
        try Folder.remove(folder)
        expectFailure(.catalog, error?.message ?? "") { try session.put([3]) }
        expectFailure(.catalog) { try session.commit([1], references: []) }
    }

    @Test("a catalog that another process keeps busy is not to be deleted, but waited for")
    func busy() {
        let error = StoreError(
            SQLiteError(code: 5, message: "database is locked", sql: nil, path: "/c"), catalog: "/c")
        #expect(error.remedy == "another process is working with it: wait until that ends, and run the same again")
    }

    @Test("a cache on a file system that is mounted read-only is a clear error")
    func readOnly() throws {
        let scene = try CatalogScene()
        guard let mounted = try SmallFileSystem("size=4m") else { return }
        let cache = mounted.path.appending("cache")
        _ = try scene.failures(openStore(scene.storage, options: .small(cache: cache)))
        guard mounted.freeze() else { return }
        expectFailure(.catalog, "\(cache)", "name another place for the cache") {
            try openStore(scene.storage, options: .small(cache: cache)).reader()
        }
    }

    @Test("a cache on a full file system is an error that says so, and room mends it")
    func full() throws {
        let scene = try CatalogScene()
        guard let mounted = try SmallFileSystem("size=400k") else { return }
        let filler = mounted.path.appending("filler")
        try SmallFile.writeNew(filler, [UInt8](repeating: 1, count: 380 << 10))
        let options = StoreOptions.small(cache: mounted.path.appending("cache"))
        expectFailure(.full, "catalog", "free some space there, or name another place") {
            try openStore(scene.storage, options: options).reader()
        }
        try Folder.remove(filler)
        #expect(try scene.failures(openStore(scene.storage, options: options)).isEmpty)
    }

    @Test("without a cache folder the catalog is a temporary file that goes with the store")
    func temporary() throws {
        func left(_ id: RepositoryID) throws -> Int {
            let prefix = Array("cairn-\(id)-".utf8)
            return try Folder.entries(of: Path(Machine.temporaryFolder)).count { $0.name.starts(with: prefix) }
        }
        let id: RepositoryID
        do {
            let store = try makeStore()
            try store.put([[1]])
            id = store.id
            #expect(try left(id) == 1)
        }
        #expect(try left(id) == 0)
    }

    @Test("a copied repository has a catalog of its own")
    func copied() throws {
        let scene = try CatalogScene()
        let twin = scene.folder.path.appending("twin")
        try TemporaryFolder.copyAll(scene.storage.root, to: twin)
        let copy = try openStore(LocalDirectory(twin), options: .small(cache: scene.cache))
        try copy.put([[1, 2, 3]])
        #expect(try scene.failures(copy).isEmpty)
        expectFailure(.missing) { try scene.open().get(ChunkID(of: [1, 2, 3])) }
        #expect(
            try TemporaryFolder.files(below: scene.cache).count { $0.hasSuffix("catalog.sqlite") } == 2)
    }
}
