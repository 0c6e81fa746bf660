internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// One run of `cairn restore`.
struct RestoreRun {
    private let arguments: Arguments<RestoreCommand.Options>
    private let context: CommandContext

    init(_ arguments: Arguments<RestoreCommand.Options>, _ context: CommandContext) {
        self.arguments = arguments
        self.context = context
    }

    func run() throws -> ExitCode {
        guard let target = arguments.target else {
            throw UsageError("no folder is named to restore into", hint: "give it with --target")
        }
        guard arguments.snapshot != nil || arguments.choice.at != nil else {
            throw UsageError("no snapshot is named", hint: "give its id, or \"latest\", or a time with --at")
        }
        guard !arguments.noOwner || !arguments.ownershipByName else {
            throw UsageError("--no-owner and --ownership-by-name contradict each other")
        }
        let patterns = try arguments.selection.patterns()
        let store = try RepositoryAccess.open(RepositoryLocation.resolve(context), context)
        let list = try SnapshotList.read(store, context)
        let snapshot = try arguments.choice.resolve(arguments.snapshot, in: list, context)
        let cancellation = Cancellation()
        Interruption.install(
            cancelling: cancellation,
            leaving:
                "not all is restored, and a file that was being written may be there in part; the same command carries on"
        )
        let reader = try store.reader(for: "restore")
        defer { reader.close() }
        do {
            var request = try request(snapshot, reader, target: Path(target.bytes))
            request.selection = patterns.selection
            return try restore(request, snapshot, reader, patterns, cancellation)
        } catch let error as CairnError where error.code == .missing {
            // What is gone from the repository is damage, as what is spoilt.
            var failure = CommandFailure(error)
            failure.code = .damaged
            throw failure
        }
    }

    private func restore(
        _ request: RestoreRequest, _ snapshot: Snapshot, _ reader: ChunkReader, _ patterns: RestorePatterns,
        _ cancellation: Cancellation
    ) throws -> ExitCode {
        let report = RestoreReport(request, context)
        let (summary, seconds) = try ProgressDisplay.during(context, reportsStatus: true) { progress in
            try Restoration(reader, request).run(
                progress: progress, cancellation: cancellation, onFailure: report.failed, onItem: report.onItem)
        }
        // What could not be gone into may hold what they fit.
        if summary.errors == 0 {
            let part = request.path == Path("/") ? "" : ":\(request.path.printable)"
            patterns.warning(in: snapshot.id.short + part).map(context.console.warn)
        }
        return report.show(summary, of: snapshot, seconds: seconds)
    }

    private func request(_ snapshot: Snapshot, _ reader: ChunkReader, target: Path) throws -> RestoreRequest {
        let trees = TreeReader(reader)
        let root = try trees.root(snapshot.manifest.tree)
        let path = arguments.snapshot?.path ?? Path("/")
        guard let entry = try trees.entry(at: path, below: root) else {
            throw CommandFailure(
                .failed, kind: "not_found", "\(path.printable) is not in snapshot \(snapshot.id.short)", path: path,
                hint: trees.hint(for: path, in: snapshot, root: root))
        }
        var request = RestoreRequest(entry: entry, path: path, target: target)
        request.sources = snapshot.manifest.paths
        request.overwrite = arguments.overwrite
        request.deletes = arguments.delete
        request.isSparse = arguments.sparse
        request.verifies = arguments.verify
        request.isDryRun = arguments.dryRun
        request.owners = arguments.noOwner ? .none : arguments.ownershipByName ? .byName : .numeric
        request.isAtomic = arguments.atomic
        request.threads = context.globals.jobs ?? Machine.processorCount
        request.planBytes = context.globals.memory / 16
        return request
    }
}
