import Glibc
import Posix
import TestSupport

/// A small file system in memory, mounted for one test; nil where this user may not mount, which is then said.
final class MountedFolder {
    private let folder: TemporaryFolder
    var path: Path { folder.path }

    /// Of kind `ramfs`, which knows no size, or `tmpfs`.
    init?(kind: String = "tmpfs", bytes: Int = 4 << 20) throws {
        folder = try TemporaryFolder()
        guard mount("cairn-test", folder.path.string, kind, 0, kind == "tmpfs" ? "size=\(bytes)" : nil) == 0 else {
            print("not tested: mounting a small file system is not allowed here (\(Errno.current))")
            return nil
        }
    }

    private var isReadOnly = false

    /// Allows only reading from now on. A mount of its own lies over the first one, which may be held open for writing by a child
    /// process that another test is just starting.
    func makeReadOnly() -> Bool {
        let path = folder.path.string
        guard mount(path, path, nil, UInt(MS_BIND), nil) == 0 else { return false }
        isReadOnly = true
        return mount(path, path, nil, UInt(MS_REMOUNT | MS_BIND | MS_RDONLY), nil) == 0
    }

    deinit {
        if isReadOnly { umount2(folder.path.string, Int32(MNT_DETACH)) }
        umount2(folder.path.string, Int32(MNT_DETACH))
    }
}
