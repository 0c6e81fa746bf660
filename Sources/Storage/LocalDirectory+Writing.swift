internal import Posix

extension LocalDirectory {
    /// Begins to write a file under a temporary name.
    public func upload(_ temporaryName: String) throws(StorageError) -> any Upload {
        try makeFolder(of: temporaryName)
        return try LocalUpload(temporaryName, in: self)
    }

    /// Appends to a file and makes it durable.
    public func append(_ bytes: [UInt8], to name: String) throws(StorageError) {
        try makeFolder(of: name)
        let isNew = try !exists(name)
        let create: Step? = isNew ? .create(name) : nil
        let file = try perform(name, create) { () throws(PosixError) in
            try FileDescriptor.open(path(name), [.write, .create, .append])
        }
        try perform(name, .write(name, bytes)) { () throws(PosixError) in
            try bytes.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
        }
        try perform(name, .synchronize(name)) { () throws(PosixError) in try file.synchronize() }
        if isNew { try synchronize(Self.folder(of: name)) }
    }

    /// Opens and locks a file.
    public func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
        if create {
            try makeFolder(of: name)
            if isIntercepted, try !exists(name) { try perform(name, .create(name)) { () throws(PosixError) in } }
        }
        return try perform(name) { () throws(PosixError) in
            let file = try FileDescriptor.open(path(name), create ? [.readWrite, .create] : .readWrite)
            guard try file.tryLock() else { return nil }
            // Between the opening and the lock the name may have gone to another file, or away.
            let mine = try file.status()
            let named = try Folder.status(path(name))
            guard mine.inode == named.inode, mine.device == named.device else {
                throw PosixError(call: "flock", path: path(name), errno: .noSuchFile)
            }
            return LocalLock(file)
        }
    }
}

/// A locked open file. Closing it ends the lock.
private final class LocalLock: StorageLock {
    private let file: Monitor<HeldFile?>

    init(_ file: consuming FileDescriptor) { self.file = Monitor(HeldFile(file)) }

    func release() { file.withLock { $0 = nil } }

    private final class HeldFile: Sendable {
        let descriptor: FileDescriptor
        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }
}

/// A file that is being written in a folder of the storage.
private final class LocalUpload: Upload, @unchecked Sendable {
    // Unchecked, for the protocol allows one thread at a time.
    private let temporaryName: String
    private let directory: LocalDirectory
    private let file: FileDescriptor
    private var written: UInt64 = 0
    private var handedOver: UInt64 = 0
    private var isFinished = false

    /// How much is collected before the disk is asked to begin writing, so that the final synchronisation finds little left to do.
    private static let writebackBytes: UInt64 = 8 << 20

    init(_ temporaryName: String, in directory: LocalDirectory) throws(StorageError) {
        self.temporaryName = temporaryName
        self.directory = directory
        file = try directory.perform(temporaryName, .create(temporaryName)) { () throws(PosixError) in
            try FileDescriptor.open(directory.path(temporaryName), [.write, .create, .exclusive])
        }
    }

    deinit { discard() }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try directory.perform(temporaryName, .write(temporaryName, Array(bytes))) { () throws(PosixError) in
            try file.write(all: bytes)
        }
        written += UInt64(bytes.count)
        if written - handedOver >= Self.writebackBytes {
            file.startWriteback(at: handedOver, count: written - handedOver)
            handedOver = written
        }
    }

    func publish(as name: String) throws(StorageError) {
        try publish(name, by: { () throws(StorageError) in try directory.rename(temporaryName, to: name) })
    }

    func publish(replacing name: String) throws(StorageError) {
        try publish(name, by: { () throws(StorageError) in try directory.replace(name, with: temporaryName) })
    }

    private func publish(_ name: String, by rename: () throws(StorageError) -> Void) throws(StorageError) {
        precondition(!isFinished, "an upload is published once")
        try directory.perform(temporaryName, .synchronize(temporaryName)) { () throws(PosixError) in
            try file.synchronize()
        }
        try directory.makeFolder(of: name)
        try rename()
        isFinished = true
        try directory.synchronize(LocalDirectory.folder(of: name))
    }

    func discard() {
        if isFinished { return }
        isFinished = true
        try? directory.remove(temporaryName)
    }
}
