internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// `cairn repair`: mends what can be mended, and names what is lost.
enum RepairCommand {
    struct Options: OptionGroup {
        let from = OptionList(
            "from", .folder.named("LOCATION"),
            help: "Look for missing chunks in this repository too: a copy, or one made with --copy-chunker-from.")
        let key = SourceKeyOptions()
        let rescan = OptionList(
            "rescan", .file.named("PATH"),
            help: "Read this file, or all files below this folder, for missing chunks; only those are stored.")
        let acceptsLoss = Flag(
            "accept-loss", help: "Give snapshots that lack something new manifests, which name what is lost.")
        let recovers = Flag("recover", help: "Make snapshots of whole trees that no manifest reaches.")
        let trustsData = Flag("no-read-data", help: "Do not read every pack: trust blocks whose directory can be read.")
        let isDryRun = Flag("dry-run", short: "n", help: "Only say what would be done; write nothing.")
    }

    static let command: CairnCommand = .init(
        "repair", section: CommandSection.repository, summary: "mend what can be mended, and name what is lost",
        discussion: """
            Config, keys and manifests of which one copy is good are written anew. Every pack is read; out of a damaged one everything good is copied into
            new packs, and it is taken out of sight until a prune deletes it. So what is bad in it counts as missing: the next snapshot that meets the same
            bytes stores them again. A pack whose disk fails is left alone.

            What snapshots need and no pack has is looked for in other repositories (--from) and in live files (--rescan), of which the contents of files
            come back, not their names. What stays lost is listed. With --accept-loss the snapshots concerned get new manifests: lost files are left
            out, names on lost pages of directories too, digests that were wrong are those of what is there, and each is named among the snapshot's
            errors. The old manifests are forgotten; a prune keeps what can still be reached of them until their time of grace is over.

            Others may work with the repository meanwhile, but for a prune. Nothing that could be read before is worse afterwards, wherever this
            is stopped. In the end it looks at what is there as "cairn check" does. The exit code is 0 where nothing was wrong, 4 where all damage is
            healed or given up, and 5 where some is left.
            """,
        examples: [
            Example("cairn repair --dry-run", "Show what would be done."),
            Example("cairn repair --from /mnt/copy", "Take what is missing from a copy, which has the same key."),
            Example("cairn repair --rescan /home", "Take what is missing from the files as they are now."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        guard !arguments.trustsData || !arguments.acceptsLoss else {
            throw UsageError("--accept-loss gives up what is lost, and --no-read-data does not find out what that is")
        }
        if arguments.from.isEmpty && arguments.key.isGiven {
            throw UsageError("there is no repository that the key would open: name one with --from")
        }
        let (store, credential) = try RepositoryAccess.openWithCredential(
            RepositoryLocation.resolve(context), context, isCheck: true)
        var request = RepairRequest()
        request.readsData = !arguments.trustsData
        request.acceptsLoss = arguments.acceptsLoss
        request.recoversTrees = arguments.recovers
        request.isRehearsal = arguments.isDryRun
        request.engineVersion = CairnProgram.version
        request.livePaths = try arguments.rescan.map { path throws(CommandFailure) in try absolute(Path(path.bytes)) }
        for location in arguments.from {
            request.sources.append(
                try RepositoryAccess.openOther(RepositoryLocation(location, .source), context, own: credential) {
                    try arguments.key.resolve()
                })
        }
        let cancellation = Cancellation()
        Interruption.install(
            cancelling: cancellation, leaving: "nothing is worse than it was; the same command carries on")
        let report = RepairReport(context, isRehearsal: request.isRehearsal)
        defer { report.end() }
        let (summary, seconds) = try ProgressDisplay.during(context, reportsStatus: true) { progress in
            try RepositoryRepair(store, request).run(
                progress: progress, cancellation: cancellation, onEvent: report.tell)
        }
        return report.show(summary, seconds: seconds)
    }

    private static func absolute(_ path: Path) throws(CommandFailure) -> Path {
        do throws(PosixError) { return try Folder.absolute(path) } catch {
            throw CommandFailure(error, "cannot tell which folder this is")
        }
    }
}

/// What opens the repositories that something is taken from.
struct SourceKeyOptions: OptionGroup {
    let keyFile = Option(
        "from-key-file", .file,
        help: "Open repositories of --from with this key file; without an option, with the key of this repository.")
    let passwordFile = Option(
        "from-password-file", .file, help: "Open them with the password in the first line of this file.")
    let passwordCommand = Option(
        "from-password-command", .bytes.named("COMMAND"),
        help: "Open them with the first line that this command prints; the shell runs it.")
}

extension Arguments where Options == SourceKeyOptions {
    /// Whether any was given.
    var isGiven: Bool { self.keyFile != nil || self.passwordFile != nil || self.passwordCommand != nil }

    /// The key that they give; nil where none does.
    func resolve() throws -> RepositoryKey? {
        let count = [self.keyFile, self.passwordFile, self.passwordCommand].count { $0 != nil }
        guard count <= 1 else {
            throw UsageError(
                "--from-key-file, --from-password-file and --from-password-command each give a key: give one")
        }
        if let file = self.keyFile { return .keyFile(Path(file.bytes)) }
        if let file = self.passwordFile { return .password(try PasswordSource.read(Path(file.bytes))) }
        if let command = self.passwordCommand { return .password(try PasswordSource.run(command)) }
        return nil
    }
}
