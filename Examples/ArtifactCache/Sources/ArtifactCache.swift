import ChunkStore
import Foundation
import Posix

/// A cache of build artifacts, on `ChunkStore` alone: each artifact is a root under the key of what it was built from. Artifacts share their
/// chunks, so that a build which differs little from the one before takes little room.
struct ArtifactCache {
    private let store: Store

    /// Opens the cache in a folder, and makes one where there is none. Artifacts are no secrets here; `.aes256GCM` and a credential would hide them.
    init(at folder: Path) throws {
        do throws(StoreError) { store = try Store.open(at: folder) } catch {
            guard error.code == .noRepository else { throw error }
            store = try Store.create(at: folder, encryption: .none, credentials: [])
        }
    }

    /// Keeps a file under a key; what the key stood for before is forgotten. Returns how many bytes of it were not stored yet.
    func keep(_ file: FileHandle, as key: String) throws -> UInt64 {
        let session = try store.write(for: "artifact \(key)")
        defer { session.close() }
        var chunks: [RootReference] = []
        let stream = try session.stream { chunks.append(RootReference(kind: .data, id: $0.id)) }
        while let bytes = try file.read(upToCount: 1 << 20), !bytes.isEmpty { try stream.write([UInt8](bytes)) }
        try stream.finish()
        let older = try store.roots().roots.filter { $0.name == Array(key.utf8) }
        // From here on it is kept: everything that the root points to is on the disk before the root is.
        try session.commit(Array(key.utf8), references: chunks)
        try store.forgetRoots(older.map(\.id))
        return session.statistics.newBytes
    }

    /// Writes what a key stands for into a file; false where there is nothing. Every chunk is compared with its SHA-256 on the way.
    func fetch(_ key: String, into file: FileHandle) throws -> Bool {
        guard let root = try store.root(named: Array(key.utf8)) else { return false }
        let reader = try store.reader(for: "artifact \(key)")
        defer { reader.close() }
        for chunk in root.references { try file.write(contentsOf: reader.get(chunk.id)) }
        return true
    }

    /// The keys, newest first.
    func keys() throws -> [String] {
        try roots().map { String(decoding: $0.name, as: UTF8.self) }
    }

    /// Forgets all but the newest artifacts, and gives their space back. Builds may go on meanwhile. Returns how many bytes were given back.
    func trim(to count: Int) throws -> UInt64 {
        try store.forgetRoots(roots().dropFirst(count).map(\.id))
        var request = PruneRequest()
        // Nobody wants a forgotten artifact back.
        request.graceSeconds = 0
        let outcome = try store.prune(request) { (root, marks) throws(StoreError) in
            for chunk in root.references { try marks.need(chunk.id, chunk.kind) }
        }
        return outcome.deleted.bytes
    }

    private func roots() throws -> [Root] {
        let (roots, failures) = try store.roots()
        for failure in failures { FileHandle.standardError.write(Data("warning: \(failure)\n".utf8)) }
        return roots.sorted { $0.written > $1.written }
    }
}
