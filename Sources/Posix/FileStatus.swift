public import Glibc

/// What the kernel knows of a file.
public struct FileStatus: Hashable, Sendable {
    /// The device that holds it.
    public let device: UInt64
    /// Its number there.
    public let inode: UInt64
    /// Its length in bytes.
    public let size: UInt64
    /// Kind and permissions, as in `st_mode`.
    public let mode: UInt32
    /// How many names it has.
    public let linkCount: UInt64
    /// The owner's number.
    public let userID: UInt32
    /// The group's number.
    public let groupID: UInt32
    /// Of a device file: what it stands for, as in `st_rdev`.
    public let deviceNumber: UInt64
    /// The disk space it takes, in blocks of 512 bytes.
    public let blocks: UInt64
    /// When the content changed last.
    public let modified: FileTime
    /// When anything about it changed last.
    public let changed: FileTime

    /// Takes over what C returned.
    public init(_ facts: stat) {
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        size = UInt64(clamping: facts.st_size)
        mode = facts.st_mode
        linkCount = UInt64(facts.st_nlink)
        userID = facts.st_uid
        groupID = facts.st_gid
        deviceNumber = UInt64(facts.st_rdev)
        blocks = UInt64(clamping: facts.st_blocks)
        modified = FileTime(facts.st_mtim)
        changed = FileTime(facts.st_ctim)
    }

    /// The kind alone, as in `st_mode`.
    public var kind: Kind { Kind(rawValue: mode & S_IFMT) }
    /// The lowest twelve bits of the mode.
    public var permissions: UInt32 { mode & 0o7777 }
    /// Whether it is a folder.
    public var isFolder: Bool { kind == .folder }
    /// Whether it is a regular file.
    public var isRegular: Bool { kind == .regular }

    /// The kinds of files.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The C constant.
        public let rawValue: UInt32
        /// Takes the C constant.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// S_IFREG
        public static let regular = Kind(rawValue: S_IFREG)
        /// S_IFDIR
        public static let folder = Kind(rawValue: S_IFDIR)
        /// S_IFLNK
        public static let link = Kind(rawValue: S_IFLNK)
        /// S_IFIFO
        public static let fifo = Kind(rawValue: S_IFIFO)
        /// S_IFSOCK
        public static let socket = Kind(rawValue: S_IFSOCK)
        /// S_IFCHR
        public static let characterDevice = Kind(rawValue: S_IFCHR)
        /// S_IFBLK
        public static let blockDevice = Kind(rawValue: S_IFBLK)
    }
}

/// What a device file stands for.
public struct DeviceNumber: Hashable, Sendable {
    /// The driver.
    public let major: UInt32
    /// The device of that driver.
    public let minor: UInt32

    /// Makes a number of its halves.
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// Splits what C returned. The corresponding C functions are `major` and `minor`.
    public init(_ number: UInt64) {
        major = UInt32(truncatingIfNeeded: (number >> 8) & 0xFFF | (number >> 32) & 0xFFFF_F000)
        minor = UInt32(truncatingIfNeeded: number & 0xFF | (number >> 12) & 0xFFFF_FF00)
    }

    /// The number as C takes it. The corresponding C function is `makedev`.
    public var rawValue: UInt64 {
        let (major, minor) = (UInt64(major), UInt64(minor))
        return (major & 0xFFF) << 8 | (major & 0xFFFF_F000) << 32 | minor & 0xFF | (minor & 0xFFFF_FF00) << 12
    }
}
