public import ChunkStore
internal import Posix

/// The snapshots that were forgotten and can come back.
public struct ForgottenList: Sendable {
    /// They, as any list has them: oldest first, by the time at which they were taken.
    public let list: SnapshotList
    private let times: [String: Int64]

    /// Reads the forgotten manifests of a store, of which this list shows what is not forgotten. A snapshot that is there is not forgotten, though
    /// an older manifest of it may be.
    public init(_ store: Store, beside living: SnapshotList) throws(CairnError) {
        let (roots, damaged) = try storing { () throws(StoreError) in try store.forgottenRoots() }
        func path(_ entry: ForgottenRoot) -> String {
            "\(store.location)/forgotten/\(entry.forgotten)-\(entry.root.id)"
        }
        var failures = damaged.map { CairnError($0) }
        var found: [String: Snapshot] = [:]
        var times: [String: Int64] = [:]
        for entry in roots where Snapshot.isName(entry.root.name) {
            do throws(CairnError) {
                found[entry.root.id] = try Snapshot(entry.root, path: Path(path(entry)))
                times[entry.root.id] = max(entry.forgotten, times[entry.root.id] ?? entry.forgotten)
            } catch { failures.append(error) }
        }
        let healed = roots.filter(\.root.isHalfDamaged).map { entry in
            CairnError(.halfDamaged("a forgotten manifest", path: path(entry)))
        }
        let there = Set(living.snapshots.map(\.id))
        list = SnapshotList(found.values.filter { !there.contains($0.id) }, failures: failures, healed: healed)
        self.times = times
    }

    /// When a snapshot of this list was forgotten.
    public func forgotten(_ snapshot: Snapshot) -> SnapshotTime {
        SnapshotTime(seconds: times[snapshot.manifestID] ?? 0).on(.machine)
    }
}
