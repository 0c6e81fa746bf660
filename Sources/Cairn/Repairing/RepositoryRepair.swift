public import ChunkStore
import Posix

/// Repairs a repository, beside whatever else runs: its small files and its packs, then what snapshots miss, from other repositories and live files; and
/// names what stays lost. Nothing that could be read before is worse afterwards, wherever it ends.
public final class RepositoryRepair {
    private let store: Store
    private let request: RepairRequest
    private var summary = RepairSummary()
    private var onEvent: (RepairEvent) -> Void = { _ in }

    /// Prepares a repair. The store should be opened so that it leaves a lost config to the repair (``StoreOptions/mendsConfig``).
    public init(_ store: Store, _ request: RepairRequest) {
        self.store = store
        self.request = request
    }

    /// Repairs, and tells what is found and done as it goes, on this thread. Throws `.busy` while a prune or another repair is at work.
    public func run(
        progress: Progress = Progress(), cancellation: Cancellation = Cancellation(),
        onEvent: @escaping (RepairEvent) -> Void
    ) throws(CairnError) -> RepairSummary {
        guard request.readsData || !request.acceptsLoss else {
            throw CairnError(.usage, "what is lost can be given up only when every pack has been read")
        }
        self.onEvent = onEvent
        summary = RepairSummary()
        let repair = try storing { () throws(StoreError) in
            try StoreRepair(store, isRehearsal: request.isRehearsal, isCancelled: { cancellation.isCancelled }) {
                [self] finding in tell(CheckFinding(finding))
            }
        }
        defer { repair.close() }
        let run = RepairRun(
            repair: repair, trees: TreeReader(repair.reader), progress: progress, cancellation: cancellation,
            bad: try CheckLedger())
        progress.update { $0.phase = "looking at manifests and packs" }
        let records = try storing { () throws(StoreError) in try repair.records() }
        try mendPacks(run)
        let snapshots = decode(records)
        summary.snapshots = snapshots.count
        let session = try storing { () throws(StoreError) in try repair.session() }
        defer { session.close() }
        let ledger = try find(records, snapshots, session, run)
        let isAllThere = try settle(ledger, records, snapshots, session, run)
        try storing { () throws(StoreError) in
            try repair.settleUnreadable(areUseless: isAllThere && records.unreadable == 0, walked: records)
        }
        if request.recoversTrees { try recover(snapshots, session, run) }
        return summary
    }

    /// What all steps of one run share.
    private struct RepairRun {
        let repair: StoreRepair
        let trees: TreeReader
        let progress: Progress
        let cancellation: Cancellation
        /// Chunks that packs hold and that are bad: in a rehearsal these packs are still there.
        let bad: CheckLedger
    }

    private func tell(_ finding: CheckFinding) {
        summary.findings[finding.weight, default: 0] += 1
        onEvent(.finding(finding))
    }

    // MARK: Packs

    private func mendPacks(_ run: RepairRun) throws(CairnError) {
        var failure: CairnError?
        run.progress.update { $0.phase = request.readsData ? "reading packs" : "looking at packs" }
        summary.packs = try storing { () throws(StoreError) in
            try run.repair.packs(readsData: request.readsData) { chunk in
                do throws(CairnError) { try run.bad.lose(chunk, isMissing: true) } catch { failure = failure ?? error }
            } onProgress: { done, total in
                run.progress.update { ($0.bytesDone, $0.bytesTotal, $0.isTotalFinal) = (done, total, true) }
            }
        }
        if let failure { throw failure }
        run.progress.update { ($0.bytesDone, $0.bytesTotal, $0.isTotalFinal) = (0, nil, false) }
    }

    // MARK: What snapshots need

    /// The snapshots that the roots hold. Those that another manifest has taken the place of count as forgotten ones do: nobody sees them.
    private func decode(_ records: StoreRepair.Records) -> [CheckedSnapshot] {
        var standing: [Snapshot] = []
        var hidden: [Snapshot] = []
        for (roots, isForgotten) in [(records.roots, false), (records.forgotten, true)] {
            for root in roots where Snapshot.isName(root.name) {
                do throws(CairnError) {
                    let snapshot = try Snapshot(root, path: Path("\(store.location)/manifests/\(root.id)"))
                    if isForgotten { hidden.append(snapshot) } else { standing.append(snapshot) }
                } catch {
                    tell(
                        CheckFinding(
                            .manifest, error.message, weight: isForgotten ? .note : .damage, path: error.path,
                            remedy: error.remedy))
                }
            }
        }
        let seen = Set(SnapshotList(standing).snapshots.map(\.manifestID))
        return standing.map { CheckedSnapshot(snapshot: $0, isForgotten: !seen.contains($0.manifestID)) }
            + hidden.map { CheckedSnapshot(snapshot: $0, isForgotten: true) }
    }

