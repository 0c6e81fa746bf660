import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Holes and attributes")
struct SparseRestoreTests {
    private static let size = 1 << 20

    /// A megabyte of zeros with data at both given places.
    private func bytes(_ places: Range<Int>...) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        for place in places { for index in place { bytes[index] = 7 } }
        return bytes
    }

    @Test("recorded holes are holes again: in the middle, at the head and the tail, and all of a file")
    func recorded() throws {
        let scene = try RestoreScene()
        let size = UInt64(Self.size)
        let middle = bytes(0..<8_192, Self.size - 8_192..<Self.size)
        let inside = bytes(400_000..<500_000)
        let (tail, end): (UInt64, UInt64) = (507_904, 393_216)
        let tree: TreeSketch = [
            "middle": .bytes(middle, holes: [(UInt64(8_192), size - 16_384)]),
            "ends": .bytes(inside, holes: [(UInt64(0), end), (tail, size - tail)]),
            "all": .bytes(bytes(), holes: [(UInt64(0), size)]), "dense": .bytes(middle),
        ]
        for _ in 0..<2 {
            try scene.restore(tree)
            #expect(scene.failures == [])
            #expect(try scene.bytes("middle") == middle && scene.bytes("ends") == inside)
            #expect(try scene.status("middle").blocks * 512 <= 64 << 10)
            #expect(try scene.status("ends").blocks * 512 <= 256 << 10)
            #expect(try scene.status("all").blocks == 0 && scene.status("all").size == size)
            #expect(try scene.status("dense").blocks * 512 >= size)
            // The next time there is a dense file, whose holes are punched.
            try scene.write("middle", middle)
        }
    }

    @Test(
        "a dense file that is restored over, whether its bytes differ or not, gets its holes and keeps the time that was recorded"
    )
    func timeOverDense() throws {
        let scene = try RestoreScene()
        let content = bytes(0..<8_192, Self.size - 8_192..<Self.size)
        let tree: TreeSketch = ["a": .bytes(content, holes: [(UInt64(8_192), UInt64(Self.size - 16_384))])]
        try scene.restore(tree)
        let time = try scene.status("a").modified
        for old in [content, bytes(0..<9_000), bytes(0..<Self.size)] {
            try scene.write("a", old)
            try scene.restore(tree)
            #expect(try scene.bytes("a") == content && scene.status("a").modified == time)
            #expect(try scene.status("a").blocks * 512 <= 64 << 10)
        }
    }

    @Test("--sparse makes holes of zeros")
    func sparse() throws {
        let scene = try RestoreScene()
        let content = bytes(100..<200, 600_000..<600_001)
        try scene.restore(["a": .bytes(content)]) { $0.isSparse = true }
        #expect(try scene.bytes("a") == content)
        #expect(try scene.status("a").blocks * 512 <= 64 << 10)
    }

    @Test("holes that are not in the file make it damaged")
    func broken() throws {
        let scene = try RestoreScene()
        let summary = try scene.restore(["a": .bytes([1, 2, 3], holes: [(2, 9)]), "b": "b"])
        #expect(summary.damaged == 1 && !scene.exists("a"))
        #expect(try scene.text("b") == "b")
    }

    @Test("stretches of holes and zeros cover the bytes once and in order")
    func stretches() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<300 {
            let offset = UInt64(random.number(below: 20_000))
            var bytes = [UInt8](repeating: 0, count: random.number(below: 40_000))
            for index in bytes.indices where index % 9_000 < 3_000 { bytes[index] = 1 }
            let hole = UInt64(random.number(below: 50_000))
            let holes = RestoredHoles(
                recorded: FileHoles([hole..<hole + 5_000, hole + 6_000..<hole + 6_001]),
                findsZeros: random.number(below: 2) == 0)
            var place = offset
            var expected = bytes
            bytes.withUnsafeBytes { raw in
                holes.forEachStretch(of: raw, at: offset) { part, start, isHole in
                    #expect(start == place && !part.isEmpty)
                    if isHole { for index in part.indices { expected[Int(start - offset) + index] = part[index] } }
                    place += UInt64(part.count)
                }
            }
            #expect(place == offset + UInt64(bytes.count) && expected == bytes)
        }
    }

    @Test("attributes come back with empty, binary and long values; others go")
    func attributes() throws {
        let scene = try RestoreScene()
        func attribute(_ name: String, _ value: [UInt8]) -> ExtendedAttribute {
            ExtendedAttribute(name: Array(name.utf8), value: value)
        }
        let wanted = [
            attribute("user.binary", [0, 255, 10]), attribute("user.empty", []),
            attribute("user.long", TreeSketch.random(2_000, seed: 9)),
        ]
        let tree: TreeSketch = [
            "a": .file("text").with { entry in
                entry.mode = 0o444
                entry.attributes = wanted
            }, "d": TreeSketch.directory([]).with { $0.attributes = [wanted[0]] },
        ]
        try scene.write("a", Array("text".utf8))
        try FileDescriptor.open(scene.path("a"), .readWrite).setAttribute(Array("user.mine".utf8), [1])
        for _ in 0..<2 {
            try scene.restore(tree)
            let found = try AttributesOnDisk.of(try FileDescriptor.open(scene.path("a"), .read))
            #expect(found.sorted { $0.name.precedes($1.name) } == wanted && scene.failures == [])
            #expect(try AttributesOnDisk.of(try FileDescriptor.open(scene.path("d"), .read)) == [wanted[0]])
        }
        #expect(scene.action("a") == .unchanged)
    }

    @Test("times before 1970 and beyond 2038 come back", arguments: [-1, -1_000_000_000, 4_000_000_000])
    func times(seconds: Int64) throws {
        let scene = try RestoreScene()
        let time = FileTime(seconds: seconds, nanoseconds: 999_999_999)
        try scene.restore(["a": .file("x").with { $0.modified = time }, "l": .link("a").with { $0.modified = time }])
        #expect(try scene.status("a").modified == time && scene.status("l").modified == time)
    }
}
