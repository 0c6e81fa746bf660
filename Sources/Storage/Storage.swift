// Storage: a place that keeps named files, as a repository needs them: written once and published whole, read by
// ranges, listed, renamed, removed, locked. A local folder and the memory are such places; others can follow without
// a change above. Names are relative, ASCII, with slashes: `packs/d/5d/5d41…`.
//
// What a storage promises: `Upload.publish` returns only when content and name are durable; a name never shows half a
// content; `rename` and `remove` are durable when `synchronize` of their folders has returned; a lock ends with its
// holder at the latest.

/// One file as a listing shows it.
public struct StoredFile: Hashable, Sendable {
    /// Its full name in the storage.
    public let name: String
    /// Its length in bytes.
    public let size: UInt64

    /// Describes a stored file.
    public init(name: String, size: UInt64) {
        self.name = name
        self.size = size
    }

    /// The part of the name behind the last slash.
    public var lastComponent: Substring {
        name[(name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex)...]
    }
}

/// A place that keeps named files. All functions may be called from any thread, and block.
public protocol Storage: AnyObject, Sendable {
    /// Where it is, for messages.
    var location: String { get }

    /// Whether locks and renames hold between all processes that can reach the place.
    var isLocal: Bool { get }

    /// Whether anything is there under this name.
    func exists(_ name: String) throws(StorageError) -> Bool

    /// The length of a file.
    func size(of name: String) throws(StorageError) -> UInt64

    /// When a file's content changed last, Unix seconds by the place's own clock.
    func modified(_ name: String) throws(StorageError) -> Int64

    /// A text that another file, or a copy of this one elsewhere, does not have; safe as a part of a file name.
    func identity(of name: String) throws(StorageError) -> String

    /// Fills the buffer from an offset on; a file that ends before throws `.truncated`.
    func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError)

    /// Asks for a file to be read from where it lies from now on, and not from memory that remembers it; a hint.
    func forgetCached(_ name: String)

    /// The files in a folder and, where asked, in the folders below it, in no order. A folder that is not there has none.
    func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile]

    /// What stands in a folder and is no file, though nobody is told so by its name: folders, pipes, links that lead nowhere.
    func oddNames(in folder: String) throws(StorageError) -> [String]

    /// Whatever stands at the top, files and folders, as it can be shown.
    func names() throws(StorageError) -> [String]

    /// Begins to write a file under a temporary name.
    func upload(_ temporaryName: String) throws(StorageError) -> any Upload

    /// Appends to a file, made where it is missing, and makes it durable.
    func append(_ bytes: [UInt8], to name: String) throws(StorageError)

    /// Gives a file a name that nothing has yet (`.exists` otherwise).
    func rename(_ name: String, to newName: String) throws(StorageError)

    /// Removes a file.
    func remove(_ name: String) throws(StorageError)

    /// Makes the names in a folder durable.
    func synchronize(_ folder: String) throws(StorageError)

    /// Opens a file, made where it is missing if so asked, and locks it; nil where somebody else holds it. Throws
    /// `.notFound` for a file that is missing, also when it vanished while the lock was taken, and `.noLocks` where there are no locks; the file is
    /// made all the same.
    func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)?

    /// Bytes that can still be written; nil where that cannot be known.
    func freeBytes() -> UInt64?
}

/// A file on its way into a storage. One thread at a time.
public protocol Upload: AnyObject, Sendable {
    /// Adds bytes at the end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError)

    /// Makes the content durable, gives it its name, which must be new, and makes that durable.
    func publish(as name: String) throws(StorageError)

    /// Makes the content durable and gives it its name, replacing what has it.
    func publish(replacing name: String) throws(StorageError)

    /// Throws away what was written. After a publication it does nothing.
    func discard()
}

/// A lock that is held until it is let go. It stays with the file when that is renamed.
public protocol StorageLock: AnyObject, Sendable {
    /// Ends the lock.
    func release()
}

extension Storage {
    /// Nothing to be done where nothing is remembered.
    public func forgetCached(_ name: String) {}

    /// None: for places that hold nothing but files.
    public func oddNames(in folder: String) throws(StorageError) -> [String] { [] }

    /// The names of files at the top, and the first parts of others: for places that know no folders without files.
    public func names() throws(StorageError) -> [String] {
        let tops = try list("", recursive: true).map { String($0.name.prefix { $0 != "/" }) }
        return Array(Set(tops)).sorted()
    }

    /// A whole file of at most `limit` bytes; a larger one throws `.tooLarge`.
    public func read(_ name: String, limit: Int) throws(StorageError) -> [UInt8] {
        let size = try size(of: name)
        guard size <= UInt64(limit) else {
            throw StorageError(
                .tooLarge, location: location, name: name, reason: "it has \(size) bytes, at most \(limit) are expected"
            )
        }
        return try read(name, at: 0, count: Int(size))
    }

    /// A stretch of a file.
    public func read(_ name: String, at offset: UInt64, count: Int) throws(StorageError) -> [UInt8] {
        var failure: StorageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(StorageError) {
                try read(
                    name, at: offset,
                    into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
                filled = count
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes a small file in one go and makes it durable under a new name.
    public func write(_ bytes: [UInt8], as name: String, temporaryName: String) throws(StorageError) {
        try write(bytes, temporaryName: temporaryName) { upload throws(StorageError) in try upload.publish(as: name) }
    }

    /// Writes a small file in one go and makes it durable, in place of what has its name.
    public func replace(_ bytes: [UInt8], as name: String, temporaryName: String) throws(StorageError) {
        try write(bytes, temporaryName: temporaryName) { upload throws(StorageError) in
            try upload.publish(replacing: name)
        }
    }

    private func write(
        _ bytes: [UInt8], temporaryName: String, publish: (any Upload) throws(StorageError) -> Void
    ) throws(StorageError) {
        let upload = try upload(temporaryName)
        do throws(StorageError) {
            try upload.append(bytes)
            try publish(upload)
        } catch {
            upload.discard()
            throw error
        }
    }
}

extension Upload {
    /// Adds bytes at the end.
    public func append(_ bytes: [UInt8]) throws(StorageError) {
        let outcome: Result<Void, StorageError> = bytes.withUnsafeBytes { raw in
            do throws(StorageError) { return .success(try append(raw)) } catch { return .failure(error) }
        }
        try outcome.get()
    }
}
