import Cairn
import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Packs that are verified")
struct PackVerificationTests {
    @Test("every pack that a snapshot writes is read back before its manifest, that of its list of errors too")
    func all() throws {
        let scene = try SnapshotScene()
        try scene.write("file", [1, 2, 3])
        let storage = WatchedStorage(scene.repository.storage)
        let store = try Store.open(
            storage, credentials: scene.repository.credentials, options: .small(cache: nil))
        var request = scene.request()
        // So many failures that the manifest has no room for them all.
        request.source = .paths([scene.path("file")] + (0..<150).map { scene.path("missing \($0)") })
        request.verifiesPacks = true
        let outcome = try SnapshotTaking(store, request).run()
        #expect(outcome.snapshot?.manifest.errorList.isEmpty == false)
        let packs = try storage.list("packs", recursive: true)
        #expect(!packs.isEmpty)
        #expect(storage.bytesRead == Dictionary(uniqueKeysWithValues: packs.map { ($0.name, $0.size) }))
    }

    @Test("a pack that does not read back as it was written is named, and there is no snapshot")
    func spoilt() throws {
        let scene = try SnapshotScene()
        try scene.write("file", [1, 2, 3])
        let storage = WatchedStorage(scene.repository.storage, spoilsPacks: true)
        let store = try Store.open(
            storage, credentials: scene.repository.credentials, options: .small(cache: nil))
        var request = scene.request()
        request.verifiesPacks = true
        #expect {
            try SnapshotTaking(store, request).run()
        } throws: { error in
            let error = error as? CairnError
            return error?.code == .damaged && error?.path?.description.contains("/packs/") == true
        }
        #expect(try store.roots().roots.isEmpty)
    }
}

/// A storage that counts the bytes that are read of a file after all caches were asked to forget it.
private final class WatchedStorage: Storage {
    private let inner: any Storage
    private let spoilsPacks: Bool
    private let counts = Monitor<[String: UInt64]>([:])

    init(_ inner: any Storage, spoilsPacks: Bool = false) {
        self.inner = inner
        self.spoilsPacks = spoilsPacks
    }

    var bytesRead: [String: UInt64] { counts.withLock { $0 } }

    func forgetCached(_ name: String) { counts.withLock { $0[name] = 0 } }

    func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
        try inner.read(name, at: offset, into: buffer)
        let isVerified = counts.withLock { counts in
            guard let sum = counts[name] else { return false }
            counts[name] = sum + UInt64(buffer.count)
            return true
        }
        if isVerified && spoilsPacks { buffer[buffer.count / 2] ^= 1 }
    }

    func rename(_ name: String, to newName: String) throws(StorageError) { try inner.rename(name, to: newName) }

    func upload(_ temporaryName: String) throws(StorageError) -> any Upload { try inner.upload(temporaryName) }

    var location: String { inner.location }
    var isLocal: Bool { inner.isLocal }
    func exists(_ name: String) throws(StorageError) -> Bool { try inner.exists(name) }
    func size(of name: String) throws(StorageError) -> UInt64 { try inner.size(of: name) }
    func modified(_ name: String) throws(StorageError) -> Int64 { try inner.modified(name) }
    func identity(of name: String) throws(StorageError) -> String { try inner.identity(of: name) }
    func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
        try inner.list(folder, recursive: recursive)
    }
    func append(_ bytes: [UInt8], to name: String) throws(StorageError) { try inner.append(bytes, to: name) }
    func remove(_ name: String) throws(StorageError) { try inner.remove(name) }
    func synchronize(_ folder: String) throws(StorageError) { try inner.synchronize(folder) }
    func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
        try inner.lock(name, create: create)
    }
    func freeBytes() -> UInt64? { inner.freeBytes() }
}
