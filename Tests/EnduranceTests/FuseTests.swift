import ChildProcess
import Posix
import TestSupport
import Testing

/// A repository on a file system in user space, which counts as shared by machines: nobody knows what its locks are worth.
@Suite("A repository on a FUSE file system", .serialized)
struct FuseTests {
    /// A folder seen through bindfs, which passes everything on to another one.
    private final class Mirror {
        let folder: TemporaryFolder
        var place: Path { folder.path.appending("mirror") }

        /// Nil where it cannot be mounted here.
        init?() throws {
            folder = try TemporaryFolder(onDisk: true)
            guard let bindfs = ChildProcess.find("bindfs") else {
                print("not tested: bindfs is missing (apt install bindfs)")
                return nil
            }
            for name in ["mirrored", "mirror"] { try Folder.make(folder.path.appending(name)) }
            let mount = try ChildProcess(bindfs, [folder.path.appending("mirrored").string, place.string]).run()
            guard mount.code == 0 else {
                print("not tested: FUSE cannot be used here: \(mount.errorText)")
                return nil
            }
        }

        deinit { _ = try? ChildProcess("/bin/umount", ["--lazy", place.string]).run() }
    }

    @Test("everything works there, and where it refuses every lock too", arguments: [false, true])
    func works(refusesLocks: Bool) throws {
        guard let mirror = try Mirror() else { return }
        let place = try Place(onDisk: true, repository: mirror.place.appending("repository"))
        let behind = refusesLocks ? Self.withoutLocks : []
        let source = place.path("source")
        try Folder.make(source)
        var chance = SplitMix64(seed: 4)
        for version in 0..<3 {
            try SmallFile.replace(source.appending("file"), with: chance.bytes(200_000 + version))
            let taken = try place.run("snapshot", "--json", source.string, behind: behind)
            #expect(taken.code == 0, "\(taken.errorText)")
        }
        let forgotten = try place.run("forget", "--keep-last", "1", "--allow-last", "--prune", "--now", behind: behind)
        #expect(forgotten.code == 0, "\(forgotten.errorText)")
        let back = place.path("back")
        let restored = try place.run(
            "restore", "--json", "latest:" + source.string, "--target", back.string, behind: behind)
        #expect(restored.code == 0, "\(restored.errorText)")
        #expect(try SmallFile.read(back.appending("file"), limit: 1 << 20).count == 200_002)
        for words in [["check", "--read-data"], ["prune"], ["snapshots"], ["repair"]] {
            let run = try place.run(words, behind: behind)
            #expect(run.code == 0, "\(words): \(run.output) \(run.errorText)")
        }
    }

    @Test("without locks a second prune sees the first, and the lease of a dead process holds nothing")
    func leases() throws {
        guard let mirror = try Mirror() else { return }
        let place = try Place(onDisk: true, repository: mirror.place.appending("repository"))
        let source = place.path("source")
        try Folder.make(source)
        try SmallFile.replace(source.appending("file"), with: [1, 2, 3])
        #expect(try place.run("snapshot", source.string, behind: Self.withoutLocks).code == 0)
        let leases = place.repository.appending("leases")
        func claim(_ pid: Int32) throws {
            let name = String(repeating: "ab", count: 16)
            let text = """
                cairn-lease 1
                pid \(pid)
                boot \(Machine.bootID)
                host \(Machine.hostName)
                command prune
                since 1

                """
            try SmallFile.replace(leases.appending(Path(name)), with: [])
            try SmallFile.replace(leases.appending(Path(name + ".claim")), with: Array(text.utf8))
        }
        try claim(Machine.processID)
        let second = try place.run("prune", behind: Self.withoutLocks)
        #expect(second.code == 11 && second.errorText.contains("process \(Machine.processID)"), "\(second.errorText)")
        // No process has this number: it is larger than any may be.
        try claim(Int32.max)
        let third = try place.run("prune", behind: Self.withoutLocks)
        #expect(third.code == 0, "\(third.errorText)")
        #expect(try Folder.entries(of: leases).isEmpty)
    }

    private static let withoutLocks = [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK",
    ]
}
