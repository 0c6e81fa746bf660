import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Retagging")
struct RetaggingTests {
    @Test("adding comes before removing, setting replaces, and every tag is there once")
    func changes() {
        #expect(TagChange.edit(add: ["c", "a"], remove: ["b"]).applied(to: ["a", "b"]) == ["a", "c"])
        #expect(TagChange.edit(add: ["x"], remove: ["x"]).applied(to: []) == [])
        #expect(TagChange.set(["b", "a", "b"]).applied(to: ["z"]) == ["a", "b"])
        #expect(TagChange.set([]).applied(to: ["z"]) == [])
    }

    @Test("the snapshot keeps its id and all else, and one manifest is left, which names the old and the newest")
    func retag() throws {
        let repository = try TestRepository()
        let store = try repository.open()
        let old = try TestManifests.commit(TestManifests.manifest("a", tags: ["x"]), to: store)
        let other = try TestManifests.commit(TestManifests.manifest("b"), to: store)
        var retagging = Retagging(store, try SnapshotList(store))
        let new = try #require(try retagging.apply(.edit(add: ["y"], remove: []), to: old))
        var expected = old.manifest
        expected.tags = ["x", "y"]
        expected.supersedes = old.manifestID
        expected.previous = other.manifestID
        #expect(new.manifest == expected)
        let last = try #require(try retagging.apply(.set(["z"]), to: other))
        #expect(last.manifest.previous == new.manifestID)
        let list = try SnapshotList(store)
        #expect(list.snapshots == [new, last] && list.failures.isEmpty && list.leftovers.isEmpty)
        #expect(try repository.storage.list("manifests", recursive: false).count == 2)
        #expect(try repository.storage.list("leases", recursive: false).isEmpty)
    }

    @Test("where nothing changes nothing is written, and what cannot be a tag is refused")
    func nothing() throws {
        let store = try TestRepository().open()
        let old = try TestManifests.commit(TestManifests.manifest("a", tags: ["x"]), to: store)
        var retagging = Retagging(store, try SnapshotList(store))
        #expect(try retagging.apply(.edit(add: ["x"], remove: ["y"]), to: old) == nil)
        for tag in ["", "a,b", "a\nb", "\u{9B}", String(repeating: "t", count: 257)] {
            let error = #expect(throws: CairnError.self) { try retagging.apply(.set([tag]), to: old) }
            #expect(error?.code == .usage)
        }
        #expect(try SnapshotList(store).snapshots == [old])
    }

    @Test("a snapshot that was forgotten meanwhile does not come back")
    func forgotten() throws {
        let store = try TestRepository().open()
        let old = try TestManifests.commit(TestManifests.manifest("a"), to: store)
        var retagging = Retagging(store, try SnapshotList(store))
        try store.removeRoot(old.manifestID)
        let error = #expect(throws: CairnError.self) { try retagging.apply(.set(["x"]), to: old) }
        #expect(error?.code == .missing)
        #expect(try SnapshotList(store).snapshots.isEmpty)
    }

    @Test(
        "whichever step of the disk fails, once or for good, the snapshot is there, with its old tags or its new ones")
    func crash() throws {
        var sawBoth = false
        for reach in [StepFault.Reach.once, .onward] {
            var steps = 0
            while true {
                steps += 1
                let repository = try TestRepository(.folder)
                let path = try #require(repository.path)
                let old = try TestManifests.commit(TestManifests.manifest("a", tags: ["x"]), to: repository.open())
                let fault = StepFault(at: steps, .inputOutput, reach)
                let storage = try LocalDirectory(path, interceptor: fault.interceptor)
                let store = try Store.open(storage, credentials: repository.credentials, options: repository.options)
                var retagging = Retagging(store, try SnapshotList(store))
                _ = try? retagging.apply(.set(["y"]), to: old)
                guard fault.failed != nil else { break }
                // The next program on a sound disk.
                let next = try repository.open()
                let list = try SnapshotList(next)
                let snapshot = try #require(list.snapshots.first, "step \(steps)")
                #expect(list.snapshots.count == 1 && snapshot.id == old.id, "step \(steps)")
                #expect(snapshot.manifest.tags == ["x"] || snapshot.manifest.tags == ["y"])
                sawBoth = sawBoth || !list.leftovers.isEmpty
                var again = Retagging(next, list)
                _ = try again.apply(.set(["z"]), to: snapshot)
                #expect(try repository.storage.list("manifests", recursive: false).count == 1, "step \(steps)")
                #expect(try SnapshotList(next).snapshots.map(\.manifest.tags) == [["z"]])
            }
            #expect(steps > 5)
        }
        #expect(sawBoth)
    }
}
