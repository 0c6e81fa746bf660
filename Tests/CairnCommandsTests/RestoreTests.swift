import ChildProcess
import Glibc
import Testing

/// A repository with one snapshot of a small tree, and a place to restore it to.
private final class Scene {
    let folder: TemporaryFolder
    let source: String
    var target: String { folder.path + "/target" }

    init() throws {
        folder = try TemporaryFolder()
        source = folder.folder("source")
        _ = folder.folder("source/d")
        _ = try folder.file("source/a.txt", "text")
        _ = try folder.file("source/d/b.o", "object")
        _ = try folder.file("source/d/c.txt", "more")
        symlink("d/c.txt", source + "/l")
        try #require(run("init", "--encryption", "none").code == 0)
        try #require(run("snapshot", source).code == 0)
    }

    func run(_ words: String...) throws -> ChildOutcome { try run(words) }

    func run(_ words: [String]) throws -> ChildOutcome {
        let variables = plainEnvironment.merging([
            "CAIRN_REPOSITORY": folder.path + "/repository", "CAIRN_CACHE_DIR": folder.path + "/cache",
        ]) { _, given in given }
        return try ChildProcess(cairnPath, words, environment: variables).run()
    }

    func text(_ path: String) -> String? {
        guard let file = fopen("\(target)/\(path)", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat("\(target)/\(path)", &status) == 0
    }
}

@Suite("cairn restore")
struct RestoreTests {
    @Test("a whole snapshot lies below the target with its absolute paths")
    func whole() throws {
        let scene = try Scene()
        let outcome = try scene.run("restore", "latest", "--target", scene.target)
        #expect(outcome.code == 0 && outcome.outputText == "")
        #expect(scene.text(scene.source + "/d/c.txt") == "more")
        #expect(outcome.errorText.contains("files:    4 files written, 0 unchanged"))
    }

    @Test("a folder's content becomes the target's, a file is put into it")
    func parts() throws {
        let scene = try Scene()
        #expect(try scene.run("restore", "latest:\(scene.source)", "-t", scene.target).code == 0)
        #expect(scene.text("a.txt") == "text" && scene.text("l") == "more")
        #expect(try scene.run("restore", "latest:\(scene.source)/d/c.txt", "--target", scene.target).code == 0)
        #expect(scene.text("c.txt") == "more")
    }

    @Test("the last line does not speak of restoring where nothing was written")
    func nothingWritten() throws {
        let scene = try Scene()
        let part = "latest:\(scene.source)"
        #expect(try scene.run("restore", part, "-t", scene.target).errorText.contains("restored snapshot "))
        let again = try scene.run("restore", part, "-t", scene.target)
        #expect(again.errorText.contains("nothing was written to \(scene.target) "), "\(again.errorText)")
        #expect(again.errorText.contains(": all files are there already, in "), "\(again.errorText)")
        let none = try scene.run("restore", part, "-t", scene.target + "2", "-i", "/d", "-e", "*.o", "-e", "*.txt")
        #expect(none.code == 0 && !none.errorText.contains(" 0 B"), "\(none.errorText)")
    }

    @Test("patterns choose, and --delete spares what they leave out")
    func patterns() throws {
        let scene = try Scene()
        let part = "latest:\(scene.source)"
        #expect(try scene.run("restore", part, "-t", scene.target, "-i", "*.txt").code == 0)
        #expect(scene.exists("d/c.txt") && !scene.exists("d/b.o") && !scene.exists("l"))
        _ = try scene.folder.file("target/d/mine.o", "mine")
        _ = try scene.folder.file("target/d/mine.txt", "mine")
        #expect(try scene.run("restore", part, "-t", scene.target, "-e", "*.o", "--delete").code == 0)
        #expect(scene.exists("d/mine.o") && !scene.exists("d/mine.txt") && scene.exists("l"))
        // Folders in which nothing is wanted are not made; those that a pattern fits are.
        _ = scene.folder.folder("source/empty")
        _ = scene.folder.folder("source/way")
        _ = scene.folder.folder("source/way/deep")
        _ = try scene.folder.file("source/way/deep/file.md", "deep")
        chmod(scene.source + "/way", 0o750)
        try #require(scene.run("snapshot", scene.source).code == 0)
        func restored(_ pattern: String) throws -> String {
            let target = scene.folder.path + "/other"
            _ = try ChildProcess("/bin/rm", ["-rf", target]).run()
            let dry = try scene.run("restore", part, "-t", target, "-i", pattern, "-n")
            let outcome = try scene.run("restore", part, "-t", target, "-i", pattern)
            #expect(outcome.code == 0, "\(outcome.errorText)")
            let names = try ChildProcess("/usr/bin/find", [target, "-mindepth", "1", "-printf", "%P %m\\n"]).run()
            let lines = names.outputText.split(separator: "\n").sorted()
            #expect(dry.outputText.split(separator: "\n").count { $0.contains("other/") } == lines.count)
            return lines.joined(separator: ", ")
        }
        #expect(try restored("*.md") == "way 750, way/deep 700, way/deep/file.md 644")
        #expect(try restored("deep") == "way 750, way/deep 700, way/deep/file.md 644")
        #expect(try restored("empty") == "empty 700")
        #expect(try restored("nothing") == "")
        let bad = try scene.run("restore", part, "-t", scene.target, "-e", "[")
        #expect(bad.code == 2 && bad.errorText.contains("["))
    }

