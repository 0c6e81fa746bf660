import TestSupport
import Testing

@testable import ChunkStore

@Suite struct RootContentTests {
    private func reference(_ number: Int) -> RootReference {
        RootReference(kind: number % 2 == 0 ? .data : .tree, id: ChunkID(of: Array("\(number)".utf8)))
    }

    private func sample(references: Int = 3) -> RootContent {
        RootContent(
            name: Array("today".utf8), written: 1_790_000_000_000_000_000,
            references: (0..<references).map { reference($0) }, payload: Array("{}".utf8))
    }

    @Test("a root reads as it was written, and what follows it is ignored")
    func roundTrip() throws {
        var random = SplitMix64(seed: 5)
        for round in 0..<100 {
            let content = RootContent(
                name: random.bytes(random.number(1...1_024)), written: Int64(bitPattern: random.next()),
                references: (0..<random.number(0...40)).map { reference($0) },
                payload: random.bytes(random.number(0...3_000)))
            #expect(try RootContent(content.encoded + random.bytes(round % 3)) == content)
        }
    }

    @Test("a root cut short anywhere is refused")
    func truncated() {
        let bytes = sample().encoded
        for count in bytes.indices { #expect(throws: (any Error).self) { try RootContent(Array(bytes[..<count])) } }
    }

    @Test("another layout, an unknown kind of chunk and every limit exceeded are refused")
    func refused() {
        let good = sample().encoded
        func changed(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
            var copy = good
            copy.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            return copy
        }
        let cases: [(String, [UInt8])] = [
            ("layout 2", changed(0, [2])),
            ("a root's name of 0 bytes", changed(9, [0, 0])),
            ("a root's name of 1025 bytes", changed(9, [1, 4])),
            ("65537 references", changed(16, [1, 0, 1, 0])),
            ("4294967295 references", changed(16, [255, 255, 255, 255])),
            ("unknown kind", changed(20, [2])),
            ("a payload of 16777217 bytes", changed(20 + 3 * 33, [1, 0, 0, 1])),
        ]
        for (words, bytes) in cases {
            let error = #expect(throws: (any Error).self) { try RootContent(bytes) }
            #expect("\(error!)".contains(words), "\(error!)")
        }
    }
}
