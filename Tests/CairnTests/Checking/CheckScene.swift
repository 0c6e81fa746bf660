import ChunkStore
import Crypto
import Posix
import SQLite
import Storage
import TestSupport

@testable import Cairn

/// A repository on disk with two snapshots whose trees are literals, ways to hurt it, and what a check says then.
///
/// The first snapshot, `a1`, holds `/one`, `/d/two` and `/d/same`; the second, `b2`, has another `/one` and a `/three`. Each lies in a pack of its own; what
/// they share lies in the first.
final class CheckScene {
    let repository: TestRepository
    let first: Snapshot
    let second: Snapshot
    /// The pack of the first snapshot and that of the second, as names in the repository.
    let packs: [String]

    private let firstTree: TreeSketch
    /// A chunk of the first snapshot's `/one`, of 10,000 bytes.
    let someChunk: ChunkID

    init(encrypted: Bool) throws {
        repository = try TestRepository(.folder, encrypted: encrypted)
        var random = SplitMix64(seed: 5)
        let folder: TreeSketch = ["same": .bytes(random.bytes(3_000)), "two": .bytes(random.bytes(30_000))]
        let one = random.bytes(12_000)
        someChunk = ChunkID(SHA256.digest(Array(one.prefix(10_000))))
        firstTree = ["d": folder, "one": .bytes(one)]
        let secondTree: TreeSketch = [
            "d": folder, "one": .bytes(random.bytes(500)), "three": .bytes(random.bytes(25_000)),
        ]
        let store = try repository.open()
        first = try Self.commit("a1", firstTree, at: "2026-01-01T00:00:00Z", to: store)
        let before = try Self.packs(repository)
        second = try Self.commit("b2", secondTree, at: "2026-01-02T00:00:00Z", to: store)
        packs = before + (try Self.packs(repository)).filter { !before.contains($0) }
    }

    /// Stores all that the first pack holds once more.
    func duplicate() throws {
        let away = path("away")
        try Folder.rename(path(packs[0]), to: away)
        try Self.commit("d4", firstTree, to: try repository.open())
        try Folder.rename(away, to: path(packs[0]))
    }

    /// Stores a tree and its manifest in a session of their own. `change` may make the manifest say something else.
    @discardableResult
    static func commit(
        _ digits: String, _ sketch: TreeSketch, at time: String = "2026-01-03T00:00:00Z", to store: Store,
        change: (inout Manifest, inout TreeEntry) -> Void = { _, _ in }
    ) throws -> Snapshot {
        let session = try store.write(for: "test")
        defer { session.close() }
        var manifest = TestManifests.manifest(digits, at: time, paths: ["/"])
        var root = try sketch.entry(TreeEntry.rootName, in: session)
        manifest.rootHash = MerkleDigest.root(of: [root], links: [])
        change(&manifest, &root)
        manifest.tree = try session.put(root.encode(), as: .tree)
        return try session.commit(manifest)
    }

    private static func packs(_ repository: TestRepository) throws -> [String] {
        try repository.storage.list("packs", recursive: true).map(\.name).sorted()
    }

    // MARK: Hurting

    private var folder: Path { repository.path! }

    func path(_ name: String) -> Path { folder.appending(name) }

    func read(_ name: String) throws -> [UInt8] { try SmallFile.read(path(name), limit: 1 << 30) }

    /// Replaces a file's content.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        try? Folder.remove(path(name))
        try Folder.makeAll(path(name).parent)
        try SmallFile.writeNew(path(name), bytes)
    }

    /// Changes bytes of a file.
    func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = try read(name)
        body(&bytes)
        try write(name, bytes)
    }

    /// Flips one bit; a negative offset counts from the end.
    func flip(_ name: String, at offset: Int) throws {
        try change(name) { $0[offset < 0 ? $0.count + offset : offset] ^= 4 }
    }

    func remove(_ name: String) throws { try Folder.remove(path(name)) }

    /// Renames the only file whose name begins so.
    func rename(_ prefix: String, to name: String) throws {
        let file = try repository.storage.list("", recursive: true).map(\.name).first { $0.hasPrefix(prefix) }
        try Folder.rename(path(file!), to: path(name))
    }

    /// Lets two files have each other's content.
    func exchange(_ one: String, _ other: String) throws {
        let (a, b) = (try read(one), try read(other))
        try write(one, b)
        try write(other, a)
    }

    func manifest(_ snapshot: Snapshot) -> String { "manifests/\(snapshot.manifestID)" }

    /// The only key.
    func key() throws -> String { try repository.storage.list("keys", recursive: false)[0].name }

    /// Runs statements on the catalog, which is complete before.
    func tamper(_ sql: String) throws {
        let store = try repository.open()
        try store.synchronize()
        let folder = try store.cacheFolder()!
        let connection = try Connection(path: folder.appending("catalog.sqlite").string, mode: .readWrite)
        try connection.execute(sql)
        connection.close()
    }

    // MARK: Checking

    /// What a check found, in words that are easily compared: kinds with weights, and the files that damage touches.
    struct Answer: Equatable, Sendable, CustomStringConvertible {
        var findings: Set<String> = []
        var touched: Set<String> = []
        var code: Int

        var description: String { "\(code) \(findings.sorted()) touching \(touched.sorted())" }
    }

    func check(data: PackSelection? = nil) throws -> (answer: Answer, events: [CheckEvent], summary: CheckSummary) {
        var options = repository.options
        options.mendsConfig = false
        let store = try Store.open(repository.storage, credentials: repository.credentials, options: options)
        var events: [CheckEvent] = []
        let summary = try RepositoryCheck(store, CheckRequest(data: data)).run { events.append($0) }
        var answer = Answer(
            code: summary.isDamaged ? 5 : summary.count(.reduced) + summary.count(.healed) > 0 ? 4 : 0)
        for event in events {
            switch event {
            case .finding(let finding): answer.findings.insert("\(finding.kind) \(finding.weight)")
            case .damaged(let item):
                answer.touched.insert(
                    "\(item.snapshot.short.prefix(2)):\(item.path)\(item.part == .directory ? "/" : "")")
            }
        }
        return (answer, events, summary)
    }
}

extension CheckScene {
    /// Every file of the repository with its content, but for what leases leave.
    func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for file in try repository.storage.list("", recursive: true) where !file.name.hasPrefix("leases/") {
            contents[file.name] = try read(file.name)
        }
        return contents
    }
}
