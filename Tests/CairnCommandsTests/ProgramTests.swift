import ChildProcess
import Testing

@testable import CairnCommands
@testable import CommandLine

@Suite("The program")
struct ProgramTests {
    @Test("the declarations have no mistakes")
    func problems() {
        #expect(CairnProgram.program.problems == [])
    }

    @Test("help goes to standard output with exit code 0, and names every exit code")
    func help() throws {
        for words in [["--help"], ["-h"], ["help"], ["init", "--help"], ["help", "init"], ["help", "man"]] {
            let outcome = try ChildProcess(cairnPath, words, environment: plainEnvironment).run()
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            for code in ExitCode.allCases { #expect(outcome.outputText.contains("\n  \(code.rawValue) "), "\(words)") }
        }
        #expect(try cairn("init", "--help").output == cairn("help", "init").output)
        #expect(try cairn("help", "nonsense").code == 2)
        #expect(try cairn("help", "verson").errorLines.last == "hint: did you mean \"cairn version\"?")
    }

    @Test("with --json help is one document with every command, option and exit code; completions stay a script")
    func helpJSON() throws {
        let all = try cairn("--json", "help")
        #expect(all.code == 0 && all.errors.isEmpty && all.outputText.split(separator: "\n").count == 1)
        #expect(try cairn("--help", "--json").output == all.output)
        for command in CairnProgram.program.description.allCommands {
            let name = "{\"name\":\"\(command.words.joined(separator: " "))\",\"aliases\":"
            #expect(all.outputText.contains(name), "\(name)")
        }
        for code in ExitCode.allCases { #expect(all.outputText.contains("{\"code\":\(code.rawValue),\"meaning\":")) }
        #expect(
            all.outputText.contains(
                "{\"name\":\"--repo\",\"short\":\"-r\",\"value\":\"LOCATION\",\"help\":\"The repository: a folder. "))
        #expect(all.outputText.contains("\"environment\":\"CAIRN_REPOSITORY\",\"repeatable\":false}"))
        let one = try cairn("help", "key", "add", "--json").outputText
        #expect(one.contains("\"commands\":[{\"name\":\"key add\",") && !one.contains("\"name\":\"init\""))
        #expect(try cairn("key", "add", "--json", "--help").outputText == one)
        #expect(try cairn("help", "nonsense", "--json").code == 2)
        #expect(try cairn("--json", "completions", "bash").output == cairn("completions", "bash").output)
        #expect(try cairn("help", "completions").outputText.contains("--json"))
    }

    @Test("every command has a help that names every exit code, and is suggested for what is nearly its name")
    func everyCommand() throws {
        let program = CairnProgram.program
        for name in program.description.commands.filter({ !$0.isHidden }).map(\.name) {
            let text = try #require(program.help([name], width: 80))
            for code in ExitCode.allCases { #expect(text.contains("\n  \(code.rawValue) "), "\(name)") }
            let error = #expect(throws: UsageError.self) {
                try program.parse([ArgumentValue(name + "x")], environment: Environment([:]))
            }
            #expect(error?.hint == "did you mean \"cairn \(name)\"?", "\(name)")
        }
    }

    @Test("unlock and rebuild-index say in a line why they are not needed, also with restic's options")
    func needless() throws {
        for words in [
            ["unlock"], ["unlock", "--remove-all"], ["rebuild-index"], ["rebuild-index", "--read-all-packs"],
        ] {
            let outcome = try ChildProcess(cairnPath, words, environment: plainEnvironment).run()
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            #expect(outcome.outputText.hasPrefix("nothing to do: ") && outcome.outputText.hasSuffix("\n"))
            #expect(outcome.outputText.split(separator: "\n").count == 1)
        }
        let json = try cairn("unlock", "--json").outputText
        #expect(json.hasPrefix("{\"message_type\":\"explanation\",\"message\":\"nothing to do: "))
    }

    @Test("help is as wide as COLUMNS says")
    func width() throws {
        let outcome = try cairn("--help", environment: ["COLUMNS": "50"])
        for line in outcome.outputText.split(separator: "\n") { #expect(line.count <= 50, "\(line)") }
    }

    @Test("without a command help goes to standard error with exit code 2")
    func nothing() throws {
        let outcome = try cairn()
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(
            outcome.errorText.contains("Usage: cairn [OPTIONS] COMMAND")
                && outcome.errorText.contains("  snapshots, list"))
        #expect(outcome.errorLines.count < 45 && !outcome.errorText.contains("--repo"), "\(outcome.errorText)")
        #expect(outcome.errorText.contains("\"cairn --help\" explains the rest"))
        #expect(try cairn("key").errorText.contains("passwd"))
    }

    @Test("unknown commands and options are usage errors that suggest the nearest")
    func unknown() throws {
        let command = try cairn("verison")
        #expect(command.code == 2 && command.output.isEmpty)
        #expect(command.errorText == "cairn: unknown command \"verison\"\nhint: did you mean \"cairn version\"?\n")
        let begun = try cairn("snaps")
        #expect(begun.errorLines.last == "hint: did you mean \"cairn snapshot\" or \"cairn snapshots\"?")
        let option = try cairn("cache", "--clera")
        #expect(option.code == 2)
        #expect(
            option.errorLines == ["cairn: unknown option --clera for \"cairn cache\"", "hint: did you mean --clear?"])
    }

    @Test("arguments that are not UTF-8 are shown escaped, and control characters never reach the terminal")
    func bytes() throws {
        var child = ChildProcess(cairnPath, [], environment: plainEnvironment)
        child.arguments = [[0xFF, 0x1B, 0x5B, 0x33, 0x31, 0x6D]]
        let outcome = try child.run()
        #expect(outcome.code == 2)
        #expect(outcome.errorLines.first == "cairn: unknown command \"\\xFF\\x1B[31m\"")
        child.arguments = [Array("cache".utf8), Array("--cache-dir=/nonexistent/".utf8) + [0xFF, 0x0A]]
        #expect(try child.run().outputText.hasPrefix("/nonexistent/\\xFF\\n\n"))
        child.arguments.append(Array("--json".utf8))
        let json = try child.run().outputText
        #expect(json.contains("\"path\":\"/nonexistent/\\\\xFF\\\\n\",\"path_base64\":\"L25vbmV4aXN0ZW50L/8K\""))
        // A backslash is shown as two, so that it is never taken for the beginning of an escape; JSON has text as it is.
        #expect(try cairn("cache", "--cache-dir=/nonexistent/a\\n").outputText.hasPrefix("/nonexistent/a\\\\n\n"))
        #expect(try cairn("cache", "--json", "--cache-dir=/n/a\\n").outputText.hasPrefix("{\"path\":\"/n/a\\\\n\","))
        let folder = try TemporaryFolder()
        _ = try folder.file("file\\", "x")
        _ = folder.folder("file\\.d")
        for (name, text) in [("file\\", "file\\\\"), ("file\\/r", "file\\\\/r"), ("file\\.d/r", "file\\\\.d/r")] {
            let outcome = try cairn("snapshots", "-r", "\(folder.path)/\(name)", environment: ["HOME": folder.path])
            #expect(outcome.errorLines.first?.contains("\(folder.path)/\(text)") == true, "\(outcome.errorText)")
            #expect(!outcome.errorText.contains("\\\\\\"))
        }
    }

    @Test("contradicting options are a usage error")
    func contradictions() throws {
        #expect(
            try cairn("version", "-q", "-v").errorLines.first == "cairn: --quiet and --verbose contradict each other")
        #expect(try cairn("version", "--progress", "--no-progress").code == 2)
        #expect(try cairn("version", "-vv", "--progress", "--jobs=4", "--memory", "64M").code == 0)
    }

