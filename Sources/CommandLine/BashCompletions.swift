/// Writes the completion script for bash: one function that walks the words to find the command, then offers the values
/// of the option before the cursor, the options, or the commands and operands.
struct BashCompletions {
    let program: ProgramDescription

    var script: String {
        let function = "_" + program.name.filter { $0.isLetter || $0.isNumber }
        return """
            # Completions of \(program.name) for bash.
            \(function)() {
                local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} command= word i
                COMPREPLY=()
                # bash takes --option=VALUE for three words.
                if [[ $current == = ]]; then
                    current=
                elif [[ $option == = ]]; then
                    option=${COMP_WORDS[COMP_CWORD-2]}
                fi
                for (( i = 1; i < COMP_CWORD; i++ )); do
                    word=${COMP_WORDS[i]}
                    case $word in
                        --) option=; break ;;
                        \(valuePatterns)) [[ ${COMP_WORDS[i+1]} == = ]] && (( i++ )); (( i++ )); continue ;;
                        -*|=) continue ;;
                    esac
                    case "$command $word" in
            \(commandCases)
                    esac
                done
                case "$command,$option" in
            \(valueCases)
                esac
                if [[ $current == -* ]]; then
                    case $command in
            \(optionCases)
                    esac
                    return
                fi
                case $command in
            \(wordCases)
                esac
            }
            complete -F \(function) \(program.name)

            """
    }

    private var globals: [Specification] { program.makeGlobals().filter { !$0.isHidden } }

    /// The options before the command's name that take the next word.
    private var valuePatterns: String {
        let patterns = globals.filter(\.takesValue).flatMap(\.spellings)
        return patterns.isEmpty ? "''" : patterns.joined(separator: "|")
    }

    /// The path of a command as the script keeps it: ` key add`.
    private func state(_ words: [String]) -> String { words.map { " " + $0 }.joined() }

    private var commandCases: String {
        program.allCommands.map { words, command in
            let parent = state(Array(words.dropLast()))
            let patterns = command.names.map { "\"\(parent) \($0)\"" }.joined(separator: "|")
            return indent(12, "\(patterns)) command=\"\(state(words))\" ;;")
        }.joined(separator: "\n")
    }

    private var valueCases: String {
        var lines: [String] = []
        for (words, command) in program.allCommands {
            for option in command.makeSpecifications() where option.takesValue && !option.isHidden {
                lines.append(valueCase(option) { "\"\(state(words)),\($0)\"" })
            }
        }
        lines += globals.filter(\.takesValue).map { option in valueCase(option) { "*,\($0)" } }
        return lines.joined(separator: "\n")
    }

    private func valueCase(_ option: Specification, pattern: (String) -> String) -> String {
        let patterns = option.spellings.map(pattern).joined(separator: "|")
        let action = action(of: option.completion).map { "\($0); " } ?? ""
        return indent(8, "\(patterns)) \(action)return ;;")
    }

    private var optionCases: String {
        let common = globals.flatMap(\.spellings)
        let cases = [([String](), [Specification]())] + program.allCommands.map { ($0, $1.makeSpecifications()) }
        return cases.map { words, specifications in
            let own = specifications.filter { $0.isOption && !$0.isHidden }.flatMap(\.spellings)
            return indent(12, "\"\(state(words))\") \(offer(own + common)) ;;")
        }.joined(separator: "\n")
    }

    private var wordCases: String {
        var lines = [indent(8, "\"\") \(offer(names(program.commands))) ;;")]
        for (words, command) in program.allCommands {
            let operand = command.makeSpecifications().first { !$0.isOption }
            let offered: String? =
                if command.subcommands.isEmpty {
                    operand.flatMap { action(of: $0.completion) }
                } else {
                    offer(names(command.subcommands))
                }
            if let offered { lines.append(indent(8, "\"\(state(words))\") \(offered) ;;")) }
        }
        return lines.joined(separator: "\n")
    }

    private func names(_ commands: [CommandDescription]) -> [String] {
        commands.filter { !$0.isHidden }.map(\.name)
    }

    private func offer(_ words: [String]) -> String {
        "COMPREPLY=($(compgen -W \(shellQuoted(words.joined(separator: " "))) -- \"$current\"))"
    }

    private func action(of completion: ValueCompletion) -> String? {
        switch completion {
        case .nothing: nil
        case .files: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")"
        case .folders: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$current\")"
        case .commands: offer(names(program.commands))
        case .words(let words): offer(words)
        }
    }

    private func indent(_ count: Int, _ text: String) -> String { String(repeating: " ", count: count) + text }
}
