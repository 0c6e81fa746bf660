import ChunkStore
import Crypto
import Glibc
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Restoring")
struct RestoringTests {
    private let large = TreeSketch.random(1_000_000, seed: 1)

    private func tree() -> TreeSketch {
        [
            "a": "text", "empty": "",
            "d": ["b": .file("more").with { $0.mode = 0o4711 }, "large": .bytes(large), "e": [:]],
            "l": .link("d/b"), "p": .node(.fifo), "s": .node(.socket),
        ]
    }

    @Test("everything comes back: bytes, links, FIFOs, sockets, modes, owners and times")
    func everything() throws {
        let scene = try RestoreScene()
        let summary = try scene.restore(tree())
        #expect(scene.failures == [])
        #expect(try scene.text("a") == "text")
        #expect(try scene.bytes("empty") == [])
        #expect(try scene.bytes("d/large") == large)
        #expect(try scene.status("l").kind == .link)
        #expect(try scene.status("p").kind == .fifo)
        #expect(try scene.status("s").kind == .socket)
        #expect(summary.filesRestored == 7 && summary.directories == 3 && summary.errors == 0)
        #expect(summary.bytesRestored == 1_000_008 && summary.totalBytes == 1_000_008)
        for name in ["a", "d", "d/b", "d/e", "d/large", "l", "p", ""] {
            let status = try scene.status(name.isEmpty ? "../target" : name)
            #expect(status.modified == FileTime(seconds: 1_700_000_000, nanoseconds: 123_456_789), "\(name)")
            if Machine.isSuperuser { #expect((status.userID, status.groupID) == (1_000, 100), "\(name)") }
        }
        if Machine.isSuperuser { #expect(try scene.status("d/b").permissions == 0o4711) }
        #expect(try scene.status("d").permissions == 0o755)
    }

    @Test("a second restore changes nothing, reads everything and says so")
    func again() throws {
        let scene = try RestoreScene()
        try scene.restore(tree())
        let before = try ["a", "d/large", "l", "p", "d"].map { try scene.status($0) }
        let summary = try scene.restore(tree())
        #expect(summary.filesRestored == 0 && summary.filesUnchanged == 7)
        #expect(summary.bytesRestored == 0 && summary.bytesUnchanged == 1_000_008)
        #expect(try ["a", "d/large", "l", "p", "d"].map { try scene.status($0) } == before)
        #expect(scene.action("d") == .unchanged)
    }

    @Test(
        "a large file that differs in the middle, at its end or in its length becomes right in place", arguments: 0..<4)
    func inPlace(kind: Int) throws {
        let scene = try RestoreScene()
        var other = large
        switch kind {
        case 0: other[500_000] ^= 1
        case 1: other[999_999] ^= 1
        case 2: other += [1, 2, 3]
        default: other.removeLast(300_000)
        }
        try scene.write("d/large", other)
        let inode = try scene.status("d/large").inode
        let summary = try scene.restore(tree())
        #expect(try scene.bytes("d/large") == large)
        #expect(try scene.status("d/large").inode == inode)
        #expect(summary.bytesRestored < 400_000)
        #expect(scene.action("d/large") == .restored && scene.failures == [])
    }

    @Test("with --atomic a file that differs is replaced whole, and one that is equal stays")
    func atomic() throws {
        let scene = try RestoreScene()
        var other = large
        other[999_999] ^= 1
        try scene.write("d/large", other)
        try scene.write("a", Array("text".utf8))
        let inodes = (try scene.status("d/large").inode, try scene.status("a").inode)
        try scene.restore(tree()) { $0.isAtomic = true }
        #expect(try scene.bytes("d/large") == large)
        #expect(try scene.status("d/large").inode != inodes.0)
        #expect(try scene.status("a").inode == inodes.1)
        #expect(try scene.names("d") == ["b", "e", "large"])
    }

    @Test("only metadata that differs is corrected")
    func metadata() throws {
        let scene = try RestoreScene()
        try scene.restore(tree())
        try #require(chmod(scene.path("a").string, 0o600) == 0)
        try #require(chmod(scene.path("d/e").string, 0o700) == 0)
        let summary = try scene.restore(tree())
        #expect(scene.action("a") == .updated && scene.action("d/e") == .updated && scene.action("d/b") == .unchanged)
        #expect(try scene.status("a").permissions == 0o644)
        #expect(summary.filesRestored == 1 && summary.bytesRestored == 0)
    }

    @Test("a file with other hard links is replaced, and what those links show stays")
    func otherLinks() throws {
        let scene = try RestoreScene()
        try scene.write("a", Array("mine".utf8))
        try #require(Glibc.link(scene.path("a").string, scene.folder.path.appending("mine").string) == 0)
        try scene.restore(tree())
        #expect(try scene.text("a") == "text")
        #expect(try SmallFile.read(scene.folder.path.appending("mine"), limit: 100) == Array("mine".utf8))
    }

    @Test("hard links come back, across folders and to symbolic links, and are left alone the second time")
    func hardLinks() throws {
        let scene = try RestoreScene()
        let tree: TreeSketch = [
            "a": .bytes(large).linked(1), "b": .bytes(large).linked(1), "d": ["c": .bytes(large).linked(1)],
            "l": .link("x").linked(2), "m": .link("x").linked(2), "z": .file("alone").linked(3),
        ]
        let first = try scene.restore(tree)
        #expect(first.bytesRestored == 1_000_005 && scene.failures == [])
        for _ in 0..<2 {
            #expect(try scene.status("a").inode == scene.status("d/c").inode)
            #expect(try scene.status("a").linkCount == 3)
            #expect(try scene.status("l").inode == scene.status("m").inode)
            let summary = try scene.restore(tree)
            #expect(summary.filesRestored == 0)
        }
        try scene.write("d/new", [1])
        try #require(rename(scene.path("d/new").string, scene.path("d/c").string) == 0)
        try scene.restore(tree)
        #expect(try scene.status("a").inode == scene.status("d/c").inode)
    }

    @Test("--overwrite chooses between what is there and what was kept", arguments: RestoreRequest.Overwrite.allCases)
    func overwrite(how: RestoreRequest.Overwrite) throws {
        let scene = try RestoreScene()
        let times = [("older", 1_600_000_000), ("newer", 1_800_000_000), ("same", 1_700_000_000)]
        let tree: TreeSketch = ["newer": "kept", "older": "kept", "same": "kept", "none": "kept"]
        for (name, seconds) in times {
            try scene.write(name, Array("mine".utf8))
            try FileDescriptor.open(scene.path(name), .read).setModified(
                FileTime(seconds: Int64(seconds), nanoseconds: name == "same" ? 123_456_789 : 0))
        }
        try scene.restore(tree) { $0.overwrite = how }
        #expect(try scene.text("none") == "kept")
        let expected =
            switch how {
            case .always: ["kept", "kept", "kept"]
            case .ifChanged: ["kept", "kept", "mine"]
            case .ifNewer: ["kept", "mine", "mine"]
            case .never: ["mine", "mine", "mine"]
            }
        #expect(try times.map { try scene.text($0.0) } == expected)
    }

    @Test("kinds that differ are replaced; a folder that is not empty only with --delete")
    func kinds() throws {
        let scene = try RestoreScene()
        let tree: TreeSketch = ["a": "text", "d": ["x": "y"], "full": "text", "l": .link("a"), "hole": "text"]
        try Folder.makeAll(scene.path("a"))
        try scene.write("d", [1])
        try scene.write("full/mine", [1])
        try scene.write("l", [2])
        try scene.link("hole", to: "d")
        try scene.restore(tree)
        #expect(try scene.text("a") == "text" && scene.text("d/x") == "y" && scene.status("l").kind == .link)
        #expect(try scene.status("hole").isRegular && scene.text("hole") == "text")
        #expect(scene.failures.map(\.path) == [scene.path("full")])
        #expect(try scene.bytes("full/mine") == [1])
        try scene.restore(tree) { $0.deletes = true }
        #expect(try scene.text("full") == "text" && scene.failures == [])
    }

    @Test("--delete removes what the snapshot does not have, never what the filter left out")
    func deleting() throws {
        let scene = try RestoreScene()
        let tree: TreeSketch = ["a": "text", "d": ["x": "y"], "out": ["z": "z"]]
        for name in ["mine", "d/mine/deep/er", "d/keep.o", "d/mixed/keep.o", "d/mixed/gone", "out/mine"] {
            try scene.write(name, [1])
        }
        let summary = try scene.restore(tree) { request in
            request.deletes = true
            request.selection = RestoreRequest.Selection { path, _ in
                !path.suffix(2).elementsEqual(".o".utf8) && !path.starts(with: "out".utf8)
            }
        }
        #expect(try scene.names() == ["a", "d", "out"])
        #expect(try scene.names("d") == ["keep.o", "mixed", "x"])
        #expect(try scene.names("d/mixed") == ["keep.o"])
        #expect(try scene.names("out") == ["mine"])
        #expect(summary.filesDeleted == 5)
    }

    @Test("above the sources nothing is deleted, and folders that are there keep their metadata")
    func sources() throws {
        let scene = try RestoreScene()
        let tree: TreeSketch = ["home": ["me": ["docs": ["x": "y"]]]]
        for name in ["mine", "home/mine", "home/me/mine", "home/me/docs/mine"] { try scene.write(name, [1]) }
        let before = try scene.status("home")
        try scene.restore(tree) { request in
            request.deletes = true
            request.sources = ["/home/me/docs"]
        }
        #expect(try scene.names() == ["home", "mine"] && scene.names("home/me") == ["docs", "mine"])
        #expect(try scene.names("home/me/docs") == ["x"])
        #expect(try scene.status("home").permissions == before.permissions)
        #expect(try scene.status("home/me/docs").permissions == 0o755)
    }

    @Test("a dry run writes nothing and says what would be done")
    func dryRun() throws {
        let scene = try RestoreScene()
        try scene.write("a", Array("mine".utf8))
        try scene.write("extra", [1])
        let before = try scene.status("a")
        let summary = try scene.restore(tree()) { request in
            request.isDryRun = true
            request.deletes = true
        }
        #expect(try scene.names() == ["a", "extra"] && scene.status("a") == before)
        #expect(scene.action("a") == .restored && scene.action("extra") == .deleted && scene.action("d/b") == .restored)
        #expect(summary.filesRestored == 7 && summary.filesDeleted == 1)
    }

    @Test("a file alone is put into the target")
    func part() throws {
        let scene = try RestoreScene()
        let (trees, roots) = try scene.repository.read(tree())
        let entry = try #require(try trees.entry(at: "d/large", below: roots[0]))
        try scene.restore(trees, entry)
        #expect(try scene.bytes("large") == large && scene.names() == ["large"])
    }

    @Test("many small plans give the same as one")
    func batches() throws {
        let scene = try RestoreScene()
        var other = large
        other[5] ^= 1
        other[700_000] ^= 1
        try scene.write("d/large", other)
        try scene.restore(tree()) { $0.planBytes = 2_000 }
        #expect(try scene.bytes("d/large") == large && scene.text("d/b") == "more" && scene.failures == [])
        try scene.write("d/large", other)
        try scene.restore(tree()) { request in
            request.planBytes = 2_000
            request.isAtomic = true
        }
        #expect(try scene.bytes("d/large") == large && scene.failures == [])
    }

    @Test("verification finds a file that was changed behind the restore's back")
    func verifying() throws {
        let scene = try RestoreScene()
        let summary = try scene.restore(tree()) { $0.verifies = true }
        #expect(summary.filesVerified == 4 && scene.failures == [])
        try scene.write("a", Array("txet".utf8))
        try FileDescriptor.open(scene.path("a"), .read).setModified(
            FileTime(seconds: 1_700_000_000, nanoseconds: 123_456_789))
        let second = try scene.restore(tree()) { request in
            request.overwrite = .ifChanged
            request.verifies = true
        }
        #expect(scene.failures.map(\.path) == [scene.path("a")] && second.filesVerified == 3 && second.errors == 1)
    }

    @Test("what a killed restore left under a temporary name is removed by the next, what a living one writes is not")
    func leftovers() throws {
        let scene = try RestoreScene()
        try scene.write("d/.cairn-restore-0123456789abcdef", [1])
        try scene.write("d/.cairn-restore-00000000000000ff", [1])
        try scene.write("d/.cairn-restore-notes", [1])
        let living = try FileDescriptor.open(scene.path("d/.cairn-restore-00000000000000ff"), .read)
        #expect(try living.tryLock())
        try scene.restore(tree())
        #expect(
            try scene.names("d") == [".cairn-restore-00000000000000ff", ".cairn-restore-notes", "b", "e", "large"])
    }
}
