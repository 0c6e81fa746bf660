internal import CommandLine

/// `cairn version`: what this program is made of.
enum VersionCommand {
    static let command: CairnCommand = .init(
        "version", section: CommandSection.program,
        summary: "show the version of the program and what it is built with",
        options: NoOptions.self
    ) { _, context in
        run(context)
    }

    private static func run(_ context: CommandContext) -> ExitCode {
        let libraries = LibraryVersions.all
        if context.globals.json {
            context.console.print([
                "name": .string(CairnProgram.name), "version": .string(CairnProgram.version),
                "format_version": .integer(CairnProgram.formatVersion), "swift": .string(LibraryVersions.swift),
                "libraries": .object(libraries.map { ($0.name, .string($0.version)) }),
            ])
        } else {
            let parts = (["Swift \(LibraryVersions.swift)"] + libraries.map { "\($0.name) \($0.version)" })
            context.console.print("\(CairnProgram.name) \(CairnProgram.version)")
            context.console.print("repository format \(CairnProgram.formatVersion)")
            context.console.print("with \(parts.joined(separator: ", "))")
        }
        return .done
    }
}
