import Glibc
import Posix
import TestSupport
import Testing

@Suite("Descriptors")
struct FileDescriptorTests {
    private func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) >= 0 }

    @Test("a descriptor is closed when its owner lets go, or closes it")
    func closing() throws {
        let folder = try TemporaryFolder()
        // A number can be taken again at once by another test's thread: what counts is what the number leads to.
        func target(_ number: Int32) -> String {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = buffer.withUnsafeMutableBytes { raw in
                readlink("/proc/self/fd/\(number)", raw.baseAddress!.assumingMemoryBound(to: CChar.self), raw.count)
            }
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
        let path = folder.path.appending("file")
        var number: Int32 = -1
        do {
            let file = try FileDescriptor.open(path, [.write, .create])
            number = file.rawValue
            #expect(target(number) == path.string)
        }
        #expect(target(number) != path.string)
        let file = try FileDescriptor.open(path, .read)
        number = file.rawValue
        try file.close()
        #expect(target(number) != path.string)
    }

    @Test("descriptors do not outlive exec")
    func closeOnExec() throws {
        let file = try FileDescriptor.open("/dev/null", .read)
        #expect(fcntl(file.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test(
        "reading at an offset gives what is there, and less at the end",
        arguments: [
            (0, 10, 10), (4, 3, 3), (8, 5, 2), (10, 1, 0), (1 << 40, 1, 0), (UInt64.max, 1, 0), (UInt64.max / 2, 8, 0),
        ] as [(UInt64, Int, Int)])
    func readAt(_ offset: UInt64, _ count: Int, _ got: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        try SmallFile.writeNew(path, Array("0123456789".utf8))
        let file = try FileDescriptor.open(path, .read)
        var buffer = [UInt8](repeating: 0, count: count)
        let read = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
            try file.read(into: raw, at: offset)
        }
        #expect(read == got)
        for index in 0..<got { #expect(buffer[index] == UInt8(48 + Int(offset) + index)) }
    }

    @Test("an error names the call, the path and the reason")
    func errors() throws {
        let missing = #expect(throws: PosixError.self) {
            _ = try FileDescriptor.open("/proc/missing/a", .read).rawValue
        }
        #expect(missing?.call == "open" && missing?.path == "/proc/missing/a" && missing?.errno == .noSuchFile)
        #expect(missing?.description == "open /proc/missing/a: No such file or directory")
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        try SmallFile.writeNew(path, [1])
        let file = try FileDescriptor.open(path, .read)
        let writing = #expect(throws: PosixError.self) {
            try [UInt8(1)].withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
        }
        #expect(writing?.call == "write" && writing?.path == path && writing?.errno == .badDescriptor)
        let taken = #expect(throws: PosixError.self) {
            _ = try FileDescriptor.open(path, [.write, .create, .exclusive]).rawValue
        }
        #expect(taken?.errno == .exists)
        let folderError = #expect(throws: PosixError.self) { _ = try FileDescriptor.open(folder.path, .write).rawValue }
        #expect(folderError?.errno == .isAFolder)
    }

    @Test("an error without a path, and an unknown reason, can be told")
    func description() {
        #expect(PosixError(call: "getcwd", path: nil, errno: .noSuchFile).description.hasPrefix("getcwd: No such"))
        #expect(!Errno(rawValue: 99_999).description.isEmpty)
        let odd = PosixError(call: "open", path: Path([0x61, 10, 0xFF]), errno: .inputOutput)
        #expect(odd.description == "open a\\n\\xff: Input/output error")
    }

    @Test("one descriptor at a time has the lock, and closing ends it")
    func lock() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        let first = try FileDescriptor.open(path, [.readWrite, .create])
        let second = try FileDescriptor.open(path, .read)
        #expect(try first.tryLock())
        #expect(try first.tryLock())
        #expect(try !second.tryLock())
        try first.close()
        #expect(try second.tryLock())
    }

    @Test("the kind of a file system is known")
    func fileSystem() throws {
        #expect(try FileDescriptor.open("/", [.read, .folder]).fileSystem().isMemory == false)
        #expect(FileSystemKind(magic: 0xEF53).isLocal)
        #expect(!FileSystemKind(magic: 0x6969).isLocal)
        #expect(FileSystemKind(magic: 0x0102_1994).isMemory && FileSystemKind(magic: 0x0102_1994).isLocal)
    }
}
