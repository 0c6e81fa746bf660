internal import Cairn
internal import CommandLine
internal import Posix

/// `cairn diff`: what differs between two snapshots, or between a snapshot and a live folder.
enum DiffCommand {
    struct Options: OptionGroup {
        let live = Option(
            "live", .folder, help: "Compare with this folder as it is now, instead of with a second snapshot.")
        let content = Flag("content", help: "With --live: read files also where length and time are equal.")
        let filters = SnapshotFilterOptions()
        let snapshots = OperandList(
            "SNAP[:PATH]", .snapshotPart, atMost: 2,
            help: "The old snapshot and the new one, or parts of them.")
    }

    static let command: CairnCommand = .init(
        "diff", section: CommandSection.snapshots,
        summary: "show what differs between snapshots, or from a folder",
        discussion: """
            A line for each difference: + added, - removed, M other content, U other metadata only, T became something
            else; then the sums. Differences are no failure: the exit code is 0.

            With --live, the snapshot's part is the old side and the folder the new one; without a part, the folder is
            looked up in the snapshot under its own path. A file whose length and time are those of the snapshot
            counts as unchanged, unless --content is given; where only the time differs it is read, and its SHA-256
            decides. What cannot be read is told and left out: exit code 3. What an incomplete snapshot lacks because
            it could not be read is shown as a difference like any other, with a warning.
            """,
        examples: [
            Example("cairn diff latest~1 latest", "Show what the newest snapshot has changed."),
            Example("cairn diff latest --live ~/docs", "Show what has changed since."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let references = arguments.snapshots
        guard references.count == 2 || (arguments.live != nil && references.count == 1) else {
            throw UsageError(
                "diff compares two snapshots, or one with a folder",
                hint: "name both: cairn diff latest~1 latest; or cairn diff latest --live FOLDER")
        }
        if arguments.live == nil {
            guard !arguments.content else { throw UsageError("--content goes with --live") }
        } else if references.count == 2 {
            throw UsageError("--live takes the place of the second snapshot: leave out the one or the other")
        }
        return try Browsing.run(context) { browsing in
            let filter = try arguments.filters.filter()
            let old = try browsing.list.resolve(references[0].name, filter: filter)
            if let folder = arguments.live {
                return try compare(old, references[0].path, with: Path(folder.bytes), arguments, browsing)
            }
            let new = try browsing.list.resolve(references[1].name, filter: filter)
            var report = ChangeReport(context, at: references[1].path ?? Path("/"))
            let comparison = TreeComparison(
                browsing.reader, old: try browsing.part(references[0].path, of: old),
                new: try browsing.part(references[1].path, of: new))
            try comparison.run(cancellation: browsing.cancellation) { change throws(CairnError) in
                try browsing.check()
                report.add(change)
            }
            report.finish()
            for (snapshot, sign) in [(old, "added"), (new, "removed")] where snapshot.manifest.incomplete {
                let name = snapshot.id.short
                context.console.warn("what was not saved in \(name), which is incomplete, may be shown as \(sign)")
            }
            return .done
        }
    }

    private static func compare(
        _ old: Snapshot, _ part: Path?, with folder: Path, _ arguments: Arguments<Options>, _ browsing: Browsing
    ) throws -> ExitCode {
        let live: Path
        do throws(PosixError) { live = try Folder.resolved(folder) } catch {
            throw CommandFailure(error, "cannot compare with", kind: "source")
        }
        let top = try browsing.part(part ?? live, of: old)
        var report = ChangeReport(browsing.context, at: live)
        var failures = 0
        let comparison = LiveComparison(
            browsing.reader, old: top, folder: live, reading: arguments.content ? .always : .whereTimesDiffer)
        try comparison.run(
            cancellation: browsing.cancellation,
            failed: { failure in
                failures += 1
                browsing.context.console.warn("\(failure.path.printable): \(failure.message)")
            },
            { change throws(CairnError) in
                try browsing.check()
                report.add(change)
            })
        report.finish()
        return failures > 0 ? .incomplete : .done
    }
}
