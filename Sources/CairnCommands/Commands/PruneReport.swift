internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// What a prune did, for people and programs.
struct PruneReport {
    let outcome: PruneOutcome
    let request: PruneRequest
    let context: CommandContext

    private var isRehearsal: Bool { request.isRehearsal }

    func show() -> ExitCode {
        warn()
        if context.globals.json {
            context.console.print(json)
        } else if isRehearsal || context.console.verbosity >= .usual {
            print()
        }
        return exitCode
    }

    var exitCode: ExitCode {
        if outcome.lostChunks > 0 || outcome.unreadable.packs > 0 { return .damaged }
        if outcome.isShortOfRoom { return .failed }
        return outcome.halfDamagedRoots > 0 ? .healed : .done
    }

    func warn() {
        let console = context.console
        if outcome.lostChunks > 0 {
            let are = Quantity.form(outcome.lostChunks, "is", "are")
            console.error(
                "\(Quantity.count(outcome.lostChunks, "chunk")) that snapshots need \(are) in no pack: \"cairn check\" says which files that touches"
            )
        }
        if outcome.unreadable.packs > 0 {
            let stay = Quantity.form(outcome.unreadable.packs, "stays where it is", "stay where they are")
            console.error("\(amount(outcome.unreadable)) cannot be read and \(stay): run \"cairn check\"")
        }
        if outcome.halfDamagedRoots > 0 {
            let (count, they) = (outcome.halfDamagedRoots, Quantity.form(outcome.halfDamagedRoots, "it", "them"))
            let have = Quantity.form(count, "has", "have")
            console.warn(
                "\(Quantity.count(count, "manifest")) \(have) one good copy of two left: \"cairn repair\" writes \(they) twice"
            )
        }
        if outcome.distrustsClock {
            console.warn(
                "the clock says \(SnapshotTime.now().on(.machine).local), which does not fit what was done here before: no forgotten snapshot was given up (set the clock, or use --now)"
            )
        }
        if outcome.isShortOfRoom {
            console.error("there is too little room to copy more: free some space on that disk, and run prune again")
        }
    }

    private func print() {
        let console = context.console
        let would = isRehearsal ? "would be " : ""
        console.print("packs     \(amount(outcome.before))\(parts)")
        let (ended, held) = (outcome.endedReplacedRoots, outcome.heldReplacedRoots)
        if outcome.endedRoots > ended {
            let count = Quantity.count(outcome.endedRoots - ended, "snapshot")
            console.print("forgotten \(count) \(would)given up for good")
        }
        if ended > 0 {
            console.print(
                "replaced  \(Quantity.count(ended, "manifest")) \(would)given up for good, as others stand for them")
        }
        if outcome.heldRoots > 0 {
            var kinds: [String] = []
            if outcome.heldRoots > held {
                kinds.append("\(Quantity.count(outcome.heldRoots - held, "forgotten snapshot")) can still come back")
            }
            if held > 0 {
                let are = Quantity.form(held, "is", "are")
                kinds.append("\(Quantity.count(held, "manifest")) that others have replaced \(are) kept for now")
            }
            let need = Quantity.form(outcome.heldRoots, "it alone needs", "they alone need")
            console.print(
                "grace     \(kinds.joined(separator: ", and ")); \(need) \(size(outcome.heldBytes)) before compression")
        }
        if outcome.inFlight.packs > 0 {
            let belong = Quantity.form(outcome.inFlight.packs, "belongs", "belong")
            console.print("running   \(amount(outcome.inFlight)) \(belong) to running operations")
        }
        if outcome.unneeded.packs > 0 { console.print("unneeded  \(amount(outcome.unneeded))") }
        if outcome.repacked.packs > 0 {
            let into = isRehearsal ? "about \(size(outcome.written.bytes))" : amount(outcome.written)
            console.print("copied    \(would)what is needed of \(amount(outcome.repacked)), into \(into)")
        }
        if outcome.rescued.packs > 0 {
            console.print("kept      \(amount(outcome.rescued)) that a newer snapshot needs")
        }
        let earlier = outcome.deletedEarlier
        console.print(
            "deleted   \(would)\(amount(outcome.deleted))"
                + (earlier.packs > 0 ? ", of which \(amount(earlier)) had been taken out of sight before" : ""))
        if outcome.waiting.packs > 0 {
            let them = Quantity.form(outcome.waiting.packs, "it", "them")
            console.print(
                "waiting   \(amount(outcome.waiting)) until who may need \(them) has ended; the next prune deletes \(them)"
            )
        }
        for holder in outcome.holders {
            let since = SnapshotTime(seconds: holder.since).on(.machine).local
            console.print(
                "          \(PrintableText.escape(holder.command)): process \(holder.pid) on \(PrintableText.escape(holder.host)), since \(since)"
            )
        }
        let isLittle =
            outcome.unusedBytes > 0 && outcome.repacked.packs == 0 && !outcome.isShortOfRoom
            && request.maxRepackBytes == .max
        console.print(
            "unused    \(size(outcome.unusedBytes)) that nothing needs stay in the packs"
                + (isLittle ? ", too little to copy them for (--max-unused)" : ""))
    }

    /// What the packs are made of: all of it, so that it adds up.
    private var parts: String {
        guard outcome.before.packs > 0 else { return "" }
        let (used, overhead) = (outcome.usedBytes, outcome.overheadBytes)
        let rest = outcome.before.bytes - min(outcome.before.bytes, used + overhead)
        return ": \(size(used)) needed, \(size(rest)) not, \(size(overhead)) of directories and padding"
    }

    private func size(_ bytes: UInt64) -> String { Quantity.bytes(Int(clamping: bytes)) }

    private func amount(_ amount: PruneOutcome.Amount) -> String {
        "\(Quantity.count(amount.packs, "pack")) (\(size(amount.bytes)))"
    }

    var json: JSONText {
        func count(_ number: UInt64) -> JSONText { .integer(Int(clamping: number)) }
        func amount(_ amount: PruneOutcome.Amount) -> JSONText {
            ["packs": .integer(amount.packs), "bytes": count(amount.bytes)]
        }
        let holders = outcome.holders.map { holder -> JSONText in
            [
                "command": .string(holder.command), "host": .string(holder.host), "pid": .integer(Int(holder.pid)),
                "since": .string(SnapshotTime(seconds: holder.since).on(.machine).rfc3339),
            ]
        }
        return [
            "dry_run": .bool(isRehearsal), "before": amount(outcome.before), "used_bytes": count(outcome.usedBytes),
            "forgotten_ended": .integer(outcome.endedRoots), "forgotten_held": .integer(outcome.heldRoots),
            "forgotten_held_bytes": count(outcome.heldBytes), "clock_distrusted": .bool(outcome.distrustsClock),
            "unneeded": amount(outcome.unneeded), "repacked": amount(outcome.repacked),
            "written": amount(outcome.written), "deleted": amount(outcome.deleted), "waiting": amount(outcome.waiting),
            "rescued": amount(outcome.rescued), "in_flight": amount(outcome.inFlight),
            "unreadable": amount(outcome.unreadable), "unused_bytes": count(outcome.unusedBytes),
            "lost_chunks": .integer(outcome.lostChunks), "half_damaged_manifests": .integer(outcome.halfDamagedRoots),
            "too_little_room": .bool(outcome.isShortOfRoom),
            "holders": .array(holders),
        ]
    }
}
