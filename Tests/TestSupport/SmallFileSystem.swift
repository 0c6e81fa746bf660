internal import Glibc
public import Posix

/// A small file system in memory, mounted for one test and unmounted with the last reference to it.
public final class SmallFileSystem {
    private let folder: TemporaryFolder
    private var isFrozen = false

    /// Where it is.
    public var path: Path { folder.path }

    /// Of kind `tmpfs`, with options such as `size=256k`, or `ramfs`, which knows no size. Nil where this user may not mount, which is then said.
    public init?(_ options: String? = nil, kind: String = "tmpfs") throws(PosixError) {
        folder = try TemporaryFolder(onDisk: true)
        guard mount("cairn-test", folder.path.string, kind, 0, options) == 0 else {
            print("not tested: mounting a small file system is not allowed here (\(Errno.current))")
            return nil
        }
    }

    /// Gives it more room, or less. Returns whether that went well.
    public func resize(kibibytes: Int) -> Bool {
        mount("cairn-test", path.string, "tmpfs", UInt(MS_REMOUNT), "size=\(kibibytes)k") == 0
    }

    /// Shows it read-only from here on. A mount of its own lies over the first one, which may be held open for writing by a child process
    /// that another test is just starting. Returns whether that went well.
    public func freeze() -> Bool {
        guard mount(path.string, path.string, nil, UInt(MS_BIND), nil) == 0 else { return false }
        isFrozen = true
        return mount(path.string, path.string, nil, UInt(MS_REMOUNT | MS_BIND | MS_RDONLY), nil) == 0
    }

    /// Waits for room: what was removed takes it until the last child process that another test was starting meanwhile, and that got
    /// a copy of the open file, has become its own program.
    public func hasRoom(_ byteCount: UInt64) -> Bool {
        for _ in 0..<2_000 {
            if let free = try? Folder.freeBytes(path), free >= byteCount { return true }
            usleep(5_000)
        }
        return false
    }

    deinit {
        if isFrozen { umount2(folder.path.string, Int32(MNT_DETACH)) }
        umount2(folder.path.string, Int32(MNT_DETACH))
    }
}
