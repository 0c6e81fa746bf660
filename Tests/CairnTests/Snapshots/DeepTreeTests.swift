import Cairn
import Posix
import TestSupport
import Testing

/// Folders so many levels down that those above are closed again while one goes through them.
@Suite("Snapshots of deep trees")
struct DeepTreeTests {
    private static let levels = 200

    /// Makes folders inside one another, each with a file before the next one and a file behind it; comes back with the innermost.
    private func dig(_ levels: Int, in folder: Path) throws -> FolderNode {
        try Folder.makeAll(folder)
        var node = FolderNode(path: folder)
        for level in 0..<levels {
            let open = try node.opened()
            try write("a", level, in: open)
            try write("z", level, in: open)
            let name = Path("level \(level) " + String(repeating: "x", count: 20))
            try open.descriptor.makeFolder(name, mode: 0o755)
            node = node.child(name)
        }
        return node
    }

    private func write(_ name: Path, _ number: Int, in folder: OpenFolder) throws {
        let file = try folder.descriptor.open(name, [.write, .create, .truncate])
        try Array("\(number)".utf8).withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
    }

    @Test("what changes far down is all that is read again, and what is removed there is gone")
    func changes() throws {
        let scene = try SnapshotScene()
        let last = try dig(Self.levels, in: scene.path("deep"))
        SnapshotScene.settle()
        #expect(try scene.take().filesRead == 2 * Self.levels)
        #expect(try scene.take().filesRead == 0)
        try write("new", 1, in: last.opened())
        let third = try scene.take()
        #expect(third.filesRead == 1)
        #expect(third.statistics.files.new == 1)
        // A hundred levels of folders go, and half of them come back.
        var middle = last
        for _ in 0..<100 { middle = try #require(middle.parent) }
        let above = try #require(middle.parent)
        TreeRemoval.removeAll(middle.path)
        let fourth = try scene.take()
        #expect(fourth.statistics.dirs.removed == 101)
        #expect(fourth.statistics.files.removed == 201)
        try above.opened().descriptor.makeFolder(middle.name, mode: 0o755)
        let again = above.child(middle.name)
        try write("again", 2, in: again.opened())
        let fifth = try scene.take()
        #expect(fifth.statistics.dirs.new == 1)
        #expect(fifth.statistics.files.new == 1)
        #expect(try scene.take { $0.strategy = .full }.rootHash == fifth.rootHash)
    }

    @Test(
        "a folder that was closed meanwhile and has another in its place is reported, and nothing is taken from the other"
    )
    func swapped() throws {
        let scene = try SnapshotScene()
        let last = try dig(Self.levels, in: scene.path("top/a"))
        // So many that the walk is still among them when the first one is read.
        for number in 0..<5_000 {
            _ = try last.opened().descriptor.open(Path("file \(10_000 + number)"), [.write, .create])
        }
        let top = scene.path("top")
        let failures = Monitor<[ItemFailure]>([])
        let hasSwapped = Monitor(false)
        let outcome = try SnapshotTaking(scene.store, scene.request()).run(
            onFailure: { failure in failures.update { $0.append(failure) } },
            onItem: { path, _ in
                guard path.lastComponent == Array("file 10000".utf8)[...] else { return }
                hasSwapped.withLock { $0 = true }
                try? Folder.rename(top.appending("a"), to: top.appending("aside"))
                _ = try? Folder.make(top.appending("a"))
                try? top.appending("a/z").write("of another folder")
            })
        #expect(hasSwapped.withLock { $0 })
        let all = failures.withLock { $0 }
        #expect(all.contains { $0.path == top.appending("a/z") && $0.kind == .replaced }, "\(all.prefix(3))")
        #expect(outcome.isIncomplete)
        let (trees, root) = try scene.tree(outcome)
        #expect(try trees.entry(at: top.appending("a/a"), below: root) != nil)
        #expect(try trees.entry(at: top.appending("a/z"), below: root) == nil)
    }
}

extension Path {
    fileprivate func write(_ text: String) throws {
        let file = try FileDescriptor.open(self, [.write, .create])
        try Array(text.utf8).withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
    }
}
