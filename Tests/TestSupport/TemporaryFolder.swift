internal import Glibc
public import Posix

/// A new folder that is removed, with all that is in it, when the last reference goes.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let path: Path

    private static let count = Monitor(0)

    /// Makes a folder: in memory, where synchronising costs nothing, unless a real disk is asked for or memory has no folder.
    public init(onDisk: Bool = false) throws(PosixError) {
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        let name = "cairn-test-\(Machine.processID)-\(Machine.monotonicNanoseconds)-\(number)"
        path = Path(onDisk || !Self.hasMemory ? Machine.temporaryFolder : Self.memory).appending(name)
        try Folder.make(path)
    }

    deinit { Self.removeAll(path) }

    private static let memory = "/dev/shm"

    private static let hasMemory: Bool = {
        guard let folder = try? FileDescriptor.open(Path(memory), [.read, .folder]) else { return false }
        return (try? folder.fileSystem().isMemory) == true && access(memory, W_OK) == 0
    }()

    /// Removes a folder and all below it, as far as that can be done. Follows no links.
    public static func removeAll(_ path: Path) { TreeRemoval.removeAll(path) }
}
