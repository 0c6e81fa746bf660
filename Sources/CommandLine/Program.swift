/// An exit code and what it means.
public struct ExitCodeDescription: Sendable, Hashable {
    /// The code.
    public let code: Int32
    /// When it is given, in a few words.
    public let meaning: String

    /// A code with its meaning.
    public init(_ code: Int32, _ meaning: String) {
        self.code = code
        self.meaning = meaning
    }
}

/// A whole program: global options, commands, and the texts that follow from them.
public struct Program<Global: OptionGroup, Context, Outcome>: Sendable {
    let description: ProgramDescription
    let commands: [Command<Context, Outcome>]

    /// A program.
    /// - Parameters:
    ///   - name: What is typed.
    ///   - summary: One line, without a full stop.
    ///   - discussion: Paragraphs, separated by empty lines.
    ///   - version: For man pages.
    ///   - date: The day of that version, for man pages: `2026-01-31`.
    ///   - versionCommand: The command that `--version` in the place of a command stands for.
    ///   - global: The type that declares the options which stand before or after any command.
    ///   - exitCodes: Printed in every help.
    ///   - foreignWords: What people may type who come from other programs, and the command that is suggested to them.
    ///   - commands: In the order of help.
    public init(
        _ name: String, summary: String, discussion: String = "", version: String, date: String,
        versionCommand: String? = nil, global: Global.Type, exitCodes: [ExitCodeDescription] = [],
        examples: [Example] = [], foreignWords: [String: String] = [:], commands: [Command<Context, Outcome>]
    ) {
        description = ProgramDescription(
            name: name, summary: summary, discussion: discussion, version: version, date: date,
            versionCommand: versionCommand, exitCodes: exitCodes, examples: examples, foreignWords: foreignWords,
            commands: commands.map(\.description),
            makeGlobals: { global.specifications + [ProgramDescription.helpFlag] })
        self.commands = commands
    }

    /// Reads a command line.
    /// - Parameters:
    ///   - arguments: The words after the program's name.
    ///   - environment: Where options look that were not given.
    public func parse(
        _ arguments: [ArgumentValue], environment: Environment
    ) throws(UsageError) -> Request<Global, Context, Outcome> {
        var parser = Parser(description, environment: environment)
        try parser.read(arguments)
        guard !parser.isHelpAsked else { return .help(command: parser.commandWords, asked: true) }
        guard let command = command(at: parser.path), command.subcommands.isEmpty else {
            return .help(command: parser.commandWords, asked: false)
        }
        let values = try parser.finish()
        return .run(
            Invocation(
                command: parser.commandWords, globals: Arguments(Global(), values: values),
                perform: { context in try command.perform(values, context) }))
    }

    private func command(at path: [Int]) -> Command<Context, Outcome>? {
        guard let first = path.first else { return nil }
        return path.dropFirst().reduce(commands[first]) { command, index in command.subcommands[index] }
    }
}

/// What a command line asks for.
public enum Request<Global: OptionGroup, Context, Outcome>: Sendable {
    /// Help of the program (no words) or of a command; `asked` is false if the command line just ended too soon.
    case help(command: [String], asked: Bool)
    /// A command to run.
    case run(Invocation<Global, Context, Outcome>)
}

/// A command that was found, with everything that was given for it.
public struct Invocation<Global: OptionGroup, Context, Outcome>: Sendable {
    /// The command's words under their main names.
    public let command: [String]
    /// The global options.
    public let globals: Arguments<Global>
    let perform: @Sendable (Context) throws -> Outcome

    /// Runs the command.
    public func run(_ context: Context) throws -> Outcome {
        try perform(context)
    }
}

/// A program without the functions that run its commands: what parsing and the texts work with.
struct ProgramDescription: Sendable {
    let name: String
    let summary: String
    let discussion: String
    let version: String
    let date: String
    let versionCommand: String?
    let exitCodes: [ExitCodeDescription]
    let examples: [Example]
    let foreignWords: [String: String]
    let commands: [CommandDescription]
    let makeGlobals: @Sendable () -> [Specification]

    static let helpFlag = Flag("help", short: "h", help: "Show this help.").specification

    /// The command at these words, by any of their names, with its parents.
    func commands(at words: [String]) -> [CommandDescription]? {
        var found: [CommandDescription] = []
        for word in words {
            let siblings = found.last?.subcommands ?? commands
            guard let next = siblings.first(where: { $0.answers(to: word) }) else { return nil }
            found.append(next)
        }
        return found
    }

    /// Every command that is shown, each with the words that lead to it, parents first.
    var allCommands: [(words: [String], command: CommandDescription)] {
        ProgramDescription.shown(commands, below: [])
    }

    private static func shown(
        _ commands: [CommandDescription], below parents: [String]
    ) -> [(words: [String], command: CommandDescription)] {
        commands.filter { !$0.isHidden }.flatMap { command in
            let words = parents + [command.name]
            return [(words, command)] + shown(command.subcommands, below: words)
        }
    }
}
