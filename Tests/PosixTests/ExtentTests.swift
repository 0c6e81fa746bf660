import Posix
import TestSupport
import Testing

@Suite("Holes, and writing at a place")
struct ExtentTests {
    private func file(_ place: TemporaryFolder) throws -> FileDescriptor {
        try FileDescriptor.open(place.path.appending("file"), [.readWrite, .create])
    }

    private func write(_ bytes: [UInt8], at offset: UInt64, to file: borrowing FileDescriptor) throws {
        try bytes.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw, at: offset) }
    }

    private func read(_ count: Int, at offset: UInt64, of file: borrowing FileDescriptor) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 9, count: count)
        let got = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
            try file.read(into: raw, at: offset)
        }
        return Array(buffer[..<got])
    }

    @Test("data and holes are found where they are", arguments: [false, true])
    func finding(_ onDisk: Bool) throws {
        let place = try TemporaryFolder(onDisk: onDisk)
        let file = try file(place)
        #expect(try file.nextData(from: 0) == nil)
        try file.truncate(to: 4 << 20)
        #expect(try file.status().size == 4 << 20)
        #expect(try file.nextData(from: 0) == nil)
        #expect(try file.nextHole(from: 0) == 0)
        try write([UInt8](repeating: 1, count: 65_536), at: 1 << 20, to: file)
        #expect(try file.nextData(from: 0) == 1 << 20)
        #expect(try file.nextHole(from: 1 << 20) == (1 << 20) + 65_536)
        #expect(try file.nextData(from: (1 << 20) + 65_536) == nil)
        // The end of a file counts as a hole.
        try write([1], at: (4 << 20) - 1, to: file)
        #expect(try file.nextHole(from: (4 << 20) - 1) == 4 << 20)
        #expect(try file.nextData(from: 4 << 20) == nil)
        let error = #expect(throws: PosixError.self) { _ = try file.nextHole(from: 5 << 20) }
        #expect(error?.errno == .noSuchDevice && error?.call == "lseek")
    }

    @Test("whoever reads on after a look for holes begins where he was")
    func position() throws {
        let place = try TemporaryFolder()
        let file = try file(place)
        try write([1, 2, 3], at: 0, to: file)
        try file.truncate(to: 1 << 20)
        #expect(try file.nextHole(from: 0) == 4_096)
        #expect(try file.nextData(from: 8_192) == nil)
        #expect(try file.nextData(from: 1) == 1)
        var buffer = [UInt8](repeating: 9, count: 3)
        let got = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in try file.read(into: raw) }
        #expect(got == 3 && buffer == [1, 2, 3])
    }

    @Test("a punched hole reads as zeros and keeps the size", arguments: [false, true])
    func punching(_ onDisk: Bool) throws {
        let place = try TemporaryFolder(onDisk: onDisk)
        let file = try file(place)
        try write([UInt8](repeating: 7, count: 1 << 20), at: 0, to: file)
        try #require(try file.punchHole(at: 65_536, count: 131_072))
        #expect(try file.status().size == 1 << 20)
        #expect(try file.nextHole(from: 0) == 65_536)
        #expect(try file.nextData(from: 65_536) == 196_608)
        #expect(try read(3, at: 65_535, of: file) == [7, 0, 0])
        #expect(try read(2, at: 196_607, of: file) == [0, 7])
    }

    @Test("bytes are written where they belong, and the position stays")
    func writing() throws {
        let place = try TemporaryFolder()
        let file = try file(place)
        try write([5, 6], at: 3, to: file)
        try write([], at: 100, to: file)
        #expect(try read(10, at: 0, of: file) == [0, 0, 0, 5, 6])
        try [UInt8(1)].withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
        #expect(try read(10, at: 0, of: file) == [1, 0, 0, 5, 6])
        try file.truncate(to: 4)
        #expect(try read(10, at: 0, of: file) == [1, 0, 0, 5])
    }

    @Test(
        "offsets that no file has are errors and no traps",
        arguments: [UInt64.max, UInt64(1) << 63, UInt64(1) << 63 - 1])
    func tooFar(_ offset: UInt64) throws {
        let place = try TemporaryFolder()
        let file = try file(place)
        let writing = #expect(throws: PosixError.self) { try write([1, 2], at: offset, to: file) }
        #expect(writing?.errno == .fileTooLarge)
        #expect(throws: PosixError.self) { _ = try file.punchHole(at: offset, count: 2) }
        #expect(throws: PosixError.self) { _ = try file.nextHole(from: offset) }
        if offset > Int64.max {
            #expect(throws: PosixError.self) { _ = try file.punchHole(at: 0, count: offset) }
            let cutting = #expect(throws: PosixError.self) { try file.truncate(to: offset) }
            #expect(cutting?.errno == .fileTooLarge && cutting?.call == "truncate")
            #expect(throws: PosixError.self) { _ = try file.nextData(from: offset) }
        } else {
            #expect(try file.nextData(from: offset) == nil)
        }
    }
}
