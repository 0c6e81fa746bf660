import ChunkStore
import Posix

/// Which files of which snapshots lost chunks belong to. What several snapshots share, and is whole, is walked through once.
final class DamageTrail {
    private let ledger: CheckLedger
    private let walk: ReachWalk
    private let tell: (DamagedItem) -> Void

    init(
        _ ledger: CheckLedger, _ reader: TreeReader, _ cancellation: Cancellation,
        tell: @escaping (DamagedItem) -> Void
    ) {
        self.ledger = ledger
        self.tell = tell
        walk = ReachWalk(reader, cancellation: cancellation)
    }

    /// Tells what of a snapshot is lost, each file and directory once.
    func follow(_ checked: CheckedSnapshot) throws(CairnError) {
        let (ledger, walk, tell) = (ledger, walk, tell)
        var told: Path?
        // How much had been told when the walk went into each of the chunks that it is in.
        var depth: [Int] = []
        var count = 0
        func tellOnce(_ part: DamagedItem.Part, _ path: Path, _ chunk: ChunkID) {
            count += 1
            if told == path { return }
            told = path
            tell(
                DamagedItem(
                    snapshot: checked.id, isForgotten: checked.isForgotten, part: part, path: path, chunk: chunk))
        }
        for id in checked.snapshot.manifest.errorList
        where try ledger.isLost(RootReference(kind: .data, id: id)) {
            tellOnce(.errors, Path("/"), id)
            break
        }
        told = nil
        try walk.walk(tree: checked.snapshot.manifest.tree) { chunk throws(CairnError) in
            if try ledger.isLost(RootReference(kind: chunk.kind, id: chunk.id)) {
                tellOnce(chunk.role.isOfDirectory ? .directory : .file, walk.current, chunk.id)
                return false
            }
            // Below pieces of holes is nothing, and the walk does not say that it leaves them.
            guard chunk.kind == .tree, chunk.role != .holes else { return false }
            if try ledger.isClean(chunk) { return false }
            depth.append(count)
            return true
        } leave: { chunk throws(CairnError) in
            if depth.popLast() == count { try ledger.noteClean(chunk) }
        } unreadable: { chunk, path, _ in
            // It has become so since it was read.
            _ = depth.popLast()
            tellOnce(chunk.role.isOfDirectory ? .directory : .file, path, chunk.id)
        }
    }
}

extension ReachRole {
    /// Whether names of a directory are lost with it.
    fileprivate var isOfDirectory: Bool {
        switch self {
        case .root, .page, .list(of: .page, depth: _): true
        case .data, .holes, .list: false
        }
    }
}
