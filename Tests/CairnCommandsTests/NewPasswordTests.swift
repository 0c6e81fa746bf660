import ChildProcess
import Testing

/// The new password of `key add` and `key passwd`: where it comes from, and which come to nothing.
@Suite("A new password")
struct NewPasswordTests {
    func helper(_ words: String..., environment: [String: String] = [:]) -> ChildProcess {
        ChildProcess(helperPath, ["new-password"] + words, environment: environment)
    }

    @Test("it is the first line of a file, of a command's output or of a variable, in this order")
    func sources() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("password", "from file\r\nmore\n")
        let variable = ["CAIRN_NEW_PASSWORD": "from variable\nmore"]
        let cases = [
            (["--new-password-file", file], "from file"),
            (["--new-password-command", "echo from command; echo more"], "from command"),
            ([], "from variable"),
        ]
        for (words, password) in cases {
            let outcome = try ChildProcess(helperPath, ["new-password"] + words, environment: variable).run()
            #expect(outcome.code == 0 && outcome.outputText == "password: \(password)\n", "\(outcome.errorText)")
        }
    }

    @Test("the key that opens the repository is not taken for the new one")
    func others() throws {
        let outcome = try helper(environment: ["CAIRN_PASSWORD": "old", "CAIRN_PASSWORD_COMMAND": "echo old"]).run()
        #expect(outcome.code == 12 && outcome.output.isEmpty)
        #expect(
            outcome.errorLines == [
                "cairn: no new password was given, and there is no terminal to ask on",
                "hint: give --new-password-file, --new-password-command or --new-key-file, or set CAIRN_NEW_PASSWORD",
            ])
    }

    @Test("a file and a command together are a usage error")
    func both() throws {
        let outcome = try helper("--new-password-file", "f", "--new-password-command", "c").run()
        #expect(outcome.code == 2 && outcome.errorText.contains("give one"))
    }

    @Test("an empty one is refused wherever it comes from, with exit code 12")
    func empty() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("empty", "\nsecond line\n")
        let children = [
            helper("--new-password-file", file), helper("--new-password-file", "\(folder.path)/missing"),
            helper("--new-password-command", "true"), helper("--new-password-command", "echo x; exit 1"),
            helper(environment: ["CAIRN_NEW_PASSWORD": "\nx"]),
        ]
        for child in children {
            let outcome = try child.run()
            #expect(outcome.code == 12 && outcome.output.isEmpty && !outcome.errors.isEmpty, "\(outcome)")
        }
        let typed = try helper().runOnTerminal(answers: [("new password: ", "")])
        #expect(typed.code == 12 && typed.outputText.contains("an empty password was typed"))
    }

    @Test("a person types it twice, unseen; two that differ are refused")
    func typed() throws {
        let same = try helper().runOnTerminal(answers: [("new password: ", "secret"), ("same again", "secret")])
        #expect(same.code == 0 && same.outputText.hasSuffix("password: secret\r\n"))
        #expect(same.outputText.split(separator: "secret", omittingEmptySubsequences: false).count == 2)
        let other = try helper().runOnTerminal(answers: [("new password: ", "secret"), ("same again", "secert")])
        #expect(other.code == 1 && other.outputText.contains("the two passwords differ: nothing was done"))
    }

    @Test("Ctrl-D says that no password was given; Ctrl-C is exit code 130")
    func refused() throws {
        let ended = try helper().runOnTerminal(answers: [("new password: ", "\u{4}")])
        #expect(ended.code == 12 && ended.outputText.contains("no password was given\r\n"))
        #expect(!ended.outputText.contains("no terminal"))
        #expect(try helper().runOnTerminal(answers: [("new password: ", "x\u{3}")]).code == 130)
    }
}