    /// The warnings of a restore of the source's folder, or of a part of it, which must not fail; with the snapshot's part as `@`.
    private func warnings(_ scene: Scene, _ words: [String], part: String = "") throws -> [String] {
        let outcome = try scene.run(["restore", "latest:\(scene.source)\(part)", "-t", scene.target] + words)
        #expect(outcome.code == 0, "\(outcome.errorText)")
        let ids = try scene.run("snapshots", "--json").outputText.split(separator: "\"short_id\":\"")
        let id = try #require(ids.last?.prefix(8))
        return outcome.errorLines.filter { $0.contains("warning") }.map { line in
            line.split(separator: "\(id):\(scene.source)\(part)", omittingEmptySubsequences: false)
                .joined(separator: "@")
        }
    }

    @Test("patterns that fit nothing are told in one line, and the exit code stays 0")
    func idlePatterns() throws {
        let scene = try Scene()
        let shows = "\"cairn ls @\" shows what there is"
        let cases: [([String], String?)] = [
            (["-i", "*.jpg"], "nothing in @ fits --include \"*.jpg\", so nothing is restored"),
            (["-n", "-i", "*.jpg"], "nothing in @ fits --include \"*.jpg\", so nothing is restored"),
            (
                ["-i", "*.jpg", "--iinclude", "X", "-i", "/e"],
                "nothing in @ fits --include \"*.jpg\", --include \"/e\" or --iinclude \"X\", so nothing is restored"
            ),
            (
                ["-i", "1", "-i", "2", "-i", "3", "-i", "4", "-i", "5", "-i", "6"],
                "nothing in @ fits --include \"1\", --include \"2\", --include \"3\", --include \"4\" or 2 more, so nothing is restored"
            ),
            (["-i", "d", "-i", "*.jpg", "-i", "*.txt"], "nothing in @ fits --include \"*.jpg\""),
            // One that a later one hides fits too, and so does one that is taken back.
            (["-i", "c.txt", "-i", "*.txt", "-i", "!a.txt"], nil),
            (["-i", "/d/c.txt", "--iinclude", "B.O"], nil),
            (["-e", "*.jpg", "--iexclude", "*.PNG"], "nothing in @ fits --exclude \"*.jpg\" or --iexclude \"*.PNG\""),
            (["-e", "*.jpg", "-e", "d"], nil), (["-i", "d", "-e", "*.jpg"], nil), ([], nil),
            (
                ["-i", "/d/c.txt", "-e", "d"],
                "nothing in @ that is not left out fits --include \"/d/c.txt\", so nothing is restored"
            ),
            (
                ["-i", "*.txt", "-e", "*"],
                "nothing in @ that is not left out fits --include \"*.txt\", so nothing is restored"
            ),
            (["-e", "*"], "the patterns choose nothing in @, so nothing is restored"),
            (["-i", "!a.txt"], "the patterns choose nothing in @, so nothing is restored"),
        ]
        for (words, warning) in cases {
            let expected = warning.map { ["warning: \($0); \(shows)"] } ?? []
            #expect(try warnings(scene, words) == expected, "\(words)")
        }
        let list = try scene.folder.file("list", "*.jpg\n*.png\n")
        #expect(
            try warnings(scene, ["--include-file", list, "-i", "*.o"])
                == ["warning: nothing in @ fits --include-file \(list); \(shows)"])
        // Patterns are about what is restored, be it one file.
        #expect(
            try warnings(scene, ["-i", "/d/c.txt"], part: "/d/c.txt")
                == ["warning: nothing in @ fits --include \"/d/c.txt\", so nothing is restored; \(shows)"])
        #expect(try warnings(scene, ["-i", "c.txt"], part: "/d/c.txt") == [])
        // For programs it is a line on standard error, as every warning.
        let json = try scene.run("restore", "latest", "-t", scene.target, "--json", "-i", "*.jpg")
        #expect(json.code == 0 && json.outputText.contains("\"warnings\":0"))
        #expect(
            json.errorText.hasPrefix("{\"message_type\":\"warning\",\"message\":\"nothing in "), "\(json.errorText)")
    }

    @Test("JSON ends with a summary")
    func json() throws {
        let scene = try Scene()
        let outcome = try scene.run("restore", "latest", "--target", scene.target, "--json", "--verify")
        let last = outcome.outputText.split(separator: "\n").last ?? ""
        #expect(outcome.code == 0 && last.hasPrefix("{\"message_type\":\"summary\""))
        for part in [
            "\"files_restored\":4", "\"files_unchanged\":0", "\"bytes_restored\":14", "\"total_files\":4",
            "\"files_verified\":3", "\"errors\":0", "\"warnings\":0",
        ] { #expect(last.contains(part), "\(part)") }
    }

    @Test("a dry run prints what would be done and makes nothing")
    func dryRun() throws {
        let scene = try Scene()
        let outcome = try scene.run("restore", "latest:\(scene.source)", "--target", scene.target, "-n")
        #expect(outcome.code == 0 && !scene.exists(""))
        #expect(outcome.outputText.contains("would restore \(scene.target)/d/c.txt\n"))
        #expect(try scene.run("restore", "latest:\(scene.source)", "--target", scene.target).code == 0)
        _ = try scene.folder.file("target/d/c.txt", "other")
        _ = try scene.folder.file("target/extra", "mine")
        let verbose = try scene.run("restore", "latest:\(scene.source)", "--target", scene.target, "-nv", "--delete")
        let lines = Set(verbose.outputText.split(separator: "\n").map(String.init))
        #expect(
            lines.isSuperset(of: [
                "would restore \(scene.target)/d/c.txt", "would delete  \(scene.target)/extra",
                "unchanged     \(scene.target)/a.txt",
            ]), "\(lines)")
        #expect(!(verbose.outputText + verbose.errorText).contains("restored"))
        #expect(scene.text("d/c.txt") == "other" && scene.exists("extra"))
    }

    @Test("a verbose run prints a line for each item")
    func verbose() throws {
        let scene = try Scene()
        _ = try scene.run("restore", "latest:\(scene.source)", "--target", scene.target)
        let outcome = try scene.run("restore", "latest:\(scene.source)", "--target", scene.target, "-v")
        #expect(outcome.errorText.contains("unchanged \(scene.target)/a.txt\n"))
    }

    @Test("what cannot be asked is a usage error or says what is missing")
    func mistakes() throws {
        let scene = try Scene()
        #expect(try scene.run("restore", "latest").code == 2)
        #expect(try scene.run("restore", "--target", scene.target).code == 2)
        let owners = try scene.run(
            "restore", "latest", "--target", scene.target, "--no-owner", "--ownership-by-name")
        #expect(owners.code == 2)
        let missing = try scene.run("restore", "latest:/nowhere", "--target", scene.target)
        #expect(missing.code == 1 && missing.errorText.contains("/nowhere is not in snapshot"))
        #expect(missing.errorLines.last?.hasSuffix("shows what there is") == true)
        #expect(!scene.exists(""))
    }

    @Test("for a path that is not there as it was named, the whole path of what it may mean is suggested")
    func suggestion() throws {
        let scene = try Scene()
        let source = scene.source
        let id = try #require(
            try scene.run("snapshots", "--json").outputText.split(separator: "\"short_id\":\"").last?.prefix(8))
        for (path, place) in [
            ("source", source), ("source/d/", "\(source)/d"), ("d/c.txt", "\(source)/d/c.txt"),
            ("/a.txt", "\(source)/a.txt"),
        ] {
            for words in [["restore", "latest:\(path)", "--target", scene.target], ["ls", "latest:\(path)"]] {
                let outcome = try scene.run(words)
                #expect(outcome.code == 1 && outcome.errorLines.last == "hint: did you mean \(id):\(place)?")
            }
        }
        let none = try scene.run("ls", "latest:d/none")
        #expect(none.code == 1 && none.errorLines.last == "hint: \"cairn ls \(id)\" shows what there is")
    }

    @Test("a target that is a file is an error that names it")
    func badTarget() throws {
        let scene = try Scene()
        let file = try scene.folder.file("file", "mine")
        let outcome = try scene.run("restore", "latest", "--target", file)
        #expect(outcome.code == 1)
        #expect(
            outcome.errorLines == [
                "cairn: \(file): it is there, and is no folder",
                "hint: name another folder to restore into, or take away what is in its place",
            ])
        let link = "\(scene.folder.path)/link"
        symlink("nothing", link)
        for isDry in [false, true] {
            let words = ["restore", "latest", "--target", link] + (isDry ? ["-n"] : [])
            let outcome = try scene.run(words)
            #expect(outcome.code == 1)
            #expect(outcome.errorLines.first == "cairn: \(link): it is a link that leads to nothing")
        }
        let fixed = try scene.run("restore", "latest", "--target", "/proc/cairn")
        #expect(fixed.code == 1)
        #expect(
            fixed.errorLines.first == "cairn: /proc/cairn: the file system of /proc does not let folders be made")
    }
}
