internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// `cairn prune`: gives back the space that no snapshot needs.
enum PruneCommand {
    struct Options: OptionGroup {
        let isDryRun = Flag("dry-run", short: "n", help: "Only say what would be done; write nothing.")
        let bounds = PruneOptions()
    }

    static let command: CairnCommand = .init(
        "prune", section: CommandSection.repository, summary: "give back the space that no snapshot needs",
        discussion: """
            Snapshots, restores and everything else may go on meanwhile; only one prune runs at a time. What running operations may still need is
            taken out of sight and waits until they have ended: then the next prune deletes it. Forgotten snapshots keep their
            space for the time of grace. Where a manifest or a tree cannot be read nothing is deleted, nor where there is no
            snapshot at all, not even a forgotten one, unless --now is given.

            Packs of which only a part is needed are copied, those that waste most first, until no more than --max-unused is wasted.
            Whenever prune is stopped, nothing is lost, and the next one goes on.
            """,
        examples: [
            Example("cairn prune --dry-run", "Show how much could be given back."),
            Example("cairn prune --now", "Give up all forgotten snapshots at once."),
        ],
        options: Options.self
    ) { arguments, context in
        let store = try RepositoryAccess.open(
            RepositoryLocation.resolve(context), context, isDryRun: arguments.isDryRun)
        return try perform(arguments.bounds.request(isRehearsal: arguments.isDryRun), on: store, context).show()
    }

    /// Prunes, showing how far it is.
    static func perform(_ request: PruneRequest, on store: Store, _ context: CommandContext) throws -> PruneReport {
        let cancellation = Cancellation()
        Interruption.install(
            cancelling: cancellation, leaving: "nothing that is needed is lost; the next prune carries on")
        let progress = Monitor<PruneProgress?>(nil)
        let outcome = try ProgressDisplay.during(
            context, snapshot: { ProgressSnapshot(progress.withLock { $0 }) },
            {
                try SnapshotPruning(store, request, cancellation: cancellation).run { step in
                    progress.withLock { $0 = step }
                }
            })
        return PruneReport(outcome: outcome, request: request, context: context)
    }
}

/// How far a prune may go: options of `prune`, and of `forget --prune`.
struct PruneOptions: OptionGroup {
    let keepForgotten = Option(
        "keep-forgotten", .span, help: "How long forgotten snapshots can come back, such as 7d (the default) or 1m.")
    let isNow = Flag(
        "now", help: "Give up forgotten snapshots whenever they were forgotten, and whatever the clock says.")
    let maxUnused = DefaultedOption(
        "max-unused", .unusedLimit, default: PruneRequest.Tolerance.percent(5), shown: "5%",
        help: "How much may stay wasted: a share of what is used, a size, or unlimited.")
    let maxRepack = Option("max-repack", .size(), help: "Copy at most so much.")
}

extension Arguments where Options == PruneOptions {
    /// What the options ask for.
    func request(isRehearsal: Bool) throws(UsageError) -> PruneRequest {
        var request = PruneRequest()
        request.isRehearsal = isRehearsal
        request.isGraceOver = self.isNow
        if self.isNow && self.keepForgotten != nil {
            throw UsageError("--now gives forgotten snapshots no time, so --keep-forgotten has no place beside it")
        }
        if let keepForgotten = self.keepForgotten { request.graceSeconds = keepForgotten.longestSeconds }
        request.maxUnused = self.maxUnused
        if let maxRepack = self.maxRepack { request.maxRepackBytes = UInt64(maxRepack) }
        return request
    }
}

extension ValueParser where Value == CalendarSpan {
    /// A stretch of time: `1y5m7d2h`.
    static var span: ValueParser {
        ValueParser("SPAN") { argument throws(ValueProblem) in
            guard let text = argument.string, let span = CalendarSpan(text) else {
                throw ValueProblem(
                    "not a stretch of time", hint: "write numbers with y, m, d or h behind them, such as 7d")
            }
            return span
        }
    }
}

extension ValueParser where Value == PruneRequest.Tolerance {
    /// A share, a size, or no limit.
    static var unusedLimit: ValueParser {
        ValueParser("SIZE|PERCENT%|unlimited", completion: .words(["unlimited"])) { argument throws(ValueProblem) in
            if argument.string == "unlimited" { return .unlimited }
            switch try ValueParser<PercentageOrSize>.percentageOrSize.parse(argument) {
            case .percentage(let percent): return .percent(percent)
            case .size(let size): return .bytes(UInt64(size))
            }
        }
    }
}

extension CalendarSpan {
    /// Seconds that it lasts at the most: a grace may be longer than it was called, never shorter.
    fileprivate var longestSeconds: Int64 {
        Int64(years) * 366 * 86_400 + Int64(months) * 31 * 86_400 + Int64(days) * 86_400 + Int64(hours) * 3_600
    }
}

extension ProgressSnapshot {
    fileprivate init(_ progress: PruneProgress?) {
        self.init()
        guard let progress else {
            phase = "looking at packs"
            return
        }
        let (done, total) = (Int(clamping: progress.done), Int(clamping: progress.total))
        isTotalFinal = true
        switch progress.phase {
        case .marking:
            phase = "finding out what snapshots need"
            itemName = "snapshot"
            (filesDone, filesTotal) = (done, total)
        case .copying:
            phase = "copying what is needed"
            (bytesDone, bytesTotal) = (done, total)
        }
    }
}
