internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// What a prune did, for people and programs.
struct PruneReport {
    let outcome: PruneOutcome
    let isRehearsal: Bool
    let context: CommandContext

    func show() -> ExitCode {
        warn()
        if context.globals.json { context.console.print(json) } else { print() }
        return exitCode
    }

    var exitCode: ExitCode {
        if outcome.lostChunks > 0 || outcome.unreadable.packs > 0 { return .damaged }
        return outcome.isShortOfRoom ? .failed : .done
    }

    func warn() {
        let console = context.console
        if outcome.lostChunks > 0 {
            let are = Quantity.form(outcome.lostChunks, "is", "are")
            console.warn(
                "\(Quantity.count(outcome.lostChunks, "chunk")) that snapshots need \(are) in no pack: \"cairn check\" says which files that touches"
            )
        }
        if outcome.unreadable.packs > 0 {
            let stay = Quantity.form(outcome.unreadable.packs, "stays where it is", "stay where they are")
            console.warn("\(amount(outcome.unreadable)) cannot be read and \(stay): run \"cairn check\"")
        }
        if outcome.distrustsClock {
            console.warn(
                "the clock says \(SnapshotTime.now().on(.machine).local), which does not fit what was done here before: no forgotten snapshot was given up (set the clock, or use --now)"
            )
        }
        if outcome.isShortOfRoom {
            console.warn("there is too little room to copy more: free some space on that disk, and run prune again")
        }
    }

    private func print() {
        let console = context.console
        let would = isRehearsal ? "would be " : ""
        console.print("packs     \(amount(outcome.before)), \(size(outcome.usedBytes)) of them needed")
        if outcome.endedRoots > 0 {
            console.print("forgotten \(Quantity.count(outcome.endedRoots, "snapshot")) \(would)given up for good")
        }
        if outcome.heldRoots > 0 {
            let need = Quantity.form(outcome.heldRoots, "it alone needs", "they alone need")
            console.print(
                "grace     \(Quantity.count(outcome.heldRoots, "forgotten snapshot")) can still come back; \(need) "
                    + "\(size(outcome.heldBytes)) before compression")
        }
        if outcome.inFlight.packs > 0 {
            let belong = Quantity.form(outcome.inFlight.packs, "belongs", "belong")
            console.print("running   \(amount(outcome.inFlight)) \(belong) to running operations")
        }
        if outcome.unneeded.packs > 0 { console.print("unneeded  \(amount(outcome.unneeded))") }
        if outcome.repacked.packs > 0 {
            let into = isRehearsal ? "about \(size(outcome.written.bytes))" : amount(outcome.written)
            console.print("copied    what is needed of \(amount(outcome.repacked)), into \(into)")
        }
        if outcome.rescued.packs > 0 {
            console.print("kept      \(amount(outcome.rescued)) that a newer snapshot needs")
        }
        console.print("deleted   \(isRehearsal ? "would be " : "")\(amount(outcome.deleted))")
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
        console.print("unused    \(size(outcome.unusedBytes)) stay in the packs")
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
            "lost_chunks": .integer(outcome.lostChunks), "too_little_room": .bool(outcome.isShortOfRoom),
            "holders": .array(holders),
        ]
    }
}
