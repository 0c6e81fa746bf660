extension Program {
    /// The help of the program (no words) or of a command, by any of its names; nil if there is no such command.
    public func help(_ words: [String] = [], width: Int) -> String? {
        CommandPage(program: description, words: words).map { HelpText(page: $0, width: width).text }
    }
}

extension Program {
    /// What the program, or a command that has some, can be told to do: for who has said nothing yet. Nil if there is no such command.
    public func overview(_ words: [String] = [], width: Int) -> String? {
        CommandPage(program: description, words: words).map { HelpText(page: $0, width: width).overview }
    }
}

/// Lays a page out for a terminal.
struct HelpText {
    let page: CommandPage
    let width: Int

    var text: String {
        var blocks = [wrap(page.sentence, indent: 0), usage]
        blocks += page.paragraphs.map { wrap($0, indent: 0) }
        if !page.operands.isEmpty {
            blocks.append(list("Arguments", page.operands.map { ($0.name, $0.help) }))
        }
        blocks += page.commands.map { section in
            list(section.title, section.entries.map { ($0.names.joined(separator: ", "), $0.summary) })
        }
        blocks += page.options.map { section in
            list(section.title, section.entries.map { (HelpText.label(of: $0), $0.fullHelp) })
        }
        if !page.program.exitCodes.isEmpty {
            blocks.append(list("Exit codes", page.program.exitCodes.map { ("\($0.code)", $0.meaning) }))
        }
        if !page.examples.isEmpty {
            let lines = page.examples.map { "  \($0.line)\n" + wrap($0.purpose, indent: 6) }
            blocks.append("Examples:\n" + lines.joined(separator: "\n"))
        }
        if !page.commands.isEmpty {
            blocks.append(wrap("\"\(page.fullName) COMMAND --help\" shows what a command takes.", indent: 0))
        }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    /// Only how it is called and the commands, and where the rest is.
    var overview: String {
        let commands = page.commands.map { section in
            list(section.title, section.entries.map { ($0.names.joined(separator: ", "), $0.summary) })
        }
        let help =
            "\"\(page.fullName) --help\" explains the rest, \"\(page.fullName) COMMAND --help\" what a command takes."
        return ([wrap(page.sentence, indent: 0), usage] + commands + [wrap(help, indent: 0)])
            .joined(separator: "\n\n") + "\n"
    }

    private var usage: String {
        let start = "Usage: \(page.fullName) "
        var text = wrap(page.usage.joined(separator: " "), indent: min(start.count, width / 2), first: start)
        if !page.aliases.isEmpty {
            text += "\n" + wrap("Also: " + page.aliases.joined(separator: ", "), indent: 0)
        }
        return text
    }

    /// `-r, --repo LOCATION`, with room for the short name where there is none.
    private static func label(of option: Specification) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        return short + "--\(option.name)" + (option.takesValue ? " \(option.valueName)" : "")
    }

    private func list(_ title: String, _ entries: [(label: String, help: String)]) -> String {
        let longest = entries.map(\.label.count).max() ?? 0
        let column = min(longest + 4, max(12, width * 2 / 5))
        let lines = entries.map { label, help in
            let start = "  \(label)"
            guard start.count + 2 <= column else { return start + "\n" + wrap(help, indent: column) }
            return wrap(help, indent: column, first: start + String(repeating: " ", count: column - start.count))
        }
        return "\(title):\n" + lines.joined(separator: "\n")
    }

    /// Breaks text into lines at spaces. The first line begins with `first`, the others (or all) with spaces.
    private func wrap(_ text: String, indent: Int, first: String? = nil) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = first ?? margin
        var isFresh = true
        for word in text.split(separator: " ") {
            if !isFresh, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
                isFresh = true
            }
            line += (isFresh ? "" : " ") + word
            isFresh = false
        }
        lines.append(line)
        return lines.joined(separator: "\n")
    }
}
