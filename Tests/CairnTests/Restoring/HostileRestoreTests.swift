import ChunkStore
import Crypto
import Glibc
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Restoring among traps")
struct HostileRestoreTests {
    @Test("a symbolic link where a folder is to be is replaced, and nothing is written through it")
    func plantedBefore() throws {
        let scene = try RestoreScene()
        let outside = scene.folder.path.appending("outside")
        try Folder.makeAll(outside)
        try Folder.makeAll(scene.target)
        try scene.link("d", to: outside.string)
        try scene.restore(["d": ["x": "y", "e": ["z": "z"]]]) { $0.deletes = true }
        #expect(try Folder.entries(of: outside).isEmpty)
        #expect(try scene.status("d").isFolder && scene.text("d/e/z") == "z" && scene.failures == [])
    }

    @Test("a folder that becomes a symbolic link during the restore is not followed")
    func plantedDuring() throws {
        let scene = try RestoreScene()
        let outside = scene.folder.path.appending("outside")
        try Folder.makeAll(outside)
        let (trees, roots) = try scene.repository.read(["a": ["x": "y"], "b": ["x": "y"]])
        defer { trees.chunks.close() }
        let target = scene.target
        var request = RestoreRequest(entry: roots[0], path: "/", target: target)
        request.threads = 1
        let planted = Monitor(false)
        // As soon as the first file is there, its folder is moved away and a link takes its name.
        _ = try? Restoration(trees.chunks, request).run(onItem: { path, _ in
            guard path.lastComponent.elementsEqual("x".utf8), planted.withLock({ !$0 }) else { return }
            planted.withLock { $0 = true }
            for name in ["a", "b"] {
                rename(target.appending(name).string, target.appending("moved-" + name).string)
                symlink(outside.string, target.appending(name).string)
            }
        })
        #expect(planted.withLock { $0 })
        #expect(try Folder.entries(of: outside).isEmpty)
    }

    @Test("a file that becomes a symbolic link is not written through, whatever it leads to")
    func linkAtFile() throws {
        let scene = try RestoreScene()
        try Folder.makeAll(scene.target)
        let outside = scene.folder.path.appending("outside")
        _ = try FileDescriptor.open(outside, [.write, .create])
        try scene.link("a", to: outside.string)
        try scene.restore(["a": "text"])
        #expect(try SmallFile.read(outside, limit: 100) == [])
        #expect(try scene.status("a").isRegular && scene.text("a") == "text")
    }

    @Test(
        "names that lead out of a folder make the directory damaged, and the rest is restored",
        arguments: ["..", ".", "a/b"])
    func names(name: String) throws {
        let scene = try RestoreScene()
        let tree: TreeSketch = [
            "bad": .directory([(Array(name.utf8), ["evil": "evil"])]), "good": "text",
        ]
        let summary = try scene.restore(tree)
        #expect(try scene.names() == ["bad", "good"] && scene.names("bad") == [])
        #expect(summary.damaged == 1 && scene.failures.first?.kind == .damaged)
        #expect(try !Folder.entries(of: scene.folder.path).contains { $0.name == Array("evil".utf8) })
    }

    @Test("a chunk that is gone: a new file is left out, one that is there stays as it was, the rest comes back")
    func lostChunk() throws {
        let scene = try RestoreScene()
        let good = TreeSketch.random(200_000, seed: 3)
        var old = good
        // The first chunk differs and is there; the lost one differs too.
        old[0] ^= 1
        old[55_000] ^= 1
        try scene.write("there", old)
        let before = try scene.status("there")
        let (trees, root) = try tree(in: scene, losing: 5, of: good)
        let summary = try scene.restore(trees, root)
        #expect(try scene.bytes("there") == old)
        #expect(try scene.status("there").modified == before.modified)
        #expect(!scene.exists("new") && !scene.exists("staged"))
        #expect(try scene.text("fine") == "fine")
        #expect(summary.damaged == 2 && Set(scene.failures.map(\.kind)) == [.damaged])
        #expect(scene.failures.allSatisfy { $0.message.contains("lost from byte 50000 on") })
        #expect(try scene.names() == ["fine", "there"])
    }

