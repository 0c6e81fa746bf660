import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Whatever cuts a prune short, nothing that is needed is lost, and the next one ends")
struct PruneCrashTests {
    /// A repository with packs that are needed, in part, and not at all.
    private struct Scene {
        let folder: TemporaryFolder
        let kept: [String]
        let given: [String]

        static let credentials = [TestKey.file(1)]

        init(interceptor: LocalDirectory.Interceptor? = nil) throws {
            folder = try TemporaryFolder()
            let store = try Store.create(
                in: LocalDirectory(folder.path, interceptor: interceptor), encryption: .aes256GCM,
                credentials: Self.credentials, options: .small(cache: nil))
            var data = SplitMix64(seed: 21)
            let shared = (0..<12).map { _ in data.bytes(4_000) }
            var roots: [String] = []
            let bases = (0..<3).map { _ in data.bytes(6_000) }
            // The first pack is needed in part, the second not at all, the third for what is made from it, the others are small and many.
            for (name, chunks) in [shared, [data.bytes(9_000), data.bytes(5_000)], bases].enumerated() {
                roots.append(try Self.commit("given \(name)", chunks, in: store))
            }
            given = roots
            for root in given { try store.forgetRoot(root) }
            // Of three differences in one pack one is needed: with it its base.
            let needed = bases[0] + [1]
            let differences = try Self.commit(
                "kept difference", [needed], in: store, before: bases.map { ($0 + [1], $0) })
            kept =
                try (0..<9).map { number in
                    try Self.commit("kept \(number)", [shared[number], data.bytes(700)], in: store)
                } + [differences]
        }

        private static func commit(
            _ name: String, _ chunks: [[UInt8]], in store: Store,
            before others: [(bytes: [UInt8], parent: [UInt8])] = []
        ) throws -> String {
            let session = try store.write(for: "test")
            defer { session.close() }
            for (bytes, parent) in others { try session.put(bytes, after: [TestTree.id(of: parent)]) }
            let references = try chunks.map { RootReference(kind: .data, id: try session.put($0)) }
            let tree = try session.put(TestTree.encode(references), as: .tree)
            return try session.commit(Array(name.utf8), references: [.init(kind: .tree, id: tree)]).id
        }

        @discardableResult
        static func prune(_ storage: any Storage) throws(StoreError) -> PruneOutcome {
            let store = try Store.open(storage, credentials: credentials, options: .small(cache: nil))
            var request = PruneRequest()
            request.isGraceOver = true
            request.maxUnused = .bytes(0)
            return try store.prune(request, reach: TestTree.reach)
        }

        /// What is needed is there, the next prune ends, and the one after it finds nothing to do.
        func expectWhole(_ storage: any Storage) throws {
            try expectHealthy(storage, credentials: Self.credentials, roots: kept)
            try Self.prune(storage)
            let health = try expectHealthy(storage, credentials: Self.credentials, roots: kept)
            guard Set(health.roots.map(\.id)) == Set(kept) else { throw Broken("other roots are left") }
            if health.duplicates > 0 { throw Broken("\(health.duplicates) chunks are stored twice") }
            let packs = try storage.list("packs", recursive: true).map(\.name).sorted()
            let left = try storage.list("condemned", recursive: true).map(\.name).filter { $0 != "condemned/lock" }
            if !left.isEmpty { throw Broken("left among the condemned: \(left)") }
            if try !storage.list("tmp", recursive: true).isEmpty { throw Broken("not swept") }
            let last = try Self.prune(storage)
            guard last.deleted.packs == 0, last.written.packs == 0,
                try storage.list("packs", recursive: true).map(\.name).sorted() == packs
            else { throw Broken("a prune right after another one finds something to do: \(last)") }
        }
    }

    private func failure(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error }
    }

    @Test("a step of the disk that fails, once or from then on", arguments: [StepFault.Reach.once, .onward])
    func steps(_ reach: StepFault.Reach) throws {
        var failures: [String] = []
        for number in stride(from: 1, to: Int.max, by: isFullSweep || reach == .onward ? 1 : 2) {
            let scene = try Scene()
            let fault = StepFault(at: number, .inputOutput, reach)
            let storage = try LocalDirectory(scene.folder.path, interceptor: fault.interceptor)
            let error = Watchdog.watch("prune with step \(number) failing") {
                failure { () throws(StoreError) in try Scene.prune(storage) }
            }
            guard let step = fault.failed else {
                if let error { failures.append("without a fault: \(error)") }
                #expect(number > 40)
                return report(failures, of: number - 1, "steps of prune that fail, \(reach)")
            }
            checking("step \(number), \(step.summary)", &failures) {
                try scene.expectWhole(LocalDirectory(scene.folder.path))
            }
        }
    }

    @Test("a call of the storage that fails, looking or changing")
    func calls() throws {
        var failures: [String] = []
        for number in stride(from: 1, to: Int.max, by: isFullSweep ? 1 : 3) {
            let scene = try Scene()
            let sound = try LocalDirectory(scene.folder.path)
            let storage = FailingStorage(sound, number.isMultiple(of: 2) ? .only(number) : .from(number))
            let error = Watchdog.watch("prune with call \(number) failing") {
                failure { () throws(StoreError) in try Scene.prune(storage) }
            }
            guard storage.isReached else {
                if let error { failures.append("without a fault: \(error)") }
                #expect(number > 40)
                return report(failures, of: number - 1, "calls of prune that fail")
            }
            checking("call \(number)", &failures) { try scene.expectWhole(sound) }
        }
    }

    @Test(
        "the power after any step, with what a disk may lose",
        arguments: [DiskModel.Loss.all, .nothing, .some(seed: 1), .some(seed: 2)])
    func power(_ loss: DiskModel.Loss) throws {
        let recorder = StepRecorder()
        let scene = try Scene(interceptor: recorder.interceptor)
        let start = recorder.events.count
        try Scene.prune(LocalDirectory(scene.folder.path, interceptor: recorder.interceptor))
        let disk = try DiskModel(recorder.events[..<start])
        var failures: [String] = []
        var last: DiskModel.Remains?
        var points = 0
        for (number, event) in recorder.events[start...].enumerated() {
            try disk.apply(event)
            var loss = loss
            if case .some(let seed) = loss { loss = .some(seed: seed &* 1_000 &+ UInt64(number)) }
            let remains = disk.remains(loss)
            if let last, last == remains { continue }
            last = remains
            points += 1
            guard isFullSweep || points.isMultiple(of: 2) else { continue }
            let remaining = try TemporaryFolder()
            try remains.write(to: remaining.path)
            checking("after \(number + 1) events", &failures) {
                try scene.expectWhole(LocalDirectory(remaining.path))
            }
        }
        #expect(points > 20)
        report(failures, of: points, "power cuts in prune with \(loss)")
    }
}
