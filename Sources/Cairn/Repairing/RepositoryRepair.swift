public import ChunkStore
import Posix

/// Repairs a repository, beside whatever else runs: its small files and its packs, then what snapshots miss, from other repositories and live files; and
/// names what stays lost. Nothing that could be read before is worse afterwards, wherever it ends.
public final class RepositoryRepair {
    private let store: Store
    private let request: RepairRequest
    private var summary = RepairSummary()
    private var onEvent: (RepairEvent) -> Void = { _ in }

    /// Prepares a repair. The store should be opened so that it leaves a lost config to the repair (`StoreOptions.mendsConfig`).
    public init(_ store: Store, _ request: RepairRequest) {
        self.store = store
        self.request = request
    }

    /// Repairs, and tells what is found and done as it goes, on this thread. Throws `.busy` while a prune or another repair is at work.
    public func run(
        progress: OperationProgress = OperationProgress(), cancellation: Cancellation = Cancellation(),
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
        let snapshots = CheckedSnapshot.all(records.roots, forgotten: records.forgotten, at: store.location) {
            [self] error in tell(CheckFinding(.manifest, error.message, path: error.path, remedy: error.remedy))
        }
        summary.snapshots = snapshots.count
        let session = try storing { () throws(StoreError) in try repair.session() }
        defer { session.close() }
        let ledger = try find(records, snapshots, session, run)
        let isAllThere = try settle(ledger, records, snapshots, session, run)
        try storing { () throws(StoreError) in
            try repair.settleUnreadable(areUseless: isAllThere && records.unreadable == 0, walked: records)
        }
        if request.recoversTrees { try recover(snapshots, session, run) }
        try prove(run)
        return summary
    }

    /// Looks with the eyes of a check at what is there now, so that a repair never ends better than the check after it.
    private func prove(_ run: RepairRun) throws(CairnError) {
        guard !request.isRehearsal, !summary.isDamaged else { return }
        let check = RepositoryCheck(store, CheckRequest())
        _ = try check.run(progress: run.progress, cancellation: run.cancellation) { [self] event in
            if case .finding(let finding) = event, finding.weight != .note { tell(finding) }
        }
    }

