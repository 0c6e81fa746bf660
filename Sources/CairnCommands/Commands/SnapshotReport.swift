internal import Cairn
internal import CommandLine
internal import Posix

/// What a run of `cairn snapshot` says in the end.
struct SnapshotReport {
    private let outcome: SnapshotOutcome
    private let location: RepositoryLocation
    private let context: CommandContext

    init(_ outcome: SnapshotOutcome, location: RepositoryLocation, _ context: CommandContext) {
        self.outcome = outcome
        self.location = location
        self.context = context
    }

    /// Reports an item that could not be read, while the rest goes on.
    static func report(_ failure: ItemFailure, _ console: Console) {
        guard console.isJSON else {
            return console.warn("\(failure.path.printable): \(PrintableText.safe(failure.message))")
        }
        console.reportJSON(
            .object(
                [
                    ("message_type", "error"), ("kind", .string(failure.kind.description)),
                    ("message", .string(failure.message)),
                ]
                    + JSONText.fields(of: failure.path, as: "path")))
    }

    /// Tells of each item that is new or has changed, where a verbose run asks for it.
    static func itemReport(_ console: Console) -> SnapshotTaking.ItemReport? {
        guard console.verbosity >= .verbose else { return nil }
        return { path, kind in
            let action = kind == .added || kind == .kind ? "new" : "changed"
            guard !console.isJSON else {
                return console.print(
                    .object(
                        [("message_type", "verbose_status"), ("action", .string(action))]
                            + JSONText.fields(of: path, as: "item")))
            }
            console.detail("\(action == "new" ? "new    " : action)  \(path.printable)")
        }
    }

    func show() -> ExitCode {
        let console = context.console
        for warning in outcome.warnings { console.warn(PrintableText.safe(warning)) }
        outcome.damage.forEach(context.damage.add)
        for path in outcome.avoided {
            console.note("\(path.printable) is left out: it is the repository in use, or its cache")
        }
        for followed in outcome.followed {
            console.note(
                "\(followed.link.printable)/ is a link to \(followed.folder.printable): that folder is taken, under its own path"
            )
        }
        noteCovered()
        if context.globals.json { console.print(summary) } else { lines.forEach(console.note) }
        return outcome.isIncomplete ? .incomplete : .done
    }

    /// Lists of sources often name a folder and all that is in it.
    private func noteCovered() {
        let covered = outcome.covered
        guard covered.count <= Self.coveredShownMax else {
            return context.console.note("\(covered.count) of the paths lie inside others and are taken with those")
        }
        for path in covered {
            context.console.note("\(path.printable) lies inside another source and is taken with that")
        }
    }

    private static let coveredShownMax = 4

    // MARK: For people

    private var lines: [String] {
        let statistics = outcome.statistics
        var lines = [
            "files:    \(changes(statistics.files))", "folders:  \(changes(statistics.dirs))",
        ]
        if statistics.others != Manifest.Statistics.Changes() {
            lines.append("others:   \(changes(statistics.others))")
        }
        let all = Quantity.bytes(Int(clamping: statistics.totalBytesProcessed))
        let count = Quantity.count(Int(clamping: statistics.totalFilesProcessed), "file")
        let taken = "\(count), \(all), \(outcome.filesRead) read"
        let new = Quantity.bytes(Int(clamping: statistics.dataAdded))
        let stored = Quantity.bytes(Int(clamping: statistics.dataAddedStored))
        let time = Quantity.elapsed(seconds: statistics.durationSeconds)
        if outcome.isRehearsal {
            lines.append(
                "\(taken); \(new) would be new with the lists of folders, before compression; no snapshot was made"
            )
            return lines
        }
        let added =
            statistics.dataAdded == 0 ? "nothing new" : "\(new) new with the lists of folders, stored in \(stored)"
        lines.append("\(taken), in \(time); \(added)")
        guard let snapshot = outcome.snapshot else {
            return lines + ["nothing has changed since snapshot \(outcome.base?.id.short ?? "?"): no snapshot was made"]
        }
        let base = outcome.base.map { ", compared with \($0.id.short)" } ?? ""
        // Nobody named the embedded one, so it is said where the snapshot went.
        let place = location.origin == .embedded ? " in \(location.path.printable), which is not encrypted" : ""
        lines.append("snapshot \(snapshot.id.short) saved\(place): \(outcome.strategy.rawValue)\(base)")
        if outcome.isIncomplete {
            lines.append(
                "it is incomplete: \(Quantity.count(snapshot.manifest.errorCount, "item")) could not be saved, see above"
            )
        }
        return lines
    }

    private func changes(_ changes: Manifest.Statistics.Changes) -> String {
        "\(changes.new) new, \(changes.changed) changed, \(changes.unmodified) unchanged"
            + (changes.removed == 0 ? "" : ", \(changes.removed) removed")
    }

    // MARK: For programs

    private var summary: JSONText {
        let statistics = outcome.statistics
        var fields: [(String, JSONText)] = [("message_type", "summary")]
        let groups = [
            ("files", statistics.files), ("dirs", statistics.dirs), ("others", statistics.others),
        ]
        for (name, changes) in groups {
            fields += [
                ("\(name)_new", .integer(Int(clamping: changes.new))),
                ("\(name)_changed", .integer(Int(clamping: changes.changed))),
                ("\(name)_unmodified", .integer(Int(clamping: changes.unmodified))),
                ("\(name)_removed", .integer(Int(clamping: changes.removed))),
            ]
        }
        fields.append(("files_read", .integer(outcome.filesRead)))
        let counts: [(String, UInt64)] = [
            ("data_chunks", statistics.dataChunks), ("tree_chunks", statistics.treeChunks),
            ("data_added", statistics.dataAdded), ("data_added_stored", statistics.dataAddedStored),
            ("total_files_processed", statistics.totalFilesProcessed),
            ("total_dirs_processed", statistics.totalDirsProcessed),
            ("total_bytes_processed", statistics.totalBytesProcessed),
        ]
        fields += counts.map { ($0.0, .integer(Int(clamping: $0.1))) }
        fields += [
            ("duration_seconds", .number(statistics.durationSeconds)),
            ("snapshot_id", outcome.snapshot.map { .string($0.id.description) } ?? .null),
            ("root_hash", .string(outcome.rootHash)), ("strategy", .string(outcome.strategy.rawValue)),
            ("base", outcome.base.map { .string($0.id.description) } ?? .null),
            ("dry_run", .bool(outcome.isRehearsal)), ("incomplete", .bool(outcome.isIncomplete)),
        ]
        return .object(fields + JSONText.fields(of: location.path, as: "repository"))
    }
}
