import ChildProcess
import CommandLine
import Testing

@testable import CairnCommands

@Suite("Completions and man pages")
struct TextsTests {
    @Test("every shell accepts its completions", arguments: Shell.allCases)
    func completions(shell: Shell) throws {
        let script = try cairn("completions", shell.rawValue)
        #expect(script.code == 0 && !script.output.isEmpty)
        guard let path = ChildProcess.find(shell.rawValue) else { return }
        var child = ChildProcess(path, ["-n"], environment: plainEnvironment)
        child.input = script.output
        let outcome = try child.run()
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errorText)")
    }

    @Test("another shell is a usage error that lists those there are")
    func unknownShell() throws {
        let outcome = try cairn("completions", "bsah")
        #expect(outcome.code == 2)
        #expect(outcome.errorLines.last == "hint: did you mean \"bash\"? it is one of: bash, zsh, fish")
    }

    @Test("man writes a page for every command into a folder that it makes, or prints one")
    func man() throws {
        let folder = try TemporaryFolder()
        #expect(try cairn("man", "\(folder.path)/share/man/man1").code == 0)
        let list = try ChildProcess("/bin/ls", ["\(folder.path)/share/man/man1"]).run().outputText
        #expect(list.split(separator: "\n").count == CairnProgram.program.manPages.count)
        #expect(list.contains("cairn.1\n") && list.contains("cairn-init.1\n"))
        #expect(try cairn("man", "init").outputText.hasPrefix(".TH \"CAIRN\\-INIT\" 1"))
        #expect(try cairn("man", "cairn").outputText.hasPrefix(".TH \"CAIRN\" 1"))
        #expect(try cairn("man", "nonsense").code == 2)
        #expect(try cairn("man", "/proc/nonsense/").code == 1)
    }

    @Test("messages quote with the same marks everywhere")
    func quotes() throws {
        let sources = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        let found = try ChildProcess("/usr/bin/env", ["grep", "-rnE", "“|”|‘|’", "\(sources)/Sources"]).run()
        #expect(found.code == 1 && found.output.isEmpty, "\(found.outputText)")
    }

    @Test("mandoc finds nothing to complain about", .enabled(if: ChildProcess.find("mandoc") != nil))
    func lint() throws {
        for (file, text) in CairnProgram.program.manPages {
            var child = ChildProcess("/usr/bin/mandoc", ["-T", "lint", "-W", "style"])
            child.input = Array(text.utf8)
            let lines = try child.run().outputText.split(separator: "\n")
            #expect(!lines.contains { !$0.contains("referenced manual not found") }, "\(file): \(lines)")
        }
    }

    @Test("help of JSON names every schema that there is, and no other, and fits the terminal")
    func json() throws {
        let outcome = try cairn("help", "json", environment: ["COLUMNS": "60"])
        #expect(outcome.code == 0)
        #expect(outcome.outputText.split(separator: "\n").allSatisfy { $0.hasPrefix(" ") || $0.count <= 60 })
        let folder =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/") + "/Documentation/Schemas"
        let files = try ChildProcess("/bin/ls", [folder]).run().outputText.split(separator: "\n")
        let schemas = files.filter { $0.hasSuffix(".json") }.map { $0.dropLast(5) }
        #expect(schemas.count > 15)
        let text = outcome.outputText.replacing("\n", with: " ")
        #expect(text.contains("describes the output of each: \(schemas.joined(separator: ", "))."), "\(text)")
        #expect(try cairn("help", "json", "x").code == 2)
    }
}
