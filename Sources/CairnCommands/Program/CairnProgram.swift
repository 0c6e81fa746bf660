public import CommandLine
internal import Posix

typealias CairnCommand = Command<CommandContext, ExitCode>

/// The command `cairn`.
public enum CairnProgram {
    static let name = "cairn"
    static let version = "0.1.0"
    static let date = "2026-11-21"
    /// The version of the repository format that this program writes.
    static let formatVersion = 1

    /// Runs one command line and returns the process's exit code.
    public static func run(_ arguments: [ArgumentValue], environment: Environment) -> Int32 {
        Heap.returnMemoryEarly()
        OpenFiles.raiseLimit()
        StandardStream.prepare()
        let console = Console(environment: environment)
        var code: ExitCode
        do {
            code = try perform(arguments, environment: environment, console: console)
        } catch {
            let failure = CommandFailure(error)
            code = failure.code
            console.flush()
            console.report(failure, asJSON: console.isJSON || asksForJSON(arguments))
        }
        if let failure = console.finish() {
            console.report(failure, asJSON: console.isJSON)
            if code == .done { code = failure.code }
        }
        return code.rawValue
    }

    private static func perform(
        _ arguments: [ArgumentValue], environment: Environment, console: Console
    ) throws -> ExitCode {
        switch try program.parse(arguments, environment: environment) {
        case .help(let command, let isAsked):
            let asksForJSON = asksForJSON(arguments)
            if isAsked {
                _ = show(helpOf: command, environment, console, asJSON: asksForJSON)
                return .done
            }
            guard !asksForJSON else {
                throw UsageError("no command was given").completed(program: name, command: command)
            }
            console.writeError(program.overview(command, width: TextWidth.current(environment)) ?? "")
            return .usage
        case .run(let invocation):
            do {
                let context = try CommandContext(
                    globals: invocation.globals, environment: environment, console: console)
                StrayVariables.warn(environment, console)
                return try invocation.run(context).combined(with: context.damage.exitCode)
            } catch let error as UsageError {
                throw error.completed(program: name, command: invocation.command)
            }
        }
    }

    /// Prints the help of the program (no words) or of a command; false if there is no such command.
    static func show(
        helpOf words: [String], _ environment: Environment, _ console: Console, asJSON: Bool
    ) -> Bool {
        if asJSON {
            guard let outline = program.outline(words) else { return false }
            console.print(outline.json)
        } else {
            guard let text = program.help(words, width: TextWidth.current(environment)) else { return false }
            console.write(Array(text.utf8))
        }
        return true
    }

    /// Whether JSON is wished for, as far as a command line says that could not be understood.
    private static func asksForJSON(_ arguments: [ArgumentValue]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }

    /// Everything that the program can do.
    static let program: Program<GlobalOptions, CommandContext, ExitCode> = .init(
        name, summary: "save, keep and restore the state of files and folders",
        discussion: """
            A snapshot is the state of files and folders at one moment. A repository keeps many of them and stores what
            they share only once, compressed and encrypted.

            Data goes to standard output, everything else to standard error. With --json both are lines of JSON.

            Names are shown with \\n, \\t, \\xNN or \\u{NNNN} for what a terminal would act on or what is no text, and two backslashes for one.
            """,
        version: version, date: date, versionCommand: "version", global: GlobalOptions.self,
        exitCodes: ExitCode.descriptions,
        examples: [
            Example("cairn init -r /backup", "Make an encrypted repository."),
            Example("cairn help init", "Show what a command takes."),
        ],
        foreignWords: [
            "add": "snapshot", "archive": "snapshot", "create": "snapshot", "save": "snapshot",
            "extract": "restore", "recover": "restore", "retrieve": "restore", "get": "restore",
            "delete": "forget", "expire": "forget", "purge": "forget", "remove": "forget", "rm": "forget",
            "compact": "prune", "gc": "prune", "maintenance": "prune",
            "fsck": "check", "scrub": "check", "verify": "check", "history": "snapshots", "log": "snapshots",
            "info": "stats", "show": "manifest", "status": "stats", "tree": "ls", "umount": "help mount",
            "passwd": "key passwd", "password": "key passwd",
        ],
        commands: [
            InitCommand.command,
            SnapshotCommand.command,
            SnapshotsCommand.command,
            RestoreCommand.command,
            LsCommand.command,
            FindCommand.command,
            DiffCommand.command,
            CatCommand.command,
            DumpCommand.command,
            ManifestCommand.command,
            MountCommand.command,
            StatsCommand.command,
            PruneCommand.command,
            TagCommand.command,
            ForgetCommand.command,
            UndeleteCommand.command,
            KeyCommand.command,
            CacheCommand.command,
            UnlockCommand.command,
            CheckCommand.command,
            RepairCommand.command,
            RebuildIndexCommand.command,
            CompletionsCommand.command,
            VersionCommand.command,
            HelpCommand.command,
            ManCommand.command,
        ])
}

/// The headings under which help lists the commands.
enum CommandSection {
    static let snapshots = "Snapshots"
    static let repository = "The repository"
    static let program = "The program"
}
