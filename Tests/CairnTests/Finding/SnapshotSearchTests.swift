import ChunkStore
import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Searching snapshots")
struct SnapshotSearchTests {
    /// Each match as `path digits-of-snapshots`.
    private func lines(_ sketches: [TreeSketch], _ choose: (inout SnapshotSearch.Criteria) -> Void) throws -> [String] {
        let repository = try SketchRepository()
        var ids: [ChunkID] = []
        for sketch in sketches { ids += try repository.add(sketch) }
        let reader = TreeReader(try repository.store.reader())
        var criteria = SnapshotSearch.Criteria()
        choose(&criteria)
        var lines: [String] = []
        try SnapshotSearch(reader, criteria).run(try ids.map { try reader.root($0) }) { match in
            lines.append("\(match.path) \(match.snapshots.map { "\($0)" }.joined(separator: ","))")
        }
        return lines
    }

    private let history: [TreeSketch] = [
        ["d": ["a": "one", "b": "two"], "z": "same"],
        ["d": ["a": "three!", "b": "two"], "z": "same"],
        ["d": ["a": "one"], "e": ["a": "one"], "z": "same"],
    ]

    @Test("versions are grouped by path and content, the first snapshot's first")
    func versions() throws {
        let found = try lines(history) { $0.matches = { path, isDirectory in !isDirectory && path.last != 0x7A } }
        #expect(found == ["/d/a 0,2", "/d/a 1", "/d/b 0,1", "/e/a 2"])
    }

    @Test("digest, size and time choose")
    func criteria() throws {
        #expect(try lines(history) { $0.digest = SHA256.digest(Array("two".utf8)) } == ["/d/b 0,1"])
        #expect(try lines(history) { $0.sizes = 5...6 } == ["/d/a 1"])
        let dated: [TreeSketch] = [
            [
                "early": TreeSketch.file("1").with { $0.modified.seconds = 5 },
                "late": TreeSketch.file("1").with { $0.modified.seconds = 50 },
            ]
        ]
        #expect(try lines(dated) { $0.newer = SnapshotTime(seconds: 6) } == ["/late 0"])
        #expect(try lines(dated) { $0.older = SnapshotTime(seconds: 6) } == ["/early 0"])
        #expect(try lines(dated) { $0.older = SnapshotTime(seconds: 5) } == [])
        #expect(try lines(dated) { $0.newer = SnapshotTime(seconds: 50, nanoseconds: 123_456_789) } == ["/late 0"])
    }

    @Test("other metadata are another version; owners' names and hard links are not")
    func metadata() throws {
        let trees: [TreeSketch] = [
            ["f": "1"], ["f": TreeSketch.file("1").with { $0.mode = 0 }],
            ["f": TreeSketch.file("1").with { ($0.userName, $0.linkGroup) = ([65], 4) }],
        ]
        #expect(try lines(trees) { _ in } == ["/f 0,2", "/f 1"])
    }

    @Test("more snapshots than are walked at once give the same answer")
    func batches() throws {
        let count = 3 * SnapshotSearch.batchCount + 5
        let trees: [TreeSketch] = (0..<count).map { index in
            ["odd": .file(index % 2 == 0 ? "even" : "odd"), "only \(index % 50)": "1", "same": ["f": "1"]]
        }
        let found = try lines(trees) { $0.matches = { path, _ in path == Array("/odd".utf8) } }
        let evens = (0..<count).filter { $0 % 2 == 0 }.map { "\($0)" }.joined(separator: ",")
        let odds = (0..<count).filter { $0 % 2 == 1 }.map { "\($0)" }.joined(separator: ",")
        #expect(found == ["/odd \(evens)", "/odd \(odds)"])
        let all = try lines(trees) { _ in }
        #expect(all.count == 2 + 50 + 2)
        #expect(all.last == "/same/f " + (0..<count).map { "\($0)" }.joined(separator: ","))
        #expect(all.contains("/only 7 7,57"))
    }
}
