internal import CommandLine

/// `cairn help`: the same as `--help`.
enum HelpCommand {
    struct Options: OptionGroup {
        let words = OperandList(
            "COMMAND", ValueParser("COMMAND", completion: .commands, parse: ValueParser.text.parse),
            help: "The command to explain; without it, the program.")
    }

    static let command: CairnCommand = .init(
        "help", section: CommandSection.program, summary: "explain the program or a command", options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let words = arguments.words
        guard let text = CairnProgram.program.help(words, width: TextWidth.current(context.environment)) else {
            // The parser knows best what is wrong with these words.
            _ = try CairnProgram.program.parse(["--"] + words.map { ArgumentValue($0) }, environment: Environment([:]))
            throw UsageError("there is no command \"\(PrintableText.escape(words.joined(separator: " ")))\"")
        }
        context.console.write(Array(text.utf8))
        return .done
    }
}
