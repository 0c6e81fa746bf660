import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Checking where no lease can be written, beside a prune")
struct CheckBesidePruneTests {
    @Test(
        "a snapshot that is forgotten and pruned at any moment of the check is no damage, nor are packs that are written anew",
        arguments: [true, false])
    func pruned(isFirst: Bool) throws {
        var failures: [String] = []
        var calls = 0
        for number in 1... {
            let scene = try CheckScene(encrypted: false)
            let (repository, id) = (scene.repository, (isFirst ? scene.first : scene.second).manifestID)
            let storage = InterruptedStorage(repository.storage, at: number) {
                let store = try Store.open(
                    repository.storage, credentials: repository.credentials, options: .small(cache: nil))
                try store.forgetRoot(id)
                var request = PruneRequest()
                (request.isGraceOver, request.maxUnused) = (true, .bytes(0))
                _ = try SnapshotPruning(store, request).run()
            }
            var findings: [CheckFinding] = []
            let summary = try RepositoryCheck(try scene.openToRepair(storage), CheckRequest(data: .all)).run { event in
                if case .finding(let finding) = event { findings.append(finding) }
            }
            guard let outcome = storage.outcome else { break }
            calls = number
            try outcome.get()
            if summary.isDamaged { failures.append("call \(number): \(findings.map(\.message))") }
        }
        #expect(calls > 20)
        #expect(failures.isEmpty, "\(failures.prefix(3)), \(failures.count) of \(calls)")
    }

    @Test("nor does a rehearsal of a prune miss what another prune takes away meanwhile", arguments: [true, false])
    func rehearsed(isFirst: Bool) throws {
        var failures: [String] = []
        var calls = 0
        for number in 1... {
            let scene = try CheckScene(encrypted: false)
            let (repository, id) = (scene.repository, (isFirst ? scene.first : scene.second).manifestID)
            var request = PruneRequest()
            (request.isGraceOver, request.maxUnused) = (true, .bytes(0))
            let storage = InterruptedStorage(repository.storage, at: number) { [request] in
                let store = try Store.open(
                    repository.storage, credentials: repository.credentials, options: .small(cache: nil))
                try store.forgetRoot(id)
                _ = try SnapshotPruning(store, request).run()
            }
            let store = try scene.openToRepair(storage)
            request.isRehearsal = true
            do { _ = try SnapshotPruning(store, request).run() } catch { failures.append("call \(number): \(error)") }
            guard let outcome = storage.outcome else { break }
            calls = number
            try outcome.get()
        }
        #expect(calls > 10)
        #expect(failures.isEmpty, "\(failures.prefix(3)), \(failures.count) of \(calls)")
    }

    @Test("what only packs on their way out hold is there: a check finds no damage, and a repair stores it again")
    func waiting() throws {
        let scene = try CheckScene(encrypted: true)
        let holder = try scene.openToRepair().write(for: "snapshot")
        let manifest = try scene.read(scene.manifest(scene.second))
        try scene.openToRepair().forgetRoot(scene.second.manifestID)
        #expect(try scene.prune().waiting.packs > 0)
        // Somebody brings the file back, from a copy perhaps.
        try scene.write(scene.manifest(scene.second), manifest)
        #expect(try scene.check(data: .all).answer == .clean)
        let repaired = try scene.repair()
        #expect(repaired.code == 4 && repaired.summary.lostChunks == 0, "\(repaired.findings)")
        holder.close()
        try scene.prune()
        #expect(try scene.check(data: .all).answer == .clean)
        #expect(try scene.readable().broken.isEmpty)
    }
}

/// A place where nothing can be written, at one call of which somebody else does something.
private final class InterruptedStorage: Storage {
    private let inner: any Storage
    private let rest: Monitor<Int>
    private let done = Monitor<Result<Void, any Error>?>(nil)
    private let body: @Sendable () throws -> Void

    init(_ inner: any Storage, at number: Int, _ body: @escaping @Sendable () throws -> Void) {
        self.inner = inner
        rest = Monitor(number)
        self.body = body
    }

    /// What came of it; nil where it was not its turn.
    var outcome: Result<Void, any Error>? { done.withLock { $0 } }

    private func step() {
        let isNow = rest.withLock { rest in
            rest -= 1
            return rest == 0
        }
        if isNow {
            let result = Result { try body() }
            done.withLock { $0 = result }
        }
    }

    private func refusal(_ name: String) -> StorageError {
        StorageError(.readOnly, location: location, name: name, reason: "Read-only file system")
    }

    var location: String { inner.location }
    var isLocal: Bool { inner.isLocal }
    func exists(_ name: String) throws(StorageError) -> Bool {
        step()
        return try inner.exists(name)
    }
    func size(of name: String) throws(StorageError) -> UInt64 {
        step()
        return try inner.size(of: name)
    }
    func modified(_ name: String) throws(StorageError) -> Int64 { try inner.modified(name) }
    func identity(of name: String) throws(StorageError) -> String { try inner.identity(of: name) }
    func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
        step()
        try inner.read(name, at: offset, into: buffer)
    }
    func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
        step()
        return try inner.list(folder, recursive: recursive)
    }
    func upload(_ temporaryName: String) throws(StorageError) -> any Upload { throw refusal(temporaryName) }
    func append(_ bytes: [UInt8], to name: String) throws(StorageError) { throw refusal(name) }
    func rename(_ name: String, to newName: String) throws(StorageError) { throw refusal(name) }
    func remove(_ name: String) throws(StorageError) { throw refusal(name) }
    func synchronize(_ folder: String) throws(StorageError) {}
    func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? { throw refusal(name) }
    func freeBytes() -> UInt64? { inner.freeBytes() }
}
