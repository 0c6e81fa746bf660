public import Posix

/// A storage in a folder of this machine's file systems.
public final class LocalDirectory: Storage {
    /// A step that changes the disk. Tests look at each before it is done, to record it or to make it fail.
    public enum Step: Sendable {
        /// A new folder.
        case makeFolder(String)
        /// A new, empty file.
        case create(String)
        /// Bytes at the end of a file.
        case write(String, [UInt8])
        /// A file's content made durable.
        case synchronize(String)
        /// A file's new name; `replacing` says whether another file may lose it.
        case rename(String, to: String, replacing: Bool)
        /// A removed name.
        case remove(String)
        /// The names in a folder made durable.
        case synchronizeFolder(String)
    }

    /// Is asked before each step; what it throws is thrown instead of doing the step.
    public typealias Interceptor = @Sendable (Step) throws(PosixError) -> Void

    /// The folder, as an absolute path.
    public let root: Path
    /// The folder, for messages.
    public let location: String
    /// Whether the file system is one where locks hold between all who see it.
    public let isLocal: Bool
    private let interceptor: Interceptor?
    private let knownFolders = Monitor<Set<String>>([])

    /// Uses a folder; it must be there.
    public init(_ path: Path, interceptor: Interceptor? = nil) throws(StorageError) {
        do throws(PosixError) {
            root = try Folder.absolute(path)
            isLocal = try FileDescriptor.open(root, [.read, .folder]).fileSystem().isLocal
        } catch { throw StorageError(error, location: path.plain, name: "") }
        location = root.plain
        self.interceptor = interceptor
    }

    /// Makes a folder, and the ones above it, where missing, for the owner alone.
    public static func makeFolder(_ path: Path) throws(StorageError) {
        do throws(PosixError) {
            try Folder.makeAll(Folder.absolute(path))
        } catch { throw StorageError(error, location: path.plain, name: "") }
    }

    func path(_ name: String) -> Path { root.appending(name) }

    /// Does a step's work after the interceptor has seen it, and gives errors their place.
    func perform<Result: ~Copyable>(
        _ name: String, _ step: @autoclosure () -> Step? = nil, _ body: () throws(PosixError) -> Result
    ) throws(StorageError) -> Result {
        do throws(PosixError) {
            if let interceptor, let step = step() { try interceptor(step) }
            return try body()
        } catch { throw StorageError(error, location: location, name: name) }
    }

    /// Whether somebody looks at the steps.
    var isIntercepted: Bool { interceptor != nil }

    // MARK: Reading

    /// Whether anything is there under this name.
    public func exists(_ name: String) throws(StorageError) -> Bool {
        do throws(StorageError) {
            _ = try perform(name) { () throws(PosixError) in try Folder.status(path(name)) }
            return true
        } catch {
            if error.code == .notFound { return false }
            throw error
        }
    }

    /// The length of a file; what is none throws `.notAFile`.
    public func size(of name: String) throws(StorageError) -> UInt64 {
        let status = try perform(name) { () throws(PosixError) -> FileStatus? in
            do throws(PosixError) { return try Folder.status(path(name)) } catch {
                guard error.errno == .noSuchFile || error.errno == .linksInACircle else { throw error }
                _ = try Folder.linkStatus(path(name))
                return nil
            }
        }
        if let status, status.isRegular { return status.size }
        let what = status.map { $0.isFolder ? "a folder" : "a pipe, socket or device" } ?? "a link that leads nowhere"
        throw StorageError(.notAFile, location: location, name: name, reason: "\(what) stands there, and no file")
    }

    /// When a file's content changed last.
    public func modified(_ name: String) throws(StorageError) -> Int64 {
        try perform(name) { () throws(PosixError) in try Folder.status(path(name)).modified.seconds }
    }

    /// Device and inode.
    public func identity(of name: String) throws(StorageError) -> String {
        let status = try perform(name) { () throws(PosixError) in try Folder.status(path(name)) }
        return "\(status.device)-\(status.inode)"
    }

