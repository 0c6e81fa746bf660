import ChunkStore
import Crypto
import Posix

/// Looks for trees of snapshots that no manifest reaches, and makes manifests for them. Only trees of which everything can be read count.
///
/// Which directories of such a tree were the sources is recorded nowhere, so its one source is `/`: all that is in the tree. That is a source as
/// any other, thus the Merkle root is defined, and whoever walks the restored tree from its top gets the same.
struct TreeRecovery {
    /// A root chunk is one entry; more than the name, owners and attributes of a directory it does not hold.
    private static let rootBytesMax = 1 << 20

    private let repair: StoreRepair
    private let reader: TreeReader
    private let cancellation: Cancellation
    private let bad: CheckLedger
    /// Remembers chunks below which everything is there.
    private let ledger: CheckLedger

    init(
        _ repair: StoreRepair, _ reader: TreeReader, _ cancellation: Cancellation, bad: CheckLedger
    ) throws(CairnError) {
        self.repair = repair
        self.reader = reader
        self.cancellation = cancellation
        self.bad = bad
        ledger = try CheckLedger()
    }

    /// The root chunks of whole trees that are not among the known ones. Takes memory for each.
    func trees(except known: Set<ChunkID>) throws(CairnError) -> [ChunkID] {
        var candidates: Set<ChunkID> = []
        try storing { () throws(StoreError) in
            try repair.forEachTree(upTo: Self.rootBytesMax) { id, bytes in
                if !known.contains(id), (try? TreeEntry.decodeRoot(bytes)) != nil { candidates.insert(id) }
            }
        }
        var whole: [ChunkID] = []
        for id in candidates.sorted() where try isWhole(id) { whole.append(id) }
        return whole
    }

    /// A manifest for a whole tree.
    func manifest(of tree: ChunkID, engineVersion: String) throws(CairnError) -> Manifest {
        let paths = [Path("/")]
        let hash = try RootHash(of: try reader.root(tree), sources: paths, reader, cancellation)
        let now = SnapshotTime.now()
        var time = now
        // The newest thing in it tells when it was taken, as nearly as anything does.
        if let newest = hash.newest, newest.seconds < now.seconds {
            time = SnapshotTime(newest)
        }
        var manifest = Manifest(
            snapshotID: try SnapshotID.random(), time: time, strategy: .full, rootHash: hash.digest, tree: tree,
            paths: paths, hostname: "recovered", username: "", engineVersion: engineVersion)
        manifest.labels = ["recovered": "true"]
        return manifest
    }

    private func isWhole(_ tree: ChunkID) throws(CairnError) -> Bool {
        // How many losses had been met when the walk went into each of the chunks that it is in.
        var depth: [Int] = []
        var losses = 0
        var data: [(chunk: RootReference, length: UInt32?)] = []
        let (ledger, cancellation, repair, bad) = (ledger, cancellation, repair, bad)
        func lookUp() throws(CairnError) {
            try cancellation.check()
            losses += try repair.presence(of: data, besides: bad).count { $0 != .present }
            data.removeAll(keepingCapacity: true)
        }
        try ReachWalk(reader, cancellation: cancellation).walk(tree: tree) { chunk throws(CairnError) in
            if losses > 0 { return false }
            let entry = (chunk: RootReference(kind: chunk.kind, id: chunk.id), length: chunk.length)
            guard chunk.kind == .tree, chunk.role != .holes else {
                data.append(entry)
                if data.count >= 8_192 { try lookUp() }
                return false
            }
            if try ledger.isClean(chunk) { return false }
            losses += try repair.presence(of: [entry], besides: bad)[0] != .present ? 1 : 0
            if losses > 0 { return false }
            depth.append(losses)
            return true
        } leave: { chunk throws(CairnError) in
            if !data.isEmpty { try lookUp() }
            if depth.popLast() == losses { try ledger.noteClean(chunk) }
        } unreadable: { _, _, _ in
            _ = depth.popLast()
            losses += 1
        }
        try lookUp()
        return losses == 0
    }
}
