import ChunkStore
import Glibc
import Posix
import Storage
import TestSupport
import Testing

@Suite("Disks that are really full")
struct FullDiskTests {
    /// A file system in memory whose size can be changed; nil where this user may not mount.
    private final class SmallFileSystem {
        let folder: TemporaryFolder

        init?(kibibytes: Int) throws {
            folder = try TemporaryFolder(onDisk: true)
            guard mount("cairn-test", folder.path.string, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
                print("not tested: mounting a small file system is not allowed here (\(Errno.current))")
                return nil
            }
        }

        func resize(kibibytes: Int) {
            #expect(mount("cairn-test", folder.path.string, "tmpfs", UInt(MS_REMOUNT), "size=\(kibibytes)k") == 0)
        }

        deinit { umount2(folder.path.string, Int32(MNT_DETACH)) }
    }

    @Test("wherever the disk ends, it is said, nothing committed is lost, and with more room the same run goes on")
    func sizes() throws {
        let scenario = Scenario(isEncrypted: true)
        var failures: [String] = []
        var points = 0
        for kibibytes in stride(from: 4, through: 1_024, by: isFullSweep ? 4 : 28) {
            guard let disk = try SmallFileSystem(kibibytes: kibibytes) else { return }
            let cache = try TemporaryFolder()
            let storage = try LocalDirectory(disk.folder.path)
            var progress = Scenario.Progress()
            points += 1
            checking("\(kibibytes) KiB", &failures) {
                do throws(StoreError) {
                    try scenario.run(on: storage, cache: cache.path, progress: &progress)
                } catch {
                    guard error.code == .full, error.remedy != nil, error.path?.hasPrefix(storage.location) == true
                    else { throw Broken("not told as it should be: \(error)") }
                }
                try scenario.expectKept(progress, on: storage)
                disk.resize(kibibytes: 16 << 10)
                try scenario.expectCarriesOn(progress, on: storage, cache: cache.path)
            }
        }
        report(failures, of: points, "sizes of a full disk")
    }
}
