/// A shell that can complete a program's command lines.
public enum Shell: String, CaseIterable, Sendable {
    /// GNU Bash.
    case bash
    /// Z shell.
    case zsh
    /// fish.
    case fish
}

extension Program {
    /// A script that teaches a shell the program's commands, options and values. It never runs the program.
    public func completions(for shell: Shell) -> String {
        switch shell {
        case .bash: BashCompletions(program: description).script
        case .zsh: ZshCompletions(program: description).script
        case .fish: FishCompletions(program: description).script
        }
    }
}

extension Specification {
    /// Every way to write the option's name: `-r`, `--repo`.
    var spellings: [String] { (short.map { ["-\($0)"] } ?? []) + ["--\(name)"] }

    /// For how many words an operand is completed; `Int.max` is a list whose end is not looked for, nil no operand.
    var completedOperands: Int? {
        guard case .operand(_, let maximum) = role else { return nil }
        // Words that follow a command may be of its own commands, but are none of the program's.
        if completion == .commands { return 1 }
        return maximum > 8 ? Int.max : maximum
    }
}

/// Text between single quotes for a shell that knows no escapes there.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
