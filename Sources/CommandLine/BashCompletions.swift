/// Writes the completion script for bash: one function that walks the words to find the command, and one that offers the
/// values of the option before the cursor, the options, or the commands and operands.
///
/// It stands alone: nothing of the package bash-completion is needed, and nothing of it is in the way.
struct BashCompletions {
    let program: ProgramDescription

    var script: String {
        let function = "_" + program.name.filter { $0.isLetter || $0.isNumber }
        return """
            # Completions of \(program.name) for bash.
            \(function)() {
                local current=${COMP_WORDS[COMP_CWORD]} command= option= prefix= given=' ' ended= operands=0 follows=0
                local kept= glued= word flags i
                local -a words=()
                COMPREPLY=()
                # bash takes --option=VALUE and SNAP:PATH for three words. They are put together again; what stands before the last
                # of them is kept, for bash puts what is offered in the place of that one alone.
                for (( i = 1; i <= COMP_CWORD; i++ )); do
                    word=${COMP_WORDS[i]}
                    if [[ $word =~ ^[:=]+$ && ${#words[@]} -gt 0 ]]; then
                        words[-1]+=$word glued=1
                    elif [[ -n $glued && -n $word ]]; then
                        words[-1]+=$word glued=
                    else
                        words+=("$word") glued=
                    fi
                done
                if [[ -n $glued ]]; then
                    kept=${words[-1]}
                elif [[ ${words[-1]} != "$current" ]]; then
                    kept=${words[-1]%"$current"}
                fi
                current=${words[-1]}
                unset 'words[-1]'
                for word in "${words[@]}"; do
                    if [[ -n $option ]]; then
                        option=
                        continue
                    elif [[ -z $ended && $word == -?* ]]; then
                        given+="$word "
                        case $command in
            \(flagCases)
                        esac
                        # Of short options in one word only the last can take the next word.
                        [[ $word =~ ^-[$flags]+([^-])$ ]] && word=-${BASH_REMATCH[1]}
                        case "$command,$word" in
                            *,--) ended=1 ;;
            \(valuedCases)
                        esac
                        continue
                    fi
                    case "$command $word" in
            \(commandCases)
                        *) (( operands++ )); [[ -n $ended ]] && (( follows++ )) ;;
                    esac
                done
                if [[ -z $ended && -z $option && $current == --*=* ]]; then
                    option=${current%%=*} prefix=${current%%=*}= current=${current#*=}
                fi
                \(function)_offer
                COMPREPLY=("${COMPREPLY[@]/#/"$prefix"}")
                COMPREPLY=("${COMPREPLY[@]#"$kept"}")
            }
            \(function)_offer() {
                if [[ -n $option ]]; then
                    case "$command,$option" in
            \(valueCases)
                    esac
                    return
                fi
                if [[ -z $ended && $current == -* ]]; then
                    case $command in
            \(optionCases)
                    esac
                    return
                fi
            \(passthroughs)    case "$command,$operands" in
            \(wordCases)
                esac
            }
            complete -F \(function) \(program.name)

            """
    }

    private var globals: [Specification] { program.makeGlobals().filter { !$0.isHidden } }

    /// The commands with what they declare, hidden things left out; first the program itself, with nothing of its own.
    private var places: [(state: String, own: [Specification])] {
        [("", [])]
            + program.allCommands.map { words, command in
                (state(words), command.makeSpecifications().filter { !$0.isHidden })
            }
    }

    /// The path of a command as the script keeps it: ` key add`.
    private func state(_ words: [String]) -> String { words.map { " " + $0 }.joined() }

    // MARK: Finding the place

    private var commandCases: String {
        program.allCommands.map { words, command in
            let parent = state(Array(words.dropLast()))
            let patterns = command.names.map { "\"\(parent) \($0)\"" }.joined(separator: "|")
            return indent(12, "\(patterns)) command=\"\(state(words))\" ;;")
        }.joined(separator: "\n")
    }

    /// The short options of each command that take no value.
    private var flagCases: String {
        places.map { state, own in
            let letters = (own + globals).filter { $0.isOption && !$0.takesValue }.compactMap(\.short)
            return indent(16, "\"\(state)\") flags=\(shellQuoted(String(letters))) ;;")
        }.joined(separator: "\n")
    }

