// unsafe: a password's bytes, lent to `Secret` and wiped behind it.
internal import CommandLine
internal import Crypto
internal import Posix

/// Where passwords come from. Every way that yields none fails with exit code 12.
enum PasswordSource {
    private static let passwordBytesMax = 64 << 10

    /// What a password is for, which says how else it can be given.
    enum Purpose {
        /// Opening a repository.
        case opening
        /// Making one.
        case making
        /// One more, or another one, for a repository.
        case changing

        fileprivate var otherWays: String {
            switch self {
            case .opening: "give --key-file, --password-file or --password-command, or set CAIRN_PASSWORD"
            case .making:
                "give --new-key-file, --key-file, --password-file or --password-command, or set CAIRN_PASSWORD"
            case .changing:
                "give --new-password-file, --new-password-command or --new-key-file, or set CAIRN_NEW_PASSWORD"
            }
        }

        /// None was given, and nobody can be asked.
        func missing(_ environment: Environment) -> CommandFailure {
            let what = self == .changing ? "new password" : "key or password"
            // A command that ssh is given has a terminal only where that is asked for.
            let isBare = environment["SSH_CONNECTION"] != nil && environment["SSH_TTY"] == nil
            let terminal = isBare ? "; or ask for a terminal: ssh -t" : ""
            return CommandFailure(
                .noKey, kind: "no_key", "no \(what) was given, and there is no terminal to ask on",
                hint: otherWays + terminal)
        }
    }

    /// The first line of a file.
    static func read(_ file: Path) throws(CommandFailure) -> Secret {
        let content: [UInt8]
        do throws(PosixError) {
            content = try SmallFile.read(file, limit: passwordBytesMax)
        } catch {
            throw CommandFailure(error, "cannot read the password file", code: .noKey, kind: "password_file")
        }
        guard !content.firstLine.isEmpty else {
            throw CommandFailure(
                .noKey, kind: "password_file", "the password file \(file.printable) is empty", path: file,
                hint: "its first line is the password")
        }
        return secret(content)
    }

    /// The first line of an environment variable; nil where that is not set.
    static func read(variable: String, _ environment: Environment) throws(CommandFailure) -> Secret? {
        guard let value = environment[variable] else { return nil }
        guard !value.bytes.firstLine.isEmpty else {
            throw CommandFailure(
                .noKey, kind: "no_key", "the first line of \(variable) is empty", hint: "it is the password")
        }
        return secret(value.bytes)
    }

    /// The first line that a command prints.
    static func run(_ command: ArgumentValue) throws(CommandFailure) -> Secret {
        let outcome: ShellCommand.Outcome
        do throws(PosixError) {
            outcome = try ShellCommand.run(command.bytes, outputBytesMax: passwordBytesMax)
        } catch {
            throw CommandFailure(error, "cannot run the password command", code: .noKey, kind: "password_command")
        }
        // Ctrl-C reaches the command too, and it then fails because of that.
        try Interruption.check()
        guard outcome.code == 0 else {
            throw CommandFailure(
                .noKey, kind: "password_command",
                "the password command \"\(command.shown)\" failed with exit code \(outcome.code)",
                hint: "run it by itself to see why")
        }
        guard !outcome.output.firstLine.isEmpty else {
            throw CommandFailure(
                .noKey, kind: "password_command", "the password command \"\(command.shown)\" printed no password",
                hint: "the first line that it prints is the password")
        }
        return secret(outcome.output)
    }

    /// What a person types; nil without a terminal. Nothing at all is refused as a new one, and is a wrong one elsewhere.
    static func ask(_ question: String, for purpose: Purpose) throws(CommandFailure) -> Secret? {
        try Interruption.check()
        switch TerminalPrompt.ask(question) {
        case .line(let line):
            guard !line.isEmpty || purpose == .opening else {
                throw CommandFailure(
                    .noKey, kind: "no_key", "an empty password was typed", hint: purpose.otherWays)
            }
            return secret(line)
        case .interrupted: throw CommandFailure(.interrupted, kind: "interrupted", "interrupted")
        case .ended: throw CommandFailure(.noKey, kind: "no_key", "no password was given", hint: purpose.otherWays)
        case .unavailable: return nil
        }
    }

    /// What a person types twice.
    static func askTwice(
        _ question: String, for purpose: Purpose, _ environment: Environment
    ) throws(CommandFailure) -> Secret {
        guard let first = try ask(question, for: purpose), let second = try ask("the same again: ", for: purpose) else {
            throw purpose.missing(environment)
        }
        guard first == second else {
            throw CommandFailure(.failed, kind: "passwords_differ", "the two passwords differ: nothing was done")
        }
        return first
    }

    /// The first line of some bytes as a secret; the bytes themselves are wiped.
    static func secret(_ bytes: consuming [UInt8]) -> Secret {
        let range = bytes.firstLine.indices
        let secret = bytes.withUnsafeBytes { Secret(copying: UnsafeRawBufferPointer(rebasing: $0[range])) }
        for index in bytes.indices { bytes[index] = 0 }
        return secret
    }
}
