import Cairn
import ChunkStore
import Posix
import TestSupport
import Testing

/// A folder on disk and a repository that takes snapshots of it.
final class SnapshotScene {
    let folder: TemporaryFolder
    let repository: TestRepository
    let store: Store

    init(repository: TestRepository? = nil) throws {
        folder = try TemporaryFolder(onDisk: true)
        self.repository = try repository ?? TestRepository(.memory)
        store = try self.repository.open()
    }

    func path(_ name: String) -> Path { folder.path.appending(name) }

    /// Writes a file that has looked like this for an hour, so that nothing about it is fresh.
    func write(_ name: String, _ content: [UInt8]) throws {
        try Folder.makeAll(path(name).parent)
        let file = try FileDescriptor.open(path(name), [.write, .create, .truncate])
        try content.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
    }

    /// Waits until what was written is old enough to be trusted.
    static func settle() { Thread.rest(milliseconds: 2_100) }

    func request(_ change: (inout SnapshotRequest) -> Void = { _ in }) -> SnapshotRequest {
        var request = SnapshotRequest(paths: [folder.path], host: "host", user: "user", engineVersion: "test")
        change(&request)
        return request
    }

    @discardableResult
    func take(
        failures: Monitor<[ItemFailure]>? = nil, cancellation: Cancellation = Cancellation(),
        _ change: (inout SnapshotRequest) -> Void = { _ in }
    ) throws -> SnapshotOutcome {
        try SnapshotTaking(store, request(change)).run(
            cancellation: cancellation,
            onFailure: { failure in
                if let failures { failures.update { $0.append(failure) } } else { Issue.record("\(failure)") }
            })
    }

    /// The tree of a snapshot.
    func tree(_ outcome: SnapshotOutcome) throws -> (TreeReader, TreeEntry) {
        let trees = TreeReader(try store.reader())
        let snapshot = try #require(outcome.snapshot)
        return (trees, try trees.root(snapshot.manifest.tree))
    }

    /// The source itself in a snapshot: where its entries are stored, and what they prove. Folders above it are others' and may change.
    func source(in outcome: SnapshotOutcome) throws -> TreeEntry {
        let (trees, root) = try tree(outcome)
        return try #require(try trees.entry(at: folder.path, below: root))
    }

    /// The bytes of a file of a snapshot.
    func content(_ name: String, in outcome: SnapshotOutcome) throws -> [UInt8] {
        let (trees, root) = try tree(outcome)
        let entry = try #require(try trees.entry(at: path(name), below: root))
        guard case .file(_, let content, _, _) = entry.node else { throw CairnError(.notFound, "no file") }
        var bytes: [UInt8] = []
        try trees.forEachPiece(of: content) { bytes += $0 }
        return bytes
    }
}
