/// What help and man page of a program or of one of its commands say, before either lays it out.
struct CommandPage {
    /// A heading with the commands or options below it.
    struct Section<Entry> {
        var title: String
        var entries: [Entry]
    }

    let program: ProgramDescription
    /// The command's words without the program's name; empty for the program itself.
    let words: [String]
    let summary: String
    let aliases: [String]
    let paragraphs: [String]
    let commands: [Section<CommandDescription>]
    let operands: [Specification]
    let options: [Section<Specification>]
    let examples: [Example]

    init(program: ProgramDescription) {
        self.program = program
        words = []
        summary = program.summary
        aliases = []
        paragraphs = CommandPage.paragraphs(program.discussion)
        commands = CommandPage.sections(program.commands.filter { !$0.isHidden }, usual: "Commands") { $0.section }
        operands = []
        options = CommandPage.optionSections(own: [], globals: program.makeGlobals())
        examples = program.examples
    }

    init(program: ProgramDescription, path: [CommandDescription], command: CommandDescription) {
        self.program = program
        words = path.map(\.name)
        summary = command.summary
        aliases = command.aliases
        paragraphs = CommandPage.paragraphs(command.discussion)
        commands = CommandPage.sections(command.subcommands.filter { !$0.isHidden }, usual: "Commands") { $0.section }
        let specifications = command.makeSpecifications()
        operands = specifications.filter { !$0.isOption }
        options = CommandPage.optionSections(own: specifications, globals: program.makeGlobals())
        examples = command.examples
    }

    /// The page of the command at these words, by any of its names.
    init?(program: ProgramDescription, words: [String]) {
        guard let path = program.commands(at: words) else { return nil }
        if let command = path.last {
            self.init(program: program, path: path, command: command)
        } else {
            self.init(program: program)
        }
    }

    /// What is typed: `cairn key add`.
    var fullName: String { ([program.name] + words).joined(separator: " ") }

    /// What stands after the name in the line that shows the usage.
    var usage: [String] {
        if !commands.isEmpty { return ["[OPTIONS]", "COMMAND", "…"] }
        return ["[OPTIONS]"] + operands.map(CommandPage.usage(of:))
    }

    /// The summary as a sentence.
    var sentence: String { summary.prefix(1).uppercased() + summary.dropFirst() + "." }

    private static func usage(of operand: Specification) -> String {
        switch operand.role {
        case .operand(let minimum, let maximum):
            let name = operand.name + (maximum > 1 ? "…" : "")
            return minimum > 0 ? name : "[\(name)]"
        case .passthrough: return "[-- \(operand.name)…]"
        case .flag, .counter, .single, .list: return operand.shown
        }
    }

    private static func paragraphs(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.split { $0.allSatisfy(\.isWhitespace) }.map { $0.joined(separator: " ") }
    }

    private static func optionSections(own: [Specification], globals: [Specification]) -> [Section<Specification>] {
        let shown = own.filter { $0.isOption && !$0.isHidden }
        return sections(shown, usual: "Options") { $0.section }
            + sections(globals.filter { !$0.isHidden }, usual: "Global options") { $0.section }
    }

    /// Entries under their headings; headings in the order of their first entries, the usual one before all others.
    private static func sections<Entry>(
        _ entries: [Entry], usual: String, title: (Entry) -> String?
    ) -> [Section<Entry>] {
        var result: [Section<Entry>] = [Section(title: usual, entries: [])]
        for entry in entries {
            let title = title(entry) ?? usual
            if let index = result.firstIndex(where: { $0.title == title }) {
                result[index].entries.append(entry)
            } else {
                result.append(Section(title: title, entries: [entry]))
            }
        }
        return result.filter { !$0.entries.isEmpty }
    }
}

extension Specification {
    /// The help with what follows from the declaration.
    var fullHelp: String {
        var text = help
        if let shownDefault { text += " [default: \(shownDefault)]" }
        if let environment { text += " [environment: \(environment)]" }
        return text
    }
}
