import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Repairing beside others, and whatever cuts it short")
struct RepairBesideOthersTests {
    @Test("while a repair is at work neither another one nor a prune begins, and a dry run does")
    func busy() throws {
        let scene = try CheckScene(encrypted: false)
        let repair = try StoreRepair(try scene.openToRepair()) { _ in }
        defer { repair.close() }
        for body in [{ _ = try scene.repair() }, { _ = try scene.prune() }] as [() throws -> Void] {
            let error = #expect(throws: CairnError.self) { try body() }
            #expect(error?.code == .busy)
            #expect(error?.message.contains("\(Machine.processID)") ?? false)
        }
        #expect(try scene.repair { $0.isRehearsal = true }.code == 0)
    }

    @Test("a pack that the disk cannot read is left alone, and told")
    func failingDisk() throws {
        let scene = try CheckScene(encrypted: true)
        let before = try scene.contents()
        let storage = UnreadableStorage(scene.repository.storage, name: scene.packs[0])
        let repaired = try scene.repair(in: storage) { $0.acceptsLoss = true }
        #expect(repaired.code == 5 && repaired.findings.contains("pack damage"))
        #expect(repaired.summary.packs.replaced == 0 && repaired.summary.acceptedSnapshots == 0)
        #expect(try scene.contents().filter { $0.key != "condemned/lock" } == before)
        #expect(try scene.repair().code == 0)
    }

    @Test("a pack of a running operation is left alone")
    func inFlight() throws {
        let scene = try CheckScene(encrypted: true)
        let session = try scene.openToRepair().write(for: "snapshot")
        let known = Set(try scene.repository.storage.list("packs", recursive: true).map(\.name))
        try session.put([UInt8](repeating: 3, count: 9_000))
        try session.flush()
        let pack = try #require(
            try scene.repository.storage.list("packs", recursive: true).first { !known.contains($0.name) }?.name)
        try scene.flip(pack, at: 60)
        let repaired = try scene.repair()
        #expect(repaired.code == 5 && repaired.summary.packs.left == 1)
        #expect(try scene.repository.storage.exists(pack))
        session.close()
        #expect(try scene.repair().code == 4)
    }

    @Test("a session that took a bad chunk for stored gets its pack back, and its snapshot's damage stays known")
    func witness() throws {
        let scene = try CheckScene(encrypted: true)
        let store = try scene.openToRepair()
        let session = try store.write(for: "snapshot")
        try scene.flip(scene.packs[0], at: 60)
        #expect(try scene.repair().code == 5)
        // The session does not know yet, and names the chunk as stored.
        let root = try session.commit(
            Array("later".utf8), references: [RootReference(kind: .data, id: scene.someChunk)])
        session.close()
        #expect(try !scene.repository.storage.exists(scene.packs[0]))
        // It brings the pack back first; what it can do with a damaged one then is its own affair.
        _ = try? scene.prune()
        #expect(try scene.repository.storage.exists(scene.packs[0]))
        #expect(try store.roots().roots.contains { $0.id == root.id })
    }

    /// Everything at once: a half damaged manifest, a damaged pack, one that is gone, and losses to accept.
    private func hurt() throws -> (scene: CheckScene, before: CheckScene.Readable) {
        let scene = try CheckScene(encrypted: true)
        try scene.duplicate()
        try scene.flip(scene.packs[0], at: 60)
        try scene.flip(scene.packs[1], at: 60)
        try scene.flip(scene.manifest(scene.second), at: 200)
        try scene.flip("config", at: 5_000)
        return (scene, try scene.readable())
    }

    @Test(
        "a step of the disk that fails, once or from then on, loses nothing that could be read, and the next repair ends",
        arguments: [StepFault.Reach.once, .onward])
    func steps(_ reach: StepFault.Reach) throws {
        var failures: [String] = []
        var last = 0
        for number in stride(from: 1, to: Int.max, by: reach == .onward ? 1 : 2) {
            let (scene, before) = try hurt()
            let fault = StepFault(at: number, .inputOutput, reach)
            let storage = try LocalDirectory(scene.repository.path!, interceptor: fault.interceptor)
            let error = Watchdog.watch("repair with step \(number) failing") { () -> (any Error)? in
                do {
                    _ = try scene.repair(in: storage) { $0.acceptsLoss = true }
                    return nil
                } catch { return error }
            }
            guard let step = fault.failed else {
                if let error { failures.append("without a fault: \(error)") }
                last = number
                break
            }
            do {
                let point = "step \(number), \(step.summary)"
                if try !scene.readable().keeps(before) { failures.append("\(point): something is lost") }
                let again = try scene.repair { $0.acceptsLoss = true }
                if again.code == 5 { failures.append("\(point): the next repair says \(again.findings)") }
                let after = try scene.readable()
                if !after.keeps(before) { failures.append("\(point): something is lost by the next repair") }
                if !after.broken.isEmpty { failures.append("\(point): \(after.broken)") }
                let third = try scene.repair()
                if third.code != 0 { failures.append("\(point): a third repair finds \(third.findings)") }
                try scene.prune()
                let check = try scene.check(data: .all).answer
                if check != .clean { failures.append("\(point): check says \(check)") }
            } catch { failures.append("step \(number), \(step.summary): \(error)") }
        }
        #expect(last > 20)
        #expect(failures.isEmpty, "\(failures.prefix(5)), \(failures.count) in all")
    }
}

/// A storage whose disk fails where one file lies.
private final class UnreadableStorage: Storage {
    private let inner: any Storage
    private let name: String

    init(_ inner: any Storage, name: String) {
        self.inner = inner
        self.name = name
    }

    var location: String { inner.location }
    var isLocal: Bool { inner.isLocal }
    func exists(_ name: String) throws(StorageError) -> Bool { try inner.exists(name) }
    func size(of name: String) throws(StorageError) -> UInt64 { try inner.size(of: name) }
    func modified(_ name: String) throws(StorageError) -> Int64 { try inner.modified(name) }
    func identity(of name: String) throws(StorageError) -> String { try inner.identity(of: name) }
    func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
        // The directory at the end can still be read, the blocks cannot.
        if name == self.name, offset == 48 {
            throw StorageError(.failed, location: location, name: name, reason: "pread: Input/output error")
        }
        try inner.read(name, at: offset, into: buffer)
    }
    func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
        try inner.list(folder, recursive: recursive)
    }
    func upload(_ temporaryName: String) throws(StorageError) -> any Upload { try inner.upload(temporaryName) }
    func append(_ bytes: [UInt8], to name: String) throws(StorageError) { try inner.append(bytes, to: name) }
    func rename(_ name: String, to newName: String) throws(StorageError) { try inner.rename(name, to: newName) }
    func remove(_ name: String) throws(StorageError) { try inner.remove(name) }
    func synchronize(_ folder: String) throws(StorageError) { try inner.synchronize(folder) }
    func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
        try inner.lock(name, create: create)
    }
    func freeBytes() -> UInt64? { inner.freeBytes() }
}
