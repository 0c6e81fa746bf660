import ChunkStore
import Posix

/// Whether every chunk that snapshots need is there: a walk from each of them, and look-ups in the catalog. Trees are read, so those that make no
/// sense are found here too.
final class SnapshotReach {
    private let store: StoreCheck
    private let ledger: CheckLedger
    private let walk: ReachWalk
    private let tell: (CheckFinding) -> Void
    private var waiting: [(chunk: RootReference, length: UInt32?)] = []
    private static let waitingMax = 8_192

    init(
        _ store: StoreCheck, _ ledger: CheckLedger, _ reader: TreeReader, _ cancellation: Cancellation,
        tell: @escaping (CheckFinding) -> Void
    ) {
        self.store = store
        self.ledger = ledger
        self.tell = tell
        walk = ReachWalk(reader, cancellation: cancellation)
        waiting.reserveCapacity(Self.waitingMax)
    }

    /// Follows one snapshot. What another one has led to before is passed by.
    func follow(_ checked: CheckedSnapshot) throws(CairnError) {
        let snapshot = checked.snapshot
        try walk.walk(snapshot) { chunk throws(CairnError) in
            if chunk.kind == .tree {
                guard try ledger.meet(chunk) else { return false }
            }
            try expect(RootReference(kind: chunk.kind, id: chunk.id), length: chunk.length)
            return true
        } unreadable: { chunk, path, error throws(CairnError) in
            let reference = RootReference(kind: chunk.kind, id: chunk.id)
            let answers = try storing { () throws(StoreError) in try store.presence(of: [(reference, nil)]) }
            let isMissing = error.code == .missing || answers == [.absent]
            try ledger.lose(reference, isMissing: isMissing)
            // What is in no pack is looked up once more, and told of in the end.
            if isMissing { return }
            tell(
                CheckFinding(
                    .tree, error.message, weight: checked.standing == .replaced ? .note : .damage, path: error.path,
                    remedy:
                        "names of this directory or bytes of this file are lost; \"cairn repair\" says what can be done",
                    chunkCount: 1, snapshot: snapshot.id, item: path))
        }
    }

    /// A chunk that somebody needs.
    func expect(_ chunk: RootReference, length: UInt32? = nil) throws(CairnError) {
        waiting.append((chunk, length))
        if waiting.count >= Self.waitingMax { try lookUp() }
    }

    /// Ends the look-ups. What is missing is looked for once more, in case others have moved it meanwhile. Returns how many chunks are in no pack.
    func finish() throws(CairnError) -> Int {
        try lookUp()
        guard ledger.hasLosses else { return 0 }
        try storing { () throws(StoreError) in try store.synchronize() }
        try ledger.reconsider { chunks throws(CairnError) in
            try storing { () throws(StoreError) in try store.presence(of: chunks) }.map { $0 != .absent }
        }
        return try ledger.lostCount(isMissing: true)
    }

    private func lookUp() throws(CairnError) {
        let answers = try storing { () throws(StoreError) in try store.presence(of: waiting) }
        for (entry, answer) in zip(waiting, answers) { try ledger.note(answer, of: entry.chunk, length: entry.length) }
        waiting.removeAll(keepingCapacity: true)
    }
}

extension CheckLedger {
    /// Remembers what a look-up came to, where that is not as it should be.
    func note(_ answer: StoreCheck.Presence, of chunk: RootReference, length: UInt32?) throws(CairnError) {
        switch answer {
        case .present: break
        case .absent: try lose(chunk, length: length, isMissing: true)
        case .otherLength(let stored):
            // Only what names it so is wrong: others may name the chunk with the right length.
            guard let length else { break }
            try misname(ChunkReference(id: chunk.id, length: length), stored: stored)
        }
    }
}
