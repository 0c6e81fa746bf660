internal import Posix

/// A storage in this process's memory: for tests, and for programs that want a store that ends with them.
public final class MemoryStorage: Storage {
    private struct Content {
        var files: [String: [UInt8]] = [:]
        var modified: [String: Int64] = [:]
        var locks: [String: Int] = [:]
        var lastLock = 0
    }

    private let content = Monitor(Content())
    /// A name for messages.
    public let location: String
    /// Always true: nobody else can reach it.
    public var isLocal: Bool { true }

    /// Starts empty.
    public init(location: String = "memory") { self.location = location }

    private func notFound(_ name: String) -> StorageError {
        StorageError(.notFound, location: location, name: name, reason: "nothing is stored under this name")
    }

    private func file(_ name: String) throws(StorageError) -> [UInt8] {
        guard let file = content.withLock({ $0.files[name] }) else { throw notFound(name) }
        return file
    }

    /// Whether anything is there under this name.
    public func exists(_ name: String) -> Bool {
        content.withLock { $0.files[name] != nil || $0.files.keys.contains { $0.hasPrefix(name + "/") } }
    }

    /// The length of a file.
    public func size(of name: String) throws(StorageError) -> UInt64 { UInt64(try file(name).count) }

    /// When a file's content changed last.
    public func modified(_ name: String) throws(StorageError) -> Int64 {
        guard let time = content.withLock({ $0.modified[name] }) else { throw notFound(name) }
        return time
    }

    /// The storage itself; names do not matter.
    public func identity(of name: String) -> String { "memory-\(UInt(bitPattern: ObjectIdentifier(self).hashValue))" }

    /// Fills the buffer from an offset on.
    public func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError)
    {
        let file = try file(name)
        guard offset <= UInt64(file.count), buffer.count <= file.count - Int(offset) else {
            throw StorageError(.truncated, location: location, name: name, reason: "it has only \(file.count) bytes")
        }
        buffer.copyBytes(from: file[Int(offset)..<Int(offset) + buffer.count])
    }

    /// The files in a folder.
    public func list(_ folder: String, recursive: Bool) -> [StoredFile] {
        content.withLock { content in
            content.files.compactMap { name, bytes in
                guard folder.isEmpty || name.hasPrefix(folder + "/") else { return nil }
                let rest = folder.isEmpty ? name[...] : name.dropFirst(folder.count + 1)
                return recursive || !rest.contains("/") ? StoredFile(name: name, size: UInt64(bytes.count)) : nil
            }
        }
    }

    /// Begins to write a file under a temporary name.
    public func upload(_ temporaryName: String) -> any Upload { MemoryUpload(self) }

    /// Appends to a file.
    public func append(_ bytes: [UInt8], to name: String) {
        content.withLock { content in
            content.files[name, default: []] += bytes
            content.modified[name] = Machine.seconds
        }
    }

    /// Gives a file a name that nothing has yet.
    public func rename(_ name: String, to newName: String) throws(StorageError) {
        try content.withLock { content throws(StorageError) in
            guard let bytes = content.files[name] else { throw notFound(name) }
            guard content.files[newName] == nil else { throw exists(newName) }
            content.files[name] = nil
            content.files[newName] = bytes
            content.modified[newName] = content.modified.removeValue(forKey: name)
            content.locks[newName] = content.locks.removeValue(forKey: name)
        }
    }

    /// Removes a file.
    public func remove(_ name: String) throws(StorageError) {
        try content.withLock { content throws(StorageError) in
            guard content.files.removeValue(forKey: name) != nil else { throw notFound(name) }
            content.modified[name] = nil
            content.locks[name] = nil
        }
    }

    /// Memory has nothing to make durable.
    public func synchronize(_ folder: String) {}

    /// Opens and locks a file.
    public func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
        try content.withLock { content throws(StorageError) in
            if content.files[name] == nil {
                guard create else { throw notFound(name) }
                content.files[name] = []
                content.modified[name] = Machine.seconds
            }
            guard content.locks[name] == nil else { return nil }
            content.lastLock += 1
            content.locks[name] = content.lastLock
            return MemoryLock(self, number: content.lastLock)
        }
    }

    /// Not known.
    public func freeBytes() -> UInt64? { nil }

    private func exists(_ name: String) -> StorageError {
        StorageError(.exists, location: location, name: name, reason: "something is stored under this name already")
    }

    fileprivate func publish(_ bytes: [UInt8], as name: String, replacing: Bool) throws(StorageError) {
        try content.withLock { content throws(StorageError) in
            guard replacing || content.files[name] == nil else { throw exists(name) }
            content.files[name] = bytes
            content.modified[name] = Machine.seconds
            // A lock belongs to the file that was there, and goes with it.
            content.locks[name] = nil
        }
    }

    fileprivate func unlock(_ number: Int) {
        content.withLock { content in
            if let name = content.locks.first(where: { $0.value == number })?.key { content.locks[name] = nil }
        }
    }
}

private final class MemoryUpload: Upload {
    private let storage: MemoryStorage
    private let bytes = Monitor<[UInt8]>([])

    init(_ storage: MemoryStorage) { self.storage = storage }

    func append(_ more: UnsafeRawBufferPointer) { bytes.withLock { $0.append(contentsOf: more) } }

    func publish(as name: String) throws(StorageError) {
        try storage.publish(bytes.withLock { $0 }, as: name, replacing: false)
    }

    func publish(replacing name: String) throws(StorageError) {
        try storage.publish(bytes.withLock { $0 }, as: name, replacing: true)
    }

    func discard() {}
}

private final class MemoryLock: StorageLock {
    private let storage: MemoryStorage
    private let number: Int

    init(_ storage: MemoryStorage, number: Int) {
        self.storage = storage
        self.number = number
    }

    deinit { release() }

    func release() { storage.unlock(number) }
}
