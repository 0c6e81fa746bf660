import ChunkStore
import Glibc
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Files that a restore makes")
struct NewFileTests {
    private static let time = FileTime(seconds: 1_700_000_000, nanoseconds: 123_456_789)

    /// Forty files, each in many chunks that lie in blocks with those of others.
    private func many() -> [(String, [UInt8])] {
        (10..<50).map { ("f\($0)", TreeSketch.random(60_000, seed: UInt64($0))) }
    }

    @Test(
        "of a restore that is stopped no file looks complete that is not, and the same command carries on",
        arguments: RestoreRequest.Overwrite.allCases)
    func stopping(how: RestoreRequest.Overwrite) throws {
        let scene = try RestoreScene()
        let files = many()
        let tree = TreeSketch.directory(files.map { (Array($0.0.utf8), .bytes($0.1)) })
        let (trees, roots) = try scene.repository.read(tree)
        let cancellation = Cancellation()
        var request = RestoreRequest(entry: roots[0], path: "/", target: scene.target)
        request.overwrite = how
        request.threads = 2
        let error = #expect(throws: CairnError.self) {
            try Restoration(trees.chunks, request).run(
                cancellation: cancellation, onItem: { _, _ in cancellation.cancel() })
        }
        trees.chunks.close()
        #expect(error?.code == .cancelled)
        for (name, bytes) in files where scene.exists(name) {
            if try scene.bytes(name) == bytes { continue }
            let status = try scene.status(name)
            #expect(how == .always || how == .ifChanged, "\(name)")
            #expect(status.modified != Self.time && status.permissions == 0o600 && status.size > 0, "\(name)")
        }
        try scene.restore(tree) { $0.overwrite = how }
        for (name, bytes) in files {
            #expect(try scene.bytes(name) == bytes && scene.status(name).modified == Self.time, "\(name)")
        }
        #expect(try scene.names() == files.map(\.0) && scene.failures == [])
    }

    @Test("an access list that the target gives to new files is not left on them")
    func defaultList() throws {
        let scene = try RestoreScene()
        try Folder.makeAll(scene.target)
        // version 2, then for each: tag, rights, number: owner, user 1234, group, mask, others
        let list: [(UInt16, UInt16, UInt32)] = [
            (1, 7, .max), (2, 7, 1_234), (4, 5, .max), (16, 7, .max), (32, 5, .max),
        ]
        let bytes = list.reduce(into: [2, 0, 0, 0] as [UInt8]) { bytes, entry in
            for half in [entry.0, entry.1] { bytes += [UInt8(truncatingIfNeeded: half), UInt8(half >> 8)] }
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: entry.2 >> UInt32(shift))) }
        }
        let name = Array("system.posix_acl_default".utf8)
        do throws(PosixError) { try FileDescriptor.open(scene.target, .read).setAttribute(name, bytes) } catch {
            // Not every file system has access lists.
            try #require(error.errno == .notSupported)
            return
        }
        let modes: [(String, UInt32)] = [("a", 0o640), ("d/b", 0o755), ("d/e/c", 0o600)]
        try scene.restore([
            "a": TreeSketch.file("1").with { $0.mode = 0o640 }, "p": .node(.fifo),
            "d": ["b": TreeSketch.file("2").with { $0.mode = 0o755 }, "e": ["c": .file("").with { $0.mode = 0o600 }]],
        ]) { $0.selection.isSelected = { path, _ in !path.isEmpty } }
        #expect(scene.failures == [])
        for (name, mode) in modes {
            #expect(try scene.status(name).permissions == mode, "\(name)")
            #expect(try AttributesOnDisk.of(FileDescriptor.open(scene.path(name), .read)) == [], "\(name)")
        }
        for name in ["d", "d/e"] {
            #expect(try AttributesOnDisk.of(FileDescriptor.open(scene.path(name), .read)) == [], "\(name)")
        }
        let folder = try FileDescriptor.open(scene.target, .read)
        #expect(try AttributesOnDisk.of("p", in: folder) == [] && AttributesOnDisk.hasDefaultList(folder))
    }

    @Test("owners by name are those that this machine knows, else the numbers", .enabled(if: Machine.isSuperuser))
    func ownersByName() throws {
        let scene = try RestoreScene()
        let named = TreeSketch.file("1").with { entry in
            (entry.userName, entry.groupName) = (Array("nobody".utf8), Array("no such group".utf8))
            entry.mode = 0o6711
        }
        let nobody = try #require(Accounts().userID(Array("nobody".utf8)))
        try scene.restore(["a": named]) { $0.owners = .byName }
        let status = try scene.status("a")
        #expect(status.userID == nobody && status.groupID == 100 && status.permissions == 0o6711)
        try scene.restore(["a": named])
        #expect(try scene.status("a").userID == 1_000 && scene.status("a").permissions == 0o6711)
    }

    @Test("without owners modes are the recorded ones, whatever the mask, but for foreign set-ID bits")
    func modes() throws {
        let scene = try RestoreScene()
        let modes: [UInt32] = [0o000, 0o400, 0o644, 0o666, 0o777, 0o1777]
        let tree = TreeSketch.directory(
            modes.map { mode in (Array("m\(mode)".utf8), .file("text").with { $0.mode = mode }) })
        let summary = try scene.restore(tree) { $0.owners = .none }
        for mode in modes { #expect(try scene.status("m\(mode)").permissions == mode) }
        #expect(summary.refusals == [:] && scene.failures == [])
        let setID = try scene.restore(["s": TreeSketch.file("text").with { $0.mode = 0o4755 }]) { $0.owners = .none }
        #expect(try scene.status("s").permissions == 0o755 && setID.refusals == [.setID: 1])
    }
}
