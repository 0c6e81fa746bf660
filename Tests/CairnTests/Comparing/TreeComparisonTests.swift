import ChunkStore
import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Comparing trees")
struct TreeComparisonTests {
    /// Each change as `letter path`.
    private func lines(_ old: TreeSketch?, _ new: TreeSketch?) throws -> [String] {
        let repository = try SketchRepository()
        let (reader, roots) = try repository.read(old ?? [:], new ?? [:])
        return try lines(reader, old == nil ? nil : roots[0], new == nil ? nil : roots[1])
    }

    private func lines(_ reader: TreeReader, _ old: TreeEntry?, _ new: TreeEntry?) throws -> [String] {
        var lines: [String] = []
        try TreeComparison(reader, old: old, new: new).run { change in
            lines.append("\(change.kind.rawValue) \(String(decoding: change.path, as: UTF8.self))")
        }
        return lines
    }

    @Test("every kind of change is told once, in the order of paths")
    func kinds() throws {
        let old: TreeSketch = [
            "a": "same", "b": "old", "c": "gone", "d": ["x": "1", "y": ["z": "2"]], "e": "file", "f": ["g": "3"],
            "same": ["deep": ["er": "4"]],
        ]
        let new: TreeSketch = [
            "a": "same", "aa": "new", "b": "new", "d": ["x": TreeSketch.file("1").with { $0.mode = 0o600 }, "y": [:]],
            "e": ["in": "5"], "f": .link("g"), "same": ["deep": ["er": "4"]],
        ]
        #expect(
            try lines(old, new) == [
                "+ aa", "M b", "- c", "U d/x", "- d/y/z", "T e", "+ e/in", "T f", "- f/g",
            ])
        #expect(
            try lines(new, old) == [
                "- aa", "M b", "+ c", "U d/x", "+ d/y/z", "T e", "- e/in", "T f", "+ f/g",
            ])
        #expect(try lines(old, old) == [])
        #expect(try lines(nil, ["a": ["b": "c"], "d": ""]) == ["+ a", "+ a/b", "+ d"])
        #expect(try lines(["a": ["b": "c"], "d": ""], nil) == ["- a", "- a/b", "- d"])
        #expect(try lines(nil, nil) == [])
    }

    @Test("every kept metadatum is a change, and nothing else is")
    func metadata() throws {
        let changes: [(inout TreeEntry) -> Void] = [
            { $0.mode = 0 }, { $0.userID = 0 }, { $0.groupID = 0 }, { $0.modified.nanoseconds = 0 },
            { $0.attributes = [ExtendedAttribute(name: Array("trusted.x".utf8), value: [])] },
        ]
        for change in changes { #expect(try lines(["f": "1"], ["f": TreeSketch.file("1").with(change)]) == ["U f"]) }
        for change in changes {
            let directory: TreeSketch = ["in": "1"]
            #expect(try lines(["d": directory], ["d": directory.with(change)]) == ["U d"])
        }
        #expect(try lines(["l": .link("a")], ["l": .link("b")]) == ["U l"])
        let device = TreeEntry.Node.characterDevice(major: 1, minor: 3)
        #expect(try lines(["c": .node(device)], ["c": .node(.characterDevice(major: 1, minor: 5))]) == ["U c"])
        #expect(try lines(["c": .node(device)], ["c": .node(.blockDevice(major: 1, minor: 3))]) == ["T c"])
        let nothing: [(inout TreeEntry) -> Void] = [
            { $0.linkGroup = 9 }, { $0.userName = [65] }, { $0.groupName = [66] },
        ]
        for change in nothing { #expect(try lines(["f": "1"], ["f": TreeSketch.file("1").with(change)]) == []) }
    }

    @Test("how a file is cut, and where its holes are, is no change")
    func storage() throws {
        let repository = try SketchRepository()
        let bytes = [UInt8](repeating: 7, count: 30_000)
        let session = try repository.store.write(for: "test")
        let id = try session.put(bytes)
        try session.flush()
        session.close()
        let whole = TreeEntry.Node.file(
            size: 30_000, content: .chunks([ChunkReference(id: id, length: 30_000)]), digest: id.digest, holes: .empty)
        let (reader, roots) = try repository.read(["f": .bytes(bytes, holes: [(0, 4_096)])], ["f": .node(whole)])
        #expect(roots[0] != roots[1])
        #expect(try lines(reader, roots[0], roots[1]) == [])
    }

    @Test("the two entries themselves count, whatever their names, and roots do not")
    func tops() throws {
        let repository = try SketchRepository()
        let (reader, roots) = try repository.read(
            ["a": "1", "b": "2"], TreeSketch(.directory([])).with { $0.mode = 0 })
        let a = try #require(try reader.entry(at: "a", below: roots[0]))
        let b = try #require(try reader.entry(at: "b", below: roots[0]))
        #expect(try lines(reader, a, b) == ["M "])
        #expect(try lines(reader, a, a) == [])
        #expect(try lines(reader, roots[0], a) == ["+ ", "- a", "- b"])
        #expect(try lines(reader, roots[0], roots[1]) == ["- a", "- b"])
    }

    @Test("equal directories are not read: their chunks may be lost")
    func pruning() throws {
        let lost = TreeEntry.Node.directory(
            content: .chunks([ChunkReference(id: ChunkID(SHA256.digest([1])), length: 10)]), digest: SHA256.digest([2]))
        let repository = try SketchRepository()
        let (reader, roots) = try repository.read(
            ["d": .node(lost), "f": "1"], ["d": TreeSketch.node(lost).with { $0.mode = 0 }, "f": "2"])
        #expect(try lines(reader, roots[0], roots[1]) == ["U d", "M f"])
        #expect {
            try lines(reader, roots[0], nil)
        } throws: {
            ($0 as? CairnError)?.code.description == "missing"
        }
    }

    @Test("trees of thousands of levels and directories of many pages are compared")
    func extremes() throws {
        func deep(_ leaf: TreeSketch) -> TreeSketch {
            (0..<1_500).reduce(leaf) { below, _ in .directory([(Array("d".utf8), below)]) }
        }
        let change = try lines(deep("1"), deep("2"))
        #expect(change == ["M " + Array(repeating: "d", count: 1_500).joined(separator: "/")])

        func wide(_ skipped: Int) -> TreeSketch {
            .directory((0..<5_000).filter { $0 != skipped }.map { (Array("file number \($0)".utf8), "x") })
        }
        #expect(try lines(["w": wide(1_234)], ["w": wide(4_321)]) == ["+ w/file number 1234", "- w/file number 4321"])
    }

    @Test("a comparison that is stopped, by its body or by request, ends with that error")
    func stopping() throws {
        let repository = try SketchRepository()
        let (reader, roots) = try repository.read(["a": "1", "b": "2"], [:])
        let comparison = TreeComparison(reader, old: roots[0], new: roots[1])
        var count = 0
        #expect(throws: CairnError.self) {
            try comparison.run { _ throws(CairnError) in
                count += 1
                throw .cancelled
            }
        }
        #expect(count == 1)
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: CairnError.self) { try comparison.run(cancellation: cancellation) { _ in count += 1 } }
        #expect(count == 1)
    }

    @Test("statistics count each entry once, and a change of kind as one removed and one new")
    func statistics() throws {
        let repository = try SketchRepository()
        let (reader, roots) = try repository.read(
            ["a": "1234", "b": "12", "c": ["d": "1", "e": .link("x")], "k": "12345", "u": "1"],
            ["a": "567", "c": TreeSketch(dictionaryLiteral: ("n", "123456")).with { $0.mode = 0 }, "k": [:], "u": "1"])
        var statistics = ChangeStatistics()
        try TreeComparison(reader, old: roots[0], new: roots[1]).run { statistics.add($0) }
        statistics.setUnmodified(.init(files: 3, directories: 2, others: 0))
        #expect(statistics.files == counts(new: 1, changed: 1, unmodified: 1, removed: 3))
        #expect(statistics.directories == counts(new: 1, changed: 1, unmodified: 0, removed: 0))
        #expect(statistics.others == counts(new: 0, changed: 0, unmodified: 0, removed: 1))
        #expect(statistics.bytesAdded == 3 + 6)
        #expect(statistics.bytesRemoved == 4 + 2 + 1 + 5)
    }

    private func counts(new: Int, changed: Int, unmodified: Int, removed: Int) -> ChangeStatistics.Counts {
        var counts = ChangeStatistics.Counts()
        (counts.new, counts.changed, counts.unmodified, counts.removed) = (new, changed, unmodified, removed)
        return counts
    }
}
