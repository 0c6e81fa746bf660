/// A program as data: its commands with all that they take. For who lays it out otherwise than help and man pages do.
public struct ProgramOutline: Sendable {
    /// A command, or the common first word of others.
    public struct Command: Sendable {
        /// What is typed, without the program's name: `key add`.
        public let name: String
        /// Other names of its last word.
        public let aliases: [String]
        /// One line, without a full stop.
        public let summary: String
        /// The line that shows how it is called: `cairn key add [OPTIONS]`.
        public let usage: String
        /// What help says beside the summary.
        public let paragraphs: [String]
        /// The words that it takes.
        public let operands: [Operand]
        /// Its own options.
        public let options: [Option]
        /// Command lines that show what it is good for.
        public let examples: [Example]
        /// Those that begin with its word.
        public let commands: [Command]
    }

    /// An option.
    public struct Option: Sendable {
        /// The long name, without dashes.
        public let name: String
        /// The short name, without its dash.
        public let short: Character?
        /// What stands for its value in help; nil where it takes none.
        public let valueName: String?
        /// What it does.
        public let help: String
        /// How help writes the value that it has when it is not given.
        public let defaultValue: String?
        /// The variable that is read where it is not given.
        public let environment: String?
        /// Whether it may be given several times.
        public let isRepeatable: Bool
    }

    /// A word that is no option.
    public struct Operand: Sendable {
        /// What stands for it in help.
        public let name: String
        /// What it is.
        public let help: String
        /// Whether it must be given.
        public let isRequired: Bool
        /// Whether there may be several.
        public let isRepeatable: Bool
    }

    /// What is typed.
    public let name: String
    /// The program's version.
    public let version: String
    /// One line, without a full stop.
    public let summary: String
    /// What help says beside the summary.
    public let paragraphs: [String]
    /// The options that stand before or after any command.
    public let globalOptions: [Option]
    /// All codes that the process may end with.
    public let exitCodes: [ExitCodeDescription]
    /// Command lines that show what the program is good for.
    public let examples: [Example]
    /// The commands, in the order of help.
    public let commands: [Command]
}

extension Program {
    /// The program with all its commands (no words), or with the one at these words, by any of its names; nil if there is no such command.
    public func outline(_ words: [String] = []) -> ProgramOutline? {
        guard let path = description.commands(at: words) else { return nil }
        let parents = path.dropLast().map(\.name)
        let top = CommandPage(program: description)
        return ProgramOutline(
            name: description.name, version: description.version, summary: description.summary,
            paragraphs: top.paragraphs,
            globalOptions: description.makeGlobals().filter { !$0.isHidden }.map(ProgramOutline.Option.init),
            exitCodes: description.exitCodes, examples: description.examples,
            commands: (path.last.map { [$0] } ?? description.commands.filter { !$0.isHidden }).map {
                ProgramOutline.Command($0, below: Array(parents), in: description)
            })
    }
}

extension ProgramOutline.Command {
    fileprivate init(_ command: CommandDescription, below parents: [String], in program: ProgramDescription) {
        let words = parents + [command.name]
        let page = CommandPage(program: program, words: words)
        let specifications = command.makeSpecifications()
        name = words.joined(separator: " ")
        aliases = command.aliases
        summary = command.summary
        usage = page.map { ([$0.fullName] + $0.usage).joined(separator: " ") } ?? name
        paragraphs = page?.paragraphs ?? []
        operands = specifications.filter { !$0.isOption && !$0.isHidden }.map(ProgramOutline.Operand.init)
        options = specifications.filter { $0.isOption && !$0.isHidden }.map(ProgramOutline.Option.init)
        examples = command.examples
        commands = command.subcommands.filter { !$0.isHidden }.map {
            ProgramOutline.Command($0, below: words, in: program)
        }
    }
}

extension ProgramOutline.Option {
    fileprivate init(_ specification: Specification) {
        name = specification.name
        short = specification.short
        valueName = specification.takesValue ? specification.valueName : nil
        help = specification.help
        defaultValue = specification.shownDefault
        environment = specification.environment
        isRepeatable = specification.role == .list || specification.role == .counter
    }
}

extension ProgramOutline.Operand {
    fileprivate init(_ specification: Specification) {
        name = specification.name
        help = specification.help
        switch specification.role {
        case .operand(let minimum, let maximum): (isRequired, isRepeatable) = (minimum > 0, maximum > 1)
        case .passthrough: (isRequired, isRepeatable) = (false, true)
        case .flag, .counter, .single, .list: (isRequired, isRepeatable) = (false, false)
        }
    }
}
