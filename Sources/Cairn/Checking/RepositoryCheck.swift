public import ChunkStore
import Posix

/// Checks a repository: its small files, its packs and the catalog, then whether what snapshots need is there and proves what their manifests say,
/// then the bytes of packs if asked. In the end it says which files of which snapshots damage touches. It never writes to the repository.
public final class RepositoryCheck {
    private let store: Store
    private let request: CheckRequest
    private var summary = CheckSummary()
    private var onEvent: (CheckEvent) -> Void = { _ in }

    /// Prepares a check.
    public init(_ store: Store, _ request: CheckRequest) {
        self.store = store
        self.request = request
    }

    /// Checks, and tells what is found as it is met, on this thread.
    public func run(
        progress: Progress = Progress(), cancellation: Cancellation = Cancellation(),
        onEvent: @escaping (CheckEvent) -> Void
    ) throws(CairnError) -> CheckSummary {
        self.onEvent = onEvent
        summary = CheckSummary()
        let reader = try storing { () throws(StoreError) in try store.reader(for: "check") }
        defer { reader.close() }
        let ledger = try CheckLedger()
        var failure: CairnError?
        let check = StoreCheck(store, reader: reader, isCancelled: { cancellation.isCancelled }) { [self] finding in
            tell(CheckFinding(finding))
            do throws(CairnError) {
                for chunk in finding.lost { try ledger.lose(chunk, isMissing: false) }
            } catch { failure = failure ?? error }
        }
        progress.update { $0.phase = "looking at packs" }
        let records = try storing { () throws(StoreError) in try check.records() }
        let present = try storing { () throws(StoreError) in try check.structure() }
        (summary.packs, summary.packBytes) = (present.count, present.bytes)

        progress.update { $0.phase = "following snapshots" }
        let trees = TreeReader(reader)
        // A power failure may leave a root under both of its names.
        let kept = Set(records.roots.map(\.id))
        let forgotten = records.forgotten.filter { !kept.contains($0.id) }
        let chosen = choose(
            from: decode(records.roots, isForgotten: false) + decode(forgotten, isForgotten: true))
        let reach = SnapshotReach(check, ledger, trees, cancellation) { [self] in tell($0) }
        for checked in chosen {
            try reach.follow(checked.snapshot)
            summary.snapshots += 1
        }
        if request.snapshots == nil { try expectOthers(records.roots + records.forgotten, reach) }
        let missing = try reach.finish()
        let proof = SnapshotProof(ledger, trees, cancellation) { [self] in tell($0) }
        for checked in chosen { try proof.prove(checked.snapshot) }
        summary.directories = proof.directories

        if let data = request.data {
            progress.update { $0.phase = "reading packs" }
            let only = request.snapshots == nil ? nil : try packs(of: chosen, check, trees, cancellation)
            let read = try storing { () throws(StoreError) in
                try check.data(data, only: only) { done, total in
                    progress.update { ($0.bytesDone, $0.bytesTotal, $0.isTotalFinal) = (done, total, true) }
                }
            }
            (summary.packsRead, summary.packsGood, summary.bytesRead) = (read.packs, read.goodPacks, read.bytes)
            if let failure { throw failure }
        }
        try tellLosses(ledger, missing: missing, trees, chosen, progress, cancellation)
        return summary
    }

    // MARK: Snapshots

    /// The snapshots that roots hold, in the order in which they were written. Roots of others are passed over.
    private func decode(_ roots: [Root], isForgotten: Bool) -> [CheckedSnapshot] {
        var found: [CheckedSnapshot] = []
        let roots = roots.sorted { ($0.written, $0.id) < ($1.written, $1.id) }
        for root in roots where Snapshot.isName(root.name) {
            do throws(CairnError) {
                found.append(
                    CheckedSnapshot(
                        snapshot: try Snapshot(
                            root,
                            path: Path(
                                isForgotten ? "\(store.location)/forgotten" : "\(store.location)/manifests/\(root.id)")),
                        isForgotten: isForgotten))
            } catch { tell(CheckFinding(.manifest, error.message, path: error.path, remedy: error.remedy)) }
        }
        return found
    }

    private func choose(from all: [CheckedSnapshot]) -> [CheckedSnapshot] {
        guard let wanted = request.snapshots else { return all }
        let ids = Set(wanted.map(\.manifestID))
        return all.filter { ids.contains($0.snapshot.manifestID) }
    }

    /// What roots of others hold is for them to look into; what they name must be there.
    private func expectOthers(_ roots: [Root], _ reach: SnapshotReach) throws(CairnError) {
        for root in roots where !Snapshot.isName(root.name) {
            for reference in root.references { try reach.expect(reference) }
        }
    }

    /// The names of the packs that hold what snapshots need.
    private func packs(
        of chosen: [CheckedSnapshot], _ check: StoreCheck, _ reader: TreeReader, _ cancellation: Cancellation
    ) throws(CairnError) -> Set<String> {
        let again = try CheckLedger()
        var needed = NeededPacks(check)
        let walk = ReachWalk(reader, cancellation: cancellation)
        for checked in chosen {
            try walk.walk(checked.snapshot) { chunk throws(CairnError) in
                if chunk.kind == .tree {
                    guard try again.meet(chunk) else { return false }
                }
                try needed.add(chunk.id)
                return true
            } unreadable: { _, _, _ in
            }
        }
        return try needed.finish()
    }

    // MARK: Telling

    private func tell(_ finding: CheckFinding) {
        summary.findings[finding.weight, default: 0] += 1
        onEvent(.finding(finding))
    }

    /// What lost chunks mean for snapshots.
    private func tellLosses(
        _ ledger: CheckLedger, missing: Int, _ reader: TreeReader, _ chosen: [CheckedSnapshot],
        _ progress: Progress, _ cancellation: Cancellation
    ) throws(CairnError) {
        if missing > 0 {
            tell(
                CheckFinding(
                    .missing,
                    missing == 1
                        ? "1 chunk is needed and is in no pack" : "\(missing) chunks are needed and are in no pack",
                    path: Path("\(store.location)/packs"),
                    remedy: "bring lost packs back from a copy of the repository, or let \"cairn repair\" do so",
                    chunkCount: missing))
        }
        guard ledger.hasLosses else { return }
        progress.update { ($0.phase, $0.bytesTotal, $0.bytesDone) = ("looking for damaged files", nil, 0) }
        let trail = DamageTrail(ledger, reader, cancellation) { [self] item in
            summary.damagedItems += 1
            onEvent(.damaged(item))
        }
        for checked in chosen { try trail.follow(checked) }
    }
}

/// Collects the packs of chunks, with few questions to the catalog.
private struct NeededPacks {
    private let check: StoreCheck
    private var waiting: [ChunkID] = []
    private var names: Set<String> = []

    init(_ check: StoreCheck) { self.check = check }

    mutating func add(_ id: ChunkID) throws(CairnError) {
        waiting.append(id)
        if waiting.count >= 8_192 { try ask() }
    }

    mutating func finish() throws(CairnError) -> Set<String> {
        try ask()
        return names
    }

    private mutating func ask() throws(CairnError) {
        let waiting = waiting
        names.formUnion(try storing { () throws(StoreError) in try check.packs(holding: waiting) })
        self.waiting.removeAll(keepingCapacity: true)
    }
}
