/// Writes the completion script for fish: one helper that knows the words so far, then one line for each offer.
struct FishCompletions {
    let program: ProgramDescription

    var script: String {
        var lines = [helper, "complete -c \(program.name) -f"]
        lines += globals.map { line(nil, option: $0) }
        lines += offers(program.commands, below: [])
        for (words, command) in program.allCommands {
            guard let path = program.commands(at: words) else { continue }
            let condition = condition(path)
            lines += offers(command.subcommands, below: path)
            for specification in command.makeSpecifications() where !specification.isHidden {
                lines.append(
                    specification.isOption
                        ? line(condition, option: specification) : line(condition, operand: specification))
            }
        }
        return lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    private var function: String { "__" + program.name + "_word" }
    private var globals: [Specification] { program.makeGlobals().filter { !$0.isHidden } }

    private var helper: String {
        let valued = globals.filter(\.takesValue).flatMap(\.spellings).joined(separator: " ")
        return """
            # Completions of \(program.name) for fish.

            # Whether the N-th word that is no option is one of the names; without names, whether there is none.
            function \(function) -a position
                set -l found
                set -l skip 0
                for word in (commandline -opc)[2..-1]
                    if test $skip = 1
                        set skip 0
                    else if contains -- $word \(valued)
                        set skip 1
                    else if not string match -q -- '-*' $word
                        set -a found $word
                    end
                end
                if test (count $argv) = 1
                    test (count $found) -lt $position
                else
                    set -q found[$position]; and contains -- $found[$position] $argv[2..-1]
                end
            end
            """
    }

    private func condition(_ path: [CommandDescription]) -> String {
        path.enumerated().map { index, command in
            "\(function) \(index + 1) \(command.names.joined(separator: " "))"
        }.joined(separator: "; and ")
    }

    private func offers(_ commands: [CommandDescription], below path: [CommandDescription]) -> [String] {
        let open = "\(function) \(path.count + 1)"
        let condition = path.isEmpty ? open : condition(path) + "; and " + open
        return commands.filter { !$0.isHidden }.map { command in
            "complete -c \(program.name) -n \(quoted(condition)) -a \(command.name) -d \(quoted(command.summary))"
        }
    }

    private func line(_ condition: String?, option: Specification) -> String {
        var line = "complete -c \(program.name)"
        if let condition { line += " -n \(quoted(condition))" }
        if let short = option.short { line += " -s \(short)" }
        line += " -l \(option.name)"
        // Only an exclusive option keeps the files away that its command takes as operands.
        if option.takesValue { line += (option.completion == .files ? " -r" : " -x") + action(option.completion) }
        return line + " -d \(quoted(option.help))"
    }

    private func line(_ condition: String, operand: Specification) -> String {
        let action = action(operand.completion)
        return action.isEmpty ? "" : "complete -c \(program.name) -n \(quoted(condition))\(action)"
    }

    private func action(_ completion: ValueCompletion) -> String {
        switch completion {
        case .nothing: ""
        case .files: " -F"
        case .folders: " -a '(__fish_complete_directories)'"
        case .commands: " -a \(quoted(program.commands.filter { !$0.isHidden }.map(\.name).joined(separator: " ")))"
        case .words(let words): " -a \(quoted(words.joined(separator: " ")))"
        }
    }

    /// fish knows two escapes between single quotes.
    private func quoted(_ text: String) -> String {
        "'"
            + text.reduce(into: "") { result, character in
                if character == "'" || character == "\\" { result.append("\\") }
                result.append(character)
            } + "'"
    }
}
