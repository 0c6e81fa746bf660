/// A command line that shows what a command is good for.
public struct Example: Sendable, Hashable {
    /// What it does, in a few words.
    public let purpose: String
    /// What to type.
    public let line: String

    /// An example.
    public init(_ line: String, _ purpose: String) {
        self.line = line
        self.purpose = purpose
    }
}

/// One command: its description, and the function that runs it with a context of the program's own.
public struct Command<Context, Outcome>: Sendable {
    let description: CommandDescription
    let subcommands: [Command]
    let perform: @Sendable (ParsedValues, Context) throws -> Outcome

    /// A command with options.
    /// - Parameters:
    ///   - name: What is typed.
    ///   - aliases: Other names that are understood, and shown in its help.
    ///   - section: The heading under which the program's help lists it.
    ///   - summary: One line, without a full stop.
    ///   - discussion: Paragraphs, separated by empty lines.
    ///   - hidden: Left out of help, man pages and completions.
    ///   - options: The type that declares its options and operands.
    ///   - run: What it does.
    public init<Options: OptionGroup>(
        _ name: String, aliases: [String] = [], section: String? = nil, summary: String, discussion: String = "",
        examples: [Example] = [], hidden: Bool = false, options: Options.Type,
        run: @escaping @Sendable (Arguments<Options>, Context) throws -> Outcome
    ) {
        description = CommandDescription(
            name: name, aliases: aliases, section: section, summary: summary, discussion: discussion,
            examples: examples, isHidden: hidden, subcommands: [], makeSpecifications: { options.specifications })
        subcommands = []
        perform = { values, context in try run(Arguments(Options(), values: values), context) }
    }

    /// A command that is only the common first word of others, as in `key add`.
    public init(
        _ name: String, aliases: [String] = [], section: String? = nil, summary: String, discussion: String = "",
        subcommands: [Command]
    ) {
        description = CommandDescription(
            name: name, aliases: aliases, section: section, summary: summary, discussion: discussion, examples: [],
            isHidden: false, subcommands: subcommands.map(\.description), makeSpecifications: { [] })
        self.subcommands = subcommands
        perform = { _, _ in fatalError("the parser took the first word of a command for a whole one") }
    }
}

/// A command without the function that runs it: what parsing and the texts work with.
struct CommandDescription: Sendable {
    let name: String
    let aliases: [String]
    let section: String?
    let summary: String
    let discussion: String
    let examples: [Example]
    let isHidden: Bool
    let subcommands: [CommandDescription]
    /// The declarations are made only for the command that runs, and for texts: there are hundreds in all.
    let makeSpecifications: @Sendable () -> [Specification]

    var names: [String] { [name] + aliases }

    func answers(to word: String) -> Bool {
        name == word || aliases.contains(word)
    }
}
