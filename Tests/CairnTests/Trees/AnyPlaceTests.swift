import Bytes
import Cairn
import ChunkStore
import Posix
import TestSupport
import Testing

/// Reading contents, directories and holes at any place.
@Suite struct AnyPlaceTests {
    private let scene: SnapshotScene
    private var random = SplitMix64(seed: 77)

    init() throws { scene = try SnapshotScene() }

    private func entry(_ name: String, in outcome: SnapshotOutcome) throws -> (TreeEntry, TreeReader) {
        let (trees, root) = try scene.tree(outcome)
        return (try #require(try trees.entry(at: scene.path(name), below: root)), trees)
    }

    private func content(_ entry: TreeEntry, room: RecurrenceRoom? = nil) throws -> ContentIndex {
        guard case .file(_, let content, _, _) = entry.node else { throw CairnError(.notFound, "no file") }
        return try ContentIndex(content, room: room)
    }

    private func read(
        _ index: ContentIndex, at offset: Int, count: Int, ahead: UInt64 = 0, _ trees: TreeReader
    ) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0xEE, count: count)
        let got = try buffer.withUnsafeMutableBytesThrowing { raw throws(CairnError) in
            try index.read(at: UInt64(offset), into: raw, ahead: ahead, through: trees)
        }
        return Array(buffer[..<got])
    }

    @Test(
        "any stretch of a file is what it was, past the end there is nothing",
        arguments: [0, 1, 700, 60_000, 9_000_000])
    mutating func anywhere(count: Int) throws {
        let bytes = random.bytes(count)
        try scene.write("file", bytes)
        let (entry, trees) = try entry("file", in: scene.take())
        let index = try content(entry)
        for _ in 0..<200 {
            let offset = Int(random.next() % UInt64(count + 10))
            let length = Int(random.next() % 200_000)
            let right = Array(bytes[min(offset, count)..<min(offset + length, count)])
            let ahead: UInt64 = [0, 1, 500_000, 8 << 20, .max][Int(random.next() % 5)]
            #expect(try read(index, at: offset, count: length, ahead: ahead, trees) == right)
        }
        #expect(try read(index, at: count, count: 10, trees).isEmpty)
        #expect(try read(index, at: Int.max, count: 10, trees).isEmpty)
    }

    @Test(
        "what comes again in a long file is the same each time, from front to back and here and there",
        arguments: [0, 2 << 20, 32 << 20])
    mutating func again(roomBytes: Int) throws {
        let (piece, once) = (random.bytes(5_000_000), random.bytes(14_000_000))
        let bytes = piece + once + piece + once.reversed() + piece + piece + [1, 2, 3]
        try scene.write("file", bytes)
        let (entry, trees) = try entry("file", in: scene.take())
        let index = try content(entry, room: RecurrenceRoom(bytes: roomBytes))
        for _ in 0..<2 {
            var offset = 0
            while offset < bytes.count {
                let length = 1 + Int(random.next() % 1_500_000)
                let right = bytes[offset..<min(offset + length, bytes.count)]
                #expect(try read(index, at: offset, count: length, ahead: 8 << 20, trees).elementsEqual(right))
                offset += length
            }
        }
        for _ in 0..<50 {
            let offset = Int(random.next() % UInt64(bytes.count))
            let right = bytes[offset..<min(offset + 300_000, bytes.count)]
            #expect(try read(index, at: offset, count: 300_000, ahead: 1 << 20, trees).elementsEqual(right))
        }
    }

    @Test("neighbours of a place are bytes of the file around it, in one piece where they lie in one block")
    mutating func neighbours() throws {
        let bytes = random.bytes(9_000_000)
        try scene.write("file", bytes)
        let (entry, trees) = try entry("file", in: scene.take())
        let index = try content(entry)
        for offset in [0, 1_000_000, 5_555_555, 8_999_999] {
            var lent: [Range<Int>] = []
            try index.lendNeighbours(of: UInt64(offset), within: 1 << 20, through: trees) { start, piece in
                let range = Int(start)..<Int(start) + piece.count
                #expect(piece.elementsEqual(bytes[range]))
                lent.append(range)
            }
            #expect(lent.contains { $0.contains(offset) })
            let chunkMax = 1 << 20
            #expect(lent.allSatisfy { abs($0.lowerBound - offset) <= (1 << 20) + chunkMax })
        }
        var isCalled = false
        try index.lendNeighbours(of: 9_000_000, within: 1 << 20, through: trees) { _, _ in isCalled = true }
        #expect(!isCalled)
    }

    @Test("the pages of a directory hold its entries, whatever its size", arguments: [0, 3, 3_000])
    mutating func pages(count: Int) throws {
        try Folder.makeAll(scene.path("many"))
        for number in 0..<count { try scene.write("many/file \(number)", []) }
        let (entry, trees) = try entry("many", in: scene.take())
        let pages = try DirectoryPages(of: entry, through: trees)
        #expect(count < 3_000 || pages.count > 1)
        var names: [[UInt8]] = []
        for page in (0..<pages.count).reversed() {
            names.insert(contentsOf: try pages.entries(ofPage: page, through: trees).map(\.name), at: 0)
        }
        var cursor = trees.entries(of: entry)
        var right: [[UInt8]] = []
        while let next = try cursor.next() { right.append(next.name) }
        #expect(names == right && names.count == count)
    }

    @Test("holes are found from any place")
    func holes() throws {
        do {
            let file = try FileDescriptor.open(scene.path("sparse"), [.write, .create])
            try [UInt8](repeating: 1, count: 65_536).withUnsafeBytesThrowing { raw throws(PosixError) in
                try file.write(all: raw, at: 1 << 20)
                try file.write(all: raw, at: 3 << 20)
            }
            try file.truncate(to: 5 << 20)
        }
        try scene.write("dense", [1, 2, 3])
        let outcome = try scene.take()
        let (entry, trees) = try entry("sparse", in: outcome)
        let holes = try FileHoles(of: entry, through: trees)
        let size: UInt64 = 5 << 20
        // A file system may keep more than was written, and never less.
        #expect(holes.byteCount > 4 << 20 && holes.byteCount <= size - 2 * 65_536)
        #expect(holes.nextHole(from: 0, size: size) == 0)
        #expect(holes.nextData(from: 0, size: size) == 1 << 20)
        #expect(holes.nextData(from: 1 << 20 + 5, size: size) == 1 << 20 + 5)
        #expect(holes.nextHole(from: 1 << 20, size: size) == 1 << 20 + 65_536)
        #expect(holes.nextData(from: 2 << 20, size: size) == 3 << 20)
        #expect(holes.nextHole(from: 4 << 20, size: size) == 4 << 20)
        #expect(holes.nextData(from: 4 << 20, size: size) == nil)
        let (dense, _) = try self.entry("dense", in: outcome)
        let none = try FileHoles(of: dense, through: trees)
        #expect(none.byteCount == 0 && none.nextHole(from: 1, size: 3) == 3 && none.nextData(from: 1, size: 3) == 1)
    }
}
