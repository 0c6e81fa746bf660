import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Makings that end early, or meet another")
struct MakingTests {
    private func create(_ storage: any Storage, key: UInt8?) throws(StoreError) -> Store {
        try Store.create(
            in: storage, encryption: key == nil ? .none : .aes256GCM, credentials: key.map { [TestKey.file($0)] } ?? [],
            options: .small(cache: nil))
    }

    /// A storage where the making of an encrypted repository died when its key was written and its config was not.
    private func halfMade(_ folder: TemporaryFolder) throws -> LocalDirectory {
        let dying = Monitor(false)
        let storage = try LocalDirectory(folder.path) { step throws(PosixError) in
            if case .create(let name) = step, name.hasSuffix(".config") { dying.withLock { $0 = true } }
            if dying.withLock({ $0 }) { throw PosixError(call: "made to fail", path: nil, errno: .inputOutput) }
        }
        #expect(throws: StoreError.self) { try create(storage, key: 1) }
        let healed = try LocalDirectory(folder.path)
        try #require(try healed.list("keys", recursive: false).count == 1)
        return healed
    }

    @Test("a making that fails with its config in place takes it back, and can be repeated")
    func takenBack() throws {
        let folder = try TemporaryFolder()
        let synchronizations = Monitor<Int?>(nil)
        let storage = try LocalDirectory(folder.path) { step throws(PosixError) in
            if case .rename(_, to: "config", _) = step { synchronizations.withLock { $0 = $0 ?? 0 } }
            guard case .synchronizeFolder("") = step else { return }
            let number = synchronizations.withLock { count in
                count = count.map { $0 + 1 }
                return count
            }
            // The first one after the rename, and no other.
            if number == 1 { throw PosixError(call: "made to fail", path: nil, errno: .inputOutput) }
        }
        #expect(throws: StoreError.self) { try create(storage, key: 1) }
        #expect(try storage.list("", recursive: true).isEmpty)
        _ = try create(storage, key: 1)
        try expectHealthy(storage, credentials: [TestKey.file(1)])
    }

    @Test("an encrypted making that died is completed by whoever opens it with its key")
    func completed() throws {
        let folder = try TemporaryFolder()
        let storage = try halfMade(folder)
        #expect(try !storage.exists("config"))
        let id = try Store.open(storage, credentials: [TestKey.file(1)], options: .small(cache: nil)).id
        #expect(try storage.exists("config"))
        #expect(try Store.open(storage, credentials: [TestKey.file(1)], options: .small(cache: nil)).id == id)
    }

    @Test("a plain repository is not made beside the keys of an encrypted making that died: it could not be opened")
    func plainBesideKeys() throws {
        let folder = try TemporaryFolder()
        let storage = try halfMade(folder)
        let error = #expect(throws: StoreError.self) { try create(storage, key: nil) }
        #expect(error?.code == .alreadyExists && error?.remedy != nil)
        #expect(try !storage.exists("config"))
    }

    @Test("a key that a dead making left never brings its own config back in place of a later making's")
    func strayKey() throws {
        // Which of two keys would be tried first is chance: several rounds.
        for _ in 0..<8 {
            let folder = try TemporaryFolder()
            let storage = try halfMade(folder)
            let id = try create(storage, key: 1).id
            try storage.remove("config")
            #expect(try Store.open(storage, credentials: [TestKey.file(1)], options: .small(cache: nil)).id == id)
        }
    }

    @Test("options with which nothing can be opened make nothing either")
    func options() throws {
        let storage = MemoryStorage()
        let error = #expect(throws: StoreError.self) {
            try Store.create(
                in: storage, encryption: .aes256GCM, credentials: [TestKey.file(1)],
                options: StoreOptions(memoryBytes: 1 << 20))
        }
        #expect(error?.code == .usage)
        #expect(storage.list("", recursive: true).isEmpty)
    }

    @Test(
        "of two threads that make a repository in one place, one wins and the other is told",
        arguments: [
            StorageMix(first: 1, second: 2), StorageMix(first: nil, second: nil), StorageMix(first: nil, second: 1),
        ])
    func threads(_ keys: StorageMix) throws {
        for round in 0..<20 {
            let folder = try TemporaryFolder()
            let outcomes = Monitor<[(key: UInt8?, error: StoreError?)]>([])
            let gate = Monitor(false)
            let threads = try [keys.first, keys.second].map { key in
                try Thread("maker") {
                    guard let storage = try? LocalDirectory(folder.path) else { return }
                    gate.update(when: { $0 }) { _ in }
                    do throws(StoreError) {
                        _ = try create(storage, key: key)
                        outcomes.withLock { $0.append((key, nil)) }
                    } catch { outcomes.withLock { [error] in $0.append((key, error)) } }
                }
            }
            gate.update { $0 = true }
            Watchdog.watch("two makings") { threads.forEach { $0.join() } }
            let ended = outcomes.withLock { $0 }
            let winners = ended.filter { $0.error == nil }
            #expect(winners.count == 1, "round \(round): \(ended)")
            #expect(ended.contains { $0.error?.code == .alreadyExists }, "round \(round): \(ended)")
            guard let winner = winners.first else { continue }
            try expectHealthy(LocalDirectory(folder.path), credentials: winner.key.map { [TestKey.file($0)] } ?? [])
        }
    }

    /// Keys of two who make at once; nil makes a plain repository.
    struct StorageMix: Sendable, CustomTestStringConvertible {
        let first: UInt8?
        let second: UInt8?
        var testDescription: String {
            [first, second].map { $0.map { "key \($0)" } ?? "plain" }.joined(separator: ", ")
        }
    }

    @Test("of two processes that make a repository in one place, one wins and the other is told")
    func processes() throws {
        for round in 0..<8 {
            let folder = try TemporaryFolder()
            let moment = Machine.monotonicNanoseconds + 60_000_000
            let makers = try [1, 2].map { key in
                try RunningProgram(beside: "CrashHelper", ["create", folder.path.string, "\(key)", "\(moment)"])
            }
            let codes = Watchdog.watch("two making processes") { makers.map { $0.wait() } }
            #expect(codes == [0, 0])
            let lines = makers.map { $0.lines.joined() }
            let winner = try #require(lines.firstIndex(of: "won"), "round \(round): \(lines)")
            #expect(lines[1 - winner].hasPrefix("already-exists"), "round \(round): \(lines)")
            try expectHealthy(LocalDirectory(folder.path), credentials: [TestKey.file(UInt8(winner + 1))])
        }
    }
}
