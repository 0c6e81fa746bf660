import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct DamageTests {
    private static let chunks: [[UInt8]] = {
        var random = SplitMix64(seed: 100)
        return (0..<12).map { $0 % 2 == 0 ? random.text(2_000 + 100 * $0) : random.bytes(900) }
    }()

    private let storage = MemoryStorage()

    /// Expects of every chunk that it reads right or fails; returns how many failed.
    private func failures(_ store: Store) throws -> Int {
        let reader = try store.reader()
        defer { reader.close() }
        var failed: [Int] = []
        for (index, chunk) in Self.chunks.enumerated() {
            do throws(StoreError) {
                let bytes = try reader.get(ChunkID(of: chunk))
                #expect(bytes == chunk)
            } catch {
                #expect(error.code == .damaged || error.code == .missing, "\(error)")
                failed.append(index)
            }
        }
        // In order all come up to the first that fails.
        var next = 0
        do throws(StoreError) {
            try reader.lendInOrder(Self.chunks.map { ChunkID(of: $0) }) { index, bytes in
                #expect(index == next && Array(bytes) == Self.chunks[index])
                next += 1
            }
        } catch { #expect(error.code == .damaged || error.code == .missing, "\(error)") }
        #expect(next == failed.first ?? Self.chunks.count)
        return failed.count
    }

    /// Two blocks, the first one compressed, the second one not.
    private var blocks: [HandMadePack.Block] {
        [
            HandMadePack.Block(chunks: Array(Self.chunks.prefix(6))),
            HandMadePack.Block(codec: .stored, chunks: Array(Self.chunks.dropFirst(6))),
        ]
    }

    @Test(
        "a flipped byte anywhere in a pack never yields a wrong byte, and spares the other block",
        arguments: EncryptionMode.allCases)
    func flipped(mode: EncryptionMode) throws {
        var random = SplitMix64(seed: 101)
        let store = try makeStore(storage, mode: mode)
        let name = try HandMadePack(blocks: blocks).write(to: store)
        #expect(try failures(store) == 0)
        let good = try storage.file(name.path)
        let stored = try store.directories()[0].directory.blocks.map { Int($0.storedBytes) }
        let second = 48 + stored[0]
        let end = second + stored[1]
        let regions: [(Range<Int>, most: Int)] = [
            (0..<48, 12), (48..<second, 6), (second..<end, 6), (end..<good.count - 40, 12),
            (good.count - 40..<good.count, 12),
        ]
        for (region, most) in regions {
            for offset in region.shuffled(using: &random).prefix(8) {
                try storage.flip(name.path, at: offset, by: UInt8(1) << UInt8(random.number(0...7)))
                // Through a catalog made before the damage, and through one made after it.
                #expect(try failures(store) <= most, "byte \(offset)")
                #expect(try failures(openStore(storage, mode: mode)) <= most, "byte \(offset)")
                try storage.overwrite(name.path, good)
            }
        }
        #expect(try failures(store) == 0)
    }

    @Test(
        "while another pack holds a copy, readers do not notice damage to one", arguments: EncryptionMode.allCases)
    func secondCopy(mode: EncryptionMode) throws {
        let store = try makeStore(storage, mode: mode)
        let first = try HandMadePack(blocks: blocks).write(to: store)
        try HandMadePack(blocks: blocks).write(to: store)
        let good = try storage.file(first.path)
        for offset in [50, good.count / 2, good.count - 60] {
            try storage.flip(first.path, at: offset)
            #expect(try failures(store) == 0)
            #expect(try failures(openStore(storage, mode: mode)) == 0)
            try storage.overwrite(first.path, good)
        }
        try storage.overwrite(first.path, Array(good.prefix(100)))
        #expect(try failures(store) == 0)
        try storage.remove(first.path)
        #expect(try failures(store) == 0)
    }

    @Test("a copy that the disk cannot read any more is one copy less; the last one's error is told")
    func unreadable() throws {
        let shared = SharedStorage(storage, isLocal: true)
        let store = try makeStore(shared)
        let names = try (0..<2).map { _ in try HandMadePack(blocks: blocks).write(to: store) }
        for name in names {
            #expect(try failures(store) == 0)
            shared.spoil(name.path)
        }
        expectFailure(.storage, "Input/output error", PackName.root) { try store.get(ChunkID(of: Self.chunks[0])) }
    }

    @Test("the message names the pack whose only copy is damaged, and says nothing of missing packs")
    func named() throws {
        let store = try makeStore(storage)
        let name = try HandMadePack(blocks: blocks).write(to: store)
        try store.synchronize()
        try storage.flip(name.path, at: 60)
        let error = expectFailure(.damaged, name.path, "block 0") { try store.get(ChunkID(of: Self.chunks[0])) }
        #expect(error?.description.contains("in no pack") == false)
    }

    @Test("two packs that exchanged their names still give all they hold")
    func swapped() throws {
        let store = try makeStore(storage)
        let names = try blocks.map { try HandMadePack(blocks: [$0]).write(to: store) }
        #expect(try failures(store) == 0)
        let files = try names.map { try storage.file($0.path) }
        try storage.overwrite(names[0].path, files[1])
        try storage.overwrite(names[1].path, files[0])
        #expect(try failures(openStore(storage)) == 0)
        // The catalog made before knows other lengths, so it looks again.
        #expect(try failures(store) == 0)
    }

    @Test("two packs of one length that exchanged their names are found out by what they hold")
    func swappedAlike() throws {
        let store = try makeStore(storage)
        let chunks = [[UInt8](repeating: 1, count: 500), [UInt8](repeating: 2, count: 500)]
        let names = try chunks.map {
            try HandMadePack(blocks: [HandMadePack.Block(codec: .stored, chunks: [$0])]).write(to: store)
        }
        for chunk in chunks { #expect(try store.get(ChunkID(of: chunk)) == chunk) }
        let files = try names.map { try storage.file($0.path) }
        try storage.overwrite(names[0].path, files[1])
        try storage.overwrite(names[1].path, files[0])
        for chunk in chunks { #expect(try store.get(ChunkID(of: chunk)) == chunk) }
    }

    @Test("a pack that vanishes between look-up and read is missing; brought back, it serves again")
    func vanished() throws {
        let store = try makeStore(storage)
        let name = try HandMadePack(blocks: blocks).write(to: store)
        let reader = try store.reader()
        defer { reader.close() }
        let good = try storage.file(name.path)
        try storage.remove(name.path)
        expectFailure(.missing, "in no pack") { try reader.get(ChunkID(of: Self.chunks[0])) }
        try storage.overwrite(name.path, good)
        #expect(try reader.get(ChunkID(of: Self.chunks[0])) == Self.chunks[0])
    }
}
