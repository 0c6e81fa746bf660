import ChildProcess
import Testing

/// What is asked for before anything is made: where the repository is, and what opens it. A location below /dev/null
/// keeps the runs that get so far from making anything.
@Suite("Repository and key")
struct KeyTests {
    static let nowhere = "/dev/null/repository"

    /// The first line on standard error of an `init` that cannot succeed.
    func failure(_ words: String..., environment: [String: String] = [:], code: Int32) throws -> String {
        let variables = plainEnvironment.merging(environment) { _, given in given }
        let outcome = try ChildProcess(cairnPath, ["init"] + words, environment: variables).run()
        #expect(outcome.code == code, "\(outcome.errorText)")
        #expect(outcome.output.isEmpty)
        return outcome.errorLines.first ?? ""
    }

    @Test("without a key and without a terminal the exit code is 12")
    func noKey() throws {
        let line = try failure("-r", Self.nowhere, code: 12)
        #expect(line == "cairn: no key or password was given, and there is no terminal to ask on")
        let json = try cairn("init", "-r", Self.nowhere, "--json")
        #expect(json.code == 12)
        #expect(
            json.errorText.hasPrefix("{\"message_type\":\"exit_error\",\"code\":12,\"kind\":\"no_key\",\"message\":"))
    }

    @Test("where ssh has given no terminal, the hint says how it does")
    func noTerminalOverSSH() throws {
        let outcome = try cairn("init", "-r", Self.nowhere, environment: ["SSH_CONNECTION": "::1 40000 ::1 22"])
        #expect(outcome.code == 12)
        #expect(outcome.errorLines.last?.hasSuffix("CAIRN_PASSWORD; or ask for a terminal: ssh -t") == true)
        #expect(try !cairn("init", "-r", Self.nowhere).errorText.contains("ssh"))
        let given = try cairn(
            "init", "-r", Self.nowhere, environment: ["SSH_CONNECTION": "::1 40000 ::1 22", "SSH_TTY": "/dev/pts/0"])
        #expect(!given.errorText.contains("ssh"))
    }

    @Test("the exit code is 10 where no place for a repository can be told")
    func noPlace() throws {
        let outcome = try cairn("init", environment: ["HOME": ""])
        #expect(outcome.code == 10)
        #expect(outcome.errorLines.last == "hint: name one with -r LOCATION or CAIRN_REPOSITORY")
    }

    @Test("the first line of a password file is the password; none is exit code 12")
    func passwordFile() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.file("empty", "\nsecret\n")
        #expect(
            try failure("-r", Self.nowhere, "--password-file", empty, code: 12)
                == "cairn: the password file \(empty) is empty")
        #expect(
            try failure("-r", Self.nowhere, environment: ["CAIRN_PASSWORD_FILE": "/nonexistent/x"], code: 12)
                == "cairn: cannot read the password file /nonexistent/x: No such file or directory")
        let good = try folder.file("good", "secret\r\nnot this\n")
        #expect(try !failure("-r", Self.nowhere, "--password-file", good, code: 1).contains("password"))
    }

    @Test("a password command that fails or prints nothing is exit code 12, and says so")
    func passwordCommand() throws {
        #expect(
            try failure("-r", Self.nowhere, "--password-command", "echo secret; exit 3", code: 12)
                == "cairn: the password command \"echo secret; exit 3\" failed with exit code 3")
        #expect(
            try failure("-r", Self.nowhere, "--password-command", "kill -9 $$", code: 12)
                == "cairn: the password command \"kill -9 $$\" failed with exit code 137")
        #expect(
            try failure("-r", Self.nowhere, environment: ["CAIRN_PASSWORD_COMMAND": "true"], code: 12)
                == "cairn: the password command \"true\" printed no password")
        let long = "head -c 1000000 /dev/zero | tr '\\0' x; exit 4"
        #expect(try failure("-r", Self.nowhere, "--password-command", long, code: 12).hasSuffix("exit code 4"))
    }

    @Test("two keys on the command line are a usage error; an option outranks every variable")
    func precedence() throws {
        #expect(
            try failure("-r", Self.nowhere, "--key-file", "a", "--password-file", "b", code: 2)
                == "cairn: --key-file and --password-file each give a key: give one")
        let line = try failure(
            "-r", Self.nowhere, "--password-command", "exit 5",
            environment: ["CAIRN_KEY_FILE": "/k", "CAIRN_PASSWORD": "p", "CAIRN_PASSWORD_FILE": "/f"], code: 12)
        #expect(line.hasSuffix("failed with exit code 5"))
        let variables = ["CAIRN_PASSWORD_FILE": "/nonexistent/f", "CAIRN_PASSWORD_COMMAND": "exit 5"]
        #expect(try failure("-r", Self.nowhere, environment: variables, code: 12).contains("/nonexistent/f"))
    }

    @Test("a repository without encryption takes no key, and a new key file no other")
    func noEncryption() throws {
        #expect(try failure("-r", Self.nowhere, "--encryption=none", "--key-file", "k", code: 2).contains("no key"))
        #expect(try failure("-r", Self.nowhere, "--encryption=none", "--new-key-file", "k", code: 2).contains("no key"))
        #expect(try failure("-r", Self.nowhere, "--key-file=k", "--new-key-file=l", code: 2).contains("give one"))
        #expect(
            try failure("-r", Self.nowhere, "--encryption", "aes", code: 2)
                == "cairn: invalid value \"aes\" for --encryption: no such choice")
    }

    @Test("a location that is no folder is a usage error")
    func schemes() throws {
        #expect(try failure("-r", "s3:bucket", "--encryption=none", code: 2).contains("not supported yet"))
        #expect(
            try failure("--encryption=none", environment: ["CAIRN_REPOSITORY": "sftp:host:/x"], code: 2)
                .contains("not supported yet"))
    }

    @Test("a repository file must be there, hold a location and stand alone")
    func repositoryFile() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.file("empty", "\n")
        let remote = try folder.file("remote", "rest:http://host/\n")
        let encryption = "--encryption=none"
        #expect(try failure("--repository-file", empty, encryption, code: 1).hasSuffix("\(empty) is empty"))
        #expect(
            try failure("--repository-file=/nonexistent/f", encryption, code: 1)
                == "cairn: cannot read the repository file /nonexistent/f: No such file or directory")
        #expect(try failure("-r", "x", "--repository-file", remote, encryption, code: 2).contains("give one"))
        // The file outranks the variable.
        let variables = ["CAIRN_REPOSITORY": Self.nowhere]
        #expect(try failure("--repository-file", remote, encryption, environment: variables, code: 2).contains("rest:"))
    }

    @Test(
        "a key that is given, and a repository without encryption, do not go together: it may stand in the place of another"
    )
    func keyForPlain() throws {
        let folder = try TemporaryFolder()
        let place = folder.folder("plain")
        let home = ["HOME": folder.path]
        #expect(try cairn("init", "-r", place, "--encryption", "none", environment: home).code == 0)
        let key = try folder.file("key", "cairn-key-1 \(String(repeating: "0", count: 64))\n")
        let given: [([String], [String: String])] = [
            (["--key-file", key], [:]), ([], ["CAIRN_KEY_FILE": key]), ([], ["CAIRN_PASSWORD": "p"]),
            (["--password-command", "exit 1"], [:]),
        ]
        for (words, variables) in given {
            for command in [["snapshots"], ["snapshot", key]] {
                let all = command + ["-r", place] + words
                let outcome = try ChildProcess(cairnPath, all, environment: home.merging(variables) { $1 }).run()
                #expect(outcome.code == 12, "\(all) \(variables)")
                #expect(
                    outcome.errorText.hasPrefix(
                        "cairn: the repository at \(place) is not encrypted, though a key or password was given\n"))
            }
        }
        #expect(try cairn("snapshots", "-r", place, environment: home).output.isEmpty)
    }

    @Test("on a terminal a new password is asked for twice, and never shown")
    func prompt() throws {
        let child = ChildProcess(cairnPath, ["init", "-r", Self.nowhere], environment: plainEnvironment)
        let outcome = try child.runOnTerminal(answers: [("password for", "one-secret"), ("same again", "two-secret")])
        #expect(outcome.code == 1)
        #expect(outcome.outputText.contains("new password for \(Self.nowhere): "))
        #expect(outcome.outputText.contains("the two passwords differ: nothing was done"))
        #expect(!outcome.outputText.contains("secret"))
    }

    @Test("an empty answer is no key; Ctrl-C at the prompt is exit code 130")
    func promptRefused() throws {
        let child = ChildProcess(cairnPath, ["init", "-r", Self.nowhere], environment: plainEnvironment)
        #expect(try child.runOnTerminal(answers: [("password for", "")]).code == 12)
        #expect(try child.runOnTerminal(answers: [("password for", "abc\u{3}")]).code == 130)
        let ended = try child.runOnTerminal(answers: [("password for", "\u{4}")])
        #expect(ended.code == 12 && ended.outputText.contains("no password was given\r\n"))
        #expect(!ended.outputText.contains("there is no terminal"))
    }
}
