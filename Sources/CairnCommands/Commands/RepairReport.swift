internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// What a run of `cairn repair` says.
final class RepairReport {
    private let context: CommandContext
    private let isRehearsal: Bool
    private var console: Console { context.console }
    private var lost = DamageList("lost")
    /// What was found since the list of what is lost began: it comes behind that.
    private var later: [CheckFinding] = []
    private var counts: [Outcome: Int] = [:]

    /// What became of a finding.
    private enum Outcome {
        case healed
        /// Something is out of sight that could not be saved whole.
        case replaced
        /// Somebody agreed to the loss.
        case givenUp
        case left

        init?(_ finding: CheckFinding) {
            switch finding.weight {
            case .damage: self = .left
            case .healed where finding.kind == .pack && finding.chunkCount > 0: self = .replaced
            case .healed where finding.kind == .snapshot || finding.kind == .digest: self = .givenUp
            case .healed: self = .healed
            case .note, .reduced: return nil
            }
        }
    }

    init(_ context: CommandContext, isRehearsal: Bool) {
        self.context = context
        self.isRehearsal = isRehearsal
    }

    // MARK: While it runs

    func tell(_ event: RepairEvent) {
        if case .unreadable(let failure) = event, !console.isJSON {
            return console.warn("\(failure.path.printable): \(PrintableText.escape(failure.message))")
        }
        if console.isJSON {
            console.print(json(event))
            return console.flush()
        }
        switch event {
        case .finding(let finding):
            if let outcome = Outcome(finding) { counts[outcome, default: 0] += 1 }
            if lost.isOpen { later.append(finding) } else { tell(finding) }
        case .lost(let item): tell(item)
        case .accepted(let id, let manifest):
            console.detail("\(id.short): manifest \(manifest.prefix(8)) \(isRehearsal ? "would be" : "is") replaced")
        case .recovered(let id, let tree):
            let tree = tree.description.prefix(8)
            console.print(
                id.map { "recovered: snapshot \($0.short) of tree \(tree)" } ?? "would recover: tree \(tree)")
        case .unreadable: break
        }
    }

    /// Says a finding, and what to do about it unless that comes further down.
    private func tell(_ finding: CheckFinding, withRemedy: Bool = true) {
        let place = (finding.path ?? finding.item).map { "\($0.printable): " } ?? ""
        let text = place + PrintableText.escape(finding.message)
        guard finding.weight != .note else { return console.detail(text) }
        let label =
            switch Outcome(finding) {
            case .healed: isRehearsal ? "would heal" : "healed"
            case .replaced: isRehearsal ? "would replace" : "replaced"
            case .givenUp: isRehearsal ? "would give up" : "given up"
            case .left, nil: finding.weight.rawValue
            }
        console.print("\(label): \(text)")
        if withRemedy, finding.weight == .damage, let remedy = finding.remedy {
            console.print("    \(PrintableText.escape(remedy))")
        }
    }

    /// Ends the list of what is lost, and says what had to wait for that: of findings in a row the same remedy once.
    func end() {
        lost.end(on: console)
        for (index, finding) in later.enumerated() {
            let next = later.dropFirst(index + 1).first
            tell(finding, withRemedy: finding.remedy != next?.remedy || finding.weight != next?.weight)
        }
        later = []
    }

    private func tell(_ item: DamagedItem) {
        // Nobody sees what was forgotten, nor misses it.
        if item.isForgotten {
            return console.detail("lost of \(item.snapshot.short), which was forgotten: \(item.path.printable)")
        }
        lost.tell(item, on: console)
    }

    // MARK: In the end

    func show(_ summary: RepairSummary, seconds: Double) -> ExitCode {
        let code: ExitCode = summary.isDamaged ? .damaged : summary.isHealed ? .healed : .done
        if console.isJSON {
            console.print(json(summary, seconds: seconds))
            return code
        }
        end()
        for line in lines(summary, seconds: seconds) where console.verbosity >= .usual { console.print(line) }
        return code
    }

