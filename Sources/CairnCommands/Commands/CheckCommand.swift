internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// `cairn check`: looks whether the repository is whole, and says which files damage touches.
enum CheckCommand {
    struct Options: OptionGroup {
        let readData = Flag("read-data", help: "Read every pack whole, too.")
        let subset = Option(
            "read-data-subset", .packSelection,
            help:
                "Read a part of the packs: 1/7 (always the same seventh), 10% or 2G (those not read for the longest time)."
        )
        let snapshots = OptionList(
            "snapshot", .snapshot, help: "Follow only this snapshot, and read only the packs it needs.")
    }

    static let command: CairnCommand = .init(
        "check", section: CommandSection.repository, summary: "look whether the repository is whole",
        discussion: """
            Looks at every file of the repository: config, keys and manifests, in both of their copies, and the directory of every pack; compares the catalog
            with the packs; follows every snapshot, forgotten ones too, to each chunk that it needs; and computes the digest of every directory and
            the root hash of every snapshot anew. With --read-data it reads every byte: packs against their names, and every chunk against its id.

            The parts that --read-data-subset 10% or 2G chooses are those that were not read for the longest time, so one a day covers everything in
            the end. When each pack was read is remembered in the cache; --read-data-subset 1/7 needs no memory.

            It never writes to the repository; "cairn repair" does. What is found goes to standard output, in the end with the files and snapshots
            that it touches. The exit code is 0 where all is well, 4 where only one of two copies is damaged or the catalog was wrong and has been
            made anew, and 5 where there is damage.
            """,
        examples: [
            Example("cairn check", "Look at the structure of everything."),
            Example("cairn check --read-data-subset 5%", "Every day: cover all data in twenty days."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        guard !arguments.readData || arguments.subset == nil else {
            throw UsageError("--read-data and --read-data-subset contradict each other")
        }
        let store = try RepositoryAccess.open(RepositoryLocation.resolve(context), context, isCheck: true)
        var request = CheckRequest(data: arguments.readData ? .all : arguments.subset)
        if !arguments.snapshots.isEmpty {
            let list = try SnapshotList(store)
            request.snapshots = try arguments.snapshots.map { try list.resolve($0.name, filter: SnapshotFilter()) }
        }
        let cancellation = Cancellation()
        Interruption.install(
            cancelling: cancellation, leaving: "the check did not come to its end; nothing was changed")
        let report = CheckReport(context)
        let (summary, seconds) = try ProgressDisplay.during(context, reportsStatus: true) { progress in
            try RepositoryCheck(store, request).run(
                progress: progress, cancellation: cancellation, onEvent: report.tell)
        }
        return report.show(summary, seconds: seconds)
    }
}

extension ValueParser where Value == PackSelection {
    /// A part of all packs: `1/7`, `10%`, `2G`.
    static var packSelection: ValueParser {
        ValueParser("N/T|N%|SIZE") { argument throws(ValueProblem) in
            let problem = ValueProblem("not a part of the packs", hint: "write 1/7, 10% or 2G")
            guard let text = argument.string else { throw problem }
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count == 2 {
                guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { "0123456789".contains($0) } }),
                    let part = Int(parts[0]), let count = Int(parts[1])
                else { throw problem }
                guard count > 0, (1...count).contains(part) else {
                    throw ValueProblem("there is no such part", hint: "of 7 parts the first is 1/7 and the last 7/7")
                }
                return .part(part, of: count)
            }
            switch try ValueParser<PercentageOrSize>.percentageOrSize.parse(argument) {
            case .percentage(let share) where share > 0: return .percent(share)
            case .size(let bytes) where bytes > 0: return .bytes(UInt64(bytes))
            // Who believes that something was read would be mistaken.
            case .percentage, .size: throw ValueProblem("that is no data at all", hint: "write 1/7, 10% or 2G")
            }
        }
    }
}