    /// Looks for what is missing, and stores what is found. A tree that is found names further chunks, so that is done until no tree is.
    private func find(
        _ records: StoreRepair.Records, _ snapshots: [CheckedSnapshot], _ session: WriteSession, _ run: RepairRun
    ) throws(CairnError) -> CheckLedger {
        let sources = try ChunkSources(
            own: run.repair.reader, others: request.sources, isTraceless: request.isRehearsal)
        defer { sources.close() }
        var isFirst = true
        while true {
            run.progress.update { $0.phase = "following snapshots" }
            let tellFirst: (CheckFinding) -> Void = { [self] in if isFirst { tell($0) } }
            let missing = try MissingChunks(run.repair, bad: run.bad, run.trees, run.cancellation, tell: tellFirst)
            for checked in snapshots { try missing.follow(checked.snapshot) }
            for root in records.roots + records.forgotten where !Snapshot.isName(root.name) {
                for reference in root.references { try missing.expect(reference) }
            }
            let count = try missing.finish()
            summary.missingChunks = summary.foundChunks + count
            let ledger = missing.ledger
            guard count > 0 else { return told(ledger) }
            run.progress.update { $0.phase = "looking for missing chunks" }
            var foundTrees = false
            let before = summary.foundChunks
            try ledger.reconsider { chunks throws(CairnError) in
                try run.cancellation.check()
                let found = try sources.store(chunks.map(\.chunk), in: session)
                for (chunk, isFound) in zip(chunks, found) where isFound {
                    summary.foundChunks += 1
                    if chunk.chunk.kind == .tree { foundTrees = true }
                }
                return found
            }
            if summary.foundChunks > before { try storing { () throws(StoreError) in try session.flush() } }
            isFirst = false
            if foundTrees && !request.isRehearsal { continue }
            try readLiveFiles(ledger, session, run)
            return told(ledger)
        }
    }

    private func told(_ ledger: CheckLedger) -> CheckLedger {
        guard summary.foundChunks > 0 else { return ledger }
        let count = summary.foundChunks
        let state = request.isRehearsal ? "can be stored again" : count == 1 ? "is stored again" : "are stored again"
        tell(
            CheckFinding(
                .missing,
                count == 1 ? "1 chunk that was missing \(state)" : "\(count) chunks that were missing \(state)",
                weight: .healed, chunkCount: count))
        return ledger
    }

    private func readLiveFiles(
        _ ledger: CheckLedger, _ session: WriteSession, _ run: RepairRun
    ) throws(CairnError) {
        guard !request.livePaths.isEmpty, ledger.hasLosses else { return }
        run.progress.update { $0.phase = "reading live files" }
        let found = try CheckLedger()
        var remaining = try ledger.lostCount(isMissing: true)
        let files = LiveFiles(session, progress: run.progress, cancellation: run.cancellation) {
            chunk throws(CairnError) in
            let reference = RootReference(kind: .data, id: chunk.id)
            guard try ledger.isLost(reference), try !found.isLost(reference) else { return false }
            try found.lose(reference, isMissing: true)
            remaining -= 1
            return true
        } onFailure: { [self] in
            onEvent(.unreadable($0))
        }
        for path in request.livePaths { try files.read(path) { remaining > 0 } }
        try storing { () throws(StoreError) in try session.flush() }
        summary.foundChunks += try found.lostCount()
        try ledger.reconsider { chunks throws(CairnError) in
            var answers: [Bool] = []
            for chunk in chunks { answers.append(try found.isLost(chunk.chunk)) }
            return answers
        }
    }

    // MARK: What stays lost