    /// The options that take the next word.
    private var valuedCases: String {
        var lines = places.compactMap { state, own -> String? in
            let patterns = own.filter(\.takesValue).flatMap(\.spellings).map { "\"\(state),\($0)\"" }
            return patterns.isEmpty ? nil : patterns.joined(separator: "|")
        }
        let common = globals.filter(\.takesValue).flatMap(\.spellings).map { "*,\($0)" }
        if !common.isEmpty { lines.append(common.joined(separator: "|")) }
        return lines.map { indent(16, "\($0)) option=$word ;;") }.joined(separator: "\n")
    }

    // MARK: Offering

    private var valueCases: String {
        let own = places.flatMap { state, own in
            own.filter(\.takesValue).compactMap { option in valueCase(option) { "\"\(state),\($0)\"" } }
        }
        let common = globals.filter(\.takesValue).compactMap { option in valueCase(option) { "*,\($0)" } }
        return (own + common + [indent(12, "*) ;;")]).joined(separator: "\n")
    }

    private func valueCase(_ option: Specification, pattern: (String) -> String) -> String? {
        action(of: option.completion).map {
            indent(12, "\(option.spellings.map(pattern).joined(separator: "|"))) \($0) ;;")
        }
    }

    private var optionCases: String {
        let common = globals.flatMap(\.spellings)
        return places.map { state, own in
            indent(12, "\"\(state)\") \(offer(own.filter(\.isOption).flatMap(\.spellings) + common)) ;;")
        }.joined(separator: "\n")
    }

    /// Where the words after `--` are somebody else's command line: first its program, then files.
    private var passthroughs: String {
        places.flatMap { state, own in
            own.compactMap { operand in
                guard case .passthrough(let flag) = operand.role else { return nil }
                return """
                        if [[ -n $ended && $command == \(shellQuoted(state)) && $given == *' --\(flag) '* ]]; then
                            if (( follows == 0 )); then \(paths("c")); else \(paths("f")); fi
                            return
                        fi

                    """
            }
        }.joined()
    }

    private var wordCases: String {
        var lines = [indent(8, "\",0\") \(offer(program.commands)) ;;")]
        for (words, command) in program.allCommands {
            let state = state(words)
            if !command.subcommands.isEmpty {
                lines.append(indent(8, "\"\(state),0\") \(offer(command.subcommands)) ;;"))
            }
            var position = 0
            for operand in command.makeSpecifications() {
                guard let maximum = operand.completedOperands else { continue }
                // A list takes what is left; what must follow it is not told from it.
                let isOpen = maximum == Int.max
                let places = isOpen ? ["\"\(state),\"*"] : (0..<maximum).map { "\"\(state),\(position + $0)\"" }
                if let action = action(of: operand.completion) {
                    lines.append(indent(8, "\(places.joined(separator: "|"))) \(action) ;;"))
                }
                if isOpen { break }
                position += maximum
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Other names are offered once something is typed: a list of all commands has each only once.
    private func offer(_ commands: [CommandDescription]) -> String {
        let shown = commands.filter { !$0.isHidden }
        let others = shown.flatMap(\.aliases)
        let names = offer(shown.map(\.name))
        return others.isEmpty ? names : "\(names); [[ -n $current ]] && \(offer(others, isMore: true))"
    }

    private func offer(_ words: [String], isMore: Bool = false) -> String {
        "COMPREPLY\(isMore ? "+" : "")=($(compgen -W \(shellQuoted(words.joined(separator: " "))) -- \"$current\"))"
    }

    private func action(of completion: ValueCompletion) -> String? {
        switch completion {
        case .nothing: nil
        case .files: paths("f")
        case .folders: paths("d")
        case .commands: offer(program.commands.filter { !$0.isHidden }.map(\.name))
        case .words(let words): offer(words)
        }
    }

    private func paths(_ kind: String) -> String {
        "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -\(kind) -- \"$current\")"
    }

    private func indent(_ count: Int, _ text: String) -> String { String(repeating: " ", count: count) + text }
}
