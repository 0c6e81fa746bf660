import ChildProcess
import Posix
import TestSupport
import Testing

/// The packages in Examples use this one as any other would. `make test` has them built already; building them again finds nothing to do.
@Suite("Examples", .serialized)
struct ExampleTests {
    private static let scratch = Project.root.appending(".build/examples")
    private static let swift = Project.environment("SWIFT") ?? "swift"

    /// Builds an example and returns its program.
    private func build(_ package: Path, _ program: String, scratch: Path = Self.scratch) throws -> String {
        let words = ["--package-path", package.string, "--scratch-path", scratch.string]
        let outcome = try Project.run("/usr/bin/env", [Self.swift, "build"] + words)
        try #require(outcome.code == 0, "\(outcome.outputText)\(outcome.errorText)")
        return scratch.appending("debug/\(program)").string
    }

    private func example(_ name: String, _ program: String) throws -> String {
        try build(Project.root.appending("Examples/\(name)"), program)
    }

    private func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    @Test("the artifact cache keeps, fetches, lists and trims")
    func artifacts() throws { try useArtifactCache(example("ArtifactCache", "artifact-cache")) }

    private func useArtifactCache(_ program: String) throws {
        let folder = try TemporaryFolder()
        func cache(_ words: String...) throws -> ChildOutcome {
            try Project.run(program, [folder.path.appending("cache").string] + words)
        }
        let (first, second) = (folder.path.appending("first"), folder.path.appending("second"))
        let bytes = random(3_000_000, seed: 1)
        try SmallFile.writeNew(first, bytes)
        try SmallFile.writeNew(second, bytes + random(1_000_000, seed: 2))
        #expect(try cache("keep", "one", first.string).outputText == "one: 3000000 bytes are new\n")
        let kept = try cache("keep", "two", second.string)
        let new = kept.outputText.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        #expect((1_000_000..<1_500_000).contains(new ?? 0), "\(kept.outputText)\(kept.errorText)")
        #expect(try cache("list").outputText == "two\none\n")

        let fetched = folder.path.appending("fetched")
        #expect(try cache("fetch", "one", fetched.string).code == 0)
        #expect(try SmallFile.read(fetched, limit: 8_000_000) == bytes)

        #expect(try cache("trim", "1").code == 0)
        #expect(try cache("list").outputText == "two\n")
        let gone = try cache("fetch", "one", fetched.string)
        #expect(gone.code == 1 && gone.errorText == "artifact-cache: nothing is kept as one\n")
        #expect(try cache("fetch", "two", fetched.string).code == 0)
        #expect(try SmallFile.read(fetched, limit: 8_000_000) == SmallFile.read(second, limit: 8_000_000))
        #expect(try cache("keep", "three").code == 1)
    }

    @Test("the backup of a folder is restored, and the second one stores what changed")
    func backup() throws {
        let program = try example("FolderBackup", "folder-backup")
        let folder = try TemporaryFolder()
        let path = { (name: String) in folder.path.appending(name).string }
        try Folder.makeAll(folder.path.appending("docs/deep"))
        try SmallFile.writeNew(folder.path.appending("docs/letter"), Array("dear all\n".utf8))
        try SmallFile.writeNew(folder.path.appending("docs/deep/photo"), random(2_000_000, seed: 3))
        let words = [path("repository"), path("key"), path("docs"), path("target")]

        let first = try Project.run(program, words)
        #expect(first.code == 0, "\(first.errorText)")
        #expect(first.outputText.contains(": 2 new files, 0 changed, "))
        #expect(first.outputText.contains("restored 2 files, 0 were there, 0 errors\n"))
        #expect(try Project.run("/usr/bin/diff", ["-r", path("docs"), path("target")]).code == 0)

        try SmallFile.replace(folder.path.appending("docs/letter"), with: Array("dear all, again\n".utf8))
        let second = try Project.run(program, words)
        #expect(second.outputText.contains(": 0 new files, 1 changed, "), "\(second.outputText)\(second.errorText)")
        #expect(second.outputText.contains("restored 1 files, 1 were there, 0 errors\n"))
        #expect(try Project.run("/usr/bin/diff", ["-r", path("docs"), path("target")]).code == 0)

        let check = ["check", "--read-data", "-r", path("repository"), "--key-file", path("key")]
        #expect(try Project.run(Project.build.appending("cairn").string, check, home: folder.path).code == 0)
        try SmallFile.replace(folder.path.appending("key"), with: Array("no key\n".utf8))
        let refused = try Project.run(program, words)
        #expect(refused.code == 1 && refused.errorText.hasSuffix("is no key file\n"))
    }

