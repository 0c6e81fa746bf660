internal import Glibc

internal import CPosix

/// The calls that work on names.
public enum Folder {
    /// One name in a folder.
    public struct Entry: Hashable, Sendable {
        /// The name's bytes.
        public let name: [UInt8]
        /// What it is, as readdir tells: `DT_REG`, `DT_DIR`, `DT_UNKNOWN` …
        public let kind: UInt8
        /// Whether readdir tells that it is a regular file.
        public var isFile: Bool { kind == UInt8(DT_REG) }
        /// Whether readdir tells that it is a folder, and no link to one.
        public var isFolder: Bool { kind == UInt8(DT_DIR) }
        /// Whether readdir tells that it is a symbolic link.
        public var isLink: Bool { kind == UInt8(DT_LNK) }
        /// Whether readdir does not tell what it is.
        public var isUnknown: Bool { kind == UInt8(DT_UNKNOWN) }
    }

    /// All names but `.` and `..`, in no order. The corresponding C function is `readdir`.
    public static func entries(of path: Path) throws(PosixError) -> [Entry] {
        guard let stream = path.withCString({ opendir($0) }) else {
            throw PosixError(call: "opendir", path: path, errno: .current)
        }
        defer { closedir(stream) }
        var found: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw PosixError(call: "readdir", path: path, errno: .current) }
                return found
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    Array(
                        UnsafeBufferPointer(
                            start: start,
                            count: strnlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), 256)))
                }
            }
            if name != [46] && name != [46, 46] { found.append(Entry(name: name, kind: entry.pointee.d_type)) }
        }
    }

    /// Makes a folder; false where one was there. The corresponding C function is `mkdir`.
    @discardableResult
    public static func make(_ path: Path, mode: UInt32 = 0o700) throws(PosixError) -> Bool {
        do {
            _ = try path.withCString { name throws(PosixError) in try checked("mkdir", path) { mkdir(name, mode) } }
            return true
        } catch {
            if error.errno == .exists, try status(path).isFolder { return false }
            throw error
        }
    }

    /// Makes a folder and the ones above it where missing, each durably.
    public static func makeAll(_ path: Path, mode: UInt32 = 0o700) throws(PosixError) {
        do throws(PosixError) {
            if try make(path, mode: mode) { try synchronize(path.parent) }
        } catch {
            guard error.errno == .noSuchFile, path.parent != path else { throw error }
            try makeAll(path.parent, mode: mode)
            if try make(path, mode: mode) { try synchronize(path.parent) }
        }
    }

    /// Sets the permissions. The corresponding C function is `chmod`.
    public static func setMode(_ path: Path, _ mode: UInt32) throws(PosixError) {
        _ = try path.withCString { name throws(PosixError) in try checked("chmod", path) { chmod(name, mode) } }
    }

    /// Whether entries can be made in a folder: it is there, its file system can be written to, and the user may. The corresponding C function is
    /// `access`.
    public static func isWritable(_ path: Path) -> Bool {
        path.withCString { access($0, W_OK | X_OK) == 0 }
    }

    /// What the kernel knows of a name, links followed. The corresponding C function is `stat`.
    public static func status(_ path: Path) throws(PosixError) -> FileStatus {
        var facts = stat()
        _ = try path.withCString { name throws(PosixError) in try checked("stat", path) { stat(name, &facts) } }
        return FileStatus(facts)
    }

    /// Kind, size, times and so on of whatever has the name, a link itself too. The corresponding C function is `lstat`.
    public static func linkStatus(_ path: Path) throws(PosixError) -> FileStatus {
        var facts = stat()
        _ = try path.withCString { name throws(PosixError) in try checked("lstat", path) { lstat(name, &facts) } }
        return FileStatus(facts)
    }

    /// Gives a file another name, replacing what has it. The corresponding C function is `rename`.
    public static func rename(_ from: Path, to target: Path) throws(PosixError) {
        _ = try from.withCString { old throws(PosixError) in
            try target.withCString { new throws(PosixError) in
                try checked("rename", from) { Glibc.rename(old, new) }
            }
        }
    }

    /// The ways to give a file a name that nothing has yet. Where a file system does not know one, the next is tried.
    public enum NewNameMethod: Sendable, CaseIterable {
        /// A rename that replaces nothing, in one step.
        case rename
        /// A hard link, and then the old name's removal.
        case link
        /// A look, and then a rename; for file systems without links.
        case look
    }

    /// Gives a file a name that nothing has yet; throws `.exists` otherwise. File systems that cannot promise it in one
    /// step get a hard link instead, and those without links a look before the rename.
    /// The corresponding C function is `renameat2` with `RENAME_NOREPLACE`.
    public static func renameNew(
        _ from: Path, to target: Path, startingWith method: NewNameMethod = .rename
    ) throws(PosixError) {
        if method == .rename, try renameNewAtOnce(from, to: target) { return }
        if method != .look, try link(from, to: target) { return try remove(from) }
        let isTaken: Bool
        do {
            _ = try status(target)
            isTaken = true
        } catch {
            isTaken = error.errno != .noSuchFile
        }
        if isTaken { throw PosixError(call: "rename", path: target, errno: .exists) }
        try rename(from, to: target)
    }

    /// False where the file system does not know how.
    private static func renameNewAtOnce(_ from: Path, to target: Path) throws(PosixError) -> Bool {
        do {
            _ = try from.withCString { old throws(PosixError) in
                try target.withCString { new throws(PosixError) in
                    try checked("renameat2", target) { cairn_rename_new(AT_FDCWD, old, AT_FDCWD, new) }
                }
            }
            return true
        } catch {
            guard [.invalidArgument, .notImplemented, .notSupported].contains(error.errno) else { throw error }
            return false
        }
    }

    /// False where the file system has no links.
    private static func link(_ from: Path, to target: Path) throws(PosixError) -> Bool {
        do {
            _ = try from.withCString { old throws(PosixError) in
                try target.withCString { new throws(PosixError) in
                    try checked("link", target) { Glibc.link(old, new) }
                }
            }
            return true
        } catch {
            guard [.notPermitted, .notSupported, .notImplemented].contains(error.errno) else { throw error }
            return false
        }
    }

    /// Removes a name. The corresponding C function is `unlink`.
    public static func remove(_ path: Path) throws(PosixError) {
        _ = try path.withCString { name throws(PosixError) in try checked("unlink", path) { unlink(name) } }
    }

    /// Removes an empty folder. The corresponding C function is `rmdir`.
    public static func removeEmpty(_ path: Path) throws(PosixError) {
        _ = try path.withCString { name throws(PosixError) in try checked("rmdir", path) { rmdir(name) } }
    }

    /// Makes the names in a folder durable. Some file systems cannot synchronise a folder and say so with EINVAL or
    /// EBADF; there is nothing more to be done on those.
    public static func synchronize(_ path: Path) throws(PosixError) {
        let folder = try FileDescriptor.open(path, [.read, .folder])
        do { try folder.synchronize() } catch {
            if ![.invalidArgument, .badDescriptor, .notSupported].contains(error.errno) { throw error }
        }
    }

    /// An absolute path of the same place, as things are now. The corresponding C function is `getcwd`.
    public static func absolute(_ path: Path) throws(PosixError) -> Path {
        if path.isAbsolute { return path }
        guard let here = getcwd(nil, 0) else { throw PosixError(call: "getcwd", path: nil, errno: .current) }
        defer { free(here) }
        let base = Path(UnsafeBufferPointer(start: here, count: strlen(here)).map { UInt8(bitPattern: $0) })
        return base.appending(path)
    }

    /// Where a symbolic link leads. The corresponding C function is `readlink`.
    public static func linkTarget(_ path: Path) throws(PosixError) -> Path {
        var target = [UInt8](repeating: 0, count: 4_097)
        let count = path.withCString { text in
            target.withUnsafeMutableBytes {
                readlink(text, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
            }
        }
        guard count >= 0 else { throw PosixError(call: "readlink", path: path, errno: .current) }
        return Path(Array(target[..<count]))
    }

    /// The path without links in it. The corresponding C function is `realpath`.
    public static func resolved(_ path: Path) throws(PosixError) -> Path {
        guard let real = path.withCString({ realpath($0, nil) }) else {
            throw PosixError(call: "realpath", path: path, errno: .current)
        }
        defer { free(real) }
        return Path(UnsafeBufferPointer(start: real, count: strlen(real)).map { UInt8(bitPattern: $0) })
    }

    /// Bytes that an ordinary user may still write on the file system of this folder. The corresponding C function is `statvfs`.
    public static func freeBytes(_ path: Path) throws(PosixError) -> UInt64 {
        var facts = statvfs()
        _ = try path.withCString { name throws(PosixError) in try checked("statvfs", path) { statvfs(name, &facts) } }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    }
}
