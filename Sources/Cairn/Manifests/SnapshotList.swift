public import ChunkStore
import Posix

/// The snapshots of a repository, oldest first: ordered by time, then by id. It takes memory for every manifest.
public struct SnapshotList: Sendable {
    /// All snapshots that can be read.
    public let snapshots: [Snapshot]
    /// What hinders reading others.
    public let failures: [CairnError]
    /// Manifests of which one copy is damaged, and that were read through the other.
    public let healed: [CairnError]
    /// The manifest that was written last: a new one names it as `previous`.
    public let newestManifestID: String?
    /// Manifests that another one has taken the place of, and that a crash left behind.
    let leftovers: [SnapshotID: [String]]

    /// Reads the manifests of a store.
    public init(_ store: Store) throws(CairnError) {
        let (roots, damaged) = try storing { () throws(StoreError) in try store.roots() }
        var failures = damaged.map { CairnError($0) }
        var found: [Snapshot] = []
        let healed = roots.filter(\.isHalfDamaged).map { root in
            CairnError(.halfDamaged("the manifest", path: "\(store.location)/manifests/\(root.id)"))
        }
        for root in roots where Snapshot.isName(root.name) {
            do throws(CairnError) {
                found.append(try Snapshot(root, path: Path("\(store.location)/manifests/\(root.id)")))
            } catch { failures.append(error) }
        }
        self.init(found, failures: failures, healed: healed)
    }

    init(_ found: [Snapshot], failures: [CairnError] = [], healed: [CairnError] = []) {
        let superseded = Set(found.compactMap(\.manifest.supersedes))
        // Of several manifests of one snapshot the one that was written last counts, as for all roots of one name; but what
        // another one names as its predecessor does not, whatever the clock said.
        var latest: [SnapshotID: Snapshot] = [:]
        for snapshot in found where !superseded.contains(snapshot.manifestID) {
            if let other = latest[snapshot.id], other.isWritten(after: snapshot) { continue }
            latest[snapshot.id] = snapshot
        }
        var leftovers: [SnapshotID: [String]] = [:]
        for snapshot in found where latest[snapshot.id]?.manifestID != snapshot.manifestID {
            leftovers[snapshot.id, default: []].append(snapshot.manifestID)
        }
        self.leftovers = leftovers
        self.failures = failures
        self.healed = healed
        newestManifestID = found.max { $1.isWritten(after: $0) }?.manifestID
        snapshots = latest.values.sorted { $0.orderKey < $1.orderKey }
    }

    /// The snapshots that a filter leaves, oldest first.
    public func snapshots(_ filter: SnapshotFilter) -> [Snapshot] { snapshots.filter { filter.matches($0.manifest) } }

    /// The latest snapshot of a source: of these paths, all of them and no others, on this machine.
    func latestOfSource(host: String, paths: [Path]) -> Snapshot? {
        latest(host: host, paths: paths) { _ in true }
    }

    /// The latest full snapshot of a source.
    func latestFull(host: String, paths: [Path]) -> Snapshot? {
        latest(host: host, paths: paths) { $0.strategy == .full }
    }

    private func latest(host: String, paths: [Path], where isWanted: (Manifest) -> Bool) -> Snapshot? {
        let source = SnapshotSource(host: host, paths: paths)
        return snapshots.last { SnapshotSource($0.manifest) == source && isWanted($0.manifest) }
    }
}

extension Snapshot {
    /// The offset of its clock does not matter.
    var orderKey: (Int64, UInt32, SnapshotID) { (manifest.time.seconds, manifest.time.nanoseconds, id) }

    fileprivate func isWritten(after other: Snapshot) -> Bool {
        (written, manifestID) > (other.written, other.manifestID)
    }
}
