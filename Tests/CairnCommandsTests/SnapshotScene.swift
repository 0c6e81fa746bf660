import Cairn
import ChildProcess
import ChunkStore
import Crypto
import Posix
import Storage

/// A repository with snapshots of nothing, and the binary to look at them with.
struct SnapshotScene {
    let folder: TemporaryFolder
    let store: Store
    var location: String { "\(folder.path)/r" }

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.create(
            in: LocalDirectory(Path(folder.folder("r"))), encryption: .none, credentials: [],
            options: StoreOptions(memoryBytes: 64 << 20, jobs: 1))
    }

    /// Commits a snapshot whose id begins with these digits, changed as the test likes.
    func commit(
        _ digits: String, at time: String, host: String = "amber", paths: [[UInt8]] = [Array("/home/ada".utf8)],
        tags: [String] = [], _ change: (inout Manifest) -> Void = { _ in }
    ) throws {
        let session = try store.write(for: "test")
        defer { session.close() }
        let tree = try session.put(Array("tree".utf8), as: .tree)
        var manifest = Manifest(
            snapshotID: SnapshotID(hex: digits + String(repeating: "0", count: 32 - digits.count))!,
            time: SnapshotTime(rfc3339: time)!, strategy: .full, rootHash: SHA256.digest([]), tree: tree,
            paths: paths.map { Path($0) }, hostname: host, username: "ada", tags: tags, engineVersion: "0.1.0")
        change(&manifest)
        try session.commit(manifest)
    }

    /// Runs `cairn` on the repository, in UTC.
    func run(_ words: String..., environment: [String: String] = [:]) throws -> ChildOutcome {
        try run(words, environment: environment)
    }

    /// The same, of words that stand in an array.
    func run(_ words: [String], environment: [String: String] = [:]) throws -> ChildOutcome {
        let variables = ["HOME": folder.path, "TZ": "UTC0", "CAIRN_REPOSITORY": location]
        return try ChildProcess(cairnPath, words, environment: variables.merging(environment) { $1 }).run()
    }

    /// The ids, one character each, that `snapshots` shows with these options.
    func ids(_ words: [String]) throws -> String {
        let variables = ["HOME": folder.path, "TZ": "UTC0", "CAIRN_REPOSITORY": location]
        let outcome = try ChildProcess(cairnPath, ["snapshots", "--json"] + words, environment: variables).run()
        guard outcome.code == 0 else { return "exit \(outcome.code)" }
        return outcome.outputText.split(separator: "\"short_id\":\"").dropFirst().map { $0.prefix(1) }.joined()
    }
}
