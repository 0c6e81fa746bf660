public import ChunkStore
internal import Posix

/// A snapshot that is stored: its manifest, and the root that holds it.
public struct Snapshot: Hashable, Sendable {
    /// The id of the file that the manifest lies in. It changes when the manifest is written anew.
    public let manifestID: String
    /// The record.
    public let manifest: Manifest
    /// When this manifest was written, Unix nanoseconds.
    let written: Int64

    /// What people call it by.
    public var id: SnapshotID { manifest.snapshotID }

    /// Whether a root is, by its name, that of a snapshot: other programs may keep roots of their own.
    static func isName(_ name: [UInt8]) -> Bool { SnapshotID(hex: String(decoding: name, as: UTF8.self)) != nil }

    init(manifestID: String, manifest: Manifest, written: Int64) {
        self.manifestID = manifestID
        self.manifest = manifest
        self.written = written
    }

    /// Reads the snapshot that a root holds; its file is this one.
    init(_ root: Root, path: Path) throws(CairnError) {
        manifest = try Manifest(json: root.payload, path: path)
        guard manifest.snapshotID.rootName == root.name else {
            throw CairnError(
                .damaged, "the manifest is damaged: its root has another name than its snapshot", path: path)
        }
        guard root.references == manifest.rootReferences else {
            throw CairnError(.damaged, "the manifest is damaged: its root does not hold its tree", path: path)
        }
        manifestID = root.id
        written = root.written
    }
}

extension Manifest {
    /// What the root of this manifest points to: its tree, and the list of errors where it has one.
    public var rootReferences: [RootReference] {
        [RootReference(kind: .tree, id: tree)] + errorList.map { RootReference(kind: .data, id: $0) }
    }
}

extension WriteSession {
    /// Commits a snapshot whose tree this session, or an earlier one, has put.
    @discardableResult
    public func commit(_ manifest: Manifest) throws(CairnError) -> Snapshot {
        let payload = try manifest.json()
        let root = try storing { () throws(StoreError) in
            try commit(manifest.snapshotID.rootName, references: manifest.rootReferences, payload: payload)
        }
        return Snapshot(root, manifest)
    }
}

extension Snapshot {
    /// A snapshot that was just written.
    init(_ root: Root, _ manifest: Manifest) {
        self.init(manifestID: root.id, manifest: manifest, written: root.written)
    }
}
