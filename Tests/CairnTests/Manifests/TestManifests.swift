import ChunkStore
import Crypto
import Posix
import Storage
import TestSupport

@testable import Cairn

/// Manifests and snapshots with little that matters, to be changed by the test.
enum TestManifests {
    /// An id that begins with these digits.
    static func id(_ digits: String) -> SnapshotID {
        SnapshotID(hex: digits + String(repeating: "0", count: SnapshotID.digitCount - digits.count))!
    }

    static func time(_ text: String) -> SnapshotTime { SnapshotTime(rfc3339: text)! }

    static func manifest(
        _ digits: String, at time: String = "2026-01-01T00:00:00Z", host: String = "amber", paths: [Path] = ["/home"],
        tags: [String] = [], strategy: Strategy = .full, tree: ChunkID = ChunkID(SHA256.digest(Array("tree".utf8)))
    ) -> Manifest {
        Manifest(
            snapshotID: id(digits), time: self.time(time), strategy: strategy,
            rootHash: SHA256.digest(Array("root".utf8)), tree: tree, paths: paths, hostname: host, username: "ada",
            tags: tags, engineVersion: "0.1.0")
    }

    /// Puts a tree chunk and commits a snapshot of it.
    @discardableResult
    static func commit(_ manifest: Manifest, to store: Store) throws -> Snapshot {
        let session = try store.write(for: "test")
        defer { session.close() }
        var manifest = manifest
        manifest.tree = try session.put(Array("tree".utf8), as: .tree)
        return try session.commit(manifest)
    }

    /// A list of manifests that were written one after the other.
    static func list(_ manifests: [Manifest]) -> SnapshotList {
        SnapshotList(
            manifests.enumerated().map { index, manifest in
                Snapshot(manifestID: fileID(index), manifest: manifest, written: Int64(index))
            })
    }

    /// The id of the file of the manifest at this place in a list.
    static func fileID(_ index: Int) -> String { SHA256.digest(Array("\(index)".utf8)).hex }
}
