import Cairn
import ChunkStore
import Crypto
import Posix
import TestSupport

/// A tree and its repository, and what happens to both: the seed decides it, but for what the clock and the order of threads decide.
final class RandomHistory {
    let seed: UInt64
    var chance: SplitMix64
    let tree: HistoryTree
    let repository: HistoryRepository
    var ledger = HistoryLedger()
    private let target: TemporaryFolder
    /// What has happened so far.
    private(set) var steps: [String] = []

    init(seed: UInt64) throws {
        self.seed = seed
        // Seeds that follow one another must not begin alike.
        var chance = SplitMix64(seed: seed)
        self.chance = SplitMix64(seed: chance.next())
        tree = try HistoryTree()
        repository = try HistoryRepository(&self.chance)
        target = try TemporaryFolder()
    }

    /// Lets everything happen, and proves after each step that could have lost something that nothing is lost. What goes wrong is thrown, with the seed and all steps.
    func run() async throws {
        do {
            try watched("a repository, \(repository.description)") { try plant() }
            for _ in 0..<7 {
                try watched("") { try changeTree() }
                if chance.number(below: 2) == 0 { try await settle() }
                if chance.number(below: 3) == 0 {
                    try watched("remember the cache") { try repository.rememberCache(reopeningWith: 64 << 20) }
                }
                if chance.number(below: 6) > 0 {
                    try watched("snapshot") { try takeSnapshot(ofPart: chance.number(below: 5) == 0) }
                }
                if chance.number(below: 3) > 0 { try watched("") { try happenToRepository() } }
            }
            try watched("snapshot") { try takeSnapshot(ofPart: false) }
            try watched("forget") { try forget(ledger.forgettable.filter { _ in chance.number(below: 2) == 0 }) }
            try watched("") { try pruneAll() }
            try watched("look from outside") { try lookFromOutside() }
        } catch { throw HistoryFailure(seed: seed, steps: steps, reason: error) }
    }

    /// Notes a step, before it is over: else nobody would know what crashed or hung.
    func note(_ step: String) {
        steps.append(step)
        RandomHistoryTests.tell("\(seed), step \(steps.count): \(step)")
    }

    /// Adds to the last step what became of it.
    func add(_ result: String) {
        steps[steps.count - 1] += result
        RandomHistoryTests.tell("    \(result)")
    }

    private func watched(_ step: String, _ body: () throws -> Void) throws {
        if !step.isEmpty { note(step) }
        try Watchdog.watch("history \(seed), after step \(steps.count): \(steps.last ?? "")", seconds: 300, body)
    }

    /// Waits until what was written is old enough for its times to be trusted.
    private func settle() async throws {
        note("wait")
        try await Task.sleep(for: .milliseconds(2_100))
    }

    // MARK: The tree

    /// The first tree: many small files, some that have several chunks, and a few that are read in several segments.
    private func plant() throws {
        for folder in [HistoryTree.part, "src/a", "src/a/b", "data", "data/old", "media", "empty"] {
            try tree.makeFolder(folder)
        }
        let folders = tree.folders.filter { $0 != "empty" }.sorted()
        func plant(_ count: Int, _ least: Int, _ range: Int) throws {
            for _ in 0..<count {
                let kind = HistoryFile.Kind.allCases[chance.number(below: 4)]
                let file = HistoryFile(kind, about: least + chance.number(below: range), &chance)
                try tree.write(tree.newName(in: folders[chance.number(below: folders.count)], "\(kind)"), file)
            }
        }
        try plant(2, 0, 1)
        try plant(26 + chance.number(below: 16), 1, 40_000)
        try plant(4 + chance.number(below: 4), 60_000, 400_000)
        try plant(1 + chance.number(below: 3), 1 << 20, 3 << 20)
        if chance.number(below: 4) == 0 { try plantMany() }
        tree.planted = tree.files.count
        add(", a tree of \(tree.files.count) files and \(tree.bytes) bytes")
    }

    /// A folder with so many names, and such long ones, that they take several pages.
    private func plantMany() throws {
        try tree.makeFolder("many")
        for number in 0..<120 {
            let name = "many/\(String(repeating: "long-", count: 40))\(number)"
            try tree.write(name, HistoryFile(.text, about: chance.number(below: 300), &chance))
        }
    }

    private func changeTree() throws {
        for _ in 0...chance.number(below: 7) { note(try HistoryChange.happen(to: tree, &chance)) }
    }

    // MARK: The proof

    /// Proves that all is as the ledger says.
    func prove(_ store: Store? = nil) throws {
        let proof = HistoryProof(
            store: store ?? repository.store, ledger: ledger, target: target.path.appending("target"))
        let problems = proof.problems(&chance)
        if !problems.isEmpty { throw HistoryTrouble(problems) }
    }

    /// Looks through a store that has nothing but the repository, and at the root hash of a snapshot that knows nothing of all this.
    private func lookFromOutside() throws {
        try prove(repository.openWithoutCache())
        let other = try TestRepository()
        let outcome = try SnapshotTaking(other.open(), request(for: tree.folder)).run()
        try HistoryTrouble.unless(
            outcome.rootHash == ledger.takings.last?.snapshot.manifest.rootHash.hex,
            "the root hash of the last snapshot is not that of a first one of the same tree")
    }

    func request(for source: Path) -> SnapshotRequest {
        SnapshotRequest(paths: [source], host: "host", user: "user", engineVersion: "test")
    }
}

/// What went wrong in a history, and all that led to it.
struct HistoryFailure: Error, CustomStringConvertible {
    let seed: UInt64
    let steps: [String]
    let reason: any Error

    var description: String {
        "history \(seed) (again with CAIRN_HISTORY_SEED=\(seed)):\n  \(reason)\n after\n  "
            + steps.enumerated().map { "\($0 + 1). \($1)" }.joined(separator: "\n  ")
    }
}
