internal import Cairn
internal import ChunkStore
internal import CommandLine

/// `cairn forget`: hides snapshots, by name or by a policy.
enum ForgetCommand {
    struct Options: OptionGroup {
        let dryRun = Flag("dry-run", short: "n", help: "Only show what would be forgotten.")
        let allowLast = Flag("allow-last", help: "Forget also the last snapshot of a source.")
        let prunes = Flag("prune", help: "Then give back the space that no snapshot needs, as prune does.")
        let bounds = PruneOptions()
        let retention = RetentionOptions()
        let filters = SnapshotFilterOptions()
        let snapshots = OperandList("SNAP", .snapshot, help: "Forget these, in place of what a policy does not keep.")
    }

    static let command: CairnCommand = .init(
        "forget", section: CommandSection.snapshots, summary: "forget snapshots, by name or by a policy",
        discussion: """
            A forgotten snapshot is not shown any more, and "cairn undelete" brings it back as long as no prune has given its
            space back.

            A policy looks at the snapshots that the filters leave, those of one machine and the same paths together, from
            the newest to the oldest. What any rule keeps is kept; for each snapshot it is told why. Hours, days, weeks, months and
            years are those of the clock where the snapshot was taken; such a rule keeps the newest of each that has any, and, where it
            has counts left at the end, the oldest of all. A span such as 1y5m7d2h is counted back on the calendar from
            the newest snapshot, on that one's clock.

            The last complete snapshot of a source, that is of a machine and paths, stays, or the last where none is complete: a
            policy keeps it, and where it is named nothing is done.

            A manifest that is damaged beyond reading can be forgotten by the first digits, eight at least, of its
            file's name.
            """,
        examples: [
            Example("cairn forget -n -d 7 -w 5 -m 12", "Show what would be left of a week, a month and a year."),
            Example("cairn forget --keep-within 1m --keep-tag keep", "Keep a month and what has the tag keep."),
            Example("cairn forget latest~1", "Forget the one before the newest."),
            Example(
                "cairn forget --keep-last 10 --prune",
                "Keep ten, and give back the space of what was forgotten a week ago."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let policy = arguments.retention.policy
        try check(policy, arguments)
        var pruning = try arguments.bounds.request(isRehearsal: arguments.dryRun)
        let store = try RepositoryAccess.open(
            RepositoryLocation.resolve(context), context, isDryRun: arguments.dryRun)
        let list = try SnapshotList.read(store, context)
        let forgetting = Forgetting(store, list)
        var report = ForgetReport(context, isDryRun: arguments.dryRun)
        // All are found, and all is decided, before anything is done.
        if arguments.snapshots.isEmpty {
            let asked = list.snapshots(try arguments.filters.filter())
            report.plan(
                try policy.decide(
                    asked, in: list, by: arguments.retention.grouping, allowingLast: arguments.allowLast))
        } else {
            let named = try named(arguments, store, list, context)
            if !arguments.allowLast { try forgetting.requireNotLast(named.snapshots) }
            report.plan(named.snapshots, named.unreadable)
        }
        try Interruption.check()
        do {
            if !arguments.dryRun {
                try forgetting.forget(report.doomed, allowingLast: arguments.allowLast) { report.done($0) }
                for manifest in report.unreadable {
                    try forgetting.forget(unreadable: manifest.id)
                    report.done(manifest)
                }
            }
        } catch {
            report.finish()
            throw error
        }
        let code = list.exitCode(without: arguments.dryRun ? [] : report.unreadable)
        guard arguments.prunes else {
            report.finish()
            return code
        }
        pruning.supposedlyForgotten = Set(arguments.dryRun ? report.doomed.map(\.manifestID) : [])
        return try prune(pruning, on: store, report, context).combined(with: code)
    }

    /// For people the one report follows the other; for programs they are one document.
    private static func prune(
        _ request: PruneRequest, on store: Store, _ report: ForgetReport, _ context: CommandContext
    ) throws -> ExitCode {
        guard context.globals.json else {
            report.finish()
            return try PruneCommand.perform(request, on: store, context).show()
        }
        do {
            let pruned = try PruneCommand.perform(request, on: store, context)
            pruned.warn()
            report.finish(pruned: pruned.json)
            return pruned.exitCode
        } catch {
            report.finish()
            throw error
        }
    }

    /// Throws where it is not clear what is to be forgotten.
    private static func check(_ policy: RetentionPolicy, _ arguments: Arguments<Options>) throws(UsageError) {
        let bounds = arguments.bounds
        if !arguments.prunes, bounds.isNow || bounds.keepForgotten != nil || bounds.maxRepack != nil {
            throw UsageError("--now, --keep-forgotten and --max-repack say how to prune, and --prune is not given")
        }
        guard arguments.snapshots.isEmpty else {
            guard policy.isEmpty else {
                throw UsageError("snapshots are named and a policy is given: leave out the one or the other")
            }
            return
        }
        guard !policy.isEmpty else {
            throw UsageError(
                "no snapshot is named, and no policy says what is kept",
                hint: "name snapshots, or give at least one rule, such as --keep-last 10")
        }
    }

    /// What is named; snapshots that are forgotten already are left out.
    private static func named(
        _ arguments: Arguments<Options>, _ store: Store, _ list: SnapshotList, _ context: CommandContext
    ) throws -> NamedSnapshots {
        try NamedSnapshots(arguments.snapshots, in: list, arguments.filters.filter()) { name, error in
            guard name?.isID == true, let forgotten = try? ForgottenList(store, beside: list).list.resolve(name) else {
                throw error
            }
            context.console.note("snapshot \(forgotten.id.short) is forgotten already")
        }
    }
}