    private func lines(_ summary: RepairSummary, seconds: Double) -> [String] {
        var parts = [Quantity.count(summary.snapshots, "snapshot"), Quantity.count(summary.packs.packs, "pack")]
        if summary.packs.read > 0 {
            let bytes = Quantity.bytes(Int(clamping: summary.packs.bytesRead))
            parts.append("\(Quantity.count(summary.packs.read, "pack")) read (\(bytes))")
        }
        var lines = ["looked at \(parts.joined(separator: ", ")) in \(Quantity.elapsed(seconds: seconds))"]
        if summary.packs.replaced > 0 {
            let verb = isRehearsal ? "would be replaced" : "replaced"
            lines.append(
                "\(Quantity.count(summary.packs.replaced, "pack")) \(verb), with \(Quantity.count(summary.packs.copiedChunks, "chunk")) copied"
            )
        }
        if summary.missingChunks > 0 {
            let were = Quantity.form(summary.missingChunks, "was", "were")
            let (least, why) =
                summary.missesTrees ? ("at least ", "; what lost folders hold cannot be counted") : ("", "")
            lines.append(
                "\(least)\(Quantity.count(summary.missingChunks, "chunk")) \(were) missing: \(summary.foundChunks) found, \(summary.lostChunks) lost\(why)"
            )
        }
        lines.append(verdict)
        return lines
    }

    private var verdict: String {
        let (healed, replaced, givenUp, left) = (
            counts[.healed] ?? 0, counts[.replaced] ?? 0, counts[.givenUp] ?? 0, counts[.left] ?? 0
        )
        let all = healed + replaced + givenUp + left
        let (would, done) = isRehearsal ? ("would be ", "could be healed") : ("", "healed")
        if all == 0 { return "no damage was found" }
        let findings = Quantity.count(all, "finding")
        if healed == all { return "\(findings), all \(done)" }
        if left == all { return "\(findings), none \(done): see above" }
        var parts = ["\(healed) \(done)"]
        if replaced > 0 { parts.append("\(Quantity.count(replaced, "pack")) \(would)replaced") }
        if givenUp > 0 { parts.append("\(givenUp) \(would)given up") }
        if left > 0 { parts.append("\(left) not healed: see above") }
        return "\(findings): \(parts.joined(separator: ", "))"
    }

    // MARK: JSON

    private func json(_ event: RepairEvent) -> JSONText {
        switch event {
        case .finding(let finding): return finding.json
        case .lost(let item): return item.json("lost")
        case .accepted(let id, let manifest):
            return [
                "message_type": "accepted", "snapshot_id": .string(id.description), "manifest": .string(manifest),
            ]
        case .recovered(let id, let tree):
            return [
                "message_type": "recovered", "snapshot_id": id.map { .string($0.description) } ?? .null,
                "tree": .string(tree.description),
            ]
        case .unreadable(let failure):
            return .object(
                [("message_type", "unreadable")] + JSONText.fields(of: failure.path, as: "path")
                    + [("message", .string(failure.message))])
        }
    }

    private func json(_ summary: RepairSummary, seconds: Double) -> JSONText {
        [
            "message_type": "summary", "dry_run": .bool(isRehearsal), "snapshots": .integer(summary.snapshots),
            "packs": .integer(summary.packs.packs), "packs_read": .integer(summary.packs.read),
            "bytes_read": .integer(Int(clamping: summary.packs.bytesRead)),
            "packs_replaced": .integer(summary.packs.replaced),
            "chunks_copied": .integer(summary.packs.copiedChunks), "chunks_missing": .integer(summary.missingChunks),
            "chunks_found": .integer(summary.foundChunks), "chunks_lost": .integer(summary.lostChunks),
            "lost_items": .integer(summary.lostItems), "snapshots_accepted": .integer(summary.acceptedSnapshots),
            "snapshots_recovered": .integer(summary.recoveredSnapshots), "healed": .integer(summary.count(.healed)),
            "damage": .integer(summary.count(.damage)), "notes": .integer(summary.count(.note)),
            "seconds_elapsed": .number(seconds),
        ]
    }
}
