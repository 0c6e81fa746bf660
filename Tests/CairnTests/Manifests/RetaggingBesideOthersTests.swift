import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

/// Somebody else does something to a snapshot just before some step of the disk in the midst of a change of its tags; each step in turn.
@Suite("Retagging beside others")
struct RetaggingBesideOthersTests {
    /// Lets something happen once, before a chosen step of a local folder.
    private final class Moment: Sendable {
        private let number: Int
        private let steps = Monitor(0)
        private let body: @Sendable () throws -> Void

        init(_ number: Int, _ body: @escaping @Sendable () throws -> Void) {
            self.number = number
            self.body = body
        }

        var hasCome: Bool { steps.withLock { $0 >= number } }

        var interceptor: LocalDirectory.Interceptor {
            { _ in
                let isNow = self.steps.withLock { steps in
                    steps += 1
                    return steps == self.number
                }
                if isNow { do { try self.body() } catch { Issue.record(error) } }
            }
        }
    }

    /// A repository with one snapshot, which has the tag x, and a list of it as it was then.
    private struct Scene {
        let repository: TestRepository
        let store: Store
        let snapshot: Snapshot
        let list: SnapshotList

        init() throws {
            repository = try TestRepository(.folder)
            store = try repository.open()
            snapshot = try TestManifests.commit(TestManifests.manifest("a", tags: ["x"]), to: store)
            list = try SnapshotList(store)
        }

        /// Adds the tag y, and lets the other one act at some step. Returns what came of it, and whether there was such a step.
        func addTag(
            besides step: Int, _ other: @escaping @Sendable () throws -> Void
        ) throws -> (result: Result<Snapshot?, CairnError>, hasCome: Bool) {
            let moment = Moment(step, other)
            let path = try #require(repository.path)
            let storage = try LocalDirectory(path, interceptor: moment.interceptor)
            let store = try Store.open(storage, credentials: repository.credentials, options: repository.options)
            var retagging = Retagging(store, list)
            let result = Result { () throws(CairnError) in
                try retagging.apply(.edit(add: ["y"], remove: []), to: snapshot)
            }
            return (result, moment.hasCome)
        }

        var manifests: Int { get throws { try repository.storage.list("manifests", recursive: false).count } }
    }

    @Test(
        "two who change the tags of one snapshot both have what they wanted, whenever the second comes",
        arguments: [true, false])
    func besideTag(looksFirst: Bool) throws {
        for step in 1... {
            let scene = try Scene()
            let (_, hasCome) = try scene.addTag(besides: step) {
                let list = looksFirst ? try SnapshotList(scene.store) : scene.list
                let now = try #require(list.snapshots.first)
                var retagging = Retagging(scene.store, list)
                _ = try retagging.apply(.edit(add: ["z"], remove: []), to: now)
            }
            guard hasCome else {
                #expect(step > 8)
                break
            }
            let list = try SnapshotList(scene.store)
            #expect(list.snapshots.map(\.id) == [scene.snapshot.id], "step \(step)")
            #expect(list.snapshots.map(\.manifest.tags) == [["x", "y", "z"]], "step \(step)")
            #expect(try scene.manifests == 1, "step \(step)")
        }
    }

    @Test(
        "a snapshot that is forgotten while its tags change is forgotten, or whoever forgets it is told that it changed",
        arguments: [true, false])
    func besideForget(looksFirst: Bool) throws {
        for step in 1... {
            let scene = try Scene()
            let isForgotten = Monitor(false)
            let (result, hasCome) = try scene.addTag(besides: step) {
                let list = looksFirst ? try SnapshotList(scene.store) : scene.list
                do throws(CairnError) {
                    try Forgetting(scene.store, list).forget(list.snapshots, allowingLast: true)
                    isForgotten.withLock { $0 = true }
                } catch { #expect(error.code == .missing, "step \(step)") }
            }
            guard hasCome else {
                #expect(step > 8)
                break
            }
            let list = try SnapshotList(scene.store)
            guard isForgotten.withLock({ $0 }) else {
                #expect(list.snapshots.map(\.manifest.tags) == [["x", "y"]], "step \(step)")
                #expect(throws: Never.self, "step \(step)") { try result.get() }
                continue
            }
            #expect(list.snapshots.isEmpty, "step \(step)")
            if case .failure(let error) = result {
                #expect(error.code == .missing && error.message.contains("forgotten meanwhile"), "step \(step)")
            }
            let forgotten = try ForgottenList(scene.store, beside: list).list.snapshots
            #expect(forgotten.map(\.id) == [scene.snapshot.id], "step \(step)")
            try Forgetting(scene.store, list).bringBack(forgotten)
            #expect(try scene.manifests == 1 && SnapshotList(scene.store).snapshots == forgotten, "step \(step)")
        }
    }
}
