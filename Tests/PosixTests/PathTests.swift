import Posix
import TestSupport
import Testing

@Suite("Paths")
struct PathTests {
    @Test(
        "the parent is what stands before the last name",
        arguments: [
            ("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a/b", "a"), ("a", "."), ("", "."), ("/a/b/", "/a"),
            ("a///", "."),
            ("//", "/"), ("./a", "."),
        ])
    func parent(_ path: String, _ parent: String) { #expect(Path(path).parent == Path(parent)) }

    @Test(
        "the last component is the last name",
        arguments: [
            ("/a/b", "b"), ("/a", "a"), ("a", "a"), ("a/b/", "b"), ("", ""),
        ])
    func lastComponent(_ path: String, _ last: String) {
        #expect(Array(Path(path).lastComponent) == Array(last.utf8))
    }

    @Test(
        "names are put behind a path with one slash, and an absolute one stands alone",
        arguments: [
            ("/a", "b", "/a/b"), ("/a/", "b", "/a/b"), ("/", "b", "/b"), ("a", "b/c", "a/b/c"), ("a", "", "a"),
            ("", "b", "b"), ("/a", "/b", "/b"), ("", "", ""),
        ])
    func append(_ head: String, _ tail: String, _ whole: String) {
        #expect(Path(head).appending(tail) == Path(whole))
        #expect(Path(head).appending(Path(tail)) == Path(whole))
    }

    @Test(
        "for people, control characters and bytes that are no text are escaped",
        arguments: [
            (Array("plain/é/名".utf8), "plain/é/名"), ([0x61, 0xFF, 0x62], "a\\xffb"), ([0x61, 10, 0x62], "a\\nb"),
            ([27, 0x5B], "\\x1b["), ([0x5C, 0x6E], "\\\\n"), ([0x7F], "\\x7f"), ([0xC2, 0x85], "\\xc2\\x85"),
            ([0xC3], "\\xc3"),
            ([0xE2, 0x82], "\\xe2\\x82"), ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"), ([0xF0, 0x9F, 0x98, 0x80], "😀"),
            ([0xC0, 0xAF], "\\xc0\\xaf"), ([], ""),
        ] as [([UInt8], String)])
    func description(_ bytes: [UInt8], _ text: String) { #expect(Path(bytes).description == text) }

    @Test("any bytes but NUL stay as they are, and a NUL ends the path")
    func bytes() {
        let all = (1...255).map { UInt8($0) }
        #expect(Array(Path(all).bytes) == all)
        #expect(Array(Path([0x61, 0, 0x62]).bytes) == [0x61])
        #expect(Path("").isEmpty && !Path("a").isEmpty)
        #expect(Path("/a").isAbsolute && !Path("a").isAbsolute && !Path("").isAbsolute)
    }

    @Test("order is that of the bytes")
    func order() {
        let sorted = [Path("A"), Path("a"), Path("a/b"), Path("ab"), Path([0xFF])]
        #expect(sorted.shuffled().sorted() == sorted)
    }

    @Test("files with names of any bytes are made, listed and removed")
    func anyName() throws {
        let folder = try TemporaryFolder()
        let name: [UInt8] = [0xFF, 0xFE, 10, 32, 0x41]
        try SmallFile.writeNew(folder.path.appending(Path(name)), [1])
        #expect(try Folder.entries(of: folder.path).map(\.name) == [name])
        try Folder.remove(folder.path.appending(Path(name)))
        #expect(try Folder.entries(of: folder.path).isEmpty)
    }
}