    /// Tells what stays lost, and gives it up where that was asked for. Returns whether nothing is lost that anybody still wants.
    private func settle(
        _ ledger: CheckLedger, _ records: StoreRepair.Records, _ snapshots: [CheckedSnapshot],
        _ session: WriteSession, _ run: RepairRun
    ) throws(CairnError) -> Bool {
        summary.lostChunks = try ledger.lostCount()
        guard ledger.hasLosses else { return true }
        run.progress.update { $0.phase = "looking for damaged files" }
        let isOthersWhole = try tellOthers(ledger, records)
        var newest = SnapshotList(snapshots.map(\.snapshot)).newestManifestID
        for checked in snapshots {
            var items = 0
            let trail = DamageTrail(ledger, run.trees, run.cancellation) { [self] item in
                items += 1
                onEvent(.lost(item))
            }
            try trail.follow(checked)
            guard items > 0 else { continue }
            summary.lostItems += items
            try settle(checked, items, records, &newest, ledger, session, run)
        }
        return request.acceptsLoss && isOthersWhole && summary.packs.left == 0
    }

    private func settle(
        _ checked: CheckedSnapshot, _ items: Int, _ records: StoreRepair.Records, _ newest: inout String?,
        _ ledger: CheckLedger, _ session: WriteSession, _ run: RepairRun
    ) throws(CairnError) {
        let (snapshot, short) = (checked.snapshot, checked.id.short)
        let what = items == 1 ? "1 part of it is lost" : "\(items) parts of it are lost"
        guard !checked.isForgotten else {
            // What another manifest has taken the place of, and a crash left standing, is hidden for good now.
            if request.acceptsLoss, !request.isRehearsal,
                records.roots.contains(where: { $0.id == snapshot.manifestID })
            {
                try storing { () throws(StoreError) in try store.forgetRoot(snapshot.manifestID) }
            }
            return tell(
                CheckFinding(
                    .snapshot, "snapshot \(short) was forgotten or replaced, and \(what)", weight: .note,
                    snapshot: snapshot.id))
        }
        guard request.acceptsLoss, summary.packs.left == 0 else {
            guard !request.acceptsLoss else {
                return tell(
                    CheckFinding(
                        .snapshot, "of snapshot \(short) \(what), or only out of reach for now: nothing was given up",
                        remedy: "repair again when the packs can be read that were left alone", snapshot: snapshot.id))
            }
            return tell(
                CheckFinding(
                    .snapshot, "of snapshot \(short) \(what)",
                    remedy:
                        "take what is missing from a copy of the repository (--from) or from the live files (--rescan), or give it up with --accept-loss",
                    snapshot: snapshot.id))
        }
        if !request.isRehearsal {
            newest = try LossAcceptance(store, ledger, run.trees, session, run.cancellation).accept(
                snapshot, previous: newest, engineVersion: request.engineVersion)
        }
        summary.acceptedSnapshots += 1
        onEvent(.accepted(snapshot.id, manifest: snapshot.manifestID))
        tell(
            CheckFinding(
                .snapshot,
                "of snapshot \(short) \(what); "
                    + (request.isRehearsal ? "a new manifest would say so" : "its new manifest says so"),
                weight: .healed, snapshot: snapshot.id))
    }

    /// Roots of others are for them to look into. Returns whether all that they name is there.
    private func tellOthers(_ ledger: CheckLedger, _ records: StoreRepair.Records) throws(CairnError) -> Bool {
        var isWhole = true
        for root in records.roots where !Snapshot.isName(root.name) {
            var count = 0
            for reference in root.references where try ledger.isLost(reference) { count += 1 }
            guard count > 0 else { continue }
            isWhole = false
            tell(
                CheckFinding(
                    .missing, "\(count) chunks that a manifest of another program names are lost",
                    path: Path("\(store.location)/manifests/\(root.id)"), chunkCount: count))
        }
        return isWhole
    }

    // MARK: Trees without a manifest

    private func recover(
        _ snapshots: [CheckedSnapshot], _ session: WriteSession, _ run: RepairRun
    ) throws(CairnError) {
        run.progress.update { $0.phase = "looking for trees without a manifest" }
        let recovery = try TreeRecovery(run.repair, run.trees, run.cancellation, bad: run.bad)
        for tree in try recovery.trees(except: Set(snapshots.map(\.snapshot.manifest.tree))) {
            var id: SnapshotID?
            if !request.isRehearsal {
                let manifest = try recovery.manifest(of: tree, engineVersion: request.engineVersion)
                id = try session.commit(manifest).id
            }
            summary.recoveredSnapshots += 1
            onEvent(.recovered(id, tree: tree))
        }
    }
}
