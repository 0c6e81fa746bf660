internal import Cairn
internal import ChunkStore
internal import CommandLine

/// `cairn undelete`: brings forgotten snapshots back.
enum UndeleteCommand {
    struct Options: OptionGroup {
        let filters = SnapshotFilterOptions()
        let snapshots = OperandList(
            "SNAP", .snapshot, atLeast: 1, help: "Forgotten snapshots; latest is the newest of those.")
    }

    static let command: CairnCommand = .init(
        "undelete", section: CommandSection.snapshots, summary: "bring forgotten snapshots back",
        discussion: """
            They come back as they were, as long as no prune has given their space back. "cairn snapshots --forgotten" lists those that
            can.
            """,
        examples: [Example("cairn undelete 1f2e", "Bring back the forgotten snapshot whose id begins so.")],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let store = try RepositoryAccess.open(RepositoryLocation.resolve(context), context)
        let living = try SnapshotList.read(store, context)
        let list = try ForgottenList.read(store, beside: living, context).list
        // All are found before any is brought back.
        let named = try named(arguments, living, list, context)
        let forgetting = Forgetting(store, living)
        try Interruption.check()
        var back: [Snapshot] = []
        var unreadableBack: [UnreadableManifest] = []
        func finish() {
            guard context.globals.json else {
                let count = Quantity.count(named.snapshots.count, "snapshot")
                if back.count < named.snapshots.count {
                    context.console.tell("brought back \(back.count) of \(count)")
                } else if !back.isEmpty {
                    context.console.tell("brought back \(count)")
                }
                return
            }
            context.console.print([
                "brought_back": .array(back.map { .object(EntryJSON.fields($0)) }),
                "unreadable": .array(unreadableBack.map { .string($0.id) }),
            ])
        }
        do {
            try forgetting.bringBack(named.snapshots) { snapshot in
                back.append(snapshot)
                if !context.globals.json { context.console.tell("brought back \(snapshot.inOneLine)") }
            }
            for manifest in named.unreadable {
                try forgetting.bringBack(unreadable: manifest.id)
                unreadableBack.append(manifest)
                if !context.globals.json { context.console.tell("brought back \(manifest.inOneLine)") }
            }
        } catch {
            finish()
            throw error
        }
        finish()
        return list.exitCode.combined(with: living.exitCode)
    }

    /// What is named among the forgotten ones; snapshots that are not forgotten are left out.
    private static func named(
        _ arguments: Arguments<Options>, _ living: SnapshotList, _ list: SnapshotList, _ context: CommandContext
    ) throws -> NamedSnapshots {
        try NamedSnapshots(arguments.snapshots, in: list, arguments.filters.filter()) { name, error in
            guard name?.isID == true, let there = try? living.resolve(name) else {
                let isNone = list.snapshots.isEmpty && list.failures.isEmpty
                throw CairnError(
                    .notFound, isNone ? "no snapshot is forgotten" : "among the forgotten ones \(error.message)",
                    remedy: (isNone ? "" : "\"cairn snapshots --forgotten\" lists them; ")
                        + "what prune has taken cannot come back")
            }
            context.console.note("snapshot \(there.id.short) is not forgotten")
        }
    }
}

extension ForgottenList {
    /// Reads the forgotten snapshots of a repository, and warns of what hinders reading some.
    static func read(
        _ store: Store, beside living: SnapshotList, _ context: CommandContext
    ) throws -> ForgottenList {
        let forgotten = try ForgottenList(store, beside: living)
        (forgotten.list.failures + forgotten.list.healed).forEach(context.damage.add)
        return forgotten
    }
}
