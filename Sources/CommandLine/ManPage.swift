extension Program {
    /// The man pages of the program and of every command that is shown, each with the name of its file.
    public var manPages: [(file: String, text: String)] {
        let pages = [[]] + description.allCommands.map(\.words)
        return pages.compactMap { words in
            manPage(words).map { (([description.name] + words).joined(separator: "-") + ".1", $0) }
        }
    }

    /// The man page of the program (no words) or of a command, by any of its names; nil if there is no such command.
    public func manPage(_ words: [String] = []) -> String? {
        CommandPage(program: description, words: words).map { ManPage(page: $0).source }
    }
}

/// Lays a page out with the man macros of roff.
struct ManPage {
    let page: CommandPage

    var source: String {
        let name = ([page.program.name] + page.words).joined(separator: "-")
        let product = "\(page.program.name) \(page.program.version)"
        var lines = [
            ".TH \"\(escape(name.uppercased()))\" 1 \"\(page.program.date)\" \"\(escape(product))\" \"User Commands\"",
            ".SH NAME", "\(escape(name)) \\- \(escape(page.summary))",
            ".SH SYNOPSIS", bold(page.fullName) + " " + escape(page.usage.joined(separator: " ")),
        ]
        lines += description
        for section in page.commands {
            lines.append(".SH \(heading(section.title))")
            for command in section.entries {
                lines += entry(command.names.map(bold).joined(separator: ", "), command.summary)
            }
        }
        for section in page.options {
            lines.append(".SH \(heading(section.title))")
            for option in section.entries { lines += entry(label(of: option), option.fullHelp) }
        }
        lines += environment + exitStatus + examples + seeAlso
        return lines.joined(separator: "\n") + "\n"
    }

    private var description: [String] {
        var lines = [".SH DESCRIPTION", text(page.sentence)]
        if !page.aliases.isEmpty {
            lines.append(text("Also understood as \(page.aliases.joined(separator: ", "))."))
        }
        for paragraph in page.paragraphs { lines += [".PP", text(paragraph)] }
        for operand in page.operands { lines += entry(italic(operand.name), operand.help) }
        return lines
    }

    private var environment: [String] {
        let options = page.options.flatMap(\.entries).filter { $0.environment != nil }
        guard !options.isEmpty else { return [] }
        return [".SH ENVIRONMENT"]
            + options.flatMap { entry(bold($0.environment ?? ""), "Read where --\($0.name) is not given.") }
    }

    private var exitStatus: [String] {
        guard !page.program.exitCodes.isEmpty else { return [] }
        return [".SH EXIT STATUS"] + page.program.exitCodes.flatMap { entry(bold("\($0.code)"), $0.meaning) }
    }

    private var examples: [String] {
        guard !page.examples.isEmpty else { return [] }
        return [".SH EXAMPLES"] + page.examples.flatMap { entry(bold($0.line), $0.purpose) }
    }

    private var seeAlso: [String] {
        let name = page.program.name
        let parents = page.words.indices.map { ([name] + page.words[..<$0]).joined(separator: "-") }
        let children = page.commands.flatMap(\.entries).map { ([name] + page.words + [$0.name]).joined(separator: "-") }
        let pages = parents + children.sorted()
        guard !pages.isEmpty else { return [] }
        return [".SH SEE ALSO"]
            + pages.enumerated().map { index, page in
                ".BR \(escape(page)) (1)" + (index + 1 < pages.count ? "," : "")
            }
    }

    private func entry(_ label: String, _ help: String) -> [String] {
        [".TP", label, text(help)]
    }

    private func label(of option: Specification) -> String {
        let names = (option.short.map { ["-\($0)"] } ?? []) + ["--\(option.name)"]
        let label = names.map(bold).joined(separator: ", ")
        return option.takesValue ? label + " " + italic(option.valueName) : label
    }

    private func heading(_ title: String) -> String { escape(title.uppercased()) }
    private func bold(_ text: String) -> String { "\\fB\(escape(text))\\fR" }
    private func italic(_ text: String) -> String { "\\fI\(escape(text))\\fR" }

    /// Running text, broken into lines of at most 80 bytes. At the start of a line a dot or an apostrophe would be a
    /// command, but for the zero-width `\&` before it.
    private func text(_ text: String) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            let escaped = escape(String(word))
            if let last = lines.last, last.utf8.count + 1 + escaped.utf8.count <= 80 {
                lines[lines.count - 1] = last + " " + escaped
            } else {
                lines.append(escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped)
            }
        }
        return lines.joined(separator: "\n")
    }

    private func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "\"": result += "\\(dq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case "\n": result += " "
            case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
            }
        }
        return result
    }
}
