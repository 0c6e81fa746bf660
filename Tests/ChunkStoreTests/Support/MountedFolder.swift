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

    /// Allows only reading from now on.
    func makeReadOnly() -> Bool {
        mount("cairn-test", folder.path.string, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
    }

    deinit { umount2(folder.path.string, Int32(MNT_DETACH)) }
}
