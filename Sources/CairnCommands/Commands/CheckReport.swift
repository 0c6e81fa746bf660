internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// What a run of `cairn check` says.
final class CheckReport {
    private let console: Console
    private var damaged = DamageList("damage touches")
    /// The packs in which damage was found, and how often.
    private var packs: Set<String> = []
    private var inPacks = 0

    init(_ context: CommandContext) { console = context.console }

    // MARK: While it runs

    func tell(_ event: CheckEvent) {
        if console.isJSON {
            console.print(json(event))
            return console.flush()
        }
        switch event {
        case .finding(let finding): tell(finding)
        case .damaged(let item): damaged.tell(item, on: console)
        }
    }

    private func tell(_ finding: CheckFinding) {
        let place = (finding.path ?? finding.item).map { "\($0.printable): " } ?? ""
        var text = place + PrintableText.escape(finding.message)
        if let snapshot = finding.snapshot {
            let item = finding.path == nil ? nil : finding.item
            text += " (snapshot \(snapshot.short)\(item.map { ": \($0.printable)" } ?? ""))"
        }
        guard finding.weight != .note else { return console.detail(text) }
        if finding.weight == .damage, let pack = finding.pack {
            packs.insert(pack)
            inPacks += 1
        }
        console.print("\(finding.weight.rawValue): \(text)")
        if let remedy = finding.remedy { console.print("    \(PrintableText.escape(remedy))") }
    }

    // MARK: In the end

    func show(_ summary: CheckSummary, seconds: Double) -> ExitCode {
        let code: ExitCode =
            summary.isDamaged ? .damaged : summary.count(.reduced) + summary.count(.healed) > 0 ? .healed : .done
        if console.isJSON {
            console.print(json(summary, seconds: seconds))
            return code
        }
        damaged.end(on: console)
        for line in lines(summary, seconds: seconds) where console.verbosity >= .usual { console.print(line) }
        return code
    }

    private func lines(_ summary: CheckSummary, seconds: Double) -> [String] {
        let (forgotten, replaced) = (summary.forgottenSnapshots, summary.replacedManifests)
        var parts = [Quantity.count(summary.snapshots - forgotten - replaced, "snapshot")]
        if forgotten > 0 { parts.append("\(Quantity.count(forgotten, "forgotten snapshot"))") }
        if replaced > 0 { parts.append("\(Quantity.count(replaced, "replaced manifest"))") }
        parts += [Quantity.count(summary.packs, "pack"), Quantity.bytes(Int(clamping: summary.packBytes))]
        if summary.packsRead > 0 {
            let bytes = Quantity.bytes(Int(clamping: summary.bytesRead))
            parts.append("\(Quantity.count(summary.packsRead, "pack")) read (\(bytes))")
        }
        let checked = "checked \(parts.joined(separator: ", ")) in \(Quantity.elapsed(seconds: seconds))"
        var verdicts: [String] = []
        if summary.count(.damage) > 0 {
            verdicts.append(
                "damage was found: \(Quantity.count(summary.count(.damage), "finding"))\(places(summary)), see above")
        }
        if summary.count(.reduced) > 0 { verdicts.append("\(summary.count(.reduced)) with one good copy of two") }
        if summary.count(.healed) > 0 { verdicts.append("\(summary.count(.healed)) healed") }
        if verdicts.isEmpty {
            verdicts = ["no damage was found"]
            if summary.packs > 0, summary.packsRead == 0 {
                verdicts.append("the data in the packs was not read: --read-data reads it")
            }
        }
        if summary.packs > 0, summary.snapshots == 0 {
            verdicts.append(
                "there is no snapshot: if some were lost, \"cairn repair --recover\" makes new ones of what is there")
        }
        return [checked, verdicts.joined(separator: "; ")]
    }

    private func places(_ summary: CheckSummary) -> String {
        if packs.isEmpty { return "" }
        let places = " in \(Quantity.count(packs.count, "pack"))"
        return inPacks == summary.count(.damage) ? places : ", \(inPacks) of them\(places)"
    }

    // MARK: JSON

    private func json(_ event: CheckEvent) -> JSONText {
        switch event {
        case .finding(let finding): return finding.json
        case .damaged(let item): return item.json("damaged")
        }
    }

    private func json(_ summary: CheckSummary, seconds: Double) -> JSONText {
        [
            "message_type": "summary", "snapshots": .integer(summary.snapshots),
            "directories": .integer(summary.directories), "packs": .integer(summary.packs),
            "pack_bytes": .integer(Int(clamping: summary.packBytes)), "packs_read": .integer(summary.packsRead),
            "packs_good": .integer(summary.packsGood), "bytes_read": .integer(Int(clamping: summary.bytesRead)),
            "damage": .integer(summary.count(.damage)), "reduced": .integer(summary.count(.reduced)),
            "healed": .integer(summary.count(.healed)), "notes": .integer(summary.count(.note)),
            "damaged_items": .integer(summary.damagedItems), "seconds_elapsed": .number(seconds),
        ]
    }
}

extension CheckFinding {
    /// One line of `check` or `repair`.
    var json: JSONText {
        var fields: [(String, JSONText)] = [
            ("message_type", "finding"), ("kind", .string(kind.description)),
            ("weight", .string(weight.rawValue)), ("message", .string(message)),
        ]
        fields += path.map { JSONText.fields(of: $0, as: "path") } ?? [("path", .null)]
        fields += [
            ("hint", remedy.map { .string($0) } ?? .null), ("pack", pack.map { .string($0) } ?? .null),
            ("block", block.map { .integer($0) } ?? .null), ("chunks", .integer(chunkCount)),
            ("snapshot_id", snapshot.map { .string($0.description) } ?? .null),
        ]
        fields += item.map { JSONText.fields(of: $0, as: "item") } ?? [("item", .null)]
        return .object(fields)
    }
}