    /// Fills the buffer from an offset on.
    public func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError)
    {
        let got = try perform(name) { () throws(PosixError) in
            try FileDescriptor.open(path(name), .read).read(into: buffer, at: offset)
        }
        if got < buffer.count {
            throw StorageError(
                .truncated, location: location, name: name,
                reason: "it ends at byte \(offset + UInt64(got)), and \(buffer.count - got) more were expected")
        }
    }

    /// The pages of the kernel's cache go, but for those that are not written yet.
    public func forgetCached(_ name: String) { (try? FileDescriptor.open(path(name), .read))?.adviseForgotten() }

    /// The files in a folder.
    public func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
        var found: [StoredFile] = []
        try list(folder, recursive: recursive, into: &found)
        return found
    }

    private func list(_ folder: String, recursive: Bool, into found: inout [StoredFile]) throws(StorageError) {
        for entry in try entries(of: folder) {
            guard let component = String(validating: entry.name, as: UTF8.self) else { continue }
            let name = folder.isEmpty ? component : "\(folder)/\(component)"
            let status: FileStatus
            do throws(PosixError) { status = try Folder.status(path(name)) } catch {
                // Gone since, a link to nothing, or one that leads in a circle: no file of anybody's.
                if error.errno == .noSuchFile || error.errno == .linksInACircle { continue }
                throw StorageError(error, location: location, name: name)
            }
            if status.isRegular {
                found.append(StoredFile(name: name, size: status.size))
            } else if status.isFolder && recursive {
                try list(name, recursive: true, into: &found)
            }
        }
    }

    /// Folders, pipes, links that lead nowhere: whatever stands in the folder and is no file.
    public func oddNames(in folder: String) throws(StorageError) -> [String] {
        var odd: [String] = []
        for entry in try entries(of: folder) where !entry.isFile {
            guard let component = String(validating: entry.name, as: UTF8.self) else { continue }
            let name = folder.isEmpty ? component : "\(folder)/\(component)"
            do throws(StorageError) { _ = try size(of: name) } catch {
                if error.code == .notAFile { odd.append(name) } else if error.code != .notFound { throw error }
            }
        }
        return odd
    }

    /// Whatever stands in a folder; nothing where it is not there.
    private func entries(of folder: String) throws(StorageError) -> [Folder.Entry] {
        do throws(StorageError) {
            return try perform(folder) { () throws(PosixError) in try Folder.entries(of: path(folder)) }
        } catch {
            if error.code == .notFound { return [] }
            throw error
        }
    }

    /// Whatever stands in the folder itself; nothing if it is not there.
    public func names() throws(StorageError) -> [String] {
        try entries(of: "").map { Path($0.name).description }.sorted()
    }

    /// Bytes that can still be written.
    public func freeBytes() -> UInt64? { try? Folder.freeBytes(root) }

    // MARK: Names

    /// Gives a file a name that nothing has yet.
    public func rename(_ name: String, to newName: String) throws(StorageError) {
        try makeFolder(of: newName)
        try perform(newName, .rename(name, to: newName, replacing: false)) { () throws(PosixError) in
            try Folder.renameNew(path(name), to: path(newName))
        }
    }

    func replace(_ name: String, with newName: String) throws(StorageError) {
        try perform(newName, .rename(newName, to: name, replacing: true)) { () throws(PosixError) in
            try Folder.rename(path(newName), to: path(name))
        }
    }

    /// Removes a file.
    public func remove(_ name: String) throws(StorageError) {
        try perform(name, .remove(name)) { () throws(PosixError) in try Folder.remove(path(name)) }
    }

    /// Makes the names in a folder durable.
    public func synchronize(_ folder: String) throws(StorageError) {
        try perform(folder, .synchronizeFolder(folder)) { () throws(PosixError) in try Folder.synchronize(path(folder))
        }
    }

    /// Sees to it that the folder of a name is there, durably. One that is found there may be so because of somebody who
    /// has not made it durable yet, or died before: so it is made durable here too, once.
    func makeFolder(of name: String) throws(StorageError) {
        let folder = Self.folder(of: name)
        if folder.isEmpty || knownFolders.withLock({ $0.contains(folder) }) { return }
        try makeFolder(of: folder)
        _ = try perform(folder, .makeFolder(folder)) { () throws(PosixError) in try Folder.make(path(folder)) }
        try synchronize(Self.folder(of: folder))
        knownFolders.withLock { _ = $0.insert(folder) }
    }

    static func folder(of name: String) -> String {
        name.lastIndex(of: "/").map { String(name[..<$0]) } ?? ""
    }
}
