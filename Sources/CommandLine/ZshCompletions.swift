/// Writes the completion script for zsh: one function for each command, each a call of `_arguments`.
struct ZshCompletions {
    let program: ProgramDescription

    var script: String {
        var functions = [function([], program.commands, specifications: [])]
        functions += program.allCommands.map { words, command in
            function(words, command.subcommands, specifications: command.makeSpecifications())
        }
        return "#compdef \(program.name)\n# Completions of \(program.name) for zsh.\n\n"
            + functions.joined(separator: "\n")
            + "\nif [[ $funcstack[1] == \(name([])) ]]; then\n    \(name([])) \"$@\"\nelse\n"
            + "    compdef \(name([])) \(program.name)\nfi\n"
    }

    private func name(_ words: [String]) -> String { "_" + ([program.name] + words).joined(separator: "_") }

    private func function(_ words: [String], _ commands: [CommandDescription], specifications: [Specification])
        -> String
    {
        let shown = commands.filter { !$0.isHidden }
        var entries = (specifications + program.makeGlobals()).filter { $0.isOption && !$0.isHidden }.map(option)
        if shown.isEmpty {
            entries += operands(specifications)
            return "\(name(words))() {\n\(passthrough(specifications))    _arguments -s -S \\\n" + list(entries)
                + "\n}\n"
        }
        entries += [shellQuoted("1: :->command"), shellQuoted("*:: :->rest")]
        let offers = shown.flatMap { command in
            command.names.map { shellQuoted("\($0):" + escape(command.summary)) }
        }
        let cases = shown.map { command in
            "        \(command.names.joined(separator: "|"))) \(name(words + [command.name])) ;;"
        }
        return """
            \(name(words))() {
                local context state state_descr line
                typeset -A opt_args
                # Not "commands": what completes other programs' lines looks for zsh's own list of that name.
                local -a offers=(
            \(offers.map { "        " + $0 }.joined(separator: "\n"))
                )
                # What follows the command is the command's, also options of the program.
                _arguments -C -s -S -A '-*' \\
            \(list(entries)) && return
                case $state in
                command) _describe -t commands command offers ;;
                rest)
                    case $words[1] in
            \(cases.joined(separator: "\n"))
                    esac ;;
                esac
            }

            """
    }

    private func list(_ entries: [String]) -> String {
        entries.map { "        " + $0 }.joined(separator: " \\\n")
    }

    private func option(_ option: Specification) -> String {
        let help = "[\(escape(option.help))]"
        let value = option.takesValue ? ":\(escape(option.valueName)):\(action(option.completion))" : ""
        let repeats = option.role == .list || option.role == .counter
        let long = "--\(option.name)" + (option.takesValue ? "=" : "")
        guard let short = option.short else { return shellQuoted((repeats ? "*" : "") + long + help + value) }
        let shortText = "-\(short)" + (option.takesValue ? "+" : "")
        let start = repeats ? "'*'" : shellQuoted("(-\(short) --\(option.name))")
        return start + "{\(shortText),\(long)}" + shellQuoted(help + value)
    }

    private func operands(_ specifications: [Specification]) -> [String] {
        var position = 0
        return specifications.flatMap { operand -> [String] in
            guard case .operand(let minimum, _) = operand.role, let maximum = operand.completedOperands else {
                return []
            }
            let rest = ":\(escape(operand.name)):\(action(operand.completion))"
            guard maximum < Int.max else { return [shellQuoted("*" + rest)] }
            return (0..<maximum).map { index in
                position += 1
                return shellQuoted("\(position)" + (index < minimum ? "" : ":") + rest)
            }
        }
    }

    /// Where the words after `--` are somebody else's command line, what completes that one.
    private func passthrough(_ specifications: [Specification]) -> String {
        specifications.map { operand in
            guard case .passthrough(let flag) = operand.role else { return "" }
            return """
                    local -i end=${words[(i)--]}
                    if (( end < CURRENT && ${words[(I)--\(flag)]} )); then
                        shift end words
                        (( CURRENT -= end ))
                        _normal
                        return
                    fi

                """
        }.joined()
    }

    private func action(_ completion: ValueCompletion) -> String {
        switch completion {
        case .nothing: " "
        case .files: "_files"
        case .folders: "_files -/"
        case .commands: "(\(program.commands.filter { !$0.isHidden }.map(\.name).joined(separator: " ")))"
        case .words(let words): "(\(words.map(escape).joined(separator: " ")))"
        }
    }

    private func escape(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "[]:\\".contains(character) { result.append("\\") }
            result.append(character)
        }
    }
}
