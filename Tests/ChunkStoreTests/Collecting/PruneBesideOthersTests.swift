import Crypto
import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// What each step of Documentation/Pruning.md is there for.
@Suite struct PruneBesideOthersTests {
    @Test("packs that a running session has published, and no root reaches yet, are left alone")
    func inFlight() throws {
        var scene = try PruneScene()
        let chunks = (0..<5).map { _ in scene.chunk() }
        let session = try scene.store.write(for: "snapshot")
        for chunk in chunks { try session.put(chunk) }
        try session.flush()
        let outcome = try scene.prune()
        #expect(outcome.inFlight.packs == 1 && outcome.deleted.packs == 0)
        try PruneScene.commit("root", chunks, in: session)
        session.close()
        #expect(try scene.holds(chunks))
    }

    @Test("what is committed while prune looks is missed by nobody, whenever that is", arguments: 0..<16)
    func committedMeanwhile(lists: Int) throws {
        let memory = MemoryStorage()
        var scene = try PruneScene(memory)
        let (old, new) = ((0..<5).map { _ in scene.chunk() }, (0..<5).map { _ in scene.chunk() })
        try scene.store.forgetRoot(try scene.commit("old", old))
        // A session with a catalog of its own, as another process may have it.
        let session = try openStore(memory, mode: scene.mode).write(for: "snapshot")
        let meanwhile: @Sendable () throws -> Void = { try PruneScene.commit("new", [old[0]] + new, in: session) }
        let restless = RestlessStorage(memory, onList: Array(repeating: {}, count: lists) + [meanwhile])
        var request = PruneRequest()
        (request.maxUnused, request.isGraceOver) = (.bytes(0), true)
        let outcome = try openStore(restless, mode: scene.mode).prune(request, reach: PruneScene.reach)
        #expect(outcome.lostChunks == 0)
        session.close()
        try scene.prune()
        #expect(try scene.holds(new + [old[0]]))
    }

    @Test("what a dead session has published and nobody has named goes")
    func abandoned() throws {
        var scene = try PruneScene()
        try scene.store.put((0..<5).map { _ in scene.chunk() })
        #expect(try scene.prune().unneeded.packs == 1)
        #expect(try scene.storage.packs().isEmpty)
    }

