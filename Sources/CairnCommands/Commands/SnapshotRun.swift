internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// One run of `cairn snapshot`.
struct SnapshotRun {
    private let arguments: Arguments<SnapshotCommand.Options>
    private let context: CommandContext

    init(_ arguments: Arguments<SnapshotCommand.Options>, _ context: CommandContext) {
        self.arguments = arguments
        self.context = context
    }

    func run() throws -> ExitCode {
        try checkStreams()
        let labels = try labels()
        let selection = try GivenSelection(arguments.selection)
        let (paths, failures) = try givenPaths()
        let location = try RepositoryLocation.resolve(context)
        let store = try openStore(location)
        let cancellation = Cancellation()
        Interruption.install(
            cancelling: cancellation, leaving: "no snapshot was made; the same command carries on with what is stored")
        var request = try request(paths, selection, location, store)
        request.labels = labels
        request.failures = failures
        request.countsAhead = ProgressDisplay.Mode(context, reportsStatus: true) != nil
        let failed = FailureReport(context.console)
        let outcome: SnapshotOutcome
        do {
            (outcome, _) = try ProgressDisplay.during(context, reportsStatus: true) { progress in
                try SnapshotTaking(store, request).run(
                    progress: progress, cancellation: cancellation, onFailure: failed.report,
                    onItem: SnapshotReport.itemReport(context.console))
            }
        } catch {
            failed.release(unless: (error as? CairnError)?.path)
            throw error
        }
        failed.summarize()
        return SnapshotReport(outcome, location: location, context).show()
    }

    /// Opens the repository. A rehearsal writes nothing, so it makes none.
    private func openStore(_ location: RepositoryLocation) throws -> Store {
        guard arguments.dryRun else {
            return try RepositoryAccess.openOrMakeDefault(
                location, context, isAllowed: arguments.defaultRepository, compression: arguments.compression)
        }
        do { return try RepositoryAccess.open(location, context, isDryRun: true) } catch var failure as CommandFailure {
            if failure.code == .noRepository, location.origin == .embedded {
                failure.hint = "a dry run makes none, and needs one to compare with; \(failure.hint ?? "")"
            }
            throw failure
        }
    }

    // MARK: What is to be taken

    /// What the command line and its lists name, and what could not be read for it.
    private func givenPaths() throws -> ([Path], [ItemFailure]) {
        let lists = try SourceLists(arguments.lists, context)
        let paths = arguments.paths.map { Path($0.bytes) } + lists.paths
        guard !(paths.isEmpty && lists.isGiven) else {
            let failed = FailureReport(context.console)
            lists.failures.forEach(failed.report)
            failed.summarize()
            throw CommandFailure(
                .failed, kind: "no_sources",
                "nothing is named to take a snapshot of: the lists are empty, or nothing fits them",
                hint: "look at what --files-from, --files-from-verbatim and --files-from-raw read")
        }
        return (paths, lists.failures)
    }

    private func checkStreams() throws(UsageError) {
        let stream = arguments.stream
        let lists = arguments.lists
        let namesNothing =
            arguments.paths.isEmpty && lists.patterns.isEmpty && lists.verbatim.isEmpty && lists.raw.isEmpty
        guard stream.stdin || stream.stdinFromCommand else {
            guard stream.stdinFilename == nil else {
                throw UsageError("--stdin-filename has a meaning only with --stdin or --stdin-from-command")
            }
            guard !namesNothing else {
                throw UsageError(
                    "nothing is named to take a snapshot of",
                    hint: "name files or folders, or a list of them with --files-from")
            }
            return
        }
        guard !(stream.stdin && stream.stdinFromCommand) else {
            throw UsageError("--stdin and --stdin-from-command name two streams: give one")
        }
        guard namesNothing else { throw UsageError("a stream and files cannot go into one snapshot") }
        guard !stream.stdinFromCommand || !arguments.command.isEmpty else {
            throw UsageError("no program is named", hint: "write it after --: --stdin-from-command -- pg_dump --all")
        }
    }

    private func request(
        _ paths: [Path], _ selection: GivenSelection, _ location: RepositoryLocation, _ store: Store
    ) throws -> SnapshotRequest {
        var request = SnapshotRequest(
            source: try source(paths), engineVersion: "\(CairnProgram.name) \(CairnProgram.version)")
        request.strategy = arguments.force ? .full : arguments.strategy
        let description = arguments.description
        request.tags = description.tags.flatMap(\.self)
        if let host = description.host { request.host = host }
        request.time = description.time
        request.selection = selection.selection
        request.excludes = selection.texts
        request.staysOnFileSystem = arguments.selection.oneFileSystem
        request.readers = arguments.readConcurrency
        request.trust = arguments.trust
        request.ignoresInode = arguments.ignoreInode
        request.ignoresChangeTime = arguments.ignoreCtime
        request.skipsUnchanged = arguments.skipIfUnchanged
        request.isRehearsal = arguments.dryRun
        request.verifiesPacks = arguments.verify == .packs
        request.avoided = [location.path] + (try CacheLocation.places(context))
        if let parent = arguments.parent { request.parent = try SnapshotList.read(store, context).resolve(parent.name) }
        return request
    }

    private func labels() throws(UsageError) -> [String: String] {
        var labels: [String: String] = [:]
        for label in arguments.description.labels {
            guard labels.updateValue(label.value, forKey: label.key) == nil else {
                throw UsageError(
                    "the label \"\(PrintableText.escape(label.key))\" is given more than once",
                    hint: "a label has one value: give each key once")
            }
        }
        return labels
    }

    private func source(_ paths: [Path]) throws -> SnapshotRequest.Source {
        let stream = arguments.stream
        guard stream.stdin || stream.stdinFromCommand else { return .paths(paths) }
        let name = Path("/").appending(
            Path(stream.stdinFilename?.bytes.drop { $0 == UInt8(ascii: "/") } ?? Array("stdin".utf8)[...]))
        guard stream.stdinFromCommand else {
            return .stream(name, StreamSource(try FileDescriptor.duplicate(0, path: Path("standard input"))))
        }
        do throws(PosixError) {
            return try ChildStream.start(arguments.command.map(\.bytes)) { child, output in
                .stream(
                    name,
                    StreamSource(output) { () throws(CairnError) in
                        guard let trouble = child.finish() else { return }
                        throw CairnError(.source, "\(trouble); there is no snapshot", remedy: "see what it says above")
                    })
            }
        } catch {
            throw CommandFailure(error, "cannot start", kind: "command", hint: "check its name and PATH")
        }
    }
}
