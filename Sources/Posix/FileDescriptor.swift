internal import Glibc

internal import CPosix

/// An open file or folder with one owner; closed when the owner lets go. All are close-on-exec.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The kernel's number.
    public private(set) var rawValue: Int32
    /// What was opened, for messages.
    public let path: Path

    private init(rawValue: Int32, path: Path) {
        self.rawValue = rawValue
        self.path = path
    }

    deinit { if rawValue >= 0 { _ = Glibc.close(rawValue) } }

    /// How a file is opened.
    public struct Options: OptionSet, Sendable {
        /// The C flags.
        public let rawValue: Int32
        /// Makes options of the C flags.
        public init(rawValue: Int32) { self.rawValue = rawValue }
        /// O_RDONLY
        public static let read = Options(rawValue: O_RDONLY)
        /// O_WRONLY
        public static let write = Options(rawValue: O_WRONLY)
        /// O_RDWR
        public static let readWrite = Options(rawValue: O_RDWR)
        /// O_CREAT
        public static let create = Options(rawValue: O_CREAT)
        /// O_EXCL
        public static let exclusive = Options(rawValue: O_EXCL)
        /// O_APPEND
        public static let append = Options(rawValue: O_APPEND)
        /// O_TRUNC
        public static let truncate = Options(rawValue: O_TRUNC)
        /// O_DIRECTORY
        public static let folder = Options(rawValue: O_DIRECTORY)
        /// O_NOFOLLOW
        public static let noFollow = Options(rawValue: O_NOFOLLOW)
        /// O_NONBLOCK: opening a FIFO waits for nobody.
        public static let nonBlocking = Options(rawValue: O_NONBLOCK)
        /// O_NOATIME, which the owner and root may use: reading leaves no trace.
        public static let noAccessTime = Options(rawValue: cairn_o_noatime())
        /// O_PATH: the place in the file system alone, not the content.
        public static let place = Options(rawValue: cairn_o_path())
    }

    /// Opens a file. The corresponding C function is `openat`.
    public static func open(
        _ path: Path, _ options: Options, mode: UInt32 = 0o600
    ) throws(PosixError) -> FileDescriptor {
        try open(path, options, mode: mode, in: AT_FDCWD)
    }

    static func open(
        _ path: Path, _ options: Options, mode: UInt32, in folder: Int32
    ) throws(PosixError) -> FileDescriptor {
        let number = try path.withCString { name throws(PosixError) in
            try checked("open", path) { cairn_openat(folder, name, options.rawValue, mode) }
        }
        return FileDescriptor(rawValue: number, path: path)
    }

    /// Takes over a descriptor that is open; the path is for messages. Nobody else may close it.
    public init(takingOver number: Int32, path: Path) { self.init(rawValue: number, path: path) }

    /// Another descriptor of an open file, close-on-exec. The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
    public static func duplicate(_ number: Int32, path: Path) throws(PosixError) -> FileDescriptor {
        FileDescriptor(rawValue: try checked("dup", path) { fcntl(number, F_DUPFD_CLOEXEC, 3) }, path: path)
    }

    /// Closes now and reports what closing found. The corresponding C function is `close`.
    public consuming func close() throws(PosixError) {
        let number = rawValue
        rawValue = -1
        // After EINTR Linux has closed the descriptor all the same: never again.
        if Glibc.close(number) != 0, Errno.current != .interrupted {
            throw PosixError(call: "close", path: path, errno: .current)
        }
    }
}
