import ChunkStore
import Posix

/// Gives a snapshot a new manifest that names what is lost. The old one is forgotten: it can come back, should what is lost be found.
struct LossAcceptance {
    private let store: Store
    private let ledger: CheckLedger
    private let reader: TreeReader
    private let session: WriteSession
    private let cancellation: Cancellation

    init(
        _ store: Store, _ ledger: CheckLedger, _ reader: TreeReader, _ session: WriteSession,
        _ cancellation: Cancellation
    ) {
        self.store = store
        self.ledger = ledger
        self.reader = reader
        self.session = session
        self.cancellation = cancellation
    }

    /// Writes the new manifest, durably, and then forgets the old one; returns the new one's id. A crash in between leaves both, of which the
    /// new one counts. `isRootWrong` says that all is there and the root hash was not that of it.
    func accept(
        _ snapshot: Snapshot, isRootWrong: Bool, previous: String?, engineVersion: String
    ) throws(CairnError) -> String {
        var manifest = snapshot.manifest
        var kept: [ChunkID] = []
        for id in manifest.errorList where try !ledger.isLost(RootReference(kind: .data, id: id)) { kept.append(id) }
        let failures = FailureList(session, after: manifest, kept: kept)
        let session = session
        let mending = TreeMending(ledger, reader, cancellation) { bytes, _ throws(CairnError) in
            try storing { () throws(StoreError) in try session.put(bytes, as: .tree) }
        } onLost: {
            failures.add($0)
        }
        if isRootWrong {
            failures.add(
                ItemFailure(path: Path("/"), kind: .lost, message: "the root hash was not that of the snapshot's tree"))
        }
        let root = try mending.mend(snapshot)
        manifest.tree = try storing { () throws(StoreError) in try session.put(root.encode(), as: .tree) }
        // What was put can be read only when it is stored.
        try storing { () throws(StoreError) in try session.flush() }
        manifest.rootHash = try RootHash(of: root, sources: manifest.paths, reader, cancellation).digest
        failures.enter(into: &manifest)
        manifest.incomplete = true
        manifest.supersedes = snapshot.manifestID
        manifest.previous = previous
        if !engineVersion.isEmpty { manifest.engineVersion = engineVersion }
        let new = try session.commit(manifest)
        try storing { () throws(StoreError) in try store.forgetRoot(snapshot.manifestID) }
        return new.manifestID
    }
}
