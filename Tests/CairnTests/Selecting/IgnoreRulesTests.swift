import ChildProcess
import Glibc
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Git's rules")
struct IgnoreRulesTests {
    private static let hasGit = ChildProcess.find("git") != nil

    @Test(
        "every path of random trees is ignored exactly if git ignores it", .enabled(if: hasGit, "git is not installed"))
    func agreesWithGit() throws {
        let repository = try #require(try GitRepository())
        let (first, count) = (Self.number("CAIRN_IGNORE_SEED") ?? 0, Self.number("CAIRN_IGNORE_TREES") ?? 200)
        var expected: [(path: [UInt8], isIgnored: Bool)] = []
        var trees: [IgnoredTree] = []
        for index in 0..<count {
            var random = SplitMix64(seed: UInt64(first + index))
            let tree = IgnoredTree(&random)
            try tree.write(to: repository.folder.path.appending("t\(index)"))
            trees.append(tree)
            expected += tree.verdicts(
                IgnoreRules(IgnoreRules.Files(ignoreFile: tree.ignoreFile)), prefix: Array("t\(index)/".utf8))
        }
        let ignored = try repository.ignored(expected.map(\.path), in: repository.folder.path)
        // Neither all nor nothing, or nothing would be tested.
        #expect(expected.count > count * 10 && ignored.count > count && ignored.count < expected.count - count)
        let wrong = expected.filter { $0.isIgnored != ignored.contains($0.path) }
        for verdict in wrong.prefix(5) {
            let tree = Int(String(decoding: verdict.path.dropFirst().prefix { $0 != 0x2F }, as: UTF8.self))!
            Issue.record("\(Path(verdict.path)) of tree \(first + tree): ignored here \(verdict.isIgnored), not in git")
        }
        #expect(wrong.isEmpty, "\(wrong.count) of \(expected.count)")
    }

    @Test(
        "the exclude file of a repository yields to its .gitignore, as in git",
        .enabled(if: hasGit, "git is not installed"))
    func excludeFile() throws {
        let repository = try #require(try GitRepository())
        let root = repository.folder.path
        let (exclude, ignore) = (Array("a\nb\n/c/d\n".utf8), Array("!b\n".utf8))
        try SmallFile.replace(root.appending(".git/info/exclude"), with: exclude)
        try SmallFile.writeNew(root.appending(".gitignore"), ignore)
        try Folder.make(root.appending("c"))
        let names = ["a", "b", "c/a", "c/d", "c/b"].map { Array($0.utf8) }
        for name in names { try SmallFile.writeNew(root.appending(Path(name)), []) }
        let rules = IgnoreRules(IgnoreRules.Files(ignoreFile: ignore, isRepository: true, excludeFile: exclude))
        let inside = rules.entering(Array("c".utf8))
        let own = names.filter {
            ($0.count == 1 ? rules : inside).isIgnored(Array($0.suffix(1)), isDirectory: false)
        }
        #expect(Set(own) == (try repository.ignored(names, in: root)))
        #expect(Set(own) == Set(["a", "c/a", "c/d"].map { Array($0.utf8) }))
    }

    @Test("a repository inside another begins anew, as in git", .enabled(if: hasGit, "git is not installed"))
    func nestedRepository() throws {
        let repository = try #require(try GitRepository())
        let root = repository.folder.path
        let (outer, inner) = (Array("*.o\n!x.o\n".utf8), Array("b\n".utf8))
        let nested = root.appending("nested")
        try SmallFile.writeNew(root.appending(".gitignore"), outer)
        try Folder.make(nested)
        try repository.run(["init", "-q"], in: nested)
        try SmallFile.writeNew(nested.appending(".gitignore"), inner)
        let names = ["a.o", "b", "x.o"].map { Array($0.utf8) }
        for name in names { try SmallFile.writeNew(nested.appending(Path(name)), []) }
        let rules = IgnoreRules(IgnoreRules.Files(ignoreFile: outer, isRepository: true))
            .entering(Array("nested".utf8), IgnoreRules.Files(ignoreFile: inner, isRepository: true))
        let own = names.filter { rules.isIgnored($0, isDirectory: false) }
        #expect(Set(own) == (try repository.ignored(names, in: nested)))
        #expect(own == [Array("b".utf8)])
    }

    @Test("nothing of .git is ignored, whatever the rules say")
    func repositoryData() {
        let rules = IgnoreRules(IgnoreRules.Files(ignoreFile: Array("*\n.git\n".utf8), isRepository: true))
        let git = Array(".git".utf8)
        #expect(rules.isIgnored(Array("a".utf8), isDirectory: false))
        #expect(!rules.isIgnored(git, isDirectory: true) && !rules.isIgnored(git, isDirectory: false))
        let inside = rules.entering(git).entering(
            Array("objects".utf8), IgnoreRules.Files(ignoreFile: Array("*".utf8)))
        #expect(!inside.isIgnored(Array("a".utf8), isDirectory: false))
    }

    @Test("rules that stay the same in a folder are shared, and those that end there are dropped")
    func anchors() {
        let rules = IgnoreRules(IgnoreRules.Files(ignoreFile: Array("/a/b\nc/**/d/\n".utf8)))
        let (a, c, d) = (Array("a".utf8), Array("c".utf8), Array("d".utf8))
        #expect(rules.entering(a).isIgnored(Array("b".utf8), isDirectory: false))
        #expect(!rules.entering(c).entering(a).isIgnored(Array("b".utf8), isDirectory: false))
        #expect(rules.entering(c).entering(a).entering(a).isIgnored(d, isDirectory: true))
        #expect(!rules.entering(c).isIgnored(d, isDirectory: false))
    }

    @Test("a hostile file of rules costs no more than its length")
    func noExplosion() {
        let text = String(repeating: "*a", count: 100) + "b\n" + String(repeating: "**/a*/", count: 200) + "b\n"
        var rules = IgnoreRules(IgnoreRules.Files(ignoreFile: Array(text.utf8)))
        let name = [UInt8](repeating: UInt8(ascii: "a"), count: 255)
        for _ in 0..<300 { rules = rules.entering(name) }
        #expect(!rules.isIgnored(name, isDirectory: true))
        #expect(rules.isIgnored(Array("b".utf8), isDirectory: false))
    }

    private static func number(_ variable: String) -> Int? {
        getenv(variable).flatMap { Int(String(cString: $0)) }
    }
}
