import ChildProcess
import Crypto
import Glibc
import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct LeaseTests {
    private func claim(_ storage: any Storage, _ id: String) throws -> LeaseClaim {
        LeaseClaim(try storage.file("leases/\(id).claim"))
    }

    @Test("a sweeper that holds a newborn lease for a while, for want of a processor, is waited for")
    func slowSweeper() throws {
        let storage = SharedStorage(MemoryStorage(), isLocal: true)
        storage.holdLocks(milliseconds: 50)
        try Lease(for: "test", in: storage).release()
    }

    @Test("a lease is locked, says who holds it, and goes with all it made", arguments: [true, false])
    func life(onDisk: Bool) throws {
        let folder = try TemporaryFolder()
        let storage: any Storage = onDisk ? try folder.storage() : MemoryStorage()
        let lease = try Lease(for: "snapshot of all", in: storage)
        #expect(try storage.lock("leases/\(lease.id)", create: false) == nil)
        let claim = try claim(storage, lease.id)
        #expect(claim.pid == Machine.processID && claim.boot == Machine.bootID && claim.host == Machine.hostName)
        #expect(claim.command == "snapshot of all" && abs(claim.since - Machine.seconds) < 60 && claim.packs.isEmpty)
        #expect(try storage.names(below: "tmp").isEmpty)
        let pack = PackName(folder: .trees, id: SHA256.digest([1]))
        try lease.announce(pack)
        #expect(try self.claim(storage, lease.id).packs == [pack])
        let names = (0..<3).map { _ in lease.temporaryName() }
        #expect(Set(names).count == 3 && names.allSatisfy { $0.hasPrefix("tmp/\(lease.id).") })
        lease.release()
        lease.release()
        #expect(try storage.names(below: "leases").isEmpty)
    }

    @Test("a session announces each of its packs before anybody can see it, and gives the lease up at its end")
    func announced() throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage)
        let session = try store.write(for: "test")
        try session.put([1])
        try session.put([2], as: .tree)
        try session.flush()
        try session.put([3])
        try session.flush()
        let id = try #require(try storage.names(below: "leases").first { !$0.hasSuffix(".claim") }).dropFirst(7)
        #expect(try Set(claim(storage, String(id)).packs) == Set(storage.packs()))
        #expect(try storage.packs().count == 2)
        session.close()
        #expect(try storage.names(below: "leases").isEmpty)
    }

    @Test("where nothing can be written, readers go without a lease and writers are told why")
    func readOnly() throws {
        let storage = MemoryStorage()
        let id = try makeStore(storage).put([[1]])[0]
        let store = try openStore(SharedStorage(storage, isLocal: true, isReadOnly: true))
        #expect(try store.get(id) == [1])
        expectFailure(.readOnly) { try store.write(for: "test") }
    }

    @Test("a folder on a file system that is mounted read-only is read without a lease")
    func mountedReadOnly() throws {
        guard let mounted = try SmallFileSystem("size=8m") else { return }
        let id = try makeStore(LocalDirectory(mounted.path)).put([[1]])[0]
        guard mounted.freeze() else { return }
        let store = try openStore(LocalDirectory(mounted.path))
        #expect(try store.get(id) == [1])
        expectFailure(.readOnly, "mounted read-only") { try store.write(for: "test") }
    }
}

@Suite struct SweeperTests {
    private let dead = String(repeating: "d", count: 32)

    private func sweep(_ storage: any Storage) throws {
        let lease = try Lease(for: "sweep", in: storage)
        Sweeper(storage: storage, own: lease).sweep()
        lease.release()
    }

    private func put(_ names: [String], in storage: any Storage) throws {
        for name in names { try storage.append([], to: name) }
    }

    @Test("what dead operations left is removed: leases, claims and temporary files, and nothing else")
    func swept() throws {
        let folder = try TemporaryFolder()
        let storage = try folder.storage()
        let left = ["leases/\(dead)", "leases/\(dead).claim", "tmp/\(dead).1", "tmp/\(dead).lease"]
        let orphans = [
            "tmp/\(String(repeating: "0", count: 32)).7", "leases/\(String(repeating: "1", count: 32)).claim",
        ]
        let strange = [
            "leases/README", "leases/\(dead).other", "leases/short", "tmp/notes", "tmp/\(dead)", "tmp/\(dead)x.1",
            "tmp/\(dead.uppercased()).1", "packs/d/00/x", "condemned/\(dead).1",
        ]
        try put(left + orphans + strange, in: storage)
        try sweep(storage)
        #expect(try storage.names(below: "") == strange.sorted())
    }

