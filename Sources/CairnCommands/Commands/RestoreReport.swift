internal import Cairn
internal import CommandLine
internal import Posix

/// What a run of `cairn restore` says.
struct RestoreReport: Sendable {
    private let request: RestoreRequest
    private let console: Console
    private let losses: LossReport

    init(_ request: RestoreRequest, _ context: CommandContext) {
        self.request = request
        console = context.console
        losses = LossReport(context.console)
    }

    // MARK: While it runs

    /// An item that could not be restored, while the rest goes on.
    func failed(_ failure: ItemFailure) {
        if console.isJSON { return SnapshotReport.report(failure, console) }
        if let damage = failure.damage { return losses.tell(failure, because: damage) }
        console.error("\(failure.path.printable): \(PrintableText.safe(failure.message))")
    }

    /// Tells of each item, where that is asked for: by a verbose run, and by a dry one of all that would change.
    var onItem: (@Sendable (Path, RestoreAction) -> Void)? {
        let (console, isDryRun) = (console, request.isDryRun)
        let isVerbose = console.verbosity >= .verbose
        guard isVerbose || (isDryRun && console.verbosity >= .usual) else { return nil }
        return { path, action in
            if !isVerbose && [.unchanged, .skipped].contains(action) { return }
            guard !console.isJSON else {
                return console.print(
                    .object(
                        [("message_type", "verbose_status"), ("action", .string(action.rawValue))]
                            + JSONText.fields(of: path, as: "item")))
            }
            let line = "\(isDryRun ? action.conditional : action.rawValue.padded) \(path.printable)"
            // What a dry run finds is what it was asked for.
            if isDryRun { console.print(line) } else { console.note(line) }
        }
    }

    // MARK: In the end

    func show(_ summary: RestoreSummary, of snapshot: Snapshot, seconds: Double) -> ExitCode {
        let warnings = warnings(summary)
        for warning in warnings { console.warn(warning) }
        losses.end()
        if console.isJSON {
            console.print(json(summary, of: snapshot, warnings: warnings.count, seconds: seconds))
        } else {
            for line in lines(summary, of: snapshot, seconds: seconds) { console.note(line) }
        }
        if summary.damaged > 0 { return .damaged }
        return summary.errors > 0 ? .failed : .done
    }

    private func lines(_ summary: RestoreSummary, of snapshot: Snapshot, seconds: Double) -> [String] {
        let written = Quantity.bytes(Int(clamping: summary.bytesRestored))
        let all = Quantity.bytes(Int(clamping: summary.totalBytes))
        var parts = ["\(Quantity.count(summary.filesRestored, "file")) written"]
        if request.isDryRun { parts = ["\(Quantity.count(summary.filesRestored, "file")) to write"] }
        parts.append("\(summary.filesUnchanged) unchanged")
        if summary.filesSkipped > 0 { parts.append("\(summary.filesSkipped) skipped") }
        if summary.filesDeleted > 0 { parts.append("\(summary.filesDeleted) deleted") }
        let amount = summary.filesUnchanged + summary.filesSkipped == 0 ? written : "\(written) of \(all)"
        let took = Quantity.elapsed(seconds: seconds)
        var lines = [
            "files:    \(parts.joined(separator: ", "))", "folders:  \(summary.directories)",
            outcome(summary, "snapshot \(snapshot.id.short)", amount) + ", in \(took)",
        ]
        if summary.secondsSynchronizing >= 1 {
            let duration = Quantity.duration(seconds: summary.secondsSynchronizing)
            lines.append("\(duration) of that went into making it durable")
        }
        if request.verifies && !request.isDryRun {
            lines.append("verified \(Quantity.count(summary.filesVerified, "file")) by SHA-256")
        }
        if summary.errors > 0 {
            lines.append("\(Quantity.count(summary.errors, "item")) could not be restored, see above")
        }
        return lines
    }

    private func outcome(_ summary: RestoreSummary, _ snapshot: String, _ amount: String) -> String {
        let place = request.target.printable
        let (restored, written) =
            request.isDryRun ? ("would restore", "nothing would be written") : ("restored", "nothing was written")
        if summary.filesRestored > 0 { return "\(restored) \(snapshot) to \(place): \(amount)" }
        if summary.errors > 0 { return "\(written) to \(place) of the files of \(snapshot)" }
        if summary.totalFiles == 0 { return "\(restored) \(snapshot) to \(place): folders only, no file" }
        let reason = summary.filesSkipped == 0 ? "all files are there already" : "no other file is missing there"
        return "\(written) to \(place) of the files of \(snapshot): \(reason)"
    }

    private func warnings(_ summary: RestoreSummary) -> [String] {
        RestoreSummary.Refusal.allCases.compactMap { kind in
            guard let count = summary.refusals[kind] else { return nil }
            // Folders have owners and attributes too.
            let files = count == 1 ? "1 file or folder" : "\(count) files and folders"
            let their = Quantity.form(count, "its", "their")
            let asRoot = Machine.isSuperuser ? "not even root may do that here" : "run as root"
            return switch kind {
            case .owner: "the owners of \(files) could not be set: \(asRoot); --no-owner passes over it"
            case .attribute: "extended attributes of \(files) could not be set: \(asRoot)"
            case .unsupportedAttribute: "the target's file system cannot keep extended attributes of \(files)"
            case .device: "\(Quantity.count(count, "device file")) could not be made: \(asRoot)"
            case .setID:
                "\(Quantity.count(count, "file")) would run with another owner's rights, so \(their) set-ID bits were left out"
            }
        }
    }

    private func json(
        _ summary: RestoreSummary, of snapshot: Snapshot, warnings: Int, seconds: Double
    ) -> JSONText {
        let counts: [(String, Int)] = [
            ("files_restored", summary.filesRestored), ("files_unchanged", summary.filesUnchanged),
            ("files_skipped", summary.filesSkipped), ("files_deleted", summary.filesDeleted),
            ("files_verified", summary.filesVerified), ("directories", summary.directories),
            ("bytes_restored", Int(clamping: summary.bytesRestored)),
            ("bytes_unchanged", Int(clamping: summary.bytesUnchanged)), ("total_files", summary.totalFiles),
            ("total_bytes", Int(clamping: summary.totalBytes)), ("errors", summary.errors), ("warnings", warnings),
        ]
        return .object(
            [("message_type", "summary")] + counts.map { ($0.0, .integer($0.1)) }
                + [
                    ("seconds_elapsed", .number(seconds)),
                    ("seconds_synchronizing", .number(summary.secondsSynchronizing)),
                    ("dry_run", .bool(request.isDryRun)),
                    ("snapshot_id", .string(snapshot.id.description)),
                ] + JSONText.fields(of: request.target, as: "target"))
    }
}

extension RestoreAction {
    /// What would be done, in a column of such words.
    fileprivate var conditional: String {
        switch self {
        case .restored: "would restore"
        case .updated: "would update "
        case .unchanged: "unchanged    "
        case .skipped: "would skip   "
        case .deleted: "would delete "
        }
    }
}

extension String {
    /// To a column of actions.
    fileprivate var padded: String { self + String(repeating: " ", count: max(0, 9 - count)) }
}
