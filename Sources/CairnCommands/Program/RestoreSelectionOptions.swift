internal import CommandLine

/// Which entries of a snapshot are restored.
struct RestoreSelectionOptions: OptionGroup {
    static let title: String? = "What is restored"

    let include = OptionList("include", short: "i", .bytes.named("PATTERN"), help: "Restore only what this fits.")
    let iinclude = OptionList("iinclude", .bytes.named("PATTERN"), help: "The same, whatever its case.")
    let includeFile = OptionList("include-file", .file, help: "Restore only what a pattern in this file fits.")
    let exclude = OptionList("exclude", short: "e", .bytes.named("PATTERN"), help: "Leave out what this fits.")
    let iexclude = OptionList("iexclude", .bytes.named("PATTERN"), help: "The same, whatever its case.")
    let excludeFile = OptionList("exclude-file", .file, help: "Leave out what a pattern in this file fits.")
}

extension Arguments<RestoreSelectionOptions> {
    /// The patterns that the options give.
    func patterns() throws -> RestorePatterns {
        RestorePatterns(
            includes: [
                try GivenPatterns("include", self.include.map(\.bytes), files: self.includeFile.map(\.bytes)),
                try GivenPatterns("iinclude", self.iinclude.map(\.bytes), ignoringCase: true),
            ],
            excludes: [
                try GivenPatterns("exclude", self.exclude.map(\.bytes), files: self.excludeFile.map(\.bytes)),
                try GivenPatterns("iexclude", self.iexclude.map(\.bytes), ignoringCase: true),
            ])
    }
}
