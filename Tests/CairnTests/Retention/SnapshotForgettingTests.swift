import ChunkStore
import Crypto
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Forgetting snapshots and bringing them back")
struct SnapshotForgettingTests {
    private struct Scene {
        let repository: TestRepository
        let store: Store

        init(_ manifests: Manifest...) throws {
            repository = try TestRepository()
            store = try repository.open()
            for manifest in manifests { try TestManifests.commit(manifest, to: store) }
        }

        func list() throws -> SnapshotList { try SnapshotList(store) }
        func forgotten() throws -> ForgottenList { try ForgottenList(store, beside: list()) }
        func forgetting() throws -> Forgetting { Forgetting(store, try list()) }

        /// The first digits of what is there, a stroke, and those of what is forgotten.
        func state() throws -> String {
            func digits(_ list: SnapshotList) -> String { list.snapshots.map { $0.id.description.prefix(1) }.joined() }
            return "\(digits(try list()))|\(digits(try forgotten().list))"
        }

        func snapshots(_ digits: String, of list: SnapshotList) throws -> [Snapshot] {
            try digits.map { try list.resolve(.id(prefix: String($0))) }
        }

        func forget(_ digits: String, allowingLast: Bool = false) throws {
            let list = try list()
            try Forgetting(store, list).forget(try snapshots(digits, of: list), allowingLast: allowingLast)
        }

        func bringBack(_ digits: String) throws {
            try forgetting().bringBack(try snapshots(digits, of: forgotten().list))
        }
    }

    private static func three() throws -> Scene {
        try Scene(
            TestManifests.manifest("a", at: "2026-01-01T00:00:00Z", tags: ["x"]),
            TestManifests.manifest("b", at: "2026-01-02T00:00:00Z"),
            TestManifests.manifest("c", at: "2026-01-03T00:00:00Z"))
    }

    @Test("forgotten snapshots are listed apart, with when they were forgotten, and come back as they were")
    func round() throws {
        let scene = try Self.three()
        let before = try scene.list().snapshots
        let now = SnapshotTime(seconds: Machine.seconds)
        try scene.forget("ab")
        #expect(try scene.state() == "c|ab")
        let forgotten = try scene.forgotten()
        #expect(forgotten.list.snapshots == Array(before[..<2]) && forgotten.list.failures.isEmpty)
        #expect(!forgotten.forgotten(before[0]).isEarlier(than: now))
        try scene.bringBack("a")
        #expect(try scene.state() == "ac|b")
        try scene.bringBack("b")
        #expect(try scene.list().snapshots == before)
    }

    @Test("the last complete snapshot of a source is not forgotten, nor what was named with it, unless that is allowed")
    func last() throws {
        let scene = try Self.three()
        var incomplete = TestManifests.manifest("d", at: "2026-01-04T00:00:00Z")
        incomplete.incomplete = true
        try TestManifests.commit(incomplete, to: scene.store)
        try TestManifests.commit(
            TestManifests.manifest("e", at: "2025-01-01T00:00:00Z", host: "basalt"), to: scene.store)
        for names in ["c", "abcd", "ac", "e", "de"] {
            let error = #expect(throws: CairnError.self) { try scene.forget(names) }
            #expect(error?.code == .lastOfSource && error?.remedy?.contains("--allow-last") == true)
            #expect(try scene.state() == "eabcd|")
        }
        try scene.forget("d")
        try scene.forget("ab")
        #expect(try scene.state() == "ec|abd")
        try scene.forget("ce", allowingLast: true)
        #expect(try scene.state() == "|eabcd")
    }

    @Test("of a source of which no snapshot is complete the newest is not forgotten, unless that is allowed")
    func lastIncomplete() throws {
        let scene = try Scene()
        for (digit, day) in [("a", 1), ("b", 2)] {
            var manifest = TestManifests.manifest(digit, at: "2026-01-0\(day)T00:00:00Z")
            manifest.incomplete = true
            try TestManifests.commit(manifest, to: scene.store)
        }
        for names in ["b", "ab"] {
            let error = #expect(throws: CairnError.self) { try scene.forget(names) }
            #expect(error?.code == .lastOfSource && error?.message.contains("is the last one of") == true)
            #expect(try scene.state() == "ab|")
        }
        try scene.forget("a")
        #expect(try scene.state() == "b|a")
        try scene.forget("b", allowingLast: true)
        #expect(try scene.state() == "|ab")
    }

    @Test("paths in another order are the same source")
    func sources() throws {
        let scene = try Scene(
            TestManifests.manifest("a", at: "2026-01-01T00:00:00Z", paths: ["/b", "/a"]),
            TestManifests.manifest("b", at: "2026-01-02T00:00:00Z", paths: ["/a", "/b"]))
        try scene.forget("a")
        #expect(throws: CairnError.self) { try scene.forget("b") }
    }

