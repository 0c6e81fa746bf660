public import ChunkStore
internal import Posix

/// Forgets snapshots, and brings them back.
///
/// A crash leaves each snapshot either there or forgotten, as a whole; what was not reached can be done again.
public struct Forgetting: Sendable {
    private let store: Store
    private let list: SnapshotList

    /// Begins to forget what a list of this store's snapshots shows.
    public init(_ store: Store, _ list: SnapshotList) {
        self.store = store
        self.list = list
    }

    /// Throws ``CairnError/Code/lastOfSource`` where one of these is the last complete snapshot of its source, or the last of a source that has
    /// no complete one.
    public func requireNotLast(_ snapshots: [Snapshot]) throws(CairnError) {
        let last = list.lastOfSources
        guard let snapshot = snapshots.first(where: { last.contains($0.id) }) else { return }
        let source = SnapshotSource(snapshot.manifest)
        let paths = source.paths.map(\.description).joined(separator: ", ")
        let what = snapshot.manifest.incomplete ? "last one" : "last complete one"
        throw CairnError(
            .lastOfSource, "snapshot \(snapshot.id.short) is the \(what) of \(source.host): \(paths)",
            remedy: "nothing was forgotten; with --allow-last it can be")
    }

    /// Forgets snapshots in this order, up to the first failure; `done` is called with each that is forgotten. One that
    /// somebody else has forgotten meanwhile counts as done.
    ///
    /// Where `allowingLast` is not set and one of them is what ``requireNotLast(_:)`` protects, nothing is done.
    public func forget(
        _ snapshots: [Snapshot], allowingLast: Bool = false, _ done: (Snapshot) -> Void = { _ in }
    ) throws(CairnError) {
        if !allowingLast { try requireNotLast(snapshots) }
        // Older manifests go first, and durably: else one could come to life again when the one that hides it is gone.
        for id in snapshots.flatMap({ list.leftovers[$0.id] ?? [] }) {
            do throws(StoreError) { try store.forgetRoot(id) } catch {
                if error.code != .missing { throw CairnError(error) }
            }
        }
        var rest = snapshots[...]
        while !rest.isEmpty {
            do throws(StoreError) {
                try store.forgetRoots(rest.map(\.manifestID)) { _ in
                    if let snapshot = rest.popFirst() { done(snapshot) }
                }
            } catch {
                guard error.code == .missing, let snapshot = rest.popFirst() else { throw CairnError(error) }
                try requireForgotten(snapshot)
                done(snapshot)
            }
        }
    }

    /// Forgets a manifest that cannot be read, by the id of its file: so it is in nobody's way any more.
    public func forget(unreadable id: String) throws(CairnError) {
        try storing { () throws(StoreError) in try store.forgetRoot(id) }
    }

    /// Brings back a forgotten manifest that cannot be read, by the id of its file.
    public func bringBack(unreadable id: String) throws(CairnError) {
        try storing { () throws(StoreError) in try store.bringBackRoot(id) }
    }

    /// Throws where the manifest of a snapshot, which was not found, is not among the forgotten ones either.
    private func requireForgotten(_ snapshot: Snapshot) throws(CairnError) {
        let forgotten = try storing { () throws(StoreError) in try store.forgottenRoots() }
        guard !forgotten.roots.contains(where: { $0.root.id == snapshot.manifestID }) else { return }
        throw CairnError(
            .missing, "snapshot \(snapshot.id.short) has been changed meanwhile, and was not forgotten",
            remedy: "look at it, and forget it as it is now")
    }

    /// Brings forgotten snapshots back in this order, up to the first failure; `done` is called with each that is back.
    public func bringBack(_ snapshots: [Snapshot], _ done: (Snapshot) -> Void = { _ in }) throws(CairnError) {
        var rest = snapshots[...]
        do throws(StoreError) {
            try store.bringBackRoots(snapshots.map(\.manifestID)) { _ in
                if let snapshot = rest.popFirst() { done(snapshot) }
            }
        } catch {
            guard error.code == .missing, let snapshot = rest.first else { throw CairnError(error) }
            throw CairnError(
                .missing, "snapshot \(snapshot.id.short) cannot come back: prune has taken it meanwhile",
                remedy: "list what was forgotten to see what can")
        }
    }
}
