import Glibc
import Posix
import TestSupport
import Testing

@Suite("Names in an open folder")
struct OpenFolderTests {
    private let place: TemporaryFolder
    private let path: Path

    init() throws {
        place = try TemporaryFolder()
        path = place.path
    }

    private func opened() throws -> FileDescriptor { try FileDescriptor.open(path, [.read, .folder]) }

    @Test("all names come sorted by their bytes, however many there are, and as often as one asks")
    func listing() throws {
        let folder = try opened()
        #expect(try folder.sortedEntries() == [])
        var names: [[UInt8]] = [[0xFF], [0x0A], [0x20], Array("a".utf8), Array("a.b".utf8), Array("é".utf8)]
        // As long as what is compared at once, and shorter.
        names += ["a rathe", "a rather", "a rathes"].map { Array($0.utf8) }
        names += (0..<3_000).map { Array("a rather long name, so that one call does not give all \($0)".utf8) }
        for name in names { try folder.makeLink(Path(name), to: [1]) }
        names.sort { $0.lexicographicallyPrecedes($1) }
        for _ in 0..<2 {
            let found = try folder.sortedEntries()
            #expect(found.map(\.name) == names)
            #expect(found.allSatisfy { Int32($0.kind) == Int32(DT_LNK) })
        }
    }

    @Test("a name that is a link is never followed")
    func links() throws {
        let folder = try opened()
        try SmallFile.writeNew(path.appending("file"), [1])
        try folder.makeLink("link", to: Array("file".utf8))
        try folder.makeLink("up", to: Array("..".utf8))
        #expect(try folder.status(of: "link").kind == .link)
        #expect(try folder.status(ofListed: Array("link".utf8)).inode == folder.status(of: "link").inode)
        let missing = #expect(throws: PosixError.self) { try folder.status(ofListed: Array("missing".utf8)) }
        #expect(missing?.errno == .noSuchFile && missing?.path == "missing")
        #expect(try folder.linkTarget(of: "link") == Array("file".utf8))
        let error = #expect(throws: PosixError.self) { _ = try folder.open("link", .read).rawValue }
        #expect(error?.errno == .linksInACircle)
        #expect(throws: PosixError.self) { _ = try folder.open("up", [.read, .folder]).rawValue }
        let mode = #expect(throws: PosixError.self) { try folder.setMode(of: "link", 0o600) }
        #expect(mode?.errno == .linksInACircle && mode?.call == "chmod")
        let time = FileTime(seconds: -5, nanoseconds: 9)
        try folder.setModified(of: "link", time)
        #expect(try folder.status(of: "link").modified == time)
        #expect(try folder.status(of: "file").modified != time)
        let target = #expect(throws: PosixError.self) { _ = try folder.linkTarget(of: "file") }
        #expect(target?.errno == .invalidArgument)
    }

    @Test("the longest target of a link is read whole")
    func longTarget() throws {
        let target = [UInt8](repeating: 0x61, count: 4_095)
        let folder = try opened()
        try folder.makeLink("link", to: target)
        #expect(try folder.linkTarget(of: "link") == target)
    }

    @Test("hard links are one file, and a link to a symbolic link is one to the link itself")
    func hardLinks() throws {
        let folder = try opened()
        try folder.makeFolder("other", mode: 0o700)
        let other = try folder.open("other", [.read, .folder])
        try folder.makeLink("a", to: Array("nowhere".utf8))
        try other.makeHardLink("b", to: "a", in: folder)
        let (first, second) = (try folder.status(of: "a"), try other.status(of: "b"))
        #expect(first == second && first.linkCount == 2 && first.kind == .link)
        let error = #expect(throws: PosixError.self) { try other.makeHardLink("b", to: "a", in: folder) }
        #expect(error?.errno == .exists && error?.path == "b")
    }

    @Test("FIFOs and sockets are made by anyone, devices with their numbers by root")
    func nodes() throws {
        let folder = try opened()
        try folder.makeNode("fifo", .fifo, mode: 0o600)
        try folder.makeNode("socket", .socket, mode: 0o600)
        #expect(try folder.status(of: "fifo").kind == .fifo)
        #expect(try folder.status(of: "socket").kind == .socket)
        // Nobody writes to it, and yet this does not wait.
        _ = try folder.open("fifo", [.read, .nonBlocking]).rawValue
        guard geteuid() == 0 else { return }
        let number = DeviceNumber(major: 4_095, minor: 1_048_575)
        try folder.makeNode("device", .blockDevice, mode: 0o600, device: number)
        let status = try folder.status(of: "device")
        #expect(status.kind == .blockDevice && DeviceNumber(status.deviceNumber) == number)
    }

    @Test("renaming replaces, removing a folder asks for another call than removing a file")
    func renamingAndRemoving() throws {
        let folder = try opened()
        try folder.makeFolder("inner", mode: 0o750)
        #expect(try folder.status(of: "inner").permissions == 0o750)
        let inner = try folder.open("inner", [.read, .folder])
        try folder.makeLink("a", to: [1])
        try inner.makeLink("b", to: [2])
        try folder.rename("a", to: "b", in: inner)
        #expect(try inner.linkTarget(of: "b") == [1])
        #expect(try folder.sortedEntries().map(\.name) == [Array("inner".utf8)])
        #expect(#expect(throws: PosixError.self) { try folder.remove("inner") }?.errno == .isAFolder)
        #expect(#expect(throws: PosixError.self) { try folder.removeFolder("inner") }?.errno == .folderNotEmpty)
        #expect(#expect(throws: PosixError.self) { try inner.removeFolder("b") }?.errno == .notAFolder)
        try inner.remove("b")
        try folder.removeFolder("inner")
        let gone = #expect(throws: PosixError.self) { try folder.removeFolder("inner") }
        #expect(gone?.errno == .noSuchFile && gone?.call == "rmdir" && gone?.path == "inner")
    }

    @Test("bytes are ordered as memcmp does, and a beginning comes before the whole")
    func order() {
        let ordered: [[UInt8]] = [[], [0], [0, 0], [1], [0x61], [0x61, 0], [0x61, 0x2E], [0x7F], [0x80], [0xFF]]
        for (i, a) in ordered.enumerated() {
            for (j, b) in ordered.enumerated() { #expect(a.precedes(b) == (i < j)) }
        }
    }
}
