import TestSupport
import Testing

@testable import ChunkStore

@Suite struct RepackingTests {
    private func dataBlocks(_ scene: PruneScene) throws -> [PackDirectory.Block] {
        try openStore(scene.storage).directories().flatMap(\.directory.blocks).filter { $0.kind == .data }
    }

    @Test("blocks of which everything is needed are taken over as zstd made them, and what is left of others is not")
    func wholeBlocks() throws {
        var scene = try PruneScene()
        let large = scene.random.text(1_200_000)
        let small = (0..<10).map { _ in scene.random.text(20_000) }
        try HandMadePack(blocks: [.init(chunks: [large]), .init(chunks: small)]).write(to: scene.store)
        let kept = [large] + small[4..<7]
        try scene.commit("kept", kept)
        let before = try #require(try dataBlocks(scene).first { $0.plainBytes == 1_200_000 })
        #expect(before.codec == .zstd && before.storedBytes < 600_000)
        // What this one compresses anew is not compressed any more.
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        let outcome = try openStore(scene.storage, options: .small(compression: .off)).prune(
            request, reach: PruneScene.reach)
        #expect(outcome.repacked.packs == 1 && outcome.deleted.packs == 1)
        let after = try dataBlocks(scene)
        #expect(after.map(\.chunks.count).sorted() == [1, 3])
        for block in after { #expect(block.codec == (block.chunks.count == 1 ? .zstd : .stored)) }
        #expect(after.first { $0.codec == .zstd }?.plainBytes == 1_200_000)
        #expect(try scene.holds(kept) && scene.stored(Array(small[..<4])) == 0)
    }

    @Test("what is left of blocks is put together in the order in which it came, whichever pack wastes most")
    func order() throws {
        var scene = try PruneScene()
        var kept: [[UInt8]] = []
        for count in [15, 4, 10] {
            let chunks = (0..<20).map { _ in scene.chunk(5_000) }
            try HandMadePack(blocks: [.init(codec: .stored, chunks: chunks)]).write(to: scene.store)
            try scene.store.synchronize()
            kept += chunks.suffix(count)
        }
        try scene.commit("kept", kept)
        #expect(try scene.prune().repacked.packs == 3)
        let blocks = try dataBlocks(scene)
        #expect(blocks.count == 1)
        #expect(blocks.flatMap(\.chunks).map(\.id) == kept.map { ChunkID(of: $0) })
    }
}
