import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// Prune and delta blocks: what something needed was made from is needed.
@Suite struct DeltaPruneTests {
    private var scene: PruneScene

    init() throws { scene = try PruneScene(seed: 400) }

    /// Commits a root whose chunks are stored as differences from others, each from the one at the same place.
    @discardableResult
    private func commit(_ name: String, _ chunks: [[UInt8]], after old: [[UInt8]]) throws -> String {
        let session = try scene.store.write(for: "test")
        defer { session.close() }
        for (chunk, old) in zip(chunks, old) { try session.put(chunk, after: [ChunkID(of: old)]) }
        return try PruneScene.commit(name, chunks, in: session)
    }

    private func deltas() throws -> [PackDirectory.Block] {
        try scene.store.directories().flatMap(\.directory.blocks).filter { !$0.bases.isEmpty }
    }

    private mutating func history() throws -> (old: [[UInt8]], new: [[UInt8]], dead: [[UInt8]]) {
        let old = (0..<6).map { _ in scene.chunk() }
        let dead = (0..<12).map { _ in scene.chunk() }
        let new = old.map { $0 + [1] }
        try scene.commit("old", old + dead)
        try commit("new", new, after: old)
        #expect(try deltas().flatMap(\.chunks).count == 6)
        return (old, new, dead)
    }

    @Test(
        "what only a forgotten root needed goes, but for what others are differences from; and a second prune finds nothing to do"
    )
    mutating func keepsBases() throws {
        let (old, new, dead) = try history()
        try scene.store.forgetRoot(scene.store.root(named: Array("old".utf8))!.id)
        try scene.prune()
        #expect(try scene.holds(new) && scene.holds(old))
        #expect(try scene.stored(dead) == 0)
        // As differences still, made of bases that lie elsewhere by now.
        #expect(try deltas().flatMap(\.chunks).count == 6)
        let packs = try scene.storage.packs()
        let second = try scene.prune()
        #expect(try second.deleted.packs == 0 && scene.storage.packs() == packs)
        // When the difference goes too, so do they.
        try scene.store.forgetRoot(scene.store.root(named: Array("new".utf8))!.id)
        try scene.prune()
        #expect(try scene.storage.packs().isEmpty)
    }

    @Test("of a delta block that is needed in part the rest is a difference again")
    mutating func part() throws {
        let old = (0..<8).map { _ in scene.chunk() }
        let new = old.map { $0 + [1] }
        try scene.commit("old", old)
        let first = try commit("all", new, after: old)
        try scene.commit("half", Array(new[..<4]))
        try scene.store.forgetRoot(first)
        try scene.prune()
        #expect(try scene.holds(old) && scene.holds(Array(new[..<4])) && scene.stored(Array(new[4...])) == 0)
        let blocks = try deltas()
        #expect(blocks.flatMap(\.chunks).count == 4 && blocks.allSatisfy { $0.storedBytes < 2_000 })
        #expect(Set(blocks.flatMap(\.bases)) == Set(old[..<4].map { ChunkID(of: $0) }))
    }

    @Test("a delta block that stays although nothing in it is needed keeps its bases")
    mutating func unneededStays() throws {
        let old = [scene.chunk()]
        let new = old.map { $0 + [1] }
        try scene.commit("old", old)
        let session = try scene.store.write(for: "test")
        // In one pack with much that is needed.
        let needed = (0..<30).map { _ in scene.chunk() }
        try session.put(new[0], after: [ChunkID(of: old[0])])
        try PruneScene.commit("needed", needed, in: session)
        session.close()
        try scene.store.forgetRoot(scene.store.root(named: Array("old".utf8))!.id)
        try scene.prune { $0.maxUnused = .percent(50) }
        #expect(try scene.holds(needed))
        // Whoever meets the chunk now may build on it.
        try scene.commit("again", new)
        #expect(try scene.holds(new))
        // And when all may be copied it goes, and its base with it.
        try scene.store.forgetRoot(scene.store.root(named: Array("again".utf8))!.id)
        try scene.prune()
        #expect(try scene.holds(needed) && scene.stored(old) == 0 && scene.stored(new) == 0)
    }

    @Test("a pack whose delta block nobody needs and nobody can read is copied without it")
    mutating func broken() throws {
        let old = scene.chunk()
        try scene.commit("old", [old])
        let basePacks = try scene.storage.packs()
        let session = try scene.store.write(for: "test")
        let needed = (0..<30).map { _ in scene.chunk() }
        try session.put(old + [1], after: [ChunkID(of: old)])
        try PruneScene.commit("needed", needed, in: session)
        session.close()
        try scene.store.removeRoot(scene.store.root(named: Array("old".utf8))!.id)
        for pack in basePacks { try scene.storage.remove(pack.path) }
        try scene.prune { $0.maxUnused = .percent(50) }
        #expect(try scene.holds(needed) && deltas().isEmpty)
        #expect(try scene.prune { $0.maxUnused = .percent(50) }.deleted.packs == 0)
    }

    @Test("bases of what a living session has published stay")
    mutating func inFlight() throws {
        let old = (0..<4).map { _ in scene.chunk() }
        let new = old.map { $0 + [1] }
        try scene.commit("old", old)
        let session = try scene.store.write(for: "test")
        defer { session.close() }
        for (chunk, old) in zip(new, old) { try session.put(chunk, after: [ChunkID(of: old)]) }
        try session.flush()
        try scene.store.forgetRoot(scene.store.root(named: Array("old".utf8))!.id)
        try scene.prune()
        try PruneScene.commit("new", new, in: session)
        #expect(try scene.holds(new))
    }

    @Test("a base that a running session builds on waits, and comes back for it")
    mutating func besideSession() throws {
        let old = scene.chunk()
        try scene.commit("old", [old])
        // Another process, with a catalog of its own.
        let session = try openStore(scene.storage).write(for: "test")
        try scene.store.forgetRoot(scene.store.root(named: Array("old".utf8))!.id)
        #expect(try scene.prune().waiting.packs > 0)
        let new = old + [1]
        try session.put(new, after: [ChunkID(of: old)])
        try PruneScene.commit("new", [new], in: session)
        session.close()
        try scene.prune()
        try scene.prune()
        #expect(try deltas().count == 1 && scene.holds([new]))
    }
}