    @Test("an older manifest that a crash left does not come to life when the newer one is forgotten")
    func leftovers() throws {
        let scene = try Self.three()
        let old = try scene.list().snapshots[0]
        let bytes = try scene.repository.storage.read("manifests/\(old.manifestID)", limit: 1 << 20)
        var retagging = Retagging(scene.store, try scene.list())
        _ = try retagging.apply(.set(["new"]), to: old)
        // As a crash before the removal leaves it.
        try scene.repository.storage.write(bytes, as: "manifests/\(old.manifestID)", temporaryName: "tmp/x")
        #expect(try scene.list().leftovers[old.id] == [old.manifestID])
        try scene.forget("a")
        #expect(try scene.state() == "bc|a")
        #expect(try scene.forgotten().list.snapshots.map(\.manifest.tags) == [["new"]])
        try scene.bringBack("a")
        // The older manifest stays forgotten, and does not show the snapshot as such.
        #expect(try scene.state() == "abc|")
        #expect(try scene.list().snapshots[0].manifest.tags == ["new"] && scene.list().leftovers.isEmpty)
        #expect(try scene.store.forgottenRoots().roots.count == 1)
        try scene.forget("a")
        #expect(try scene.forgotten().list.snapshots.map(\.manifest.tags) == [["new"]])
    }

    @Test("what somebody else has forgotten meanwhile counts as done, and what was changed meanwhile is said")
    func meanwhile() throws {
        let scene = try Self.three()
        let list = try scene.list()
        let forgetting = Forgetting(scene.store, list)
        try scene.forget("a")
        var done: [String] = []
        try forgetting.forget(Array(list.snapshots[..<2])) { done.append($0.id.description) }
        #expect(done == list.snapshots[..<2].map(\.id.description))
        #expect(try scene.state() == "c|ab")
        try scene.bringBack("ab")
        var retagging = Retagging(scene.store, try scene.list())
        _ = try retagging.apply(.set(["new"]), to: list.snapshots[1])
        done = []
        let error = #expect(throws: CairnError.self) {
            try forgetting.forget(Array(list.snapshots[..<2])) { done.append($0.id.description) }
        }
        #expect(error?.code == .missing && error?.message.contains("b0000000") == true)
        #expect(done == [list.snapshots[0].id.description])
        #expect(try scene.state() == "bc|a")
    }

    @Test("what prune has taken cannot come back, and what came before it is back")
    func taken() throws {
        let scene = try Self.three()
        try scene.forget("ab")
        let forgotten = try scene.forgotten().list.snapshots
        for file in try scene.repository.storage.list("forgotten", recursive: false)
        where file.name.hasSuffix(forgotten[1].manifestID) {
            try scene.repository.storage.remove(file.name)
        }
        var done = 0
        let error = #expect(throws: CairnError.self) { try scene.forgetting().bringBack(forgotten) { _ in done += 1 } }
        #expect(error?.code == .missing && error?.message.contains("b0000000") == true && done == 1)
        #expect(try scene.state() == "ac|")
    }

    @Test("a damaged forgotten manifest is reported where it lies, and costs the others nothing")
    func damaged() throws {
        let scene = try Self.three()
        try scene.forget("a")
        let name = "forgotten/17-\(String(repeating: "0", count: 64))"
        try scene.repository.storage.write(Array("torn".utf8), as: name, temporaryName: "tmp/x")
        #expect(try scene.state() == "bc|a")
        let failures = try scene.forgotten().list.failures
        #expect(failures.map(\.code) == [.damaged])
        #expect(failures.first?.path?.string.hasSuffix(name) == true)
    }

    @Test("whichever step of the disk fails, a snapshot is there or forgotten, and never an older state of it")
    func crash() throws {
        for reach in [StepFault.Reach.once, .onward] {
            var steps = 0
            while true {
                steps += 1
                let repository = try TestRepository(.folder)
                let path = try #require(repository.path)
                let store = try repository.open()
                let old = try TestManifests.commit(TestManifests.manifest("a", tags: ["old"]), to: store)
                let bytes = try repository.storage.read("manifests/\(old.manifestID)", limit: 1 << 20)
                var retagging = Retagging(store, try SnapshotList(store))
                _ = try retagging.apply(.set(["new"]), to: old)
                try repository.storage.write(bytes, as: "manifests/\(old.manifestID)", temporaryName: "tmp/x")
                let fault = StepFault(at: steps, .inputOutput, reach)
                let failing = try Store.open(
                    LocalDirectory(path, interceptor: fault.interceptor), credentials: repository.credentials,
                    options: repository.options)
                let list = try SnapshotList(failing)
                try? Forgetting(failing, list).forget(list.snapshots, allowingLast: true)
                guard fault.failed != nil else { break }
                let left = try SnapshotList(store)
                let forgotten = try ForgottenList(store, beside: left)
                let all = left.snapshots + forgotten.list.snapshots
                #expect(all.map(\.manifest.tags) == [["new"]], "step \(steps), \(reach)")
                try Forgetting(store, left).forget(left.snapshots, allowingLast: true)
                #expect(try SnapshotList(store).snapshots.isEmpty, "step \(steps), \(reach)")
                let again = try ForgottenList(store, beside: SnapshotList(store))
                #expect(again.list.snapshots.map(\.manifest.tags) == [["new"]], "step \(steps), \(reach)")
            }
            #expect(steps > 5)
        }
    }
}