    @Test("the browser shows the snapshots of a host until it is told to stop", .enabled(if: hasFuse, "no /dev/fuse"))
    func browser() throws {
        let program = try example("SnapshotBrowser", "snapshot-browser")
        let folder = try TemporaryFolder(onDisk: true)
        try Folder.makeAll(folder.path.appending("docs"))
        try SmallFile.writeNew(folder.path.appending("docs/letter"), Array("dear all\n".utf8))
        let script = """
            set -eu
            cd "$1"
            "$2" init -q -r repository --encryption none
            "$2" snapshot -q -r repository --host shelf docs
            "$2" snapshot -q -r repository --host other docs
            mkdir mnt
            "$3" repository mnt shelf &
            until test -e mnt/latest; do kill -0 $!; sleep 0.1; done
            ls mnt/hosts
            cmp docs/letter "mnt/latest$PWD/docs/letter"
            kill -INT $!
            wait $!
            test ! -e mnt/latest
            """
        let words = ["-c", script, "sh", folder.path.string, Project.build.appending("cairn").string, program]
        let outcome = try Project.run("/bin/sh", words, home: folder.path)
        #expect(outcome.code == 0, "\(outcome.errorText)")
        #expect(outcome.outputText == "shelf\n")
    }

    @Test("the program in the page on embedding does what stands there")
    func page() throws {
        let text = String(
            decoding: try SmallFile.read(Project.root.appending("Documentation/Embedding.md"), limit: 1 << 20),
            as: UTF8.self)
        let blocks = text.split(separator: "```swift\n" as String).dropFirst().map { block in
            String(block.split(separator: "\n```" as String, maxSplits: 1)[0])
        }
        try #require(blocks.count == 2)
        let folder = try TemporaryFolder(onDisk: true)
        let path = { (name: String) in folder.path.appending(name) }
        try Folder.makeAll(path("first-use/Sources"))
        let manifest = blocks[0].split(separator: "../cairn" as String, omittingEmptySubsequences: false)
        try #require(manifest.count == 2)
        try SmallFile.writeNew(
            path("first-use/Package.swift"), Array(manifest.joined(separator: Project.root.string).utf8))
        try SmallFile.writeNew(path("first-use/Sources/main.swift"), Array(blocks[1].utf8))
        let program = try build(path("first-use"), "first-use")

        try Folder.makeAll(path("docs"))
        try SmallFile.writeNew(path("docs/letter"), Array("dear all\n".utf8))
        try SmallFile.writeNew(path("docs/photo"), random(100_000, seed: 4))
        let words = ["repository", "docs", "back"].map { path($0).string }
        let first = try Project.run(program, words)
        #expect(first.code == 0, "\(first.errorText)")
        #expect(text.contains("docs back\n\(first.outputText)```\n"), "\(first.outputText)")
        let second = try Project.run(program, words)
        #expect(
            second.outputText
                == "0 files are new, 2 as they were\n0 files restored, 2 were there already\n", "\(second.errorText)")
        #expect(try Project.run("/usr/bin/diff", ["-r", path("docs").string, path("back").string]).code == 0)
    }

    @Test("the libraries can be had by URL, at a version")
    func byURL() throws {
        let folder = try TemporaryFolder(onDisk: true)
        let script = """
            set -eu
            mkdir "$2/cairn"
            cd "$1"
            cp -R Package.swift Sources Tests Benchmarks "$2/cairn"
            cd "$2/cairn"
            git init -q
            git add -A
            git -c user.name=test -c user.email=test@localhost commit -q -m 'A version'
            git tag 0.1.0
            cp -R "$1/Examples/ArtifactCache" "$2/user"
            cd "$2/user"
            sed -i "s|.package(name: \\"cairn\\", path: \\"../..\\")|.package(url: \\"file://$2/cairn\\", from: \\"0.1.0\\")|" Package.swift
            grep -q 'from: "0.1.0"' Package.swift
            """
        let words = ["-c", script, "sh", Project.root.string, folder.path.string]
        let made = try Project.run("/bin/sh", words, home: folder.path)
        try #require(made.code == 0, "\(made.errorText)")
        let user = folder.path.appending("user")
        try useArtifactCache(build(user, "artifact-cache", scratch: user.appending(".build")))
    }
}

private let hasFuse = (try? Folder.status("/dev/fuse")) != nil
