import Posix
import Storage
import Testing

/// A storage in which others are at work: something happens each time a folder has been listed, or a file is begun. Lists are in the order of names.
final class RestlessStorage: Storage {
    private let inner: any Storage
    private let onList: Monitor<[@Sendable () throws -> Void]>
    private let onUpload: Monitor<[@Sendable () throws -> Void]>

    init(
        _ inner: any Storage, onList: [@Sendable () throws -> Void] = [], onUpload: [@Sendable () throws -> Void] = []
    ) {
        self.inner = inner
        self.onList = Monitor(onList)
        self.onUpload = Monitor(onUpload)
    }

    /// From now on this happens, one after each list, and nothing else that was to.
    func happens(onList list: [@Sendable () throws -> Void]) { onList.withLock { $0 = list } }

    /// The first of a list happens, once.
    private func happen(_ list: Monitor<[@Sendable () throws -> Void]>) {
        let next = list.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        do { try next?() } catch { Issue.record(error) }
    }

    var location: String { inner.location }
    var isLocal: Bool { true }
    func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
        let found = try inner.list(folder, recursive: recursive)
        happen(onList)
        return found.sorted { $0.name < $1.name }
    }
    func exists(_ name: String) throws(StorageError) -> Bool { try inner.exists(name) }
    func size(of name: String) throws(StorageError) -> UInt64 { try inner.size(of: name) }
    func modified(_ name: String) throws(StorageError) -> Int64 { try inner.modified(name) }
    func identity(of name: String) throws(StorageError) -> String { try inner.identity(of: name) }
    func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
        try inner.read(name, at: offset, into: buffer)
    }
    func upload(_ name: String) throws(StorageError) -> any Upload {
        happen(onUpload)
        return try inner.upload(name)
    }
    func append(_ bytes: [UInt8], to name: String) throws(StorageError) { try inner.append(bytes, to: name) }
    func rename(_ name: String, to newName: String) throws(StorageError) { try inner.rename(name, to: newName) }
    func remove(_ name: String) throws(StorageError) { try inner.remove(name) }
    func synchronize(_ folder: String) throws(StorageError) { try inner.synchronize(folder) }
    func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
        try inner.lock(name, create: create)
    }
    func freeBytes() -> UInt64? { inner.freeBytes() }
}
