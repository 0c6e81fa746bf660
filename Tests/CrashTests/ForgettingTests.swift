import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Whatever cuts a forgetting or a bringing back short, every root is there to be found")
struct ForgettingTests {
    /// A repository on a disk with three roots, one of them forgotten before.
    private struct Scene {
        let folder = try! TemporaryFolder()
        let roots: [String]
        /// What the run forgets, and what it brings back.
        var forgets: [String] { Array(roots[..<2]) }
        var returns: [String] { [roots[2], roots[0]] }

        static let credentials = [TestKey.file(1)]

        init() throws {
            let store = try Store.create(
                in: LocalDirectory(folder.path), encryption: .aes256GCM, credentials: Self.credentials,
                options: .small(cache: nil))
            let session = try store.write(for: "test")
            defer { session.close() }
            roots = try ["a", "b", "c"].map { name in
                let id = try session.put(Array("the content of \(name)".utf8))
                return try session.commit(Array(name.utf8), references: [.init(kind: .data, id: id)]).id
            }
            try store.forgetRoot(roots[2])
        }

        /// What a person does: forgets two roots, brings two back; what is done already is no failure.
        static func run(_ storage: any Storage, forget: [String], bringBack: [String]) throws(StoreError) {
            let store = try Store.open(storage, credentials: credentials, options: .small(cache: nil))
            for id in forget {
                do throws(StoreError) { try store.forgetRoot(id) } catch {
                    guard error.code == .missing else { throw error }
                }
            }
            for id in bringBack { try store.bringBackRoot(id) }
        }

        /// Every root can be read under one of its names, and the same run on a sound disk reaches its end.
        func expectWhole(_ storage: any Storage) throws {
            let store = try Store.open(storage, credentials: Self.credentials, options: .small(cache: nil))
            let (living, failures) = try store.roots()
            let (forgotten, others) = try store.forgottenRoots()
            if let failure = failures.first ?? others.first { throw Broken("\(failure)") }
            let found = Set(living.map(\.id) + forgotten.map(\.root.id))
            guard found == Set(roots) else { throw Broken("\(found.count) of \(roots.count) roots are left") }
            try Self.run(storage, forget: forgets, bringBack: returns)
            let health = try expectHealthy(storage, credentials: Self.credentials, roots: returns)
            guard Set(health.roots.map(\.id)) == Set(returns) else {
                throw Broken("the next run does not end as it must")
            }
            guard try Set(store.forgottenRoots().roots.map(\.root.id)) == [roots[1]] else {
                throw Broken("other roots are forgotten than should be")
            }
            // And what was forgotten is whole.
            try store.bringBackRoot(roots[1])
            try expectHealthy(storage, credentials: Self.credentials, roots: roots)
            guard try storage.list("forgotten", recursive: false).isEmpty else { throw Broken("copies are left") }
        }
    }

    @Test("a step of the disk that fails, once or from then on", arguments: [StepFault.Reach.once, .onward])
    func steps(_ reach: StepFault.Reach) throws {
        var failures: [String] = []
        for number in 1... {
            let scene = try Scene()
            let fault = StepFault(at: number, .inputOutput, reach)
            let storage = try LocalDirectory(scene.folder.path, interceptor: fault.interceptor)
            var error: StoreError?
            do throws(StoreError) { try Scene.run(storage, forget: scene.forgets, bringBack: scene.returns) } catch let
                thrown
            {
                error = thrown
            }
            guard let step = fault.failed else {
                if let error { failures.append("without a fault: \(error)") }
                #expect(number > 10)
                return report(failures, of: number - 1, "steps of forgetting that fail, \(reach)")
            }
            checking("step \(number), \(step.summary)", &failures) {
                try scene.expectWhole(LocalDirectory(scene.folder.path))
            }
        }
    }

    @Test("a call of the storage that fails, looking or changing")
    func calls() throws {
        var failures: [String] = []
        for number in 1... {
            let scene = try Scene()
            let sound = try LocalDirectory(scene.folder.path)
            let storage = FailingStorage(sound, number.isMultiple(of: 2) ? .only(number) : .from(number))
            var error: StoreError?
            do throws(StoreError) { try Scene.run(storage, forget: scene.forgets, bringBack: scene.returns) } catch let
                thrown
            {
                error = thrown
            }
            guard storage.isReached else {
                if let error { failures.append("without a fault: \(error)") }
                #expect(number > 10)
                return report(failures, of: number - 1, "calls of forgetting that fail")
            }
            checking("call \(number)", &failures) { try scene.expectWhole(sound) }
        }
    }

    @Test(
        "the power after any step, with what a disk may lose",
        arguments: [DiskModel.Loss.all, .nothing, .some(seed: 1), .some(seed: 2), .some(seed: 3)])
    func power(_ loss: DiskModel.Loss) throws {
        let folder = try TemporaryFolder()
        let recorder = StepRecorder()
        let storage = try LocalDirectory(folder.path, interceptor: recorder.interceptor)
        let store = try Store.create(
            in: storage, encryption: .aes256GCM, credentials: Scene.credentials, options: .small(cache: nil))
        let session = try store.write(for: "test")
        let roots = try ["a", "b", "c"].map { name in
            let id = try session.put(Array("the content of \(name)".utf8))
            return try session.commit(Array(name.utf8), references: [.init(kind: .data, id: id)]).id
        }
        session.close()
        let start = recorder.events.count
        try store.forgetRoot(roots[2])
        recorder.mark("forgotten")
        try store.forgetRoots([roots[0], roots[1]])
        try store.bringBackRoots([roots[2], roots[0]])
        recorder.mark("back")
        let disk = try DiskModel(recorder.events[..<start])
        var failures: [String] = []
        // What had returned, once marks are met.
        var promised: (living: Set<String>, forgotten: Set<String>) = ([], [])
        for (number, event) in recorder.events[start...].enumerated() {
            try disk.apply(event)
            if case .mark(let text) = event {
                promised = text == "back" ? ([roots[0], roots[2]], [roots[1]]) : ([roots[0], roots[1]], [roots[2]])
            } else if number > 0 {
                promised = ([], [])
            }
            let remaining = try TemporaryFolder()
            var loss = loss
            if case .some(let seed) = loss { loss = .some(seed: seed &* 1_000 &+ UInt64(number)) }
            try disk.remains(loss).write(to: remaining.path)
            checking("after \(number + 1) events", &failures) {
                let left = try Store.open(
                    LocalDirectory(remaining.path), credentials: Scene.credentials, options: .small(cache: nil))
                let (living, damaged) = try left.roots()
                let (forgotten, others) = try left.forgottenRoots()
                if let failure = damaged.first ?? others.first { throw Broken("\(failure)") }
                let isSeen = Set(living.map(\.id)).union(forgotten.map(\.root.id)) == Set(roots)
                guard isSeen else { throw Broken("a root is gone") }
                guard promised.living.isSubset(of: living.map(\.id)),
                    promised.forgotten.isDisjoint(with: living.map(\.id))
                else { throw Broken("what had returned was not durable") }
                try left.bringBackRoots(roots)
                try expectHealthy(LocalDirectory(remaining.path), credentials: Scene.credentials, roots: roots)
            }
        }
        report(failures, of: recorder.events.count - start, "power cuts in forgetting with \(loss)")
    }
}
