import ChildProcess
import Glibc
import Testing

/// What options leave out, in real snapshots.
@Suite("cairn snapshot leaves out")
struct SnapshotSelectionTests {
    private let scene: BrowsingScene

    init() throws { scene = try BrowsingScene() }

    /// The names in the source that a snapshot with these options takes.
    private func taken(_ script: String, _ options: String...) throws -> [String] {
        try scene.shell("cd s; \(script)")
        let outcome = try scene.outcome(["snapshot", "-q", "s"] + options)
        guard outcome.code == 0, outcome.errors.isEmpty else {
            throw ChildFailure(reason: "\(outcome.code): \(outcome.errorText)")
        }
        return try scene.lines("ls", "latest:\(scene.source)").compactMap { line in
            line == "@" ? nil : line.split(separator: "@/").last.map(String.init)
        }
    }

    @Test("what a pattern fits; the last one that fits counts")
    func patterns() throws {
        let names = try taken(
            "mkdir -p a/b c; touch a/x.o a/keep.o a/b/y.o a/b/z c/B c/n", "-e", "*.o", "--exclude", "!keep.o", "-e",
            "b",
            "--exclude=\(scene.source)/c/n")
        #expect(names == ["a", "a/keep.o", "c", "c/B"])
    }

    @Test("what a pattern fits whatever its case")
    func cases() throws {
        #expect(try taken("touch a.TMP b.tmp ÄB c", "--iexclude", "*.tmp", "--iexclude", "äb") == ["c"])
    }

    @Test("what the patterns of a file fit, with comments, blanks and foreign line ends")
    func files() throws {
        _ = try scene.folder.file("ex", "# comment\r\n\r\n  *.o  \r\n\\#hash\r\n")
        _ = try scene.folder.file("iex", "README\n")
        let names = try taken(
            "touch a.o '#hash' '# comment' ReadMe x", "--exclude-file", "ex", "--iexclude-file", "iex")
        #expect(names == ["# comment", "x"])
        let manifest = try scene.run("manifest", "latest", "--json")
        #expect(manifest.contains(##""excludes":["*.o","\\#hash","--iexclude=README"]"##), "\(manifest)")
    }

    @Test(
        "a bad pattern is a usage error that shows it, and in a file where it stands",
        arguments: ["[a", "x[z-a]", "", "a\\"])
    func badPattern(pattern: String) throws {
        // A backslash is shown as two.
        let shown = pattern == "a\\" ? "a\\\\" : pattern
        for option in ["--exclude", "--iexclude"] {
            let outcome = try scene.outcome(["snapshot", "s", option, pattern])
            let start = "cairn: invalid value \"\(shown)\" for \(option): as a pattern, "
            #expect(outcome.code == 2 && outcome.errorText.hasPrefix(start), "\(outcome.errorText)")
        }
        guard !pattern.isEmpty else { return }
        _ = try scene.folder.file("ex", "fine\n\n\(pattern)\n")
        for option in ["--exclude-file", "--iexclude-file"] {
            let outcome = try scene.outcome(["snapshot", "s", option, "ex"])
            let start = "cairn: ex, line 3: bad pattern \"\(shown)\": "
            #expect(outcome.code == 2 && outcome.errorText.hasPrefix(start), "\(outcome.errorText)")
        }
        let missing = try scene.outcome(["snapshot", "s", "--exclude-file", "nowhere"])
        let message = "cairn: cannot read the patterns in nowhere: No such file or directory"
        #expect(missing.code == 1 && missing.errorLines.first == message)
    }

    @Test("caches, but for their tags")
    func caches() throws {
        let tag = "Signature: 8a477f597d28d172789f06886806bc55"
        let script = "mkdir c d e; printf '\(tag)\\n' > c/CACHEDIR.TAG; printf no > d/CACHEDIR.TAG; touch c/x d/x"
        #expect(try taken(script, "--exclude-caches") == ["c", "c/CACHEDIR.TAG", "d", "d/CACHEDIR.TAG", "d/x", "e"])
    }

    @Test("folders with a mark, but for the mark")
    func marks() throws {
        let names = try taken(
            "mkdir a b c; touch a/.nobackup a/x b/x; printf head > b/m; printf other > c/m; touch c/x",
            "--exclude-if-present", ".nobackup", "--exclude-if-present=m:hea")
        #expect(names == ["a", "a/.nobackup", "b", "b/m", "c", "c/m", "c/x"])
        let wrong = try scene.outcome(["snapshot", "s", "--exclude-if-present", "a/b"])
        #expect(wrong.code == 2 && wrong.errorText.contains("what stands before the colon is no file's name"))
    }

    @Test("files that are longer, and no folders for their length")
    func lengths() throws {
        let names = try taken(
            "mkdir d; head -c 1024 /dev/zero > k; head -c 1025 /dev/zero > l; touch d/e", "--exclude-larger-than", "1K")
        #expect(names == ["d", "d/e", "k"])
        #expect(try scene.outcome(["snapshot", "s", "--exclude-larger-than", "big"]).code == 2)
    }

    @Test("what git ignores, by files in any folder")
    func git() throws {
        let script = """
            mkdir -p .git/info sub/deep; touch a.log keep.log sub/a.log sub/k.txt sub/deep/k.txt out sub/out
            printf '*.log\\n!keep.log\\n/out\\n' > .gitignore; printf 'k.txt\\n' > sub/.gitignore
            printf '!k.txt\\n' > sub/deep/.gitignore; printf 'sub/out\\n' > .git/info/exclude
            """
        let names = try taken(script, "--gitignore", "-e", ".git", "-e", ".gitignore")
        #expect(names == ["keep.log", "sub", "sub/deep", "sub/deep/k.txt"])
    }

    @Test("what is left out later is gone from the next snapshot, and comes back when it is not")
    func later() throws {
        #expect(try taken("mkdir d; touch d/a b") == ["b", "d", "d/a"])
        #expect(try taken("sleep 2.1", "-e", "d") == ["b"])
        #expect(try taken("") == ["b", "d", "d/a"])
    }

    @Test("other file systems, whose folders are taken empty")
    func fileSystems() throws {
        try scene.shell("mkdir s/m s/n; touch s/n/f")
        guard mount("cairn-test", "\(scene.source)/m", "tmpfs", 0, "size=1m") == 0 else {
            return print("not tested: mounting a small file system is not allowed here")
        }
        defer { umount2("\(scene.source)/m", Int32(MNT_DETACH)) }
        #expect(try taken("touch m/f", "-x") == ["m", "n", "n/f"])
        #expect(try taken("") == ["m", "m/f", "n", "n/f"])
    }
}
