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
    /// Where each of these was met.
    private var places: [(snapshot: SnapshotID?, path: Path)] = []
    private var pathBytes = 0
    private static let waitingMax = 8_192
    /// Of their paths, which may be of any length.
    private static let pathBytesMax = 4 << 20

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
    func follow(_ snapshot: Snapshot) throws(CairnError) {
        try walk.walk(snapshot) { chunk throws(CairnError) in
            if chunk.kind == .tree {
                guard try ledger.meet(chunk) else { return false }
            }
            try expect(
                RootReference(kind: chunk.kind, id: chunk.id), length: chunk.length, in: snapshot.id, at: walk.current)
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
                    .tree, error.message, path: error.path,
                    remedy:
                        "names of this directory or bytes of this file are lost; \"cairn repair\" says what can be done",
                    chunkCount: 1, snapshot: snapshot.id, item: path))
        }
    }

    /// A chunk that somebody needs.
    func expect(
        _ chunk: RootReference, length: UInt32? = nil, in snapshot: SnapshotID? = nil, at path: Path = Path("/")
    ) throws(CairnError) {
        waiting.append((chunk, length))
        places.append((snapshot, path))
        pathBytes += path.bytes.count
        if waiting.count >= Self.waitingMax || pathBytes >= Self.pathBytesMax { try lookUp() }
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
        for (index, answer) in answers.enumerated() {
            let (chunk, length) = waiting[index]
            switch answer {
            case .present: break
            case .absent: try ledger.lose(chunk, length: length, isMissing: true)
            case .otherLength(let other):
                // Only this entry is wrong: others may name the chunk with the right length.
                let expected = length.map { "\($0)" } ?? "other"
                tell(
                    CheckFinding(
                        .tree, "it names chunk \(chunk.id) with \(expected) bytes, and that has \(other)",
                        remedy: "it was written so: take a new snapshot", chunkCount: 1,
                        snapshot: places[index].snapshot, item: places[index].path))
            }
        }
        waiting.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        pathBytes = 0
    }
}
