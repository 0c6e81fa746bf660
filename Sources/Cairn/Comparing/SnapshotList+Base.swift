extension SnapshotList {
    /// What a snapshot's changes are told against.
    public enum ChangesBase: Hashable, Sendable {
        /// The snapshot that it was compared with when it was made.
        case own(Snapshot)
        /// That one is gone: the nearest earlier snapshot of the same source.
        case nearest(Snapshot)
        /// There is none: everything is new.
        case none
    }

    /// Finds what a snapshot's changes are told against.
    public func changesBase(of snapshot: Snapshot) -> ChangesBase {
        let manifest = snapshot.manifest
        guard let base = manifest.base else { return .none }
        if let own = snapshots.first(where: { $0.id == base }) { return .own(own) }
        let source = SnapshotSource(manifest)
        let earlier = snapshots.prefix { $0.id != snapshot.id }
        let nearest = earlier.last { SnapshotSource($0.manifest) == source }
        return nearest.map { .nearest($0) } ?? .none
    }
}
