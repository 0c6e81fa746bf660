internal import CommandLine
internal import Posix

/// `cairn cache`: where the disposable index of repositories lies, and how large it is.
enum CacheCommand {
    struct Options: OptionGroup {
        let clear = Flag("clear", help: "Remove it; what is needed of it is made again.")
    }

    static let command: CairnCommand = .init(
        "cache", section: CommandSection.repository, summary: "show or clear the disposable index of repositories",
        discussion: """
            Catalogs and journals make work quick and can be made again from the repositories. They lie in a folder of
            their own, with one folder in it for each repository.
            """,
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let cache = try CacheLocation.resolve(context)
        let entries: [CacheLocation.Entry]
        do throws(PosixError) {
            entries = try cache.entries()
            if arguments.clear { try cache.clear() }
        } catch {
            throw CommandFailure(error, arguments.clear ? "cannot clear the cache at" : "cannot read the cache at")
        }
        let sum = entries.reduce(0) { $0 + $1.bytes }
        if context.globals.json {
            let repositories = entries.map { entry -> JSONText in
                ["name": .string(entry.name), "bytes": .integer(entry.bytes)]
            }
            context.console.print(
                .object(
                    JSONText.fields(of: cache.path, as: "path") + [
                        ("bytes", .integer(sum)), ("repositories", .array(repositories)),
                        ("cleared", .bool(arguments.clear)),
                    ]))
        } else {
            context.console.print(cache.path.printable)
            for entry in entries { context.console.print("  \(entry.name)  \(ByteCount.text(entry.bytes))") }
            context.console.print("\(arguments.clear ? "removed" : "in all") \(ByteCount.text(sum))")
        }
        return .done
    }
}
