import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PruneTests {
    @Test(
        "what no root needs is given back, what one needs stays, and a second prune finds nothing to do",
        arguments: EncryptionMode.allCases)
    func whole(mode: EncryptionMode) throws {
        var scene = try PruneScene(mode: mode)
        let (kept, gone) = ((0..<5).map { _ in scene.chunk() }, (0..<5).map { _ in scene.chunk() })
        try scene.commit("kept", kept)
        let root = try scene.commit("gone", gone)
        try scene.store.forgetRoot(root)
        let before = try scene.store.storedBytes()
        let outcome = try scene.prune()
        #expect(outcome.unneeded.packs == 1 && outcome.repacked.packs == 0 && outcome.endedRoots == 1)
        #expect(try outcome.deleted.bytes == before - scene.store.storedBytes() && outcome.deleted.bytes > 100_000)
        #expect(try scene.holds(kept))
        #expect(try scene.stored(gone) == 0)
        #expect(try scene.condemned.isEmpty && scene.storage.names(below: "forgotten").isEmpty)
        let files = try scene.storage.names(below: "packs")
        let again = try scene.prune()
        #expect(again.deleted.packs == 0 && again.unneeded.packs == 0 && again.written.packs == 0)
        #expect(try scene.storage.names(below: "packs") == files)
    }

    @Test(
        "of a pack that is needed in part, what is needed is copied and the rest goes",
        arguments: EncryptionMode.allCases)
    func parts(mode: EncryptionMode) throws {
        var scene = try PruneScene(mode: mode)
        let chunks = (0..<40).map { _ in scene.chunk() }
        let whole = try scene.commit("whole", chunks)
        try scene.commit("part", Array(chunks[10..<15]))
        try scene.store.forgetRoot(whole)
        let outcome = try scene.prune()
        #expect(outcome.repacked.packs == 1 && outcome.written.packs >= 1)
        #expect(outcome.written.bytes < outcome.repacked.bytes / 4)
        #expect(try scene.holds(Array(chunks[10..<15])))
        #expect(try scene.stored(chunks) == 5)
        let again = try scene.prune()
        #expect(again.deleted.packs == 0 && again.written.packs == 0)
    }

    @Test("where the roots are gone, nothing goes without being asked for once more")
    func noRoots() throws {
        var scene = try PruneScene()
        let (wanted, unwanted) = ([scene.chunk()], [scene.chunk()])
        let root = try scene.commit("wanted", wanted)
        let file = try scene.storage.read("manifests/\(root)", limit: 1 << 20)
        try scene.storage.remove("manifests/\(root)")
        for isRehearsal in [true, false] {
            let error = #expect(throws: StoreError.self) {
                try scene.prune { ($0.isGraceOver, $0.isRehearsal) = (false, isRehearsal) }
            }
            #expect(
                error?.code == .missing && error?.message.contains("the only pack would go") == true, "\(error as Any)")
        }
        try scene.storage.write(file, as: "manifests/\(root)", temporaryName: "tmp/back")
        try scene.store.forgetRoot(scene.commit("unwanted", unwanted))
        try scene.prune { ($0.isGraceOver, $0.graceSeconds) = (false, 0) }
        #expect(try scene.holds(wanted) && scene.stored(unwanted) == 0)
        // Whoever forgets the last one and prunes is not asked: that it stood among the forgotten says that it was not lost.
        try scene.store.forgetRoot(root)
        try scene.prune { ($0.isGraceOver, $0.graceSeconds) = (false, 0) }
        #expect(try scene.storage.packs().isEmpty)
        try scene.prune { $0.isGraceOver = false }
        try scene.storage.remove("manifests/\(scene.commit("lost", wanted))")
        try scene.prune()
        #expect(try scene.storage.packs().isEmpty)
    }

    @Test("many small packs become few, and then stay")
    func smallPacks() throws {
        var scene = try PruneScene()
        var all: [[UInt8]] = []
        for number in 0..<12 {
            let chunks = (0..<3).map { _ in scene.chunk(3_000) }
            try scene.commit("\(number)", chunks)
            all += chunks
        }
        #expect(try scene.storage.packs().count == 12)
        let outcome = try scene.prune()
        #expect(outcome.repacked.packs == 12)
        #expect(try scene.storage.packs().count <= 2)
        #expect(try scene.holds(all))
        #expect(try scene.prune().repacked.packs == 0)
    }

    @Test("a rehearsal writes nothing, and says what the prune then does")
    func rehearsal() throws {
        var scene = try PruneScene()
        let chunks = (0..<40).map { _ in scene.chunk() }
        let (whole, gone) = (try scene.commit("whole", chunks), try scene.commit("gone", [scene.chunk()]))
        try scene.commit("part", Array(chunks[..<7]))
        for root in [whole, gone] { try scene.store.forgetRoot(root) }
        let files = try scene.storage.names(below: "")
        let expected = try scene.prune { $0.isRehearsal = true }
        #expect(try scene.storage.names(below: "") == files)
        let outcome = try scene.prune()
        #expect(expected.deleted == outcome.deleted && expected.unneeded == outcome.unneeded)
        #expect(expected.repacked == outcome.repacked && expected.endedRoots == outcome.endedRoots)
        #expect(expected.usedBytes == outcome.usedBytes && outcome.deleted.packs == 2)
    }

    @Test("a rehearsal can take roots for forgotten that are not")
    func supposed() throws {
        var scene = try PruneScene()
        let root = try scene.commit("root", [scene.chunk()])
        let outcome = try scene.prune {
            $0.isRehearsal = true
            $0.supposedlyForgotten = [root]
        }
        #expect(outcome.endedRoots == 1 && outcome.deleted.packs == 1)
        let held = try scene.prune {
            $0.isRehearsal = true
            $0.isGraceOver = false
            $0.supposedlyForgotten = [root]
        }
        #expect(held.heldRoots == 1 && held.deleted.packs == 0 && !held.distrustsClock)
    }

    @Test("unused bytes below the bound stay where they are; so does what exceeds the bound for copying")
    func bounds() throws {
        var scene = try PruneScene()
        let chunks = (0..<40).map { _ in scene.chunk() }
        let whole = try scene.commit("whole", chunks)
        try scene.commit("most", Array(chunks[..<39]))
        try scene.store.forgetRoot(whole)
        let tolerant = try scene.prune { $0.maxUnused = .percent(5) }
        #expect(tolerant.deleted.packs == 0 && tolerant.unusedBytes > 15_000)
        let bounded = try scene.prune { $0.maxRepackBytes = 100_000 }
        #expect(bounded.deleted.packs == 0 && bounded.unusedBytes > 15_000)
        let unlimited = try scene.prune { $0.maxUnused = .unlimited }
        #expect(unlimited.deleted.packs == 0)
        let strict = try scene.prune()
        #expect(strict.repacked.packs == 1 && strict.unusedBytes == 0)
        #expect(try scene.holds(Array(chunks[..<39])))
    }

    @Test("only one prune runs at a time")
    func busy() throws {
        let scene = try PruneScene()
        let lease = try Lease(for: "prune", in: scene.storage)
        let lock = try CondemnedPacks.lock(scene.storage, by: lease)
        let error = #expect(throws: StoreError.self) { try scene.prune() }
        #expect(error?.code == .busy && error?.message.contains("\(Machine.processID)") == true)
        lock.release()
        lease.release()
        try scene.prune()
    }

    @Test("the bases of a delta block that is needed stay, and stay whole")
    func bases() throws {
        var scene = try PruneScene()
        let (base, changed) = (scene.chunk(), scene.chunk())
        let old = try scene.commit("old", [base, scene.chunk(), scene.chunk()])
        let pack = HandMadePack(blocks: [.init(codec: .zstdWithPrefix, chunks: [changed], bases: [base])])
        try pack.write(to: scene.store)
        try scene.commit("new", [changed])
        try scene.store.forgetRoot(old)
        let outcome = try scene.prune()
        #expect(outcome.repacked.packs >= 1)
        #expect(try scene.holds([base, changed]))
        #expect(try scene.stored([base, changed]) == 2)
    }

    @Test("where there is too little room to copy, what needs no room goes all the same, and it is told")
    func shortOfRoom() throws {
        let storage = SharedStorage(MemoryStorage(), isLocal: true)
        var scene = try PruneScene(storage)
        let chunks = (0..<40).map { _ in scene.chunk() }
        let whole = try scene.commit("whole", chunks)
        try scene.commit("part", Array(chunks[..<20]))
        let gone = try scene.commit("gone", [scene.chunk()])
        for root in [whole, gone] { try scene.store.forgetRoot(root) }
        storage.room.withLock { $0 = 65 << 20 }
        let outcome = try scene.prune()
        #expect(outcome.isShortOfRoom && outcome.deleted.packs == 1 && outcome.repacked.packs == 0)
        #expect(outcome.unusedBytes > 300_000)
        storage.room.withLock { $0 = 1 << 30 }
        #expect(try !scene.prune().isShortOfRoom)
        #expect(try scene.holds(Array(chunks[..<20])))
        #expect(try scene.stored(chunks) == 20)
    }

    /// Twelve packs of which half is needed, on a disk on which one of them at a time can be copied.
    private func crampedScene() throws -> (PruneScene, SharedStorage, kept: [[UInt8]]) {
        let storage = SharedStorage(MemoryStorage(), isLocal: true)
        var scene = try PruneScene(storage)
        var kept: [[UInt8]] = []
        for number in 0..<12 {
            let chunks = (0..<4).map { _ in scene.chunk(3_000) }
            let whole = try scene.commit("whole \(number)", chunks)
            try scene.commit("part \(number)", Array(chunks[..<2]))
            try scene.store.forgetRoot(whole)
            kept += chunks[..<2]
        }
        storage.room.withLock { $0 = 64 << 20 + 3 << 19 }
        return (scene, storage, kept)
    }

    @Test("where copying ends in too many small packs a further round makes them few, and a second prune finds nothing")
    func furtherRound() throws {
        let (scene, storage, kept) = try crampedScene()
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        request.isGraceOver = true
        var rounds = 0
        let outcome = try scene.store.prune(
            request,
            progress: {
                guard case .marking = $0.phase, $0.done == 0 else { return }
                rounds += 1
                // There is room again when the first round is over.
                if rounds == 2 { storage.room.withLock { $0 = 1 << 40 } }
            }, reach: PruneScene.reach)
        #expect(rounds == 2 && outcome.written.packs > 12)
        #expect(try storage.packs().count == 1)
        #expect(try scene.holds(kept))
        #expect(try scene.prune().written.packs == 0)
    }

    @Test("where a further round leaves no fewer small packs, it is the last")
    func lastRound() throws {
        let (scene, storage, kept) = try crampedScene()
        let before = try storage.packs().count
        let outcome = try scene.prune()
        #expect(!outcome.isShortOfRoom && outcome.written.packs == 2 * before)
        #expect(try scene.holds(kept))
        storage.room.withLock { $0 = 1 << 40 }
        try scene.prune()
        #expect(try storage.packs().count == 1)
        #expect(try scene.holds(kept))
    }

    @Test("packs that are small because their chunks are tiny, and full of them, are not copied for being small")
    func tinyChunks() {
        func plan(chunks: Int) -> PrunePlan {
            var random = SplitMix64(seed: 5)
            let packs = (0..<20).map { number in
                let name = PackName(folder: .data, id: ChunkID(of: random.bytes(8)).digest)
                let row = CatalogConnection.PackRow(
                    number: Int64(number), name: name, bytes: 4 << 20, chunks: Int64(chunks), isCondemned: false)
                return PrunePlan.Pack(row: row, blockBytes: 4 << 20, usedBytes: 4 << 20, usedChunks: chunks)
            }
            return PrunePlan(packs, PruneRequest())
        }
        #expect(plan(chunks: PackAssembler.chunksMax).kept.count == 20)
        #expect(plan(chunks: 1_000).repacked.count == 20)
    }
}
