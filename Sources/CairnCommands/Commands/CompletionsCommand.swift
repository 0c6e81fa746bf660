internal import CommandLine

/// `cairn completions`: the script that teaches a shell the command line.
enum CompletionsCommand {
    struct Options: OptionGroup {
        let shell = Operand("SHELL", ValueParser<Shell>.choice, help: "One of bash, zsh and fish.")
    }

    static let command: CairnCommand = .init(
        "completions", section: CommandSection.program, summary: "print the completions of a shell",
        discussion:
            "\"make install\" puts them where the shells look for them. They are a script, with --json too, which changes nothing here.",
        examples: [Example("source <(cairn completions bash)", "Use them in this shell.")], options: Options.self
    ) { arguments, context in
        context.console.write(Array(CairnProgram.program.completions(for: arguments.shell).utf8))
        return .done
    }
}
