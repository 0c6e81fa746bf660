import Posix
import SQLite
import Storage
import TestSupport

@testable import ChunkStore

/// A repository with two packs in a folder, a cache beside it, and hands on the catalog in there.
struct CatalogScene {
    let folder: TemporaryFolder
    let storage: LocalDirectory
    let chunks: [[UInt8]]

    var cache: Path { folder.path.appending("cache") }

    init(mode: EncryptionMode = .aes256GCM, seed: UInt64 = 120) throws {
        var random = SplitMix64(seed: seed)
        folder = try TemporaryFolder()
        storage = try folder.storage()
        chunks = (0..<8).map { random.text(300 + 100 * $0) }
        let store = try makeStore(storage, mode: mode, options: .small(cache: cache))
        // A session each, so a pack each.
        try store.put(Array(chunks.prefix(4)))
        try store.put(Array(chunks.dropFirst(4)))
    }

    func open(mode: EncryptionMode = .aes256GCM) throws -> Store {
        try openStore(storage, mode: mode, options: .small(cache: cache))
    }

    /// The catalog's file; there is one.
    func catalogPath() throws -> Path {
        let files = try TemporaryFolder.files(below: cache).filter { $0.hasSuffix("catalog.sqlite") }
        return cache.appending(files[0])
    }

    /// Replaces the catalog's file while nobody has it open.
    func replaceCatalog(with bytes: [UInt8]) throws {
        let path = try catalogPath()
        for suffix in ["", "-wal", "-shm"] { try? Folder.remove(Path(path.string + suffix)) }
        try SmallFile.writeNew(path, bytes)
    }

    /// Runs statements on the catalog.
    func tamper(_ sql: String) throws {
        let connection = try Connection(path: catalogPath().string, mode: .readWrite)
        connection.busyTimeoutMilliseconds = 10_000
        try connection.execute(sql)
        connection.close()
    }

    /// How many chunks do not read; one that reads must read right.
    func failures(_ store: Store) throws -> [StoreError] {
        let reader = try store.reader()
        defer { reader.close() }
        return chunks.compactMap { chunk in
            do throws(StoreError) {
                let bytes = try reader.get(ChunkID(of: chunk))
                precondition(bytes == chunk, "a wrong byte")
                return nil
            } catch { return error }
        }
    }

    /// Puts all chunks again; returns how many were taken for new.
    func newWhenPutAgain(_ store: Store) throws -> Int {
        let session = try store.write(for: "again")
        defer { session.close() }
        for chunk in chunks { try session.put(chunk) }
        try session.flush()
        return session.statistics.dataChunks
    }
}
