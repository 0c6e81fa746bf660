import ChunkStore

/// A snapshot that a check looks at.
struct CheckedSnapshot {
    let snapshot: Snapshot
    let isForgotten: Bool

    var id: SnapshotID { snapshot.id }
}
