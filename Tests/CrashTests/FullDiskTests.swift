import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Disks that are really full")
struct FullDiskTests {
    @Test("wherever the disk ends, it is said, nothing committed is lost, and with more room the same run goes on")
    func sizes() throws {
        let scenario = Scenario(isEncrypted: true)
        var failures: [String] = []
        var points = 0
        for kibibytes in stride(from: 4, through: 1_024, by: isFullSweep ? 4 : 28) {
            guard let disk = try SmallFileSystem("size=\(kibibytes)k") else { return }
            let cache = try TemporaryFolder()
            let storage = try LocalDirectory(disk.path)
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
                #expect(disk.resize(kibibytes: 16 << 10))
                try scenario.expectCarriesOn(progress, on: storage, cache: cache.path)
            }
        }
        report(failures, of: points, "sizes of a full disk")
    }

    @Test("a full cache is said to be that, costs nothing that was committed, and with more room the same run goes on")
    func fullCache() throws {
        let scenario = Scenario(isEncrypted: false)
        var failures: [String] = []
        var points = 0
        for kibibytes in stride(from: 4, through: 260, by: isFullSweep ? 4 : 32) {
            guard let disk = try SmallFileSystem("size=\(kibibytes)k") else { return }
            let folder = try TemporaryFolder()
            let storage = try LocalDirectory(folder.path)
            var progress = Scenario.Progress()
            points += 1
            checking("\(kibibytes) KiB", &failures) {
                do throws(StoreError) {
                    try scenario.run(on: storage, cache: disk.path, progress: &progress)
                } catch {
                    let isTold = error.code == .full || error.code == .catalog
                    guard isTold, error.remedy != nil, error.path?.hasPrefix(disk.path.string) == true
                    else { throw Broken("not told as it should be: \(error.code) \(error)") }
                }
                try scenario.expectKept(progress, on: storage)
                #expect(disk.resize(kibibytes: 16 << 10))
                try scenario.expectCarriesOn(progress, on: storage, cache: disk.path)
            }
        }
        report(failures, of: points, "sizes of a full cache")
    }

    @Test("a repository on a disk that is mounted read-only can be read, and writing to it says why not")
    func frozen() throws {
        guard let disk = try SmallFileSystem("size=16m") else { return }
        let scenario = Scenario(isEncrypted: true)
        let cache = try TemporaryFolder()
        let storage = try LocalDirectory(disk.path)
        var progress = Scenario.Progress()
        try scenario.run(on: storage, cache: cache.path, progress: &progress)
        #expect(disk.freeze())
        try scenario.expectKept(progress, on: storage)
        let store = try Store.open(storage, credentials: scenario.credentials, options: .small(cache: cache.path))
        let error = #expect(throws: StoreError.self) { try store.write(for: "test").close() }
        #expect(error?.code == .readOnly && error?.remedy != nil)
        #expect(error?.path?.hasPrefix(storage.location) == true)
        #expect(throws: StoreError.self) { try store.addKey(TestKey.file(3)) }
    }
}
