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
    private var waiting: [(chunk: RootReference, length: UInt32?)] = []

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
                try expect(reference, length: chunk.length)
                return false
            }
            guard try ledger.meet(chunk) else { return false }
            // At once, as it decides what an unreadable one is.
            try lookUp([(reference, chunk.length)])
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
    func expect(_ chunk: RootReference, length: UInt32? = nil) throws(CairnError) {
        waiting.append((chunk, length))
        if waiting.count >= Self.waitingMax { try lookUpWaiting() }
    }

    /// Ends the look-ups; returns how many chunks are missing.
    func finish() throws(CairnError) -> Int {
        try lookUpWaiting()
        return try ledger.lostCount(isMissing: true)
    }

    private func lookUpWaiting() throws(CairnError) {
        try lookUp(waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    private func lookUp(_ chunks: [(chunk: RootReference, length: UInt32?)]) throws(CairnError) {
        let answers = try repair.presence(of: chunks, besides: bad)
        for (entry, answer) in zip(chunks, answers) { try ledger.note(answer, of: entry.chunk, length: entry.length) }
    }
}

extension StoreRepair {
    /// Looks chunks up, of which those in the ledger count as absent.
    func presence(
        of chunks: [(chunk: RootReference, length: UInt32?)], besides bad: CheckLedger
    ) throws(CairnError) -> [StoreCheck.Presence] {
        var answers = try storing { () throws(StoreError) in try presence(of: chunks) }
        if bad.hasLosses {
            for (index, entry) in chunks.enumerated() where try bad.isLost(entry.chunk) { answers[index] = .absent }
        }
        return answers
    }
}
