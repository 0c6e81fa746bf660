import Posix
import Storage

/// A storage that says of itself that other machines share it, with a clock of its own; writing can be forbidden, and every lock refused.
final class SharedStorage: Storage {
    private let inner: any Storage
    private let ages: Monitor<[String: Int64]>
    private let spoiled = Monitor<Set<String>>([])
    private let busyUntil = Monitor<Int64>(0)
    private let isReadOnly: Bool
    private let refusesLocks: Bool
    /// What it says of the room that is left; nil for what is true.
    let room = Monitor<UInt64?>(nil)
    let isLocal: Bool

    init(_ inner: any Storage, isLocal: Bool = false, isReadOnly: Bool = false, refusesLocks: Bool = false) {
        self.inner = inner
        self.isLocal = isLocal
        self.isReadOnly = isReadOnly
        self.refusesLocks = refusesLocks
        ages = Monitor([:])
    }

    /// Lets a disk fail where a file lies.
    func spoil(_ name: String) { spoiled.withLock { _ = $0.insert(name) } }

    /// Lets somebody else hold every lock for a while.
    func holdLocks(milliseconds: Int64) {
        busyUntil.withLock { $0 = Machine.monotonicNanoseconds + milliseconds * 1_000_000 }
    }

    /// Lets a file look changed so long ago.
    func age(_ name: String, bySeconds seconds: Int64) { ages.withLock { $0[name] = seconds } }

    private func mayWrite(_ name: String) throws(StorageError) {
        if isReadOnly { throw StorageError(.readOnly, location: location, name: name, reason: "it is read-only") }
    }

    var location: String { inner.location }
    func exists(_ name: String) throws(StorageError) -> Bool { try inner.exists(name) }
    func size(of name: String) throws(StorageError) -> UInt64 { try inner.size(of: name) }
    func modified(_ name: String) throws(StorageError) -> Int64 {
        try inner.modified(name) - ages.withLock { $0[name] ?? 0 }
    }
    func identity(of name: String) throws(StorageError) -> String { try inner.identity(of: name) }
    func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
        if spoiled.withLock({ $0.contains(name) }) {
            throw StorageError(.failed, location: location, name: name, reason: "pread: Input/output error")
        }
        try inner.read(name, at: offset, into: buffer)
    }
    func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
        try inner.list(folder, recursive: recursive)
    }
    func upload(_ temporaryName: String) throws(StorageError) -> any Upload {
        try mayWrite(temporaryName)
        return try inner.upload(temporaryName)
    }
    func append(_ bytes: [UInt8], to name: String) throws(StorageError) {
        try mayWrite(name)
        try inner.append(bytes, to: name)
    }
    func rename(_ name: String, to newName: String) throws(StorageError) {
        try mayWrite(newName)
        try inner.rename(name, to: newName)
    }
    func remove(_ name: String) throws(StorageError) {
        try mayWrite(name)
        try inner.remove(name)
    }
    func synchronize(_ folder: String) throws(StorageError) { try inner.synchronize(folder) }
    func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
        if create { try mayWrite(name) }
        if busyUntil.withLock({ $0 > Machine.monotonicNanoseconds }) { return nil }
        if refusesLocks {
            // The file is made all the same.
            try inner.lock(name, create: create)?.release()
            throw StorageError(.noLocks, location: location, name: name, reason: "flock: No locks available")
        }
        return try inner.lock(name, create: create)
    }
    func freeBytes() -> UInt64? { room.withLock { $0 } ?? inner.freeBytes() }
}
