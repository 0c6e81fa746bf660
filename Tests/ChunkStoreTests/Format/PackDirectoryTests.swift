import Bytes
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PackDirectoryTests {
    private func id(_ random: inout SplitMix64) -> ChunkID { ChunkID(of: random.bytes(8)) }

    private func block(chunks: Int, _ random: inout SplitMix64) -> PackDirectory.Block {
        let references = (0..<chunks).map { _ in
            ChunkReference(id: id(&random), length: UInt32(random.number(0...20_000)))
        }
        let codec = [PackDirectory.Codec.stored, .zstd, .zstdWithPrefix][random.number(0...2)]
        let bases = codec == .zstdWithPrefix ? (0..<random.number(1...5)).map { _ in id(&random) } : []
        return PackDirectory.Block(
            storedBytes: UInt32(random.number(0...100_000)), plainBytes: references.reduce(0) { $0 + $1.length },
            codec: codec, kind: ChunkKind.allCases[random.number(0...1)], chunks: references, bases: bases)
    }

    private func sample(_ random: inout SplitMix64) -> PackDirectory {
        PackDirectory(blocks: (0..<random.number(1...6)).map { _ in block(chunks: random.number(1...9), &random) })
    }

    @Test("a directory reads as it was written, padded or not")
    func roundTrip() throws {
        var random = SplitMix64(seed: 6)
        for _ in 0..<200 {
            let directory = sample(&random)
            let plain = directory.encoded(padded: false)
            let padded = directory.encoded(padded: true)
            #expect(try PackDirectory(plain) == directory)
            #expect(try PackDirectory(padded) == directory)
            #expect(padded.count == padme(plain.count) && padded.starts(with: plain))
        }
    }

    @Test("a directory cut short anywhere is refused")
    func truncated() {
        var random = SplitMix64(seed: 7)
        let bytes = sample(&random).encoded(padded: false)
        for count in bytes.indices {
            #expect(throws: MalformedBytes.self) { try PackDirectory(Array(bytes[..<count])) }
        }
    }

    /// Two blocks with two chunks each, the second one a delta of one base.
    private var two: [UInt8] {
        func chunk(_ number: UInt8) -> ChunkReference { ChunkReference(id: ChunkID(of: [number]), length: 10) }
        return PackDirectory(blocks: [
            PackDirectory.Block(
                storedBytes: 20, plainBytes: 20, codec: .stored, kind: .data, chunks: [chunk(1), chunk(2)]),
            PackDirectory.Block(
                storedBytes: 15, plainBytes: 20, codec: .zstdWithPrefix, kind: .tree, chunks: [chunk(3), chunk(4)],
                bases: [ChunkID(of: [1])]),
        ]).encoded(padded: false)
    }

    @Test("every count and length that contradicts another one, or its limit, is refused")
    func refused() throws {
        let good = two
        #expect(try PackDirectory(good).blocks.count == 2)
        func changed(_ offset: Int, _ value: UInt32, width: Int = 4) -> [UInt8] {
            var bytes = good
            withUnsafeBytes(of: value.littleEndian) {
                bytes.replaceSubrange(offset..<offset + width, with: $0[..<width])
            }
            return bytes
        }
        let cases: [(String, [UInt8])] = [
            ("layout 2", changed(0, 2)),
            ("0 blocks", changed(4, 0)), ("1048577 blocks", changed(4, 1_048_577)), ("too short", changed(4, 100)),
            ("0 chunks", changed(8, 0)), ("4194305 chunks", changed(8, 4_194_305)), ("other chunks", changed(8, 3)),
            ("4194305 bases", changed(12, 4_194_305)), ("other bases", changed(12, 0)),
            ("other lengths", changed(16, 36)),
            ("a stored block of 16842753 bytes", changed(24, 16_777_216 + 65_537)),
            ("a block of 16777217 bytes", changed(28, 16_777_217)),
            ("another length than the block", changed(28, 21)),
            ("a block of 0 chunks", changed(32, 0)), ("other chunks", changed(32, 3)),
            ("a block with 4097 bases", changed(36, 4_097)),
            ("codec 0 with 1 bases", changed(36, 1)), ("codec 3", changed(40, 3, width: 1)),
            ("codec 1 with 1 bases", changed(60, 1, width: 1)), ("codec 2 with 0 bases", changed(40, 2, width: 1)),
            ("chunk kind 2", changed(41, 2, width: 1)),
            ("a chunk of 8388609 bytes", changed(64 + 32, 8_388_609)),
            ("another length than the block", changed(64 + 32, 11)),
        ]
        for (words, bytes) in cases {
            let error = #expect(throws: MalformedBytes.self, "\(words)") { try PackDirectory(bytes) }
            #expect("\(error!)".contains(words), "\(error!) is not \(words)")
        }
    }

    @Test("a chunk that stands twice in a block is refused; in two blocks it may stand")
    func twice() throws {
        let chunk = ChunkReference(id: ChunkID(of: [1]), length: 10)
        func block(_ count: Int) -> PackDirectory.Block {
            PackDirectory.Block(
                storedBytes: 20, plainBytes: UInt32(10 * count), codec: .stored, kind: .data,
                chunks: [ChunkReference](repeating: chunk, count: count))
        }
        let apart = PackDirectory(blocks: [block(1), block(1)])
        #expect(try PackDirectory(apart.encoded(padded: false)) == apart)
        let error = #expect(throws: MalformedBytes.self) {
            try PackDirectory(PackDirectory(blocks: [block(2)]).encoded(padded: false))
        }
        #expect("\(error!)".contains("twice"))
    }

    @Test("any changed byte is refused or changes what is listed, and never ends the program")
    func everyByte() throws {
        let good = two
        let directory = try PackDirectory(good)
        // The zeros of a block's last two bytes are reserved, so ignored.
        let reserved = Set([42, 43, 62, 63])
        for index in good.indices {
            for mask: UInt8 in [1, 0x80, 0xFF] {
                var bytes = good
                bytes[index] ^= mask
                if let read = try? PackDirectory(bytes) {
                    #expect((read == directory) == reserved.contains(index), "byte \(index)")
                }
            }
        }
    }
}
