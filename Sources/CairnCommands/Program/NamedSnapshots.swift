internal import Cairn

/// Snapshots of a list that were named to be forgotten or brought back, and with them manifests that cannot be read, named by the ids of their files.
struct NamedSnapshots {
    /// The oldest first.
    let snapshots: [Snapshot]
    private(set) var unreadable: [UnreadableManifest] = []

    /// Finds all that is named. `missing` is called with each name that fits nothing in the list, and why; it throws unless that can be left out.
    init(
        _ references: [SnapshotReference], in list: SnapshotList, _ filter: SnapshotFilter,
        missing: (SnapshotName?, CairnError) throws -> Void
    ) throws {
        var ids: Set<SnapshotID> = []
        for reference in references {
            try list.requireKnown(reference)
            do throws(CairnError) { ids.insert(try list.resolve(reference.name, filter: filter).id) } catch {
                guard error.code == .notFound else { throw error }
                guard let manifest = list.unreadable(reference.name) else {
                    try missing(reference.name, error)
                    continue
                }
                if !unreadable.contains(manifest) { unreadable.append(manifest) }
            }
        }
        snapshots = list.snapshots.filter { ids.contains($0.id) }
    }
}

extension SnapshotList {
    /// Throws where a name counts from the newest snapshot and not all can be read: any of the others could be the one that is meant.
    fileprivate func requireKnown(_ reference: SnapshotReference) throws(CommandFailure) {
        guard exitCode != .done, reference.name?.isID != true else { return }
        throw CommandFailure(
            exitCode, kind: "damaged",
            "which snapshot is meant cannot be known, for not all manifests can be read", hint: "name it by its id")
    }
}
