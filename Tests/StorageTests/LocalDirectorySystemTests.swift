import Glibc
import Posix
import Storage
import TestSupport
import Testing

@Suite("Local folders on real file systems and between processes")
struct LocalDirectorySystemTests {
    @Test("a full disk is reported as full, names the file, and leaves no temporary file")
    func full() throws {
        guard let small = try SmallFileSystem("size=256k") else { return }
        let storage = try LocalDirectory(small.path)
        try storage.put("kept", "text")
        #expect(try #require(storage.freeBytes()) < 256 << 10)
        let error = #expect(throws: StorageError.self) {
            let upload = try storage.upload("tmp/1")
            defer { upload.discard() }
            for _ in 0..<40 { try upload.append([UInt8](repeating: 1, count: 10_000)) }
            try upload.publish(as: "x")
        }
        #expect(error?.code == .full)
        #expect(error?.path == "\(small.path)/tmp/1")
        #expect(error?.remedy != nil)
        #expect(try storage.names("", recursive: true) == ["kept"])
        #expect(small.hasRoom(150_000))
        try storage.write([UInt8](repeating: 1, count: 100_000), as: "fits", temporaryName: "tmp/2")
        #expect(
            code { () throws(StorageError) in try storage.append([UInt8](repeating: 1, count: 300_000), to: "y") }
                == .full)
    }

    @Test("a file system without room for names is full too")
    func fullOfNames() throws {
        guard let small = try SmallFileSystem("size=1m,nr_inodes=8") else { return }
        let storage = try LocalDirectory(small.path)
        let error = #expect(throws: StorageError.self) {
            for number in 0..<10 { try storage.put("packs/\(number)", "text") }
        }
        #expect(error?.code == .full)
    }

    @Test("a file system that is mounted read-only is read, and writing says so")
    func readOnly() throws {
        guard let small = try SmallFileSystem("size=256k") else { return }
        let storage = try LocalDirectory(small.path)
        try storage.put("a/x", "text")
        #expect(small.freeze())
        #expect(try storage.text("a/x") == "text")
        #expect(try storage.names("", recursive: true) == ["a/x"])
        #expect(code { () throws(StorageError) in try storage.put("a/y", "text") } == .readOnly)
        #expect(code { () throws(StorageError) in try storage.put("b/y", "text") } == .readOnly)
        #expect(code { () throws(StorageError) in try storage.append([1], to: "a/x") } == .readOnly)
        #expect(code { () throws(StorageError) in try storage.remove("a/x") } == .readOnly)
        #expect(code { () throws(StorageError) in _ = try storage.lock("a/l", create: true) } == .readOnly)
        #expect(code { () throws(StorageError) in _ = try storage.lock("a/x", create: false) } == .readOnly)
    }

    @Test("a folder without permission to write is read, and writing is denied")
    func denied() throws {
        guard geteuid() != 0 else {
            print("not tested as root, whom no permission stops: a folder without permission to write")
            return
        }
        let folder = try TemporaryFolder()
        let storage = try LocalDirectory(folder.path)
        try storage.put("a/x", "text")
        #expect(chmod(folder.path.appending("a").string, 0o500) == 0)
        defer { chmod(folder.path.appending("a").string, 0o700) }
        #expect(try storage.text("a/x") == "text")
        #expect(code { () throws(StorageError) in try storage.put("a/y", "text") } == .denied)
        #expect(code { () throws(StorageError) in try storage.remove("a/x") } == .denied)
    }

    @Test("another process's lock holds here, follows its file, and ends when that process is killed")
    func processes() throws {
        let folder = try TemporaryFolder()
        let storage = try LocalDirectory(folder.path)
        let other = try RunningProgram(beside: "CrashHelper", ["lock", folder.path.string, "leases/a"])
        try #require(Watchdog.watch("the other process's lock") { other.waitForLine("locked") } != nil)
        #expect(try storage.lock("leases/a", create: false) == nil)
        try storage.rename("leases/a", to: "leases/b")
        #expect(try storage.lock("leases/b", create: false) == nil)
        other.kill()
        let lock = try #require(try storage.lock("leases/b", create: false))
        let late = try RunningProgram(beside: "CrashHelper", ["lock", folder.path.string, "leases/b"])
        #expect(Watchdog.watch("a taken lock") { late.wait() } == 0)
        #expect(late.lines == ["taken"])
        lock.release()
    }
}
