internal import CommandLine

/// What `cairn help WORD` explains that is no command.
enum HelpTopic: String, CaseIterable {
    case json

    /// The topic as it is shown, in lines of at most so many columns. Lines that begin with a space stand as they are.
    func text(width: Int) -> String {
        paragraphs.map { paragraph in
            paragraph.hasPrefix(" ") ? paragraph : DisplayWidth.wrapped(paragraph, to: width).joined(separator: "\n")
        }.joined(separator: "\n\n") + "\n"
    }

    private var paragraphs: [String] {
        switch self {
        case .json:
            [
                "With --json every command answers programs: the answer on standard output, what went wrong on standard error. Nothing else is printed there, and nobody is asked for anything that options or environment give.",
                "Commands that report as they go print lines, each an object with a message_type (status, summary, …): snapshot, restore, check, ls, find, diff. The others print one value.",
                "On standard error come lines too: \"warning\", \"error\" for an item that failed while the rest went on, and in the end, if the command failed, \"exit_error\" with code (the exit code), kind (a word that stays), message, path and hint.",
                "A name that is not UTF-8 stands escaped in its field and exact in a field of the same name with _base64 behind it. Times are RFC 3339, sizes are bytes. More fields may come with later versions; fields do not go, nor change their meaning.",
                "A JSON Schema describes the output of each: \(Self.schemas.joined(separator: ", ")). They are in Documentation/Schemas of the project, and below share/doc/cairn/schemas where it is installed.",
                "  cairn snapshots --json | jq -r '.[-1].short_id'\n  cairn help --json          # all commands and options, for programs that offer them",
            ]
        }
    }

    private static let schemas = [
        "cache", "check", "diff", "find", "forget", "help", "init", "key", "ls", "manifest", "mount", "prune", "repair",
        "restore", "snapshot", "snapshots", "stats", "tag", "undelete", "version",
    ]
}
