import ChildProcess
import Glibc
import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// Storage where locks come and go: of two processes one gets them, and the other is refused every one.
@Suite struct MixedLocksTests {
    /// One place as both of them see it.
    private struct Views {
        let locking: SharedStorage
        let refused: SharedStorage

        init(_ place: any Storage) {
            (locking, refused) = (SharedStorage(place), SharedStorage(place, refusesLocks: true))
        }

        func view(isRefused: Bool) -> SharedStorage { isRefused ? refused : locking }
    }

    @Test(
        "leases with and without a lock, side by side, are taken for dead by nobody who sweeps",
        arguments: [true, false])
    func living(isRefused: Bool) throws {
        let memory = MemoryStorage()
        let views = Views(memory)
        let leases = [try Lease(for: "mount", in: views.locking), try Lease(for: "mount", in: views.refused)]
        for lease in leases { memory.append([], to: lease.temporaryName()) }
        let before = try memory.names(below: "")
        let storage = views.view(isRefused: isRefused)
        let own = try Lease(for: "sweep", in: storage)
        Sweeper(storage: storage, own: own).sweep()
        let living = try LeaseRoll(storage: storage, own: own).living().map(\.holder.id)
        own.release()
        #expect(living == leases.map(\.id).sorted())
        #expect(try memory.names(below: "") == before && before.count == 6)
        for lease in leases { lease.release() }
    }

    @Test(
        "a prune deletes nothing that a session beside it needs, whichever of the two is refused its locks",
        arguments: [true, false])
    func pruneBeside(isSessionRefused: Bool) throws {
        let views = Views(MemoryStorage())
        let storage = views.view(isRefused: !isSessionRefused)
        var scene = try PruneScene(storage)
        let (old, new) = ((0..<5).map { _ in scene.chunk() }, (0..<5).map { _ in scene.chunk() })
        let root = try scene.commit("old", old)
        let session = try openStore(views.view(isRefused: isSessionRefused), mode: scene.mode).write(for: "snapshot")
        for chunk in old + new { try session.put(chunk) }
        try session.flush()
        #expect(session.statistics.dataChunks == new.count)
        try scene.store.forgetRoot(root)
        for round in 0..<2 {
            let outcome = try scene.prune()
            #expect(outcome.inFlight.packs == 1 && outcome.deleted.packs == 0 && outcome.waiting.packs == 1)
            #expect(outcome.holders.map(\.command) == ["snapshot"], "round \(round)")
            // From here on the lease alone holds what was condemned.
            for name in try storage.names(below: "condemned") { storage.age(name, bySeconds: 25 * 3_600) }
        }
        try PruneScene.commit("new", old + new, in: session)
        session.close()
        let last = try scene.prune()
        #expect(last.rescued.packs == 1 && last.deleted.packs == 0)
        #expect(try scene.holds(old + new))
    }

    @Test("what an ended session has published goes, whether its lease had a lock or none", arguments: [true, false])
    func pruneAfter(isSessionRefused: Bool) throws {
        let views = Views(MemoryStorage())
        let storage = views.view(isRefused: !isSessionRefused)
        var scene = try PruneScene(storage)
        let session = try openStore(views.view(isRefused: isSessionRefused), mode: scene.mode).write(for: "snapshot")
        try session.put(scene.chunk())
        try session.flush()
        #expect(try scene.prune().inFlight.packs == 1)
        session.close()
        // Condemned now, and of age in the next round.
        #expect(try scene.prune().unneeded.packs == 1)
        for name in try storage.names(below: "condemned") { storage.age(name, bySeconds: 25 * 3_600) }
        #expect(try scene.prune().deleted.packs == 1)
    }

    @Test("a second prune is told by the first, whichever of the two is refused its locks", arguments: [true, false])
    func twoPrunes(isFirstRefused: Bool) throws {
        let views = Views(MemoryStorage())
        let places = [views.view(isRefused: isFirstRefused), views.view(isRefused: !isFirstRefused)]
        let first = try Lease(for: "prune", in: places[0])
        let lock = try CondemnedPacks.lock(places[0], by: first)
        let second = try Lease(for: "repair", in: places[1])
        expectFailure(.busy, "process \(Machine.processID)") { try CondemnedPacks.lock(places[1], by: second) }
        lock.release()
        first.release()
        try CondemnedPacks.lock(places[1], by: second).release()
        second.release()
    }

    @Test(
        "a lease of another process stays until that is gone, and is then swept",
        arguments: [true, false], [true, false])
    func otherProcess(isHolderRefused: Bool, isSweeperRefused: Bool) throws {
        let folder = try TemporaryFolder()
        let views = Views(try folder.storage())
        let storage = views.view(isRefused: isSweeperRefused)
        let id = String(repeating: "d", count: 32)
        let names = ["leases/\(id)", "leases/\(id).claim", "tmp/\(id).1"]
        for name in [names[0], names[2]] { try storage.append([], to: name) }
        let root = folder.path.string
        for pipe in ["ready", "leave"] { #expect(mkfifo("\(root)/\(pipe)", 0o600) == 0) }
        let script = """
            exec 9< "$1/repository/$2"
            \(isHolderRefused ? "" : "flock 9")
            echo $$ > "$1/ready"
            read line < "$1/leave"
            """
        let child = ChildProcess("/bin/sh", ["-ec", script, "sh", root, names[0]])
        let thread = try Thread("child") { _ = try? child.run() }
        let said = String(decoding: try SmallFile.read(Path("\(root)/ready"), limit: 20).dropLast(), as: UTF8.self)
        let claim = LeaseClaim(
            pid: try #require(Int32(said)), boot: Machine.bootID, host: Machine.hostName, command: "snapshot", since: 1)
        try storage.append(claim.opening, to: names[1])
        try sweep(storage)
        #expect(try storage.names(below: "") == names)
        let leave = try FileDescriptor.open(Path("\(root)/leave"), .write)
        try [10].withUnsafeBytesThrowing { raw throws(PosixError) in try leave.write(all: raw) }
        thread.join()
        try sweep(storage)
        #expect(try storage.names(below: "").isEmpty)
    }

    private func sweep(_ storage: any Storage) throws {
        let lease = try Lease(for: "sweep", in: storage)
        Sweeper(storage: storage, own: lease).sweep()
        lease.release()
    }
}
