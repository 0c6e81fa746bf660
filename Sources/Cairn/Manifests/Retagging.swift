public import ChunkStore

/// A change of tags.
public enum TagChange: Hashable, Sendable {
    /// Adds some and then removes some.
    case edit(add: [String], remove: [String])
    /// Replaces all.
    case set([String])

    /// The tags after the change, sorted.
    func applied(to tags: [String]) -> [String] {
        switch self {
        case .edit(let add, let remove): Set(tags).union(add).subtracting(remove).sorted()
        case .set(let tags): Set(tags).sorted()
        }
    }
}

extension Manifest {
    /// The longest tag, in bytes.
    public static let tagBytesMax = 256

    /// Whether a text may be a tag: not empty, not too long, without commas, which part tags where several are given, and
    /// without control characters.
    public static func isTag(_ text: String) -> Bool {
        (1...tagBytesMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0 != "," && $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}

/// Changes the tags of snapshots: a new manifest takes the place of the old one, and the snapshot keeps its id.
///
/// A crash leaves the old manifest, or both, of which lists show the new one; the next retagging of that snapshot removes the other.
public struct Retagging: Sendable {
    private let store: Store
    private let leftovers: [SnapshotID: [String]]
    private var newestManifestID: String?

    /// Begins to change tags of what a list of this store's snapshots shows.
    public init(_ store: Store, _ list: SnapshotList) {
        self.store = store
        leftovers = list.leftovers
        newestManifestID = list.newestManifestID
    }

    /// How often a change begins again because others change the same snapshot.
    private static let triesMax = 20

    /// Changes a snapshot's tags. Returns the snapshot as it is then; nil where nothing changes, and so nothing is written. Where somebody else
    /// has changed the snapshot since it was listed, the change is made to what that left.
    public mutating func apply(_ change: TagChange, to snapshot: Snapshot) throws(CairnError) -> Snapshot? {
        var current = snapshot
        for _ in 1..<Self.triesMax {
            do throws(CairnError) { return try applyOnce(change, to: current) } catch {
                guard error.code == .missing else { throw error }
                let list = try SnapshotList(store)
                guard let now = list.snapshots.first(where: { $0.id == snapshot.id }) else {
                    throw CairnError(
                        .missing, "snapshot \(snapshot.id.short) was forgotten meanwhile",
                        remedy: "\"cairn undelete\" brings it back")
                }
                newestManifestID = list.newestManifestID
                current = now
            }
        }
        return try applyOnce(change, to: current)
    }

    private mutating func applyOnce(_ change: TagChange, to snapshot: Snapshot) throws(CairnError) -> Snapshot? {
        let old = snapshot.manifest.tags
        let tags = change.applied(to: old)
        if let tag = tags.first(where: { !old.contains($0) && !Manifest.isTag($0) }) {
            throw CairnError(
                .usage, "\"\(tag)\" cannot be a tag",
                remedy: "a tag is a short text without commas and control characters")
        }
        guard tags != old else { return nil }
        var manifest = snapshot.manifest
        manifest.tags = tags
        manifest.previous = newestManifestID
        manifest.supersedes = snapshot.manifestID
        let payload = try manifest.json()
        let root = try storing { () throws(StoreError) in
            try store.commit(
                manifest.snapshotID.rootName, references: manifest.rootReferences, payload: payload,
                replacing: snapshot.manifestID)
        }
        newestManifestID = root.id
        for id in leftovers[snapshot.id] ?? [] {
            do throws(StoreError) { try store.removeRoot(id) } catch {
                if error.code != .missing { throw CairnError(error) }
            }
        }
        return Snapshot(root, manifest)
    }
}