    @Test(
        "a pack that a running session relies on waits for its end, and comes back if its root needs it",
        arguments: [true, false])
    func relied(commits: Bool) throws {
        var scene = try PruneScene()
        let chunks = (0..<5).map { _ in scene.chunk() }
        let root = try scene.commit("old", chunks)
        // The session has another view of what is stored: a catalog of its own, as on another machine.
        let other = try openStore(scene.storage, mode: scene.mode)
        let session = try other.write(for: "snapshot")
        for chunk in chunks { try session.put(chunk) }
        #expect(session.statistics.dataChunks == 0)
        try scene.store.forgetRoot(root)
        let first = try scene.prune()
        #expect(first.unneeded.packs == 1 && first.deleted.packs == 0 && first.waiting.packs == 1)
        #expect(first.holders.map(\.command) == ["snapshot"] && first.holders.first?.pid == Machine.processID)
        #expect(try scene.storage.packs().isEmpty)
        // Another prune meanwhile changes nothing.
        #expect(try scene.prune().waiting.packs == 1)
        if commits { try PruneScene.commit("new", chunks, in: session) }
        session.close()
        let second = try scene.prune()
        #expect(second.rescued.packs == (commits ? 1 : 0) && second.deleted.packs == (commits ? 0 : 1))
        #expect(try scene.condemned.isEmpty)
        if commits { #expect(try scene.holds(chunks)) }
        #expect(try scene.prune().deleted.packs == 0)
    }

    @Test("what only condemned packs hold counts as stored for nobody who comes later")
    func storedAgain() throws {
        var scene = try PruneScene()
        let chunks = (0..<5).map { _ in scene.chunk() }
        let root = try scene.commit("old", chunks)
        let reader = try openStore(scene.storage, mode: scene.mode).reader()
        try scene.store.forgetRoot(root)
        #expect(try scene.prune().waiting.packs == 1)
        // The same catalog as prune's, and a fresh one.
        for store in [scene.store, try openStore(scene.storage, mode: scene.mode)] {
            let session = try store.write(for: "test")
            try session.put(chunks[0], near: .none)
            if store === scene.store { try session.flush() }
            #expect(session.statistics.dataChunks == (store === scene.store ? 1 : 0))
            session.close()
        }
        reader.close()
        try scene.prune()
        #expect(try scene.condemned.isEmpty)
    }

    @Test("a reader goes on reading what was condemned under its eyes, until it ends")
    func reading() throws {
        var scene = try PruneScene()
        let chunks = (0..<40).map { _ in scene.chunk() }
        let whole = try scene.commit("whole", chunks)
        try scene.commit("part", [chunks[3]])
        let reader = try openStore(scene.storage, mode: scene.mode).reader(for: "restore")
        #expect(try reader.get(ChunkID(of: chunks[0])) == chunks[0])
        try scene.store.forgetRoot(whole)
        let outcome = try scene.prune()
        #expect(outcome.repacked.packs == 1 && outcome.waiting.packs == 1)
        #expect(try chunks.allSatisfy { try reader.get(ChunkID(of: $0)) == $0 })
        reader.close()
        #expect(try scene.prune().deleted.packs == 1)
        #expect(try scene.holds([chunks[3]]))
    }

    @Test("a reader without a lease finds in the new pack what it looked for in the old one")
    func readingWithoutLease() throws {
        var scene = try PruneScene()
        let chunks = (0..<40).map { _ in scene.chunk() }
        let whole = try scene.commit("whole", chunks)
        try scene.commit("part", Array(chunks[3..<6]))
        let reader = try openStore(scene.storage, mode: scene.mode).reader(isTraceless: true)
        try scene.store.forgetRoot(whole)
        #expect(try scene.prune().deleted.packs == 1)
        #expect(try chunks[3..<6].allSatisfy { try reader.get(ChunkID(of: $0)) == $0 })
        #expect(throws: StoreError.self) { try reader.get(ChunkID(of: chunks[0])) }
    }

    @Test("a root that is brought back before its packs are deleted has all it needs")
    func broughtBack() throws {
        var scene = try PruneScene()
        let chunks = (0..<5).map { _ in scene.chunk() }
        let root = try scene.commit("old", chunks)
        try scene.store.forgetRoot(root)
        let kept = try scene.prune { $0.isGraceOver = false }
        #expect(kept.heldRoots == 1 && kept.heldBytes > 100_000 && kept.deleted.packs == 0 && !kept.distrustsClock)
        try scene.store.bringBackRoot(root)
        #expect(try scene.prune().deleted.packs == 0)
        #expect(try scene.holds(chunks))
        try scene.store.forgetRoot(root)
        try scene.prune()
        let error = #expect(throws: StoreError.self) { try scene.store.bringBackRoot(root) }
        #expect(error?.code == .missing)
    }

    @Test("no grace ends while the clock stands before the newest root, or far behind it", arguments: [-40, 3, -3_600])
    func clock(days: Int64) throws {
        var scene = try PruneScene()
        let chunks = (0..<5).map { _ in scene.chunk() }
        let root = try scene.commit("old", chunks)
        try scene.store.forgetRoot(root)
        // The forgetting is moved into the past or the future, and with it what the clock is compared with.
        let name = try #require(try scene.storage.names(below: "forgotten").first)
        let moved = Machine.seconds + days * 86_400
        try scene.storage.rename(name, to: "forgotten/\(moved)-\(root)")
        let outcome = try scene.prune {
            $0.isGraceOver = false
            $0.graceSeconds = 86_400
        }
        // The root itself was written now, so only a forgetting ahead of the clock makes it unbelievable.
        #expect(outcome.distrustsClock == (days > 0))
        #expect(try scene.holds(chunks) == (days > 0))
    }

    @Test("on storage that machines share condemned packs wait a day, and leases that cannot be judged count as long")
    func shared() throws {
        let storage = SharedStorage(MemoryStorage())
        var scene = try PruneScene(storage)
        let root = try scene.commit("old", [scene.chunk()])
        try scene.store.forgetRoot(root)
        let claim = LeaseClaim(pid: 1, boot: "other", host: "elsewhere", command: "mount", since: 1)
        let foreign = String(repeating: "ab", count: 16)
        try storage.write([], as: "leases/\(foreign)", temporaryName: "tmp/x")
        try storage.write(claim.opening, as: "leases/\(foreign).claim", temporaryName: "tmp/y")
        let first = try scene.prune()
        #expect(first.waiting.packs == 1 && first.holders.map(\.host) == ["elsewhere"])
        storage.age("leases/\(foreign).claim", bySeconds: 25 * 3_600)
        let second = try scene.prune()
        #expect(second.waiting.packs == 1 && second.holders.isEmpty)
        for name in try storage.names(below: "condemned") { storage.age(name, bySeconds: 25 * 3_600) }
        #expect(try scene.prune().deleted.packs == 1)
    }

    @Test("on storage that machines share nothing is committed that relies on a pack which is gone")
    func takenAway() throws {
        let storage = SharedStorage(MemoryStorage())
        var scene = try PruneScene(storage)
        let chunks = [scene.chunk()]
        try scene.commit("old", chunks)
        let session = try scene.store.write(for: "test")
        defer { session.close() }
        try session.put(chunks[0])
        let pack = try #require(try storage.packs().first)
        try storage.rename(pack.path, to: pack.condemnedPath)
        try PruneScene.commit("while it can still be read", chunks, in: session)
        try storage.remove(pack.condemnedPath)
        let error = #expect(throws: StoreError.self) { try PruneScene.commit("later", chunks, in: session) }
        #expect(error?.code == .missing && error?.remedy != nil)
    }
}
