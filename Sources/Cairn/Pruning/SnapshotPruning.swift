public import ChunkStore
import Posix

/// Gives back the space that no snapshot of a repository needs.
public struct SnapshotPruning {
    private let store: Store
    private let request: PruneRequest
    private let cancellation: Cancellation?

    /// Begins with nothing but its bounds.
    public init(_ store: Store, _ request: PruneRequest = PruneRequest(), cancellation: Cancellation? = nil) {
        self.store = store
        self.request = request
        self.cancellation = cancellation
    }

    /// Does it. Nothing is deleted where a manifest or a tree cannot be read, for nobody could tell what that needs; what can be done about it is
    /// in the error. Whenever it ends early, the next one goes on.
    public func run(
        progress: @escaping (PruneProgress) -> Void = { _ in }
    ) throws(CairnError) -> PruneOutcome {
        var failure: CairnError?
        let replaced = ReplacedManifests(store)
        let hidden = replaced.forgotten()
        var held: Set<String> = []
        do throws(StoreError) {
            let isCancelled = { cancellation?.isCancelled ?? false }
            var outcome = try store.prune(request, progress: progress, isCancelled: isCancelled) {
                root, marks throws(StoreError) in
                if hidden.contains(root.id) { held.insert(root.id) }
                do throws(CairnError) { try reach(root, marks, replaced) } catch {
                    failure = error
                    throw StoreError(.cancelled, error.message)
                }
            }
            outcome.heldReplacedRoots = min(held.count, outcome.heldRoots)
            outcome.endedReplacedRoots = min(hidden.count - held.count, outcome.endedRoots)
            return outcome
        } catch { throw failure ?? CairnError(error) }
    }

    private func reach(_ root: Root, _ marks: Marks, _ replaced: ReplacedManifests) throws(CairnError) {
        guard Snapshot.isName(root.name) else { return try reachOther(root, marks) }
        let snapshot = try Snapshot(root, path: Path("\(store.location)/manifests/\(root.id)"))
        let walk = ReachWalk(TreeReader(marks.reader), cancellation: cancellation)
        do throws(CairnError) {
            try walk.walk(snapshot) { chunk throws(CairnError) in
                try storing { () throws(StoreError) in
                    try marks.need(chunk.id, chunk.kind, as: chunk.role.code) { () throws(StoreError) in
                        try replaced.contains(root.id)
                    }
                }
            } unreadable: { _, _, error throws(CairnError) in
                // What is lost of a replaced manifest's trees is lost: all that can still be reached is kept until it goes itself.
                guard [.damaged, .missing].contains(error.code),
                    try storing({ () throws(StoreError) in try replaced.contains(root.id) })
                else { throw error }
            }
        } catch {
            guard [.damaged, .missing].contains(error.code) else { throw error }
            throw CairnError(
                .damaged, "what snapshot \(snapshot.id.short) needs cannot be read: \(error.message)", path: error.path,
                remedy:
                    "nothing was deleted; run \"cairn repair\" first; a snapshot that was forgotten already is given up by \"cairn prune --now\""
            )
        }
    }

    /// A root that is no snapshot is somebody else's. What it names itself is kept; what its trees name, only its writer knows.
    private func reachOther(_ root: Root, _ marks: Marks) throws(CairnError) {
        for reference in root.references {
            guard reference.kind == .data else {
                throw CairnError(
                    .usage,
                    "manifest \(root.id.prefix(8)) is no snapshot, and what its trees need only its writer knows",
                    path: Path("\(store.location)/manifests/\(root.id)"),
                    remedy: "prune with the program that wrote it")
            }
            try storing { () throws(StoreError) in _ = try marks.need(reference.id, reference.kind) }
        }
    }
}
