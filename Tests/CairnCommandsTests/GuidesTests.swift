import ChildProcess
import Independent
import Posix
import Testing

/// What the guides say is done as it stands there.
@Suite("Guides")
struct GuidesTests {
    private static let source = Path(
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/"))
    private static let folder = source.appending("Documentation/Guides")

    /// Those that need no more than `cairn` and a shell.
    private static let others = names.filter { $0 != "Emergency.md" }

    private static var names: [String] {
        let entries = (try? Folder.entries(of: folder)) ?? []
        return entries.map { String(decoding: $0.name, as: UTF8.self) }.filter { $0.hasSuffix(".md") }.sorted()
    }

    /// The lines of the blocks that are marked as `sh`.
    private static func commands(of name: String) throws -> [Substring] {
        let text = String(decoding: try SmallFile.read(folder.appending(name), limit: 1 << 20), as: UTF8.self)
        var isInside = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            if line.hasPrefix("```") { isInside = line == "```sh" }
            return isInside && line != "```sh"
        }
    }

    @Test("there are guides")
    func some() { #expect(Self.names.contains("Tutorial.md") && Self.names.count >= 7) }

    @Test(
        "every command of a guide does what it is there for, one after the other, in an empty home",
        arguments: others)
    func runs(name: String) throws { try run(name) }

    @Test(
        "the guide without the program brings everything back without the program",
        .enabled(if: IndependentReader.isExpected, "\(IndependentReader.isMissing)"))
    func emergency() throws { try run("Emergency.md") }

    private func run(_ name: String) throws {
        let commands = try Self.commands(of: name)
        #expect(commands.contains { $0.contains("cairn ") })
        // Whoever pastes a guide must not lose anything: it works in a home of its own from its first line on.
        #expect(commands.first == "export HOME=$(mktemp -d) && cd")
        let home = try TemporaryFolder()
        let program = String(cairnPath.prefix(upTo: cairnPath.lastIndex(of: "/") ?? cairnPath.startIndex))
        var shell = ChildProcess(
            "/bin/bash", ["-eu", "-c", commands.joined(separator: "\n")],
            environment: [
                "HOME": home.path, "PATH": "\(program):/usr/local/bin:/usr/bin:/bin", "TMPDIR": home.path, "TZ": "UTC0",
                "CAIRN_SOURCE": Self.source.string,
            ])
        shell.input = []
        let outcome = try shell.run()
        #expect(outcome.code == 0, "\(outcome.outputText)\n\(outcome.errorText)")
    }

    @Test("the tour of the README works from its first line to its last")
    func readme() throws {
        let text = String(
            decoding: try SmallFile.read(Self.source.appending("README.md"), limit: 1 << 20), as: UTF8.self)
        var commands: [String] = []
        var (isTour, isInside) = (false, false)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") { isTour = line.contains("First snapshot") || line.contains("is damaged") }
            if line.hasPrefix("```") {
                isInside = isTour && line == "```sh"
            } else if isInside, !line.contains("/mnt/copy"), hasFuse || !line.contains("first-mount") {
                commands.append(String(line))
            }
        }
        try #require(commands.count > 15)
        let folder = try TemporaryFolder()
        // A checkout after the first of the two commands.
        let script = """
            mkdir -p work/.build/release && cd work
            ln -s '\(cairnPath)' .build/release/cairn
            cp -R '\(Self.source.string)/Sources' '\(Self.source.string)/Documentation' .
            .build/release/cairn init --repo ./first-repository --new-key-file ./first-repository.key
            \(commands.joined(separator: "\n"))
            """
        var shell = ChildProcess(
            "/bin/bash", ["-eu", "-c", "cd '\(folder.path)'\n\(script)"],
            environment: ["HOME": folder.path, "TMPDIR": folder.path])
        shell.input = []
        let outcome = try shell.run()
        #expect(outcome.code == 0, "\(outcome.outputText)\n\(outcome.errorText)")
        #expect(outcome.outputText.contains("the same\n"))
    }

    private let hasFuse = (try? Folder.status("/dev/fuse")) != nil

    @Test("what a guide points to is there", arguments: names)
    func links(name: String) throws {
        let text = String(decoding: try SmallFile.read(Self.folder.appending(name), limit: 1 << 20), as: UTF8.self)
        for part in text.split(separator: "](" as String).dropFirst() {
            let target = part.prefix { $0 != ")" && $0 != "#" }
            if target.contains("://") { continue }
            #expect((try? Folder.status(Self.folder.appending(String(target)))) != nil, "\(target)")
        }
    }
}
