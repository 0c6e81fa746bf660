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
            let specifications = command.makeSpecifications().filter { !$0.isHidden }
            lines += specifications.filter(\.isOption).map { line(condition, option: $0) }
            lines += operands(path, specifications)
        }
        return lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    private var function: String { "__" + program.name + "_word" }
    private var globals: [Specification] { program.makeGlobals().filter { !$0.isHidden } }

    private var helper: String {
        """
        # Completions of \(program.name) for fish.

        # The words so far that are neither options nor their values, one a line.
        function \(function)s
            set -l found
            set -l ended 0
            set -l skip 0
            # What the options look like that take the next word: those of the program, and of the command once it is known.
            set -l valued \(valued([]))
            for word in (commandline -opc)[2..-1]
                if test $skip = 1
                    set skip 0
                else if test $ended = 0; and test "$word" = --
                    set ended 1
                else if test $ended = 0; and string match -q -- '-?*' $word
                    string match -qr -- '^('(string join -- '|' $valued)')$' $word; and set skip 1
                else
                    set -a found $word
                    switch "$found"
        \(valuedCases)
                    end
                end
            end
            string join -- \\n $found
        end

        # Whether the N-th of them is one of the names; without names, whether there are fewer than N.
        function \(function) -a position
            set -l found (\(function)s)
            if test (count $argv) = 1
                test (count $found) -lt $position
            else
                set -q found[$position]; and contains -- $found[$position] $argv[2..-1]
            end
        end
        """
    }

    /// Patterns of the options that take the next word. Of short ones in one word only the last can.
    private func valued(_ own: [Specification]) -> String {
        let flags = (own + globals).filter { $0.isOption && !$0.takesValue }.compactMap(\.short)
        let takers = own.isEmpty ? globals : own + globals
        return takers.filter(\.takesValue).flatMap { option in
            [quoted("--" + option.name)] + (option.short.map { [quoted("-[\(String(flags))]*\($0)")] } ?? [])
        }.joined(separator: " ")
    }

    private var valuedCases: String {
        program.allCommands.compactMap { words, command in
            let own = command.makeSpecifications().filter { !$0.isHidden }
            guard own.contains(where: \.isOption), let path = program.commands(at: words) else { return nil }
            let names = path.reduce([""]) { names, command in
                names.flatMap { name in command.names.map { name.isEmpty ? $0 : "\(name) \($0)" } }
            }
            return
                "                case \(names.map(quoted).joined(separator: " "))\n                    set valued \(valued(own))"
        }.joined(separator: "\n")
    }

    private func condition(_ path: [CommandDescription]) -> String {
        path.enumerated().map { index, command in
            "\(function) \(index + 1) \(command.names.joined(separator: " "))"
        }.joined(separator: "; and ")
    }

    /// Other names are offered once something is typed: a list of all commands has each only once.
    private func offers(_ commands: [CommandDescription], below path: [CommandDescription]) -> [String] {
        let open = "\(function) \(path.count + 1)"
        let condition = path.isEmpty ? open : condition(path) + "; and " + open
        return commands.filter { !$0.isHidden }.flatMap { command in
            command.names.map { name in
                let isMain = name == command.name
                let begun = isMain ? "" : "; and commandline -ct | string length -q"
                return
                    "complete -c \(program.name) -n \(quoted(condition + begun)) -a \(name) -d \(quoted(command.summary))"
            }
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

    private func operands(_ path: [CommandDescription], _ specifications: [Specification]) -> [String] {
        let condition = condition(path)
        var lines: [String] = []
        var words = path.count
        for operand in specifications {
            if let maximum = operand.completedOperands {
                let isOpen = maximum == Int.max
                var place = condition
                if words > path.count { place += "; and not \(function) \(words)" }
                // A list takes what is left; what must follow it is not told from it.
                if !isOpen {
                    words += maximum
                    place += "; and \(function) \(words)"
                }
                let action = action(operand.completion)
                if !action.isEmpty { lines.append("complete -c \(program.name) -n \(quoted(place))\(action)") }
                if isOpen { return lines }
            } else if case .passthrough(let flag) = operand.role {
                // The first word after -- is a program; where it takes files, they are offered as the command's operands are.
                let place = "contains -- --\(flag) (commandline -opc); and test (commandline -opc)[-1] = --"
                lines.append(
                    "complete -c \(program.name) -n \(quoted(condition + "; and " + place)) -a '(__fish_complete_command)'"
                )
            }
        }
        return lines
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