    @Test("less memory than a backup needs is a usage error that names the least")
    func memory() throws {
        let outcome = try cairn("--memory=63M", "version")
        #expect(outcome.code == 2)
        #expect(outcome.errorLines.first == "cairn: invalid value \"63M\" for --memory: less than 64 MiB")
    }

    @Test("with --json a usage error is one line of JSON, wherever the option stands")
    func jsonErrors() throws {
        for words in [["--json", "verison"], ["verison", "--json"]] {
            let outcome = try ChildProcess(cairnPath, words, environment: plainEnvironment).run()
            #expect(outcome.code == 2 && outcome.output.isEmpty)
            #expect(
                outcome.errorText == """
                    {"message_type":"exit_error","code":2,"kind":"usage","message":"unknown command \\"verison\\"",\
                    "path":null,"hint":"did you mean \\"cairn version\\"?"}

                    """)
        }
        #expect(try cairn("--json").errorText.contains("\"message\":\"no command was given\""))
        #expect(try !cairn("verison", "--", "--json").errorText.contains("{"))
    }

    @Test("a pipe that nobody reads any more is no error")
    func brokenPipe() throws {
        for words in [["version"], ["--help"], ["completions", "bash"]] {
            var child = ChildProcess(cairnPath, words, environment: plainEnvironment)
            child.output = .brokenPipe
            let outcome = try child.run()
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome)")
        }
    }

    @Test("data that cannot be written is an error")
    func lostOutput() throws {
        let closed = try cairn("version", output: .closed)
        #expect(closed.code == 1)
        #expect(closed.errorLines == ["cairn: cannot write to standard output: Bad file descriptor"])
        let full = try ChildProcess("/bin/sh", ["-c", "exec \(cairnPath) version >/dev/full"]).run()
        #expect(full.code == 1)
        #expect(full.errorLines.first == "cairn: cannot write to standard output: No space left on device")
    }

    @Test("the version names program, format and libraries, for people and for programs")
    func version() throws {
        #expect(try cairn("version").outputText.hasPrefix("cairn 0.1.0\nrepository format 1\nwith Swift 6."))
        #expect(try cairn("--version").output == cairn("version").output)
        let json = try cairn("version", "--json").outputText
        #expect(json.hasPrefix("{\"name\":\"cairn\",\"version\":\"0.1.0\",\"format_version\":1,\"swift\":\"6."))
        #expect(json.hasSuffix("\"}}\n"))
    }

    @Test("colour is used on a terminal only, and not where NO_COLOR is set")
    func colour() throws {
        func error(_ environment: [String: String]) throws -> String {
            let variables = plainEnvironment.merging(environment) { _, given in given }
            return try ChildProcess(cairnPath, ["nonsense"], environment: variables).runOnTerminal(answers: [])
                .outputText
        }
        #expect(try error(["TERM": "xterm"]).hasPrefix("\u{1B}[31mcairn:\u{1B}[0m unknown"))
        #expect(try error(["TERM": "xterm", "NO_COLOR": "1"]).hasPrefix("cairn: unknown"))
        #expect(try error(["TERM": "dumb"]).hasPrefix("cairn: unknown"))
        #expect(try cairn("nonsense", environment: ["TERM": "xterm"]).errorText.hasPrefix("cairn: unknown"))
    }
}
