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
        progress: OperationProgress = OperationProgress(), cancellation: Cancellation = Cancellation(),
        onEvent: @escaping (CheckEvent) -> Void
    ) throws(CairnError) -> CheckSummary {
        self.onEvent = onEvent
        summary = CheckSummary()
        let reader = try storing { () throws(StoreError) in try store.reader(for: "check") }
        defer { reader.close() }
        var ledger = try CheckLedger()
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
        var roots = (standing: records.roots, forgotten: records.forgotten)
        var chosen = choose(
            from: CheckedSnapshot.all(roots.standing, forgotten: roots.forgotten, at: store.location) { [self] error in
                tell(CheckFinding(.manifest, error.message, path: error.path, remedy: error.remedy))
            })
        var missing = try follow(chosen, roots.standing + roots.forgotten, check, ledger, trees, cancellation)
        // Without a lease nothing waits for a check: what a prune has given up since with its manifest is not missing.
        while ledger.hasLosses, try !areThere(roots.standing + roots.forgotten, check) {
            roots = try storing { () throws(StoreError) in
                (try store.roots().roots, try store.forgottenRoots().roots.map(\.root))
            }
            chosen = choose(
                from: CheckedSnapshot.all(roots.standing, forgotten: roots.forgotten, at: store.location))
            ledger = try CheckLedger()
            missing = try follow(chosen, roots.standing + roots.forgotten, check, ledger, trees, cancellation)
        }
        let wanted = chosen.filter { $0.standing != .replaced }
        summary.snapshots = chosen.count
        summary.forgottenSnapshots = chosen.count { $0.standing == .forgotten }
        summary.replacedManifests = chosen.count { $0.standing == .replaced }
        let proof = SnapshotProof(ledger, trees, cancellation) { [self] in tell($0) }
        for checked in wanted { _ = try proof.prove(checked.snapshot) }
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
        try tellLosses(ledger, missing: missing, trees, wanted, progress, cancellation)
        return summary
    }

    // MARK: Snapshots

    /// Looks whether all is there that snapshots need; returns how many chunks are in no pack.
    private func follow(
        _ chosen: [CheckedSnapshot], _ roots: [Root], _ check: StoreCheck, _ ledger: CheckLedger, _ trees: TreeReader,
        _ cancellation: Cancellation
    ) throws(CairnError) -> Int {
        let reach = SnapshotReach(check, ledger, trees, cancellation) { [self] in tell($0) }
        let replaced = chosen.drop { $0.standing != .replaced }
        for checked in chosen[..<replaced.startIndex] { try reach.follow(checked) }
        if request.snapshots == nil { try expectOthers(roots, reach) }
        let missing = try reach.finish()
        try tellReplaced(replaced, missing: missing, reach)
        return missing
    }

    private func areThere(_ roots: [Root], _ check: StoreCheck) throws(CairnError) -> Bool {
        try storing { () throws(StoreError) in try check.areThere(Set(roots.map(\.id))) }
    }

    private func choose(from all: [CheckedSnapshot]) -> [CheckedSnapshot] {
        guard let wanted = request.snapshots else { return all }
        let ids = Set(wanted.map(\.manifestID))
        return all.filter { ids.contains($0.snapshot.manifestID) }
    }

    /// Looks for what only replaced manifests need. They come last, so all that anybody sees has been looked for.
    private func tellReplaced(
        _ replaced: ArraySlice<CheckedSnapshot>, missing: Int, _ reach: SnapshotReach
    ) throws(CairnError) {
        if replaced.isEmpty { return }
        for checked in replaced { try reach.follow(checked) }
        let given = try reach.finish() - missing
        guard given > 0 else { return }
        tell(
            CheckFinding(
                .missing,
                given == 1
                    ? "1 chunk is in no pack that only replaced manifests need"
                    : "\(given) chunks are in no pack that only replaced manifests need",
                weight: .note, path: Path("\(store.location)/packs"),
                remedy: "the manifests that took their place say what is lost; prune gives these up", chunkCount: given)
        )
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
        _ progress: OperationProgress, _ cancellation: Cancellation
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
