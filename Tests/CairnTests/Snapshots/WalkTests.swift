import Cairn
import Posix
import TestSupport
import Testing

/// The walk hands on what it meets in pieces; here one folder is larger than a piece, and many are in one.
@Suite("Walking over sources")
struct WalkTests {
    private static let names = (0..<700).map { "large/f\($0)" }
    private static let folders = (0..<60).map { "many/d\($0)" }

    private func scene() throws -> SnapshotScene {
        let scene = try SnapshotScene()
        for name in Self.names { try scene.write(name, Array(name.utf8)) }
        for folder in Self.folders {
            try Folder.makeAll(scene.path(folder + "/empty"))
            try scene.write(folder + "/below/f", Array(folder.utf8))
        }
        return scene
    }

    @Test("what changes in large folders, and in many, is all that changes")
    func changes() throws {
        let scene = try scene()
        SnapshotScene.settle()
        #expect(try scene.take().filesRead == 760)
        #expect(try scene.take().filesRead == 0)
        // At both ends of pieces, and in between.
        for number in [0, 255, 256, 257, 511, 512, 699] { try Folder.remove(scene.path("large/f\(number)")) }
        for number in [14, 15, 16, 17, 59] { try scene.write("many/d\(number)/below/f", [UInt8(number)]) }
        try Folder.removeEmpty(scene.path("many/d31/empty"))
        let third = try scene.take()
        #expect(third.statistics.files.removed == 7)
        #expect(third.statistics.files.changed == 5)
        #expect(third.statistics.files.unmodified == 748)
        #expect(third.statistics.dirs.removed == 1)
        #expect(third.filesRead == 5)
        #expect(try scene.take { $0.strategy = .full }.rootHash == third.rootHash)
    }

    @Test("what is left out takes nothing else with it")
    func leftOut() throws {
        let scene = try scene()
        let excludes = try PatternList(["large/f?", "large/f[1-5]*", "many/d1*/below", "empty"])
        let outcome = try scene.take { $0.selection.excludes = excludes }
        // f0 to f9, then all of two or three digits that begin with 1 to 5.
        #expect(outcome.statistics.files.new == 700 - 10 - 50 - 500 + 60 - 11)
        #expect(outcome.statistics.dirs.new >= 60 + 60 - 11)
        let (trees, root) = try scene.tree(outcome)
        #expect(try trees.entry(at: scene.path("many/d59/below/f"), below: root) != nil)
        #expect(try trees.entry(at: scene.path("many/d10/below"), below: root) == nil)
        #expect(try trees.entry(at: scene.path("many/d10"), below: root) != nil)
        #expect(try scene.content("large/f699", in: outcome) == Array("large/f699".utf8))
    }

    @Test("a wish to stop ends the walk, and nothing is committed")
    func stop() throws {
        let scene = try scene()
        let cancellation = Cancellation()
        cancellation.cancel()
        let error = #expect(throws: CairnError.self) { try scene.take(cancellation: cancellation) }
        #expect(error?.code == .cancelled)
        #expect(try scene.take().base == nil)
    }
}
