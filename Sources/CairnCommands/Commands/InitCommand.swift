internal import CommandLine
internal import Posix

/// `cairn init`: makes a repository.
enum InitCommand {
    struct Options: OptionGroup {
        let encryption = DefaultedOption(
            "encryption", .choice, default: RepositoryRequest.Encryption.aes256GCM,
            help: "How to encrypt what is stored.")
        let newKeyFile = Option(
            "new-key-file", .file, help: "Make a random key in this new file, and use it in place of a password.")
        let copyChunkerFrom = Option(
            "copy-chunker-from", .folder.named("LOCATION"),
            help: "Cut files where that repository does, so that copies between both share what they store.")
    }

    static let command: CairnCommand = .init(
        "init", section: CommandSection.repository, summary: "make a repository",
        discussion: """
            What is stored is encrypted, unless you choose "none". Without its password or key file nobody can read an
            encrypted repository, and nobody can help: keep them where the repository is not.
            """,
        examples: [
            Example("cairn init -r /backup", "Make one with a password, which is asked for twice."),
            Example("cairn init -r /backup --new-key-file ~/backup.key", "Make one with a key file, for scripts."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        Interruption.install()
        let location = try RepositoryLocation.resolve(context)
        try RepositoryMaking.requireVacant(location, encryption: arguments.encryption)
        let request = RepositoryRequest(
            location: location, protection: try protection(arguments, context, location),
            chunkerSource: try arguments.copyChunkerFrom.map { try RepositoryLocation($0, .source) })
        // What was begun is soon done: a repository is made whole, or not at all.
        try Interruption.check()
        let id = try RepositoryMaking.make(request, context)
        if context.globals.json {
            context.console.print(
                .object(
                    [("message_type", "initialized"), ("id", .string(id))]
                        + JSONText.fields(of: location.path, as: "repository")
                        + [("encryption", .string(arguments.encryption.rawValue))]))
        } else {
            if context.console.verbosity >= .usual {
                context.console.print("made repository \(id.prefix(8)) at \(location.path.printable)")
                context.console.flush()
            }
            keep(request.protection).map(context.console.note)
        }
        return .done
    }

    /// What must not get lost from now on.
    private static func keep(_ protection: RepositoryRequest.Protection) -> String? {
        switch protection {
        case .none: nil
        case .password: "keep the password where the repository is not: without it nobody can read the repository"
        case .keyFile(let file), .newKeyFile(let file):
            "its key is in \(file.printable): keep a copy of that file elsewhere; without it nobody can read the repository"
        }
    }

    /// What will open the new repository. Asks last, when all else is known to be right.
    private static func protection(
        _ arguments: Arguments<Options>, _ context: CommandContext, _ location: RepositoryLocation
    ) throws -> RepositoryRequest.Protection {
        let globals = context.globals
        let keyOptions = [
            globals.source(\.keyFile), globals.source(\.passwordFile), globals.source(\.passwordCommand),
        ]
        let isKeyWritten = keyOptions.contains(.commandLine)
        if arguments.encryption == .none {
            guard arguments.newKeyFile == nil, !isKeyWritten else {
                throw UsageError("a repository without encryption has no key: leave out the key or --encryption none")
            }
            return .none
        }
        if let file = arguments.newKeyFile {
            guard !isKeyWritten else { throw UsageError("--new-key-file takes the place of another key: give one") }
            return .newKeyFile(Path(file.bytes))
        }
        switch try RepositoryKey.resolveNew(context, for: location) {
        case .keyFile(let path): return .keyFile(path)
        case .password(let password): return .password(password)
        }
    }
}
