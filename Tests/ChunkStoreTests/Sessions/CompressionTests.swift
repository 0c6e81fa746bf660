import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct CompressionTests {
    private func blocks(_ chunks: [[UInt8]], level: CompressionLevel) throws -> [PackDirectory.Block] {
        let store = try makeStore(mode: .none, options: .small(compression: level))
        let ids = try store.put(chunks)
        let reader = try store.reader()
        defer { reader.close() }
        for (chunk, id) in zip(chunks, ids) { #expect(try reader.get(id) == chunk) }
        return try store.directories().flatMap(\.directory.blocks)
    }

    @Test("what compresses is compressed, and a higher level never costs space here")
    func levels() throws {
        var random = SplitMix64(seed: 60)
        let chunks = (0..<30).map { _ in random.text(20_000) }
        let sizes = try [CompressionLevel.level(1), .automatic, .level(19), .level(99)].map { level in
            let blocks = try blocks(chunks, level: level)
            #expect(blocks.allSatisfy { $0.codec == .zstd })
            return blocks.reduce(0) { $0 + Int($1.storedBytes) }
        }
        #expect(sizes[0] < 300_000 && sizes[2] < sizes[0] && sizes[3] == sizes[2])
    }

    @Test("noise is stored as it is")
    func noise() throws {
        var random = SplitMix64(seed: 61)
        let blocks = try blocks((0..<5).map { _ in random.bytes(400_000) }, level: .automatic)
        #expect(blocks.allSatisfy { $0.codec == .stored && $0.storedBytes == $0.plainBytes })
    }

    @Test("without compression everything is stored as it is")
    func off() throws {
        let blocks = try blocks([[UInt8](repeating: 1, count: 100_000), []], level: .off)
        #expect(blocks.allSatisfy { $0.codec == .stored })
    }

    @Test("a chunk longer than a block is compressed like any other")
    func longChunk() throws {
        var random = SplitMix64(seed: 62)
        // Ten percent of it is noise, so it shrinks to more than a block's length of this budget.
        let chunk = (0..<8).flatMap { _ in random.bytes(300_000) + [UInt8](repeating: 3, count: 600_000) }
        let blocks = try blocks([chunk], level: .automatic)
        #expect(blocks.count == 1 && blocks[0].codec == .zstd && blocks[0].storedBytes < 2_600_000)
    }
}
