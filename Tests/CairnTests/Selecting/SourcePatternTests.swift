import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Patterns that name sources")
struct SourcePatternTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["a", "a/b", "a/b/c", "d", "d/.hidden"] { try Folder.make(folder.path.appending(name)) }
        for name in ["a/f", "a/b/f", "a/b/c/f", "d/.hidden/f", "g*", "gx"] {
            _ = try FileDescriptor.open(folder.path.appending(name), [.write, .create])
        }
        let here = try FileDescriptor.open(folder.path, [.read, .folder])
        try here.makeLink("l", to: Array("a".utf8))
    }

    /// What a pattern below the folder names, without the folder's path, and how often something could not be listed.
    private func expand(_ pattern: String) throws -> (names: Set<String>, failures: Int) {
        var (names, failures): (Set<String>, Int) = ([], 0)
        let start = folder.path.appending("").string
        try SourcePattern(Array("\(start)/\(pattern)".utf8)).expand(failed: { _ in failures += 1 }) { path in
            names.insert(String(path.string.dropFirst(start.utf8.count + 1)))
        }
        return (names, failures)
    }

    @Test(
        "wildcards fit names of one folder, and ** any folders but no links",
        arguments: [
            ("*", ["a", "d", "l", "g*", "gx"]), ("g?", ["g*", "gx"]), ("g\\*", ["g*"]), ("[a-d]", ["a", "d"]),
            ("*/f", ["a/f", "l/f"]), ("**/f", ["a/f", "a/b/f", "a/b/c/f", "d/.hidden/f"]),
            ("a/**/f", ["a/f", "a/b/f", "a/b/c/f"]), ("a/**", ["a/b", "a/f"]), ("*/", ["a", "d", "l"]),
            ("d/*", ["d/.hidden"]), ("nothing", ["nothing"]), ("nothing/*", []), ("gx/*", []), ("*/nothing", []),
            ("d/../*/b", ["d/../a/b", "d/../l/b"]),
        ])
    func wildcards(pattern: String, names: [String]) throws {
        let found = try expand(pattern)
        #expect(found.names == Set(names) && found.failures == 0)
    }

    @Test("what cannot be listed is told")
    func failures() throws {
        let long = String(repeating: "x", count: 300)
        #expect(try expand("\(long)/*").failures == 1)
    }

    @Test("patterns of a file carry their lines, and a bad one is shown with its own")
    func files() throws {
        let patterns = try SourcePattern.patterns(in: Array("# a\n\n b \r\n!c\n".utf8))
        #expect(patterns.map(\.line) == [3, 4] && patterns.map(\.pattern.takesBack) == [false, true])
        #expect(patterns.map(\.pattern.bytes) == [Array("b".utf8), Array("!c".utf8)])
        #expect(throws: PatternError(pattern: Array("[".utf8), reason: "its \"[\" is not closed", line: 2)) {
            try SourcePattern.patterns(in: Array("a\n[\n".utf8))
        }
        #expect(throws: PatternError.self) { try SourcePattern(Array("!".utf8)) }
        #expect(throws: PatternError.self) { try SourcePattern([0x61, 0]) }
    }
}
