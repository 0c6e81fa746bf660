import Testing

@testable import Cairn

@Suite("The syntax of patterns")
struct PatternSyntaxTests {
    @Test(
        "a bad pattern is an error that shows it",
        arguments: [
            "", "!", "[a", "a/[", "a\\", "a\\/b", "[]", "[]a]", "[a-]", "[-a]", "[z-a]", "[a\\", "x[^", "..", "../a",
            ".", "a/..", "a\0",
        ])
    func bad(text: String) throws {
        let error = #expect(throws: PatternError.self) { try PathPattern(text) }
        #expect(error?.pattern == Array(text.utf8))
        #expect(try #require(error).reason.count > 5)
    }

    @Test("an error's text is safe to print")
    func printable() throws {
        let error = try #require(throws: PatternError.self) { try PathPattern(Array("\u{1B}[".utf8) + [0xFF]) }
        #expect(error.description == "bad pattern \"\\x1b[\\xff\": its \"[\" is not closed")
    }

    @Test("a file's blank lines, comments, blanks around patterns, mark and carriage returns are passed over")
    func file() throws {
        let text = "\u{FEFF}*.o\r\n\r\n  # no\n#no\n\t a b \n\\#yes\n\\!yes\n!back\n\n$HOME"
        let patterns = try PatternFile.patterns(in: Array(text.utf8))
        #expect(patterns.map(\.description) == ["*.o", "a b", "\\#yes", "\\!yes", "!back", "$HOME"])
        #expect(patterns.map(\.takesBack) == [false, false, false, false, true, false])
        #expect(PatternList(patterns).verdict(of: Array("/#yes".utf8), isDirectory: false) == .matched)
        #expect(try PatternFile.patterns(in: []).isEmpty)
    }

    @Test("a bad pattern in a file is shown with its line")
    func badLine() throws {
        let error = try #require(throws: PatternError.self) { try PatternFile.patterns(in: Array("a\n\n [b\n".utf8)) }
        #expect(error.line == 3 && error.pattern == Array("[b".utf8))
        #expect(error.description.hasPrefix("line 3: "))
    }

    @Test("names that are not UTF-8 match byte by byte")
    func bytes() throws {
        let list = PatternList([try PathPattern([0x61, 0x3F, 0xFF])])
        #expect(list.verdict(of: [0x61, 0xC3, 0xFF], isDirectory: false) == .matched)
        #expect(list.verdict(of: [0x61, 0xC3, 0xA4, 0xFF], isDirectory: false) == .matched)
        #expect(list.verdict(of: [0x61, 0xC3, 0xC3, 0xFF], isDirectory: false) == .none)
        #expect(list.verdict(of: [0x61, 0xED, 0xA0, 0x80, 0xFF], isDirectory: false) == .none)
    }

    @Test(
        "case is folded, in ASCII and beyond, one character for one",
        arguments: [
            ("*.JPG", "a.jpg", true), ("ÄRGER", "ärger", true), ("σ", "Σ", true), ("ς", "σ", true), ("ẞ", "ß", true),
            ("k", "\u{212A}", true), ("[A-C]x", "bX", true), ("[^A-C]x", "bX", false), ("[à-ü]", "É", true),
            ("ß", "ss", false), ("ı", "i", false), ("İ", "i", false), ("a?c", "AÉC", true),
            ("docs/*.TXT", "Docs/A.txt", true),
        ])
    func folding(pattern: String, name: String, isEqual: Bool) throws {
        let list = try PatternList([pattern], ignoringCase: true)
        #expect((list.verdict(of: Array(name.utf8), isDirectory: false) == .matched) == isEqual)
    }

    @Test("a name that is not UTF-8 folds what it can")
    func foldingBytes() throws {
        let list = PatternList([try PathPattern(Array("AB".utf8) + [0xFF, 0x2A])], ignoringCase: true)
        #expect(list.verdict(of: [0x61, 0x42, 0xFF, 0xC3], isDirectory: false) == .matched)
        #expect(list.verdict(of: [0x61, 0x42, 0xFE, 0xC3], isDirectory: false) == .none)
    }

    @Test(
        "find looks at base names, at the ends of paths, or at whole paths",
        arguments: [
            ("*.txt", "/a/b.txt", true), ("b", "/b/c", false), ("b/*", "/a/b/c", true), ("b/*", "/a/b/c/d", false),
            ("/a/*", "/x/a/b", false), ("/a/**/d", "/a/b/c/d", true), ("a/**", "/a/b/c", true), ("a/**", "/a", false),
            ("!x", "/!x", true), ("**", "/a/b", true), ("d/", "/d", false),
        ])
    func find(pattern: String, path: String, isFound: Bool) throws {
        #expect(try FindPattern(Array(pattern.utf8)).matches(path: Array(path.utf8), isDirectory: false) == isFound)
        let upper = try FindPattern(Array(pattern.uppercased().utf8), ignoringCase: true)
        #expect(upper.matches(path: Array(path.utf8), isDirectory: false) == isFound)
    }

    @Test("find shows a bad pattern as it was given")
    func badFind() {
        let error = #expect(throws: PatternError.self) { try FindPattern(Array("![".utf8)) }
        #expect(error?.pattern == Array("![".utf8))
    }
}