    /// What all steps of one run share.
    private struct RepairRun {
        let repair: StoreRepair
        let trees: TreeReader
        let progress: OperationProgress
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
            if summary.foundChunks > before {
                try storing { () throws(StoreError) in try session.flush() }
                if try lookAgain(ledger, run) { foundTrees = true }
            }
            isFirst = false
            if foundTrees && !request.isRehearsal { continue }
            summary.missesTrees = foundTrees
            try readLiveFiles(ledger, session, run)
            _ = try lookAgain(ledger, run)
            return told(ledger)
        }
    }

    /// With what was found, differences from it can be read again. Returns whether there are trees among them.
    private func lookAgain(_ ledger: CheckLedger, _ run: RepairRun) throws(CairnError) -> Bool {
        guard !request.isRehearsal, summary.foundChunks > 0, ledger.hasLosses else { return false }
        var foundTrees = false
        try ledger.reconsider { chunks throws(CairnError) in
            let answers = try run.repair.presence(of: chunks, besides: run.bad)
            for (chunk, answer) in zip(chunks, answers) where answer == .present {
                summary.foundChunks += 1
                if chunk.chunk.kind == .tree { foundTrees = true }
            }
            return answers.map { $0 == .present }
        }
        return foundTrees
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
        run.progress.update { ($0.phase, $0.filesDone, $0.bytesDone) = ("reading live files", 0, 0) }
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

    /// Tells what stays lost or is wrong, and gives it up where that was asked for. Returns whether nothing is lost that anybody still wants.
    private func settle(
        _ ledger: CheckLedger, _ records: StoreRepair.Records, _ snapshots: [CheckedSnapshot],
        _ session: WriteSession, _ run: RepairRun
    ) throws(CairnError) -> Bool {
        summary.lostChunks = try ledger.lostCount()
        if try ledger.hasLostTrees() { summary.missesTrees = true }
        run.progress.update { $0.phase = "proving snapshots" }
        let isOthersWhole = try tellOthers(ledger, records)
        let acceptance = LossAcceptance(store, ledger, run.trees, session, run.cancellation)
        let proof = SnapshotProof(ledger, run.trees, run.cancellation) { [self] in tell($0) }
        var newest = SnapshotList(snapshots.map(\.snapshot)).newestManifestID
        for checked in snapshots {
            let isGivenUp = givesUp && checked.standing == .seen
            // Of a replaced one nothing that is wrong matters any more.
            let wrong =
                checked.standing == .replaced
                ? SnapshotProof.Wrong() : try proof.prove(checked.snapshot, telling: isGivenUp ? .healed : .damage)
            guard ledger.hasLosses || wrong.items > 0 else { continue }
            var (items, files) = (0, 0)
            let trail = DamageTrail(ledger, run.trees, run.cancellation) { [self] item in
                items += 1
                if item.part == .file { files += 1 }
                onEvent(.lost(item))
            }
            try trail.follow(checked)
            summary.lostItems += items
            if items > 0 { try tell(checked, lostItems: items, ofFiles: files, records) }
            guard isGivenUp, items + wrong.items > 0 else { continue }
            if !request.isRehearsal {
                newest = try acceptance.accept(
                    checked.snapshot, isRootWrong: wrong.isRoot, previous: newest, engineVersion: request.engineVersion)
            }
            summary.acceptedSnapshots += 1
            onEvent(.accepted(checked.id, manifest: checked.snapshot.manifestID))
        }
        return !ledger.hasLosses || givesUp && isOthersWhole
    }

    /// Whether what is lost is given up: not as long as packs are only out of reach.
    private var givesUp: Bool { request.acceptsLoss && summary.packs.left == 0 }

    /// Tells what becomes of a snapshot that lacks something.
    private func tell(
        _ checked: CheckedSnapshot, lostItems count: Int, ofFiles files: Int, _ records: StoreRepair.Records
    ) throws(CairnError) {
        let (parts, are) = count == 1 ? ("1 part", "is") : ("\(count) parts", "are")
        let what = "\(parts) of snapshot \(checked.id.short) \(are) lost"
        func tell(_ weight: StoreFinding.Weight, _ message: String, _ remedy: String? = nil) {
            self.tell(CheckFinding(.snapshot, message, weight: weight, remedy: remedy, snapshot: checked.id))
        }
        let short = checked.id.short
        switch checked.standing {
        case .replaced:
            // What a crash left standing is hidden for good now.
            if request.acceptsLoss, !request.isRehearsal,
                records.roots.contains(where: { $0.id == checked.snapshot.manifestID })
            {
                try storing { () throws(StoreError) in try store.forgetRoot(checked.snapshot.manifestID) }
            }
            tell(.note, "\(parts) of a manifest of snapshot \(short) that was replaced \(are) lost")
        case .forgotten:
            tell(
                .damage, "\(parts) of snapshot \(short), which was forgotten, \(are) lost",
                "take what is missing from \(aCopy), or give the snapshot up: \"cairn prune --now\""
            )
        case .seen where givesUp:
            let done = request.isRehearsal ? "a new manifest would say so" : "its new manifest says so"
            tell(.healed, "\(what); \(done)")
        case .seen where request.acceptsLoss:
            tell(
                .damage, "\(what), or only out of reach for now: nothing was given up",
                "repair again when the packs can be read that were left alone")
        case .seen:
            // Names of directories are in no live file, and what these have was taken.
            let live = files > 0 && request.livePaths.isEmpty ? " or from the live files (--rescan)" : ""
            tell(
                .damage, what,
                "take what is missing from \(aCopy)\(live), or give it up with --accept-loss")
        }
    }

    /// Where to look next.
    private var aCopy: String { "\(request.sources.isEmpty ? "a" : "another") copy of the repository (--from)" }

    /// Roots of others are for them to look into. Returns whether all that they name is there.
    private func tellOthers(_ ledger: CheckLedger, _ records: StoreRepair.Records) throws(CairnError) -> Bool {
        var isWhole = true
        for root in records.roots + records.forgotten where !Snapshot.isName(root.name) {
            var count = 0
            for reference in root.references where try ledger.isLost(reference) { count += 1 }
            guard count > 0 else { continue }
            isWhole = false
            tell(
                CheckFinding(
                    .missing,
                    "\(count == 1 ? "1 chunk" : "\(count) chunks") that a manifest of another program names \(count == 1 ? "is" : "are") lost",
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
