import ChunkStore

/// The manifests of which nobody can see anything any more, for another one of the same snapshot counts. What those lack is known: a repair has
/// written the others, with the names of what is lost, and somebody has agreed to it. Looked up when first asked for.
final class ReplacedManifests {
    private let store: Store
    private var ids: Set<String>?

    init(_ store: Store) { self.store = store }

    /// Those of them that are forgotten; none where that cannot be told.
    func forgotten() -> Set<String> {
        guard let names = try? store.forgottenRoots().roots.map(\.root.id) else { return [] }
        return Set(names.filter { (try? contains($0)) == true })
    }

    func contains(_ id: String) throws(StoreError) -> Bool {
        if let ids { return ids.contains(id) }
        let all = CheckedSnapshot.all(
            try store.roots().roots, forgotten: try store.forgottenRoots().roots.map(\.root), at: store.location)
        let found = Set(all.filter { $0.standing == .replaced }.map(\.snapshot.manifestID))
        ids = found
        return found.contains(id)
    }
}
