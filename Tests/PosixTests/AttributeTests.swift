import Glibc
import Posix
import TestSupport
import Testing

@Suite("Modes, owners, times, attributes")
struct AttributeTests {
    private let place: TemporaryFolder
    private let path: Path

    init() throws {
        place = try TemporaryFolder()
        path = place.path
        try SmallFile.writeNew(path.appending("file"), [1])
    }

    private func folder() throws -> FileDescriptor { try FileDescriptor.open(path, [.read, .folder]) }

    @Test("all twelve bits of a mode can be set, by the open file and by name", arguments: [0, 0o644, 0o1777, 0o6711])
    func mode(_ mode: UInt32) throws {
        let folder = try folder()
        let file = try folder.open("file", .read)
        try file.setMode(mode)
        #expect(try file.status().permissions == mode)
        try folder.setMode(of: "file", mode ^ 0o077)
        #expect(try file.status().permissions == mode ^ 0o077)
        #expect(try file.status().isRegular)
        let missing = #expect(throws: PosixError.self) { try folder.setMode(of: "nothing", 0) }
        #expect(missing?.errno == .noSuchFile)
    }

    @Test("modes of what cannot be opened are set without opening it")
    func modeOfNode() throws {
        let folder = try folder()
        try folder.makeNode("fifo", .fifo, mode: 0o600)
        try folder.makeFolder("inner", mode: 0)
        try folder.setMode(of: "fifo", 0o4621)
        try folder.setMode(of: "inner", 0o1700)
        #expect(try folder.status(of: "fifo").permissions == 0o4621)
        #expect(try folder.status(of: "inner").permissions == 0o1700)
    }

    @Test(
        "times before 1970 and far ahead are kept to the nanosecond, and the last access stays",
        arguments: [
            FileTime(seconds: 0, nanoseconds: 0), FileTime(seconds: -1, nanoseconds: 999_999_999),
            FileTime(seconds: -2_147_483_648, nanoseconds: 1), FileTime(seconds: 15_000_000_000, nanoseconds: 5),
        ])
    func times(_ time: FileTime) throws {
        let folder = try folder()
        let file = try folder.open("file", .read)
        func accessed() -> [UInt8] {
            var facts = stat()
            return fstat(file.rawValue, &facts) == 0 ? withUnsafeBytes(of: facts.st_atim) { Array($0) } : []
        }
        let before = accessed()
        try file.setModified(time)
        #expect(try file.status().modified == time)
        try folder.setModified(of: "file", FileTime(seconds: 7, nanoseconds: 7))
        #expect(try file.status().modified == FileTime(seconds: 7, nanoseconds: 7))
        #expect(accessed() == before && !before.isEmpty)
    }

    @Test("a time with too many nanoseconds is refused")
    func wrongTime() throws {
        let file = try folder().open("file", .read)
        let error = #expect(throws: PosixError.self) {
            try file.setModified(FileTime(seconds: 0, nanoseconds: 1_000_000_000))
        }
        #expect(error?.errno == .invalidArgument && error?.call == "utimens")
    }

    @Test("owners are set by the open file and by name, of links too", .enabled(if: geteuid() == 0))
    func owners() throws {
        let folder = try folder()
        let file = try folder.open("file", .read)
        try file.setOwner(12, 4_294_967_294)
        var status = try file.status()
        #expect(status.userID == 12 && status.groupID == 4_294_967_294)
        try folder.makeLink("link", to: Array("file".utf8))
        try folder.setOwner(of: "link", 77, 78)
        status = try folder.status(of: "link")
        #expect(status.userID == 77 && status.groupID == 78)
        #expect(try file.status().userID == 12)
    }

    // MARK: Extended attributes

    @Test("attributes of any bytes and up to 64 KiB are set, listed, read and removed")
    func attributes() throws {
        let folder = try folder()
        let file = try folder.open("file", .read)
        var random = SplitMix64(seed: 1)
        let values: [[UInt8]: [UInt8]] = [
            Array("user.empty".utf8): [], Array("user.binary".utf8): Array(0...255),
            Array("user.\u{E9}".utf8): random.bytes(257), Array("user.4096".utf8): random.bytes(4_096),
            Array("user.large".utf8): random.bytes(65_536),
        ]
        for (name, value) in values { try file.setAttribute(name, value) }
        let own = try file.attributeNames().filter { $0.starts(with: Array("user.".utf8)) }
        #expect(Set(own) == Set(values.keys))
        #expect(Set(try folder.attributeNames(of: "file")) == Set(try file.attributeNames()))
        for (name, value) in values {
            #expect(try file.attribute(name) == value)
            #expect(try folder.attribute(name, of: "file") == value)
            try folder.setAttribute(name, [9], of: "file")
            #expect(try file.attribute(name) == [9])
            try file.removeAttribute(name)
            #expect(try file.attribute(name) == nil)
        }
        try file.setAttribute(Array("user.a".utf8), [1])
        try folder.removeAttribute(Array("user.a".utf8), of: "file")
        let gone = #expect(throws: PosixError.self) { try file.removeAttribute(Array("user.a".utf8)) }
        #expect(gone?.errno == .noSuchAttribute)
    }

    @Test("a list of very many names is read whole")
    func manyNames() throws {
        let file = try folder().open("file", .read)
        let names = (0..<250).map { Array("user.\($0) \(String(repeating: "n", count: 200))".utf8) }
        for name in names { try file.setAttribute(name, []) }
        #expect(Set(try file.attributeNames()).isSuperset(of: names))
    }

    @Test("where there can be no attributes there are none")
    func none() throws {
        let folder = try folder()
        let null = try FileDescriptor.open("/proc/self/stat", .read)
        #expect(try null.attributeNames() == [])
        #expect(try null.attribute(Array("user.a".utf8)) == nil)
        try folder.makeNode("fifo", .fifo, mode: 0o600)
        #expect(try folder.attribute(Array("user.a".utf8), of: "fifo") == nil)
        // User attributes belong to files and folders alone.
        #expect(throws: PosixError.self) { try folder.setAttribute(Array("user.a".utf8), [1], of: "fifo") }
        let missing = #expect(throws: PosixError.self) { try folder.attributeNames(of: "nothing") }
        #expect(missing?.errno == .noSuchFile && missing?.path == "nothing")
    }

    @Test("attributes of a link are its own", .enabled(if: geteuid() == 0))
    func ofLinks() throws {
        let folder = try folder()
        try folder.makeLink("link", to: Array("file".utf8))
        let name = Array("trusted.cairn".utf8)
        try folder.setAttribute(name, [1, 2], of: "link")
        #expect(try folder.attribute(name, of: "link") == [1, 2])
        #expect(try folder.attribute(name, of: "file") == nil)
    }
}
