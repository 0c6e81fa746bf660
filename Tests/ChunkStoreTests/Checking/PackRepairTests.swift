import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite("Packs of which a part is damaged")
struct PackRepairTests {
    @Test("a repair says how many chunks it has copied and how many are bad, and of one as of one", arguments: [1, 2])
    func counts(of number: Int) throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage)
        var random = SplitMix64(seed: 33)
        let blocks = (0..<2).map { _ in
            HandMadePack.Block(codec: .stored, chunks: (0..<number).map { _ in random.bytes(5_000) })
        }
        let pack = try HandMadePack(blocks: blocks).write(to: store)
        try storage.flip(pack.path, at: number * 8_000)
        var findings: [StoreFinding] = []
        let repair = try StoreRepair(try openStore(storage)) { findings.append($0) }
        defer { repair.close() }
        _ = try repair.records()
        _ = try repair.packs(readsData: true, onLost: { _ in }, onProgress: { _, _ in })
        let end =
            number == 1
            ? "; 1 good chunk of it was copied, 1 is lost so far"
            : "; 2 good chunks of it were copied, 2 are lost so far"
        #expect(findings.count == 1 && findings[0].message.hasSuffix(end), "\(findings)")
    }
}
