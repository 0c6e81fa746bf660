import ChildProcess
import CommandLine
import Glibc
import Testing

/// bash is always there: it is an essential package of Debian.
@Suite("Completions in bash")
struct BashCompletionsTests {
    private static let package = "/usr/share/bash-completion/bash_completion"
    private static let hasPackage = access(package, R_OK) == 0

    /// Puts all that is offered in the place of the last word.
    private static let insertAll = "\u{14}"
    private static let settings = """
        bind 'set bell-style none'
        bind 'set completion-query-items 0'
        bind 'set page-completions off'
        bind '"\\C-t": insert-completions'

        """

    private func interactive(_ scene: CompletionScene, _ completions: String) throws -> ChildProcess {
        let settings = try scene.home.file("settings", scene.settings + Self.settings + completions)
        return try scene.shell("bash", "--noprofile", "--rcfile", settings, "-i")
    }

    @Test("the function that the script registers offers what it should, and nothing else")
    func function() throws {
        let scene = try CompletionScene(.bash)
        var script = """
            cd "$HOME"
            . "\(scene.script)"
            function=$(complete -p cairn | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
            compopt() { :; }

            """
        for example in CompletionCase.all {
            // bash makes words of what stands before and behind these.
            let words = example.words.flatMap { word -> [String] in
                let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                return parts.count == 2 ? [parts[0], "=", parts[1]] : [word]
            }
            script += """
                COMP_WORDS=(cairn \(words.map { "'\($0)'" }.joined(separator: " "))) COMP_CWORD=\(words.count)
                $function cairn '\(words.last ?? "")' '' && printf '%s\\037' "${COMPREPLY[@]}"; echo

                """
        }
        let outcome = try scene.shell("bash", "--norc", "-uc", script).run()
        #expect(outcome.errors.isEmpty, "\(outcome.errorText)")
        let lines = outcome.outputText.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        try #require(lines.count == CompletionCase.all.count, "\(outcome.outputText)")
        for (example, line) in zip(CompletionCase.all, lines) {
            let offers = Set(line.split(separator: "\u{1F}").map(String.init))
            #expect(
                offers == Set(example.offers.map { $0.split(separator: "=").last.map(String.init) ?? "" }),
                "\(example.words)")
        }
    }

    @Test("what is offered on a terminal is what it should be, without the package bash-completion")
    func terminal() throws {
        let scene = try CompletionScene(.bash)
        let shell = try interactive(scene, ". \"\(scene.script)\"\n")
        try scene.check(CompletionCase.all, in: shell, key: Self.insertAll)
    }

    @Test(
        "what is offered on a terminal is what it should be, where the package bash-completion loads the script",
        .enabled(if: hasPackage, "the package bash-completion is not installed"))
    func terminalWithPackage() throws {
        let scene = try CompletionScene(.bash)
        for folder in ["package", "package/completions"] { _ = scene.home.folder(folder) }
        #expect(rename(scene.script, "\(scene.home.path)/package/completions/cairn") == 0)
        let shell = try interactive(scene, "BASH_COMPLETION_USER_DIR=\"$HOME/package\"\n. \(Self.package)\n")
        try scene.check(CompletionCase.all, in: shell, key: Self.insertAll)
    }

    @Test("a key completes names that need quotes, however they were begun, and words that bash splits")
    func quoting() throws {
        let scene = try CompletionScene(.bash)
        _ = scene.home.folder("a:b")
        _ = try scene.home.file("a:b/c d", "data")
        let calls = try scene.type(
            [
                "cairn snapshot My\\ Fo\t", "cairn snapshot \"My Fi\t", "cairn snapshot 'My Fi\t", "cairn ba\tdat\t",
                "cairn snapshot --stra\tincr\tdat\t", "cairn snapshot --strategy=incr\tdat\t",
                "cairn snapshot --key-file=dat\t--force", "cairn snapshot a:b/c\t", "cairn --repo a:b/c\t",
                "cairn cat latest:/x dat\t",
            ], into: try interactive(scene, ". \"\(scene.script)\"\n"))
        #expect(
            calls == [
                ["snapshot", "My Folder/"], ["snapshot", "My File.txt"], ["snapshot", "My File.txt"],
                ["backup", "data.txt"], ["snapshot", "--strategy", "incremental", "data.txt"],
                ["snapshot", "--strategy=incremental", "data.txt"], ["snapshot", "--key-file=data.txt", "--force"],
                ["snapshot", "a:b/c d"], ["--repo", "a:b/c"], ["cat", "latest:/x", "dat"],
            ])
    }

    @Test("where \"=\" and \":\" split no words, it is the same")
    func whole() throws {
        let scene = try CompletionScene(.bash)
        let shell = try interactive(scene, ". \"\(scene.script)\"\nCOMP_WORDBREAKS=$' \\t\\n'\n")
        let calls = try scene.type(
            ["cairn snapshot --strategy=incr\tdat\t", "cairn snapshot --key-file=dat\t--force"], into: shell)
        #expect(
            calls == [
                ["snapshot", "--strategy=incremental", "data.txt"], ["snapshot", "--key-file=data.txt", "--force"],
            ])
    }
}
