internal import CommandLine

/// `cairn rebuild-index`: says why there is no index to rebuild.
enum RebuildIndexCommand {
    struct Options: OptionGroup {
        // Scripts that were written for restic give it.
        let readAllPacks = Flag("read-all-packs", help: "Nothing more.", hidden: true)
    }

    static let command: CairnCommand = .init(
        "rebuild-index", section: CommandSection.repository, summary: "explain why no index has to be rebuilt",
        options: Options.self
    ) { _, context in
        context.console.explain(
            "nothing to do: the index is a cache outside the repository and is brought up to date whenever it is used; "
                + "\"cairn cache --clear\" has it made anew")
        return .done
    }
}

extension Console {
    /// Prints the answer of a command that has nothing to do.
    func explain(_ text: String) {
        if isJSON {
            print(["message_type": "explanation", "message": .string(text)])
        } else {
            print(text)
        }
    }
}
