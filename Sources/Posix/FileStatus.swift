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
    /// When the content changed last, Unix seconds.
    public let modified: Int64

    /// Takes over what C returned.
    public init(_ facts: stat) {
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        size = UInt64(clamping: facts.st_size)
        mode = facts.st_mode
        modified = Int64(facts.st_mtim.tv_sec)
    }

    /// Whether it is a folder.
    public var isFolder: Bool { mode & S_IFMT == S_IFDIR }
    /// Whether it is a regular file.
    public var isRegular: Bool { mode & S_IFMT == S_IFREG }
}
