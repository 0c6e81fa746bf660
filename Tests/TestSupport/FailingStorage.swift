internal import Posix
public import Storage

/// A storage that does what another does until a chosen call, which fails instead; calls that only look count too.
public final class FailingStorage: Storage {
    /// Which calls fail.
    public enum Fault: Sendable {
        /// This one, counted from 1.
        case only(Int)
        /// This one and all later ones.
        case from(Int)
    }

    private struct Progress {
        var calls = 0
        var isReached = false
    }

    private let inner: any Storage
    private let fault: Fault
    private let code: StorageError.Code
    private let progress = Monitor(Progress())

    /// Wraps a storage.
    public init(_ inner: any Storage, _ fault: Fault, code: StorageError.Code = .failed) {
        self.inner = inner
        self.fault = fault
        self.code = code
    }

    /// Whether a call has failed.
    public var isReached: Bool { progress.withLock { $0.isReached } }
    /// How many calls there were.
    public var calls: Int { progress.withLock { $0.calls } }

    fileprivate func count(_ name: String, _ call: StaticString) throws(StorageError) {
        let fails = progress.withLock { progress in
            progress.calls += 1
            let fails =
                switch fault {
                case .only(let number): progress.calls == number
                case .from(let number): progress.calls >= number
                }
            if fails { progress.isReached = true }
            return fails
        }
        if fails { throw StorageError(code, location: inner.location, name: name, reason: "\(call): made to fail") }
    }

    /// As the inner one's.
    public var location: String { inner.location }
    /// As the inner one's.
    public var isLocal: Bool { inner.isLocal }

    /// Counts, then asks the inner one.
    public func exists(_ name: String) throws(StorageError) -> Bool {
        try count(name, "exists")
        return try inner.exists(name)
    }

    /// Counts, then asks the inner one.
    public func size(of name: String) throws(StorageError) -> UInt64 {
        try count(name, "size")
        return try inner.size(of: name)
    }

    /// Counts, then asks the inner one.
    public func modified(_ name: String) throws(StorageError) -> Int64 {
        try count(name, "modified")
        return try inner.modified(name)
    }

    /// Counts, then asks the inner one.
    public func identity(of name: String) throws(StorageError) -> String {
        try count(name, "identity")
        return try inner.identity(of: name)
    }

    /// Counts, then reads from the inner one.
    public func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError)
    {
        try count(name, "read")
        try inner.read(name, at: offset, into: buffer)
    }

    /// Counts, then lists the inner one.
    public func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
        try count(folder, "list")
        return try inner.list(folder, recursive: recursive)
    }

    /// Counts, then begins a file in the inner one.
    public func upload(_ temporaryName: String) throws(StorageError) -> any Upload {
        try count(temporaryName, "upload")
        return FailingUpload(try inner.upload(temporaryName), temporaryName, in: self)
    }

    /// Counts, then appends in the inner one.
    public func append(_ bytes: [UInt8], to name: String) throws(StorageError) {
        try count(name, "append")
        try inner.append(bytes, to: name)
    }

    /// Counts, then renames in the inner one.
    public func rename(_ name: String, to newName: String) throws(StorageError) {
        try count(name, "rename")
        try inner.rename(name, to: newName)
    }

    /// Counts, then removes from the inner one.
    public func remove(_ name: String) throws(StorageError) {
        try count(name, "remove")
        try inner.remove(name)
    }

    /// Counts, then synchronises the inner one.
    public func synchronize(_ folder: String) throws(StorageError) {
        try count(folder, "synchronize")
        try inner.synchronize(folder)
    }

    /// Counts, then locks in the inner one.
    public func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
        try count(name, "lock")
        return try inner.lock(name, create: create)
    }

    /// Asks the inner one.
    public func freeBytes() -> UInt64? { inner.freeBytes() }
}

private final class FailingUpload: Upload {
    private let inner: any Upload
    private let name: String
    private let storage: FailingStorage

    init(_ inner: any Upload, _ name: String, in storage: FailingStorage) {
        self.inner = inner
        self.name = name
        self.storage = storage
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try storage.count(name, "append")
        try inner.append(bytes)
    }

    func publish(as name: String) throws(StorageError) {
        try storage.count(name, "publish")
        try inner.publish(as: name)
    }

    func publish(replacing name: String) throws(StorageError) {
        try storage.count(name, "publish")
        try inner.publish(replacing: name)
    }

    func discard() { inner.discard() }
}
