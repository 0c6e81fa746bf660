import ChunkStore

/// Finds out which chunks roots need and no pack has. Trees that are there are followed; below one that is missing nothing can be known yet.
final class MissingChunks {
    private static let waitingMax = 8_192

    private let repair: StoreRepair
    /// What of the stored chunks counts as lost all the same.
    private let bad: CheckLedger
    let ledger: CheckLedger
    private let walk: ReachWalk
    private let tell: (CheckFinding) -> Void
    private var waiting: [RootReference] = []

    init(
        _ repair: StoreRepair, bad: CheckLedger, _ reader: TreeReader, _ cancellation: Cancellation,
        tell: @escaping (CheckFinding) -> Void
    ) throws(CairnError) {
        self.repair = repair
        self.bad = bad
        self.tell = tell
        ledger = try CheckLedger()
        walk = ReachWalk(reader, cancellation: cancellation)
        waiting.reserveCapacity(Self.waitingMax)
    }

    /// Follows a snapshot. What another one has led to before is passed by.
    func follow(_ snapshot: Snapshot) throws(CairnError) {
        try walk.walk(snapshot) { chunk throws(CairnError) in
            let reference = RootReference(kind: chunk.kind, id: chunk.id)
            guard chunk.kind == .tree else {
                try expect(reference)
                return false
            }
            guard try ledger.meet(chunk) else { return false }
            // At once, as it decides what an unreadable one is.
            if try areLost([reference])[0] { try ledger.lose(reference, isMissing: true) }
            return true
        } unreadable: { chunk, path, error throws(CairnError) in
            let reference = RootReference(kind: chunk.kind, id: chunk.id)
            if try ledger.isLost(reference) { return }
            // What that means for the snapshot is told in the end.
            try ledger.lose(reference, isMissing: false)
            tell(
                CheckFinding(
                    .tree, error.message, weight: .note, path: error.path,
                    chunkCount: 1, snapshot: snapshot.id, item: path))
        }
    }

    /// A chunk that somebody needs.
    func expect(_ chunk: RootReference) throws(CairnError) {
        waiting.append(chunk)
        if waiting.count >= Self.waitingMax { try lookUp() }
    }

    /// Ends the look-ups; returns how many chunks are missing.
    func finish() throws(CairnError) -> Int {
        try lookUp()
        return try ledger.lostCount(isMissing: true)
    }

    private func lookUp() throws(CairnError) {
        for (chunk, isLost) in zip(waiting, try areLost(waiting)) where isLost {
            try ledger.lose(chunk, isMissing: true)
        }
        waiting.removeAll(keepingCapacity: true)
    }

    private func areLost(_ chunks: [RootReference]) throws(CairnError) -> [Bool] {
        var answers = try storing { () throws(StoreError) in try repair.areAbsent(chunks) }
        if bad.hasLosses {
            for (index, chunk) in chunks.enumerated() where try bad.isLost(chunk) { answers[index] = true }
        }
        return answers
    }
}
