internal import CommandLine

/// `cairn help`: the same as `--help`.
enum HelpCommand {
    struct Options: OptionGroup {
        let words = OperandList(
            "COMMAND", ValueParser("COMMAND", completion: .commands, parse: ValueParser.text.parse),
            help: "The command to explain, or \"json\" for what --json prints; without it, the program.")
    }

    static let command: CairnCommand = .init(
        "help", section: CommandSection.program, summary: "explain the program or a command",
        discussion: "With --json it is one document: commands, operands, options with their values, and exit codes.",
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let words = arguments.words
        if words.count == 1, let topic = HelpTopic(rawValue: words[0]), !context.globals.json {
            context.console.write(Array(topic.text(width: TextWidth.current(context.environment)).utf8))
            return .done
        }
        guard CairnProgram.show(helpOf: words, context.environment, context.console, asJSON: context.globals.json)
        else {
            // The parser knows best what is wrong with these words.
            _ = try CairnProgram.program.parse(["--"] + words.map { ArgumentValue($0) }, environment: Environment([:]))
            throw UsageError("there is no command \"\(PrintableText.escape(words.joined(separator: " ")))\"")
        }
        return .done
    }
}
