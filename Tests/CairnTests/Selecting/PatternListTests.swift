import TestSupport
import Testing

@testable import Cairn

@Suite("Lists of patterns")
struct PatternListTests {
    @Test(
        "a pattern fits what it describes and all below",
        arguments: [
            ("*.o", "/a/b/x.o"), ("*.o", "/a.o/b"), ("b", "/a/b"), ("b", "/a/b/c/d"), ("/a", "/a/b"), ("/a/", "/a/b"),
            ("a/b", "/x/a/b/y"), ("/a/*/c", "/a/b/c"), ("/a/**/c", "/a/c"), ("/a/**/c", "/a/x/y/c/z"), ("a/**", "/a"),
            ("**/c", "/c"), ("**", "/a"), ("/", "/a"), ("/**", "/a/b"), ("a//b", "/a/b"), ("./a/./b", "/a/b"),
            ("/x/../a", "/a"), ("[a-c]x", "/bx"), ("[^a-c]x", "/dx"), ("[\\]\\-]", "/]"), ("?", "/ß"), ("[à-ü]", "/é"),
            ("\\!a", "/!a"), ("!a", "!a"), ("\\*", "/*"), ("a*b*c", "/a12b34c"), ("**.o", "/x.o"), ("a**", "/abc"),
            ("*ß", "/xß"), ("a]", "/a]"), (" a", "/ a"), ("*a*", "/bab"), ("a/**/**/b", "/a/b"), ("a/*/**/b", "/a/x/b"),
        ])
    func fits(pattern: String, path: String) throws {
        let list = try PatternList([pattern])
        let expected = pattern.hasPrefix("!") ? PatternList.Verdict.none : .matched
        #expect(list.verdict(of: Array(path.utf8), isDirectory: false) == expected)
    }

    @Test(
        "a pattern does not fit anything else",
        arguments: [
            ("*.o", "/a.oo"), ("/b", "/a/b"), ("a/c", "/a/b/c"), ("/a/*/c", "/a/c"), ("a/", "/x/a"), ("?", "/ab"),
            ("[a-c]", "/d"), ("[^a]", "/a"), ("[!a]", "/b"), ("A", "/a"), ("\\*", "/a"), ("a/*/**/b", "/a/b"),
            ("*", "/"),
            ("/a/b", "/a"), ("a*b", "/ax/xb"), ("a?b", "/a/b"), ("**/a/**/b", "/b/a"),
        ])
    func fitsNot(pattern: String, path: String) throws {
        #expect(try PatternList([pattern]).verdict(of: Array(path.utf8), isDirectory: false) == .none)
    }

    @Test("the last pattern that fits decides")
    func lastWins() throws {
        let list = try PatternList(["*.o", "!keep.o", "/a/keep.o", "!x/**/y"])
        #expect(list.verdict(of: Array("/b/keep.o".utf8), isDirectory: false) == .takenBack)
        #expect(list.verdict(of: Array("/a/keep.o".utf8), isDirectory: false) == .matched)
        #expect(list.verdict(of: Array("/a/x/1/2/y/z.o".utf8), isDirectory: false) == .takenBack)
        #expect(list.verdict(of: Array("/a/other".utf8), isDirectory: false) == .none)
    }

    @Test("what lies in an excluded folder cannot be taken back, what lies beside it can")
    func excludedFolders() throws {
        #expect(try PatternList(["a", "!a/b"]).isExcluded(Array("/a/b".utf8), isDirectory: false))
        let list = try PatternList(["a/*", "!a/b"])
        #expect(!list.isExcluded(Array("/a/b/c".utf8), isDirectory: false))
        #expect(list.isExcluded(Array("/a/c".utf8), isDirectory: false))
    }

    @Test("a trailing slash fits directories only")
    func directories() throws {
        let list = try PatternList(["/x/cache/", "b/"])
        #expect(list.verdict(of: Array("/x/cache".utf8), isDirectory: false) == .none)
        #expect(list.verdict(of: Array("/x/cache".utf8), isDirectory: true) == .matched)
        #expect(list.verdict(of: Array("/x/cache/file".utf8), isDirectory: false) == .matched)
        #expect(list.verdict(of: Array("/b".utf8), isDirectory: false) == .none)
    }

    @Test("includes are reached through folders that are not selected, and no others are entered")
    func includes() throws {
        let list = try PatternList(["/home/*/docs", "/etc/**/conf", "!/home/b"])
        func may(_ path: String) -> Bool { list.mayContainSelected(Array(path.utf8)) }
        #expect(may("") && may("/home") && may("/home/a") && may("/home/a/docs/x") && may("/etc/x/y"))
        #expect(!may("/usr") && !may("/home/a/pictures") && !may("/home/b") && !may("/home/b/docs"))
        #expect(list.isSelected(Array("/home/a/docs/x".utf8), isDirectory: false))
        #expect(!list.isSelected(Array("/home/a".utf8), isDirectory: true))
    }

    @Test("an empty list says nothing of any path")
    func empty() {
        let list = PatternList()
        #expect(list.isEmpty && list.verdict(of: Array("/a".utf8), isDirectory: false) == .none)
        #expect(!list.isExcluded(Array("/a".utf8), isDirectory: true) && !list.mayContainSelected([]))
    }

    @Test("a list agrees with the plainest way to match", arguments: 0..<100)
    func reference(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let patterns = try (0..<1 + random.number(below: 5)).map { _ in try RandomPaths.pattern(&random) }
        let list = PatternList(patterns)
        for _ in 0..<100 {
            let path = RandomPaths.path(&random)
            let isDirectory = random.number(below: 2) == 0
            let expected = PlainMatcher.verdict(patterns, path, isDirectory: isDirectory)
            let got = list.verdict(of: path.joined(), isDirectory: isDirectory)
            if got != expected {
                Issue.record("\(patterns) \(String(decoding: path.joined(), as: UTF8.self)) \(isDirectory)")
            }
        }
    }

    @Test("nothing is selected below a folder that contains nothing selected", arguments: 0..<100)
    func reachable(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let list = PatternList(try (0..<1 + random.number(below: 4)).map { _ in try RandomPaths.pattern(&random) })
        for _ in 0..<100 {
            let path = RandomPaths.path(&random)
            for length in 0..<path.count
            where list.isSelected(path.joined(), isDirectory: false)
                && !list.mayContainSelected(Array(path[..<length]).joined())
            {
                Issue.record("\(list.patterns) \(String(decoding: path.joined(), as: UTF8.self)) at \(length)")
            }
        }
    }

    @Test("many stars and double stars take no longer than their number")
    func noExplosion() throws {
        // A matcher that tries every way for every star would need more than 10^20 steps for each.
        let name = String(repeating: "a", count: 255)
        let stars = try PatternList([
            String(repeating: "*a", count: 60) + "*b", String(repeating: "*[ab]", count: 60) + "c",
        ])
        #expect(stars.verdict(of: Array("/\(name)".utf8), isDirectory: false) == .none)
        let deep = String(repeating: "/a", count: 500)
        let folders = try PatternList([
            String(repeating: "**/", count: 100) + "x", "/" + String(repeating: "**/a/", count: 100) + "b",
            String(repeating: "**/*/", count: 100) + "b",
        ])
        #expect(folders.verdict(of: Array(deep.utf8), isDirectory: false) == .none)
        #expect(folders.verdict(of: Array((deep + "/b").utf8), isDirectory: false) == .matched)
    }
}