    @Test("what living operations of this process own stays", arguments: [true, false])
    func alive(onDisk: Bool) throws {
        let folder = try TemporaryFolder()
        let storage: any Storage = onDisk ? try folder.storage() : MemoryStorage()
        let lease = try Lease(for: "test", in: storage)
        try put([lease.temporaryName()], in: storage)
        let born = try #require(try storage.lock("tmp/\(dead).lease", create: true))
        let before = try storage.names(below: "")
        #expect(before.count == 4)
        try sweep(storage)
        #expect(try storage.names(below: "") == before)
        born.release()
        try sweep(storage)
        #expect(try storage.names(below: "").count == 3)
        lease.release()
        try sweep(storage)
        #expect(try storage.names(below: "").isEmpty)
    }

    @Test("what a living operation of another process owns stays until that ends")
    func otherProcess() throws {
        let flock = try #require(ChildProcess.find("flock"))
        let folder = try TemporaryFolder()
        let storage = try folder.storage()
        let names = ["leases/\(dead)", "leases/\(dead).claim", "tmp/\(dead).1"]
        try put(names, in: storage)
        let root = folder.path.string
        for pipe in ["locked", "leave"] { #expect(mkfifo("\(root)/\(pipe)", 0o600) == 0) }
        let child = ChildProcess(
            flock,
            [
                "\(root)/repository/\(names[0])", "/bin/sh", "-c",
                "echo yes > '\(root)/locked'; read line < '\(root)/leave'",
            ])
        let thread = try Thread("child") { _ = try? child.run() }
        // Opening a pipe waits for the other end, so the lock is held from here on.
        #expect(try SmallFile.read(Path("\(root)/locked"), limit: 10) == Array("yes\n".utf8))
        try sweep(storage)
        #expect(try storage.names(below: "") == names.sorted())
        let leave = try FileDescriptor.open(Path("\(root)/leave"), .write)
        try [10].withUnsafeBytesThrowing { raw throws(PosixError) in try leave.write(all: raw) }
        thread.join()
        try sweep(storage)
        #expect(try storage.names(below: "").isEmpty)
    }

    @Test("on shared storage a lease of another machine or start counts as alive for a day by the storage's clock")
    func foreign() throws {
        let storage = SharedStorage(MemoryStorage())
        for (host, boot, isForeign) in [
            ("elsewhere", Machine.bootID, true), (Machine.hostName, "another start", true),
            (Machine.hostName, Machine.bootID, false),
        ] {
            let claim = LeaseClaim(pid: .max, boot: boot, host: host, command: "snapshot", since: 0)
            try put(["leases/\(dead)", "tmp/\(dead).1"], in: storage)
            try storage.append(claim.opening, to: "leases/\(dead).claim")
            for seconds: Int64 in [0, 86_300] {
                storage.age("leases/\(dead).claim", bySeconds: seconds)
                if isForeign {
                    try sweep(storage)
                    #expect(try storage.names(below: "").count == 3, "\(host) \(boot) \(seconds) s")
                }
            }
            storage.age("leases/\(dead).claim", bySeconds: isForeign ? 86_500 : 0)
            try sweep(storage)
            #expect(try storage.names(below: "").isEmpty, "\(host) \(boot)")
        }
    }

    @Test("on shared storage a lease without a claim may be another machine's that is just being taken")
    func claimless() throws {
        let storage = SharedStorage(MemoryStorage())
        try put(["leases/\(dead)", "tmp/\(dead).1"], in: storage)
        try sweep(storage)
        #expect(try storage.names(below: "").count == 2)
        storage.age("leases/\(dead)", bySeconds: 86_500)
        try sweep(storage)
        #expect(try storage.names(below: "").isEmpty)
    }

    @Test("on local storage the lock alone decides, whatever a claim says")
    func local() throws {
        let storage = MemoryStorage()
        try put(["leases/\(dead)"], in: storage)
        let claim = LeaseClaim(pid: 1, boot: "another start", host: "elsewhere", command: "snapshot", since: 0)
        try storage.overwrite("leases/\(dead).claim", claim.opening)
        try sweep(storage)
        #expect(try storage.names(below: "").isEmpty)
    }

    @Test("a session sweeps before it begins")
    func sessions() throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage)
        try put(["leases/\(dead)", "tmp/\(dead).1"], in: storage)
        try store.put([[1]])
        #expect(try storage.names(below: "leases").isEmpty && storage.names(below: "tmp").isEmpty)
    }
}
