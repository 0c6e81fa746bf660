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
        case .finding(let finding): tell(finding)
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

    private func tell(_ finding: CheckFinding) {
        let place = (finding.path ?? finding.item).map { "\($0.printable): " } ?? ""
        let text = place + PrintableText.escape(finding.message)
        guard finding.weight != .note else { return console.detail(text) }
        let weight = finding.weight == .healed && isRehearsal ? "would heal" : finding.weight.rawValue
        console.print("\(weight): \(text)")
        if finding.weight == .damage, let remedy = finding.remedy {
            console.print("    \(PrintableText.escape(remedy))")
        }
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
        lost.end(on: console)
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
            lines.append(
                "\(Quantity.count(summary.missingChunks, "chunk")) \(were) missing: \(summary.foundChunks) found, \(summary.lostChunks) lost"
            )
        }
        lines.append(verdict(summary))
        return lines
    }

    private func verdict(_ summary: RepairSummary) -> String {
        let healed = isRehearsal ? "could be healed" : "healed"
        switch (summary.count(.healed), summary.count(.damage)) {
        case (0, 0): return "no damage was found"
        case (let count, 0): return "\(Quantity.count(count, "finding")), all \(healed)"
        case (0, let left): return "\(Quantity.count(left, "finding")), none \(healed): see above"
        case (let count, let left): return "\(count) \(healed), \(left) not: see above"
        }
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
