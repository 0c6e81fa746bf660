import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// Delta blocks, made by hand.
@Suite struct DeltaTests {
    private let storage = MemoryStorage()
    private let store: Store
    private let old: [[UInt8]]
    private let new: [[UInt8]]

    init() throws {
        var random = SplitMix64(seed: 110)
        store = try makeStore(storage)
        old = [random.bytes(3_000), random.bytes(5_000), random.bytes(100)]
        new = [old[0] + [1, 2, 3] + old[1].dropFirst(40), [9] + old[2]]
    }

    private func delta(_ chunks: [[UInt8]], on bases: [[UInt8]]) -> HandMadePack {
        HandMadePack(blocks: [HandMadePack.Block(codec: .zstdWithPrefix, chunks: chunks, bases: bases)])
    }

    private func whole(_ chunks: [[UInt8]]) -> HandMadePack {
        HandMadePack(blocks: [HandMadePack.Block(codec: .stored, chunks: chunks)])
    }

    @Test("a delta block reads with its bases, wherever they lie and in whichever order they are named")
    func reads() throws {
        try whole([old[2], old[0]]).write(to: store)
        try whole([old[1]]).write(to: store)
        try delta(new, on: [old[1], old[2], old[0]]).write(to: store)
        let directory = try #require(try store.directories().first { $0.directory.blocks[0].codec == .zstdWithPrefix })
        #expect(directory.directory.storedBytes < 500)
        for chunk in new + old { #expect(try store.get(ChunkID(of: chunk)) == chunk) }
    }

    @Test("bases may stand in the same pack as their delta block")
    func samePack() throws {
        try HandMadePack(blocks: [
            HandMadePack.Block(codec: .zstdWithPrefix, chunks: new, bases: old), HandMadePack.Block(chunks: old),
        ]).write(to: store)
        let reader = try store.reader()
        defer { reader.close() }
        let all = old + new
        try reader.forEach(all.map { ChunkID(of: $0) }, threads: 3) { index, bytes in
            #expect(bytes.elementsEqual(all[index]))
        }
    }

    @Test("without a base the message names the base and the pack, not a missing chunk")
    func baseMissing() throws {
        let name = try delta(new, on: old).write(to: store)
        try whole([old[0], old[2]]).write(to: store)
        let error = expectFailure(.damaged, name.path, "\(ChunkID(of: old[1]))") { try store.get(ChunkID(of: new[0])) }
        #expect(error?.description.contains("in no pack") == false)
        // With the base it reads again.
        try whole([old[1]]).write(to: store)
        #expect(try store.get(ChunkID(of: new[0])) == new[0])
    }

    @Test("a base of which only a delta is left is refused: depth is one")
    func deltaOfDelta() throws {
        try whole(old).write(to: store)
        try delta([new[0]], on: old).write(to: store)
        try delta([new[1]], on: [new[0]]).write(to: store)
        #expect(try store.get(ChunkID(of: new[0])) == new[0])
        expectFailure(.damaged, "\(ChunkID(of: new[0]))") { try store.get(ChunkID(of: new[1])) }
        // A whole copy of the base heals it.
        try whole([new[0]]).write(to: store)
        #expect(try store.get(ChunkID(of: new[1])) == new[1])
    }

    @Test("a damaged base is reported as what it is")
    func baseDamaged() throws {
        let name = try whole(old).write(to: store)
        try delta(new, on: old).write(to: store)
        try store.synchronize()
        try storage.flip(name.path, at: 60)
        expectFailure(.damaged, name.path) { try store.get(ChunkID(of: new[0])) }
    }

    @Test("a block that names itself, or two that name each other, are refused and hang nobody")
    func circles() throws {
        try delta([new[0]], on: [new[0]]).write(to: store)
        try delta([old[0]], on: [old[1]]).write(to: store)
        try delta([old[1]], on: [old[0]]).write(to: store)
        for chunk in [new[0], old[0], old[1]] { expectFailure(.damaged) { try store.get(ChunkID(of: chunk)) } }
    }

    @Test("bases longer than the format allows are refused")
    func tooLong() throws {
        var random = SplitMix64(seed: 111)
        let bases = (0..<3).map { _ in random.bytes(1_500_000) }
        for base in bases { try whole([base]).write(to: store) }
        try delta(new, on: bases).write(to: store)
        expectFailure(.damaged, "too long") { try store.get(ChunkID(of: new[0])) }
        try delta(new, on: Array(bases.prefix(2))).write(to: store)
        #expect(try store.get(ChunkID(of: new[0])) == new[0])
    }

    @Test("a wrong base never yields a wrong byte")
    func wrongBase() throws {
        var block = HandMadePack.Block(codec: .zstdWithPrefix, chunks: new, bases: old)
        // The frame is made against other bytes than the bases that the directory names.
        block.forcedContent = try block.content()
        block.bases = old.map { $0.map { $0 ^ 1 } }
        try whole(block.bases).write(to: store)
        try HandMadePack(blocks: [block]).write(to: store)
        expectFailure(.damaged) { try store.get(ChunkID(of: new[0])) }
    }
}
