import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct DeltaWritingTests {
    private let storage = MemoryStorage()
    private let store: Store
    private var random = SplitMix64(seed: 200)

    init() throws { store = try makeStore(storage) }

    /// Puts a stream that was another one before, in a session of its own.
    @discardableResult
    private func put(_ bytes: [UInt8], after old: [ChunkReference] = []) throws -> [ChunkReference] {
        let session = try store.write(for: "test")
        defer { session.close() }
        var rest = old.map { Ancestry.Piece(id: $0.id, byteCount: UInt64($0.length)) }[...]
        var chunks: [ChunkReference] = []
        let stream = try session.stream(after: old.isEmpty ? nil : Ancestry { rest.popFirst() }) { chunks.append($0) }
        try stream.write(bytes)
        try stream.finish()
        try session.flush()
        return chunks
    }

    private func deltas() throws -> [PackDirectory.Block] {
        try store.directories().flatMap(\.directory.blocks).filter { $0.codec == .zstdWithPrefix }
    }

    private func expectReads(_ bytes: [UInt8], _ chunks: [ChunkReference]) throws {
        let reader = try openStore(storage).reader()
        defer { reader.close() }
        #expect(try reader.get(chunks) == bytes)
    }

    @Test("what was changed a little is stored as the difference", arguments: [4_000, 100_000, 6_000_000])
    mutating func small(count: Int) throws {
        let old = random.bytes(count)
        let before = try put(old)
        var new = old
        new[count / 3] ^= 1
        new.insert(contentsOf: [7, 7, 7], at: count / 2)
        let after = try put(new, after: before)
        #expect(after != before)
        let blocks = try deltas()
        #expect(!blocks.isEmpty && blocks.allSatisfy { $0.storedBytes < 1_000 })
        let whole = Set(before.map(\.id))
        #expect(blocks.allSatisfy { $0.bases.allSatisfy(whole.contains) })
        try expectReads(new, after)
        try expectReads(old, before)
    }

    @Test("a difference from a difference is one from its base: depth is one")
    mutating func depth() throws {
        var bytes = random.bytes(60_000)
        let first = try put(bytes)
        var last = first
        for step in 1...6 {
            bytes[step * 9_000] ^= 0xFF
            last = try put(bytes, after: last)
            try expectReads(bytes, last)
        }
        let whole = Set(first.map(\.id))
        let blocks = try deltas()
        #expect(blocks.count == 6)
        #expect(blocks.allSatisfy { !$0.bases.isEmpty && $0.bases.allSatisfy(whole.contains) })
    }

    @Test("what has drifted far is stored whole, and is the base of what comes")
    mutating func drift() throws {
        let old = random.text(50_000)
        var chunks = try put(old)
        let wholeBefore = Set(chunks.map(\.id))
        // Four fifths of it are others, wherever it is cut.
        var drifted = old
        for start in stride(from: 0, to: old.count, by: 1_000) {
            drifted.replaceSubrange(start..<start + 800, with: random.bytes(800))
        }
        chunks = try put(drifted, after: chunks)
        #expect(try deltas().isEmpty)
        var changed = drifted
        changed[30_000] ^= 1
        chunks = try put(changed, after: chunks)
        let blocks = try deltas()
        #expect(blocks.count == 1 && blocks[0].bases.contains { !wholeBefore.contains($0) })
        try expectReads(changed, chunks)
    }

    @Test("what has nothing in common with what it replaces names no bases")
    mutating func foreign() throws {
        let before = try put(random.bytes(80_000))
        let new = random.bytes(80_000)
        let after = try put(new, after: before)
        #expect(try deltas().isEmpty)
        try expectReads(new, after)
    }

    @Test("a delta block names bases from at most four blocks, and at most half a block of them")
    mutating func limits() throws {
        var files: [(old: [ChunkReference], bytes: [UInt8])] = []
        // Each in a block of its own.
        for _ in 0..<40 {
            let bytes = random.bytes(60_000)
            files.append((try put(bytes), bytes))
        }
        let session = try store.write(for: "test")
        defer { session.close() }
        var after: [(chunks: [ChunkReference], bytes: [UInt8])] = []
        for file in files {
            var rest = file.old.map { Ancestry.Piece(id: $0.id, byteCount: UInt64($0.length)) }[...]
            var chunks: [ChunkReference] = []
            let stream = try session.stream(after: Ancestry { rest.popFirst() }) { chunks.append($0) }
            let bytes = file.bytes + [1, 2, 3]
            try stream.write(bytes)
            try stream.finish()
            after.append((chunks, bytes))
        }
        try session.flush()
        var blockOf: [ChunkID: String] = [:]
        for (name, _, directory) in try store.directories() {
            for (number, block) in directory.blocks.enumerated() where block.bases.isEmpty {
                for chunk in block.chunks { blockOf[chunk.id] = "\(name.id) \(number)" }
            }
        }
        let blocks = try deltas()
        #expect(blocks.count >= 10)
        for block in blocks { #expect(Set(block.bases.compactMap { blockOf[$0] }).count <= 4) }
        for file in after { try expectReads(file.bytes, file.chunks) }
    }

    @Test("trees are differences too, of trees only")
    mutating func trees() throws {
        let page = random.bytes(20_000)
        let session = try store.write(for: "test")
        let old = try session.put(page, as: .tree)
        try session.flush()
        session.close()
        let next = try store.write(for: "test")
        defer { next.close() }
        let new = try next.put(page + [1], as: .tree, after: [old])
        let data = try next.put(page + [2], as: .data, after: [old])
        try next.flush()
        let blocks = try deltas()
        #expect(blocks.map(\.kind) == [.tree] && blocks[0].chunks.map(\.id) == [new] && blocks[0].bases == [old])
        #expect(try store.get(new) == page + [1] && store.get(data) == page + [2])
    }

    @Test("without compression nothing is a difference")
    mutating func off() throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage, options: .small(compression: .off))
        let bytes = random.bytes(30_000)
        let old = try store.put([bytes])[0]
        let session = try store.write(for: "test")
        defer { session.close() }
        let new = try session.put(bytes + [1], after: [old])
        try session.flush()
        #expect(try store.directories().flatMap(\.directory.blocks).allSatisfy { $0.bases.isEmpty })
        #expect(try store.get(new) == bytes + [1])
    }

    @Test("a damaged chunk is nobody's base")
    mutating func damagedBase() throws {
        let bytes = random.bytes(30_000)
        let before = try put(bytes)
        let pack = try store.directories()[0].name
        try storage.flip(pack.path, at: 2_000)
        let after = try put(bytes + [9], after: before)
        #expect(try deltas().isEmpty)
        #expect(try store.copies()[after.last!.id] == 1)
    }

    @Test("of large amounts in which nothing is found ever fewer are looked at")
    func odds() {
        var odds = DeltaOdds()
        var looks = 0
        for _ in 0..<100 where odds.areWorthATry() {
            looks += 1
            odds.note(tried: 48 << 20, found: 0)
        }
        #expect((5...15).contains(looks))
        while !odds.areWorthATry() {}
        odds.note(tried: 48 << 20, found: 40 << 20)
        for _ in 0..<2 {
            let isWorthATry = odds.areWorthATry()
            #expect(isWorthATry)
        }
        // Little is always looked at.
        odds.note(tried: 1 << 20, found: 0)
        let isWorthATry = odds.areWorthATry()
        #expect(isWorthATry)
    }
}
