internal import CommandLine
internal import Crypto
internal import Posix

/// What opens a repository.
enum RepositoryKey: Sendable {
    case keyFile(Path)
    case password(Secret)

    /// What a person types; exit code 12 if there is nobody to ask.
    static func ask(for location: RepositoryLocation, _ context: CommandContext) throws -> RepositoryKey {
        let question = "password for \(location.path.printable): "
        guard let password = try PasswordSource.ask(question, for: .opening) else {
            throw PasswordSource.Purpose.opening.missing(context.environment)
        }
        return .password(password)
    }

    /// Whether options or environment give a key or password, whichever it is.
    static func isGiven(_ context: CommandContext) -> Bool {
        let globals = context.globals
        return globals.keyFile != nil || globals.passwordFile != nil || globals.passwordCommand != nil
            || context.environment["CAIRN_PASSWORD"] != nil
    }

    /// The key or password that options or environment give. An option outranks every variable.
    static func given(_ context: CommandContext) throws -> RepositoryKey? {
        let globals = context.globals
        let options: [(name: String, source: ValueSource?)] = [
            ("--key-file", globals.source(\.keyFile)), ("--password-file", globals.source(\.passwordFile)),
            ("--password-command", globals.source(\.passwordCommand)),
        ]
        let written = options.filter { $0.source == .commandLine }.map(\.name)
        guard written.count <= 1 else {
            throw UsageError("\(written.joined(separator: " and ")) each give a key: give one")
        }
        let chosen = written.first
        if let file = globals.keyFile, chosen == nil || chosen == "--key-file" { return .keyFile(Path(file.bytes)) }
        if chosen == nil,
            let password = try PasswordSource.read(variable: "CAIRN_PASSWORD", context.environment)
        {
            return .password(password)
        }
        if let file = globals.passwordFile, chosen == nil || chosen == "--password-file" {
            return .password(try PasswordSource.read(Path(file.bytes)))
        }
        if let command = globals.passwordCommand { return .password(try PasswordSource.run(command)) }
        return nil
    }

    /// The password that a new repository gets: as for an old one, but a person types it twice.
    static func resolveNew(_ context: CommandContext, for location: RepositoryLocation) throws -> RepositoryKey {
        if let key = try given(context) { return key }
        let question = "new password for \(location.path.printable): "
        return .password(try PasswordSource.askTwice(question, for: .making, context.environment))
    }
}

/// The options of commands that give a repository another password.
struct NewPasswordOptions: OptionGroup {
    let file = Option("new-password-file", .file, help: "Read the new password from the first line of this file.")
    let command = Option(
        "new-password-command", .bytes.named("COMMAND"),
        help: "Take the first line that this command prints for the new password; the shell runs it.")

    /// The new password that options or `CAIRN_NEW_PASSWORD` give, else what a person types twice.
    static func resolve(_ arguments: Arguments<NewPasswordOptions>, _ context: CommandContext) throws -> Secret {
        if let file = arguments.file {
            guard arguments.command == nil else {
                throw UsageError("--new-password-file and --new-password-command each give a password: give one")
            }
            return try PasswordSource.read(Path(file.bytes))
        }
        if let command = arguments.command { return try PasswordSource.run(command) }
        if let password = try PasswordSource.read(variable: "CAIRN_NEW_PASSWORD", context.environment) {
            return password
        }
        return try PasswordSource.askTwice("new password: ", for: .changing, context.environment)
    }
}
