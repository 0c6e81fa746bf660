import ChunkStore
import Posix

/// A snapshot that a check, a repair or a prune looks at.
struct CheckedSnapshot {
    /// Who can still see it.
    enum Standing {
        /// Everybody.
        case seen
        /// Whoever brings it back.
        case forgotten
        /// Nobody: another manifest of the same snapshot counts. Of what is lost of such a one, that other one says so.
        case replaced
    }

    let snapshot: Snapshot
    let standing: Standing

    var id: SnapshotID { snapshot.id }
    var isForgotten: Bool { standing != .seen }

    /// The snapshots that roots hold; those that were replaced come last, else they are in the order in which they were written, and forgotten ones behind
    /// the others. Roots of other programs are passed over. `onFailure` gets what hinders understanding a manifest.
    static func all(
        _ roots: [Root], forgotten: [Root], at location: String, onFailure: (CairnError) -> Void = { _ in }
    ) -> [CheckedSnapshot] {
        func decode(_ roots: [Root], _ path: (Root) -> Path) -> [Snapshot] {
            var found: [Snapshot] = []
            for root in roots.sorted(by: { ($0.written, $0.id) < ($1.written, $1.id) })
            where Snapshot.isName(root.name) {
                do throws(CairnError) { found.append(try Snapshot(root, path: path(root))) } catch { onFailure(error) }
            }
            return found
        }
        // A power failure may leave a root under both of its names.
        let kept = Set(roots.map(\.id))
        let standing = decode(roots) { Path("\(location)/manifests/\($0.id)") }
        let hidden = decode(forgotten.filter { !kept.contains($0.id) }) { _ in Path("\(location)/forgotten") }
        let living = SnapshotList(standing).snapshots
        let there = Set(living.map(\.id))
        let dormant = SnapshotList(hidden.filter { !there.contains($0.id) }).snapshots
        let (seen, forgotten) = (Set(living.map(\.manifestID)), Set(dormant.map(\.manifestID)))
        let all = (standing + hidden).map { snapshot in
            let id = snapshot.manifestID
            return CheckedSnapshot(
                snapshot: snapshot,
                standing: seen.contains(id) ? .seen : forgotten.contains(id) ? .forgotten : .replaced)
        }
        return all.filter { $0.standing != .replaced } + all.filter { $0.standing == .replaced }
    }
}
