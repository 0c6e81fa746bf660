import Glibc
import Posix
import TestSupport
import Testing

@Suite("Folders and small files")
struct FolderTests {
    @Test("a new name is given once, and what has it stays")
    func renameNew() throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.path.appending("a"), folder.path.appending("b"))
        try SmallFile.writeNew(a, [1])
        try Folder.renameNew(a, to: b)
        try SmallFile.writeNew(a, [2])
        let error = #expect(throws: PosixError.self) { try Folder.renameNew(a, to: b) }
        #expect(error?.errno == .exists && error?.path == b)
        #expect(try SmallFile.read(b, limit: 1) == [1])
        #expect(try SmallFile.read(a, limit: 1) == [2])
        let missing = #expect(throws: PosixError.self) { try Folder.renameNew(folder.path.appending("c"), to: b) }
        #expect(missing?.errno == .noSuchFile)
    }

    @Test("where renaming without replacing is unknown, a link or a look keeps what is there")
    func fallbacks() throws {
        for method in Folder.NewNameMethod.allCases {
            let folder = try TemporaryFolder()
            let (a, b) = (folder.path.appending("a"), folder.path.appending("b"))
            try SmallFile.writeNew(a, [1])
            try Folder.renameNew(a, to: b, startingWith: method)
            #expect(try Folder.entries(of: folder.path).map(\.name) == [Array("b".utf8)], "\(method)")
            try SmallFile.writeNew(a, [2])
            let error = #expect(throws: PosixError.self, "\(method)") {
                try Folder.renameNew(a, to: b, startingWith: method)
            }
            #expect(error?.errno == .exists && error?.path == b, "\(method)")
            #expect(try SmallFile.read(b, limit: 1) == [1], "\(method)")
            #expect(throws: PosixError.self, "\(method)") {
                try Folder.renameNew(folder.path.appending("c"), to: folder.path.appending("d"), startingWith: method)
            }
        }
    }

    @Test("making a folder says whether it was new, and a file in its place is an error")
    func make() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("a")
        #expect(try Folder.make(path))
        #expect(try !Folder.make(path))
        try Folder.makeAll(path.appending("b/c/d"))
        try Folder.makeAll(path.appending("b/c/d"))
        #expect(try Folder.status(path.appending("b/c/d")).isFolder)
        try SmallFile.writeNew(path.appending("file"), [])
        let error = #expect(throws: PosixError.self) { try Folder.make(path.appending("file")) }
        #expect(error?.errno == .exists && error?.call == "mkdir")
        #expect(throws: PosixError.self) { try Folder.makeAll(path.appending("file/x/y")) }
    }

    @Test("a relative path becomes the same place's absolute one")
    func absolute() throws {
        #expect(try Folder.absolute("/a/b") == "/a/b")
        let here = try Folder.absolute("x")
        #expect(here.isAbsolute && Array(here.lastComponent) == Array("x".utf8))
    }

    @Test("synchronising a folder that is none is an error")
    func synchronize() throws {
        let folder = try TemporaryFolder()
        try Folder.synchronize(folder.path)
        try SmallFile.writeNew(folder.path.appending("file"), [])
        #expect(throws: PosixError.self) { try Folder.synchronize(folder.path.appending("file")) }
        let missing = #expect(throws: PosixError.self) { try Folder.synchronize(folder.path.appending("x")) }
        #expect(missing?.errno == .noSuchFile)
    }

    @Test("calls on what is missing name the call and the path")
    func missing() throws {
        let path: Path = "/proc/missing/x"
        #expect(#expect(throws: PosixError.self) { try Folder.entries(of: path) }?.call == "opendir")
        #expect(#expect(throws: PosixError.self) { try Folder.remove(path) }?.call == "unlink")
        #expect(#expect(throws: PosixError.self) { try Folder.removeEmpty(path) }?.call == "rmdir")
        #expect(#expect(throws: PosixError.self) { try Folder.status(path) }?.call == "stat")
        #expect(#expect(throws: PosixError.self) { try Folder.freeBytes(path) }?.call == "statvfs")
        let rename = #expect(throws: PosixError.self) { try Folder.rename(path, to: "/proc/missing/y") }
        #expect(rename?.call == "rename" && rename?.path == path)
    }

    @Test("a file's facts are those of the file")
    func status() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        try SmallFile.writeNew(path, [1, 2, 3])
        let status = try Folder.status(path)
        #expect(status.size == 3 && status.isRegular && !status.isFolder && status.mode & 0o777 == 0o600)
        #expect(try FileDescriptor.open(path, .read).status() == status)
        #expect(try Folder.freeBytes(folder.path) > 0)
    }

    @Test("a small file is read up to its limit and refused beyond it")
    func limit() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        try SmallFile.writeNew(path, [1, 2, 3])
        #expect(try SmallFile.read(path, limit: 3) == [1, 2, 3])
        let error = #expect(throws: PosixError.self) { try SmallFile.read(path, limit: 2) }
        #expect(error?.errno == .fileTooLarge && error?.path == path)
        // A file of the kernel's own that has no length of its own.
        #expect(try !SmallFile.read("/proc/self/stat", limit: 4096).isEmpty)
    }

    @Test("a new file is never written over another")
    func writeNew() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        try SmallFile.writeNew(path, [1])
        #expect(throws: PosixError.self) { try SmallFile.writeNew(path, [2]) }
        #expect(try SmallFile.read(path, limit: 1) == [1])
    }

    @Test("whoever reads while a file is replaced sees one content whole")
    func replaceAtomically() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        let contents = [[UInt8](repeating: 1, count: 9_000), [UInt8](repeating: 2, count: 70_000)]
        try SmallFile.replace(path, with: contents[0])
        let isDone = Monitor(false)
        let wrong = Monitor(0)
        let reader = try Thread("reader") {
            while !isDone.withLock({ $0 }) {
                let read = try? SmallFile.read(path, limit: 100_000)
                if read.map({ !contents.contains($0) }) ?? true { wrong.withLock { $0 += 1 } }
            }
        }
        for round in 0..<200 { try SmallFile.replace(path, with: contents[round % 2]) }
        isDone.withLock { $0 = true }
        reader.join()
        #expect(wrong.withLock { $0 } == 0)
        #expect(try Folder.entries(of: folder.path).count == 1)
    }

    @Test("replacing that fails leaves the old content and no other file")
    func replaceFails() throws {
        let folder = try TemporaryFolder()
        let inner = folder.path.appending("taken")
        try Folder.make(inner)
        try SmallFile.writeNew(inner.appending("old"), [1])
        // A folder that is not empty cannot be replaced by a file.
        #expect(throws: PosixError.self) { try SmallFile.replace(inner, with: [2]) }
        #expect(try Folder.entries(of: folder.path).count == 1)
        #expect(throws: PosixError.self) { try SmallFile.replace("/proc/missing/x", with: [1]) }
    }
}
