internal import CommandLine

/// `cairn unlock`: says why there is nothing to unlock.
enum UnlockCommand {
    struct Options: OptionGroup {
        // Scripts that were written for restic give it.
        let removeAll = Flag("remove-all", help: "Nothing more.", hidden: true)
    }

    static let command: CairnCommand = .init(
        "unlock", section: CommandSection.repository, summary: "explain why nothing has to be unlocked",
        options: Options.self
    ) { _, context in
        context.console.explain(
            "nothing to do: what a process holds in a repository ends with the process, so no lock is ever stale")
        return .done
    }
}