    @Test("with --atomic a lost chunk leaves what was there, and no temporary file")
    func lostChunkAtomic() throws {
        let scene = try RestoreScene()
        let good = TreeSketch.random(200_000, seed: 3)
        var old = good
        old[0] ^= 1
        old[55_000] ^= 1
        try scene.write("there", old)
        let (trees, root) = try tree(in: scene, losing: 5, of: good)
        try scene.restore(trees, root) { $0.isAtomic = true }
        #expect(try scene.bytes("there") == old && scene.names() == ["fine", "there"])
    }

    /// Two files of the same bytes in chunks of 10,000, of which one chunk names bytes that nobody stored.
    private func tree(in scene: RestoreScene, losing lost: Int, of bytes: [UInt8]) throws -> (TreeReader, TreeEntry) {
        let session = try scene.repository.store.write(for: "test")
        defer { session.close() }
        var chunks: [ChunkReference] = []
        for (number, start) in stride(from: 0, to: bytes.count, by: 10_000).enumerated() {
            let piece = Array(bytes[start..<start + 10_000])
            let id = number == lost ? ChunkID(SHA256.digest(piece)) : try session.put(piece)
            chunks.append(ChunkReference(id: id, length: 10_000))
        }
        let node = TreeEntry.Node.file(
            size: UInt64(bytes.count), content: .chunks(chunks), digest: SHA256.digest(bytes), holes: .empty)
        let sketch: TreeSketch = ["new": .node(node), "there": .node(node), "fine": "fine"]
        let root = try sketch.entry(TreeEntry.rootName, in: session)
        try session.flush()
        return (TreeReader(try scene.repository.store.reader()), root)
    }

    @Test("a path deeper than the kernel's limit is restored, and again")
    func deep() throws {
        let scene = try RestoreScene()
        let name = [UInt8](repeating: UInt8(ascii: "d"), count: 250)
        var tree: TreeSketch = ["bottom": "reached"]
        for _ in 0..<200 { tree = .directory([(name, tree)]) }
        let first = try scene.restore(tree)
        #expect(first.filesRestored == 1 && first.directories == 201 && scene.failures == [])
        let second = try scene.restore(tree)
        #expect(second.filesUnchanged == 1 && scene.failures == [])
        try scene.restore([:]) { $0.deletes = true }
        #expect(try scene.names() == [])
    }

    @Test("names are bytes: not UTF-8, with line ends, as long as they may be")
    func bytes() throws {
        let scene = try RestoreScene()
        let names: [[UInt8]] = [[0xFF, 0xFE], Array("a\nb".utf8), [UInt8](repeating: 0xC3, count: 255)]
        try scene.restore(.directory(names.map { ($0, "text") }))
        #expect(Set(try Folder.entries(of: scene.target).map(\.name)) == Set(names) && scene.failures == [])
    }

    @Test("a restore that is cancelled throws so, and the next one carries on")
    func cancelling() throws {
        let scene = try RestoreScene()
        let large = TreeSketch.random(1_000_000, seed: 1)
        let tree: TreeSketch = ["a": .bytes(large), "b": .bytes(large.reversed()), "c": "text"]
        let (trees, roots) = try scene.repository.read(tree)
        let cancellation = Cancellation()
        cancellation.cancel()
        let request = RestoreRequest(entry: roots[0], path: "/", target: scene.target)
        let error = #expect(throws: CairnError.self) {
            try Restoration(trees.chunks, request).run(cancellation: cancellation)
        }
        #expect(error?.code == .cancelled)
        trees.chunks.close()
        try scene.restore(tree)
        #expect(try scene.bytes("b") == large.reversed() && scene.failures == [])
    }
}
