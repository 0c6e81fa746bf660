import ChildProcess
import CommandLine
import Posix
import TestSupport
import Testing

@Suite("Completions")
struct CompletionTests {
    static let shells = Shell.allCases.filter { ChildProcess.find($0.rawValue) != nil }

    /// A program with texts that are hard to quote.
    static let quoted = Program<HardGlobals, Void, String>(
        "hard", summary: "it's \"hard\"", version: "1", date: "2026-01-31", global: HardGlobals.self,
        commands: [
            Command("do", aliases: ["d"], summary: "don't: [do] `ls` $HOME \\n", options: NoOptions.self) { _, _ in "" }
        ])

    enum Hard: String, CaseIterable, Sendable {
        case pair = "a:b"
        case letter = "c"
    }

    struct HardGlobals: OptionGroup {
        let hard = Option("hard", short: "q", ValueParser<Hard>.choice, help: "It's [hard]: \"$(ls)\" \\ `x`.")
    }

    @Test("the shell accepts the script", arguments: shells)
    func syntax(shell: Shell) throws {
        for script in [demo.completions(for: shell), Self.quoted.completions(for: shell)] {
            var child = ChildProcess(try #require(ChildProcess.find(shell.rawValue)), ["-n"])
            child.input = Array(script.utf8)
            // fish and zsh read a script from standard input as well.
            let outcome = try child.run()
            #expect(outcome.code == 0 && outcome.errorText.isEmpty, "\(outcome.errorText)")
        }
    }

    /// What bash offers for the last of the words.
    func offers(_ words: String...) throws -> [String] {
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        let script = """
            \(demo.completions(for: .bash))
            COMP_WORDS=(demo \(list)); COMP_CWORD=\(words.count)
            compopt() { :; }
            _demo
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let outcome = try ChildProcess("/bin/bash", ["-c", script]).run()
        #expect(outcome.errorText.isEmpty, "\(outcome.errorText)")
        return outcome.outputText.split(separator: "\n").map(String.init)
    }

    @Test("bash offers commands, options and values where they belong", .enabled(if: shells.contains(.bash)))
    func bash() throws {
        #expect(try offers("") == ["put", "copy", "show", "key", "version"])
        #expect(try offers("--box", "key", "-q", "s") == ["show", "store"])
        #expect(try offers("--box", "=", "key", "ke") == ["key"])
        #expect(try offers("key", "") == ["add", "remove"])
        #expect(try offers("key", "rm", "--lo") == ["--long"])
        #expect(try offers("store", "--ex") == ["--exclude"])
        #expect(try offers("put", "--colour", "r") == ["red"])
        #expect(try offers("put", "--colour", "=", "b") == ["blue"])
        #expect(try offers("put", "--colour", "=") == ["red", "green", "blue"])
        #expect(try offers("show", "--js") == ["--json"])
        #expect(try offers("show", "--secr") == [])
        #expect(try offers("put", "/usr/incl") == ["/usr/include"])
        #expect(try offers("-b", "/usr/incl") == ["/usr/include"])
    }

    @Test("fish offers commands, options and values where they belong", .enabled(if: shells.contains(.fish)))
    func fish() throws {
        func offers(_ line: String) throws -> [String] {
            let script = demo.completions(for: .fish) + "complete -C \(shellWord(line))\n"
            let fish = try #require(ChildProcess.find("fish"))
            // fish keeps its own things in HOME.
            let home = try TemporaryFolder()
            let outcome = try ChildProcess(fish, ["-c", script], environment: ["HOME": home.path.string]).run()
            return outcome.outputText.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        }
        #expect(try offers("demo ").sorted() == ["copy", "key", "put", "show", "version"])
        #expect(try offers("demo --box key -q s").sorted() == ["show", "store"])
        #expect(try offers("demo key ").sorted() == ["add", "remove"])
        #expect(try offers("demo key rm --lo") == ["--long"])
        #expect(try offers("demo store --ex") == ["--exclude"])
        let colours = try offers("demo put --colour r")
        #expect(colours == ["red"])
        #expect(try offers("demo show --js") == ["--json"])
        #expect(try offers("demo show --secr") == [])
    }

    private func shellWord(_ text: String) -> String { "'\(text)'" }
}

@Suite("Man pages")
struct ManPageTests {
    @Test("there is one page for the program and one for every command that is shown")
    func files() {
        #expect(
            demo.manPages.map(\.file) == [
                "demo.1", "demo-put.1", "demo-copy.1", "demo-show.1", "demo-key.1", "demo-key-add.1",
                "demo-key-remove.1", "demo-version.1",
            ])
        #expect(demo.manPage(["nonsense"]) == nil)
    }

    @Test("mandoc finds nothing to complain about", .enabled(if: ChildProcess.find("mandoc") != nil))
    func lint() throws {
        let pages = demo.manPages.map(\.text) + CompletionTests.quoted.manPages.map(\.text)
        for page in pages {
            var child = ChildProcess(try #require(ChildProcess.find("mandoc")), ["-T", "lint", "-W", "style"])
            child.input = Array(page.utf8)
            let outcome = try child.run()
            // The pages of other programs are not installed here.
            let lines = outcome.outputText.split(separator: "\n").filter { !$0.contains("referenced manual not found") }
            #expect(lines.isEmpty, "\(lines)\n\(page)")
        }
    }

    @Test("man shows the page without a warning", .enabled(if: ChildProcess.find("man") != nil))
    func man() throws {
        let environment = ["MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "TERM": "dumb"]
        for page in demo.manPages.map(\.text) + CompletionTests.quoted.manPages.map(\.text) {
            var child = ChildProcess("/usr/bin/man", ["--warnings", "-l", "-"], environment: environment)
            child.input = Array(page.utf8)
            let outcome = try child.run()
            #expect(outcome.code == 0 && outcome.errorText.isEmpty, "\(outcome.errorText)")
            #expect(outcome.outputText.contains("NAME"))
        }
    }

    @Test("what roff would take for a command or an escape is written out")
    func escapes() {
        let page = CompletionTests.quoted.manPage() ?? ""
        #expect(page.contains("it\\(aqs \\(dqhard\\(dq"))
        #expect(page.contains("\\(gals\\(ga $HOME \\en"))
        #expect(!page.unicodeScalars.contains { !$0.isASCII })
    }
}
