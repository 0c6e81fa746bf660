import ChunkStore
import Crypto
import Glibc
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Checking a repository")
struct CheckTests {
    @Test(
        "damage is told as the table says, plain and encrypted, and checking changes nothing",
        arguments: DamageCase.table)
    func damage(_ damage: DamageCase) throws {
        for encrypted in damage.encrypted {
            let scene = try CheckScene(encrypted: encrypted)
            try damage.hurt(scene)
            let before = try scene.contents()
            let first = try scene.check().answer
            #expect(first == damage.structure, "\(encrypted ? "encrypted" : "plain")")
            // A catalog that was wrong is right from then on.
            var second = damage.data ?? damage.structure
            if second.findings.remove("catalog healed") != nil { second.code = 0 }
            let withData = try scene.check(data: .all).answer
            #expect(withData == second, "with data, \(encrypted ? "encrypted" : "plain")")
            #expect(try scene.contents() == before)
        }
    }

    @Test(
        "snapshots of real folders prove themselves: several sources, hard links within and across them, holes, tags that changed"
    )
    func real() throws {
        let scene = try SnapshotScene()
        try scene.write("a/f", [1, 2, 3])
        try scene.write("b/g", [UInt8](repeating: 7, count: 200_000))
        #expect(link(scene.path("a/f").string, scene.path("b/f").string) == 0)
        #expect(link(scene.path("a/f").string, scene.path("a/e").string) == 0)
        let sparse = try FileDescriptor.open(scene.path("b/sparse"), [.write, .create])
        try [UInt8](repeating: 1, count: 4_096).withUnsafeBytesThrowing { raw throws(PosixError) in
            try sparse.write(all: raw)
        }
        #expect(truncate(scene.path("b/sparse").string, 1 << 20) == 0)
        try scene.take { $0.source = .paths([scene.path("a"), scene.path("b")]) }
        try scene.write("a/new", [4])
        try scene.take { $0.source = .paths([scene.path("a"), scene.path("b")]) }
        try scene.take { $0.source = .paths([scene.path("b")]) }
        try scene.take { $0.source = .paths([scene.path("a/f")]) }
        var events: [CheckEvent] = []
        let summary = try RepositoryCheck(scene.store, CheckRequest(data: .all)).run { events.append($0) }
        #expect(events == [])
        #expect(summary.snapshots == 4 && summary.packsGood == summary.packs && summary.packs > 0)
    }

    @Test("a root hash that leaves out a group of hard links, or names another, is found")
    func links() throws {
        let repository = try TestRepository()
        let store = try repository.open()
        func group(_ number: UInt64) -> TreeSketch { TreeSketch.file("1").with { $0.linkGroup = number } }
        let tree: TreeSketch = ["d": ["a": group(5), "b": group(5)], "c": group(6)]
        let paths = [["d/a", "d/b"], ["c"]].map { $0.map { MerkleDigest.LinkPath(source: 0, path: Array($0.utf8)) } }
        try CheckScene.commit("a1", tree, to: store) { manifest, root in
            manifest.rootHash = MerkleDigest.root(of: [root], links: paths)
        }
        func findings() throws -> [CheckEvent] {
            var events: [CheckEvent] = []
            _ = try RepositoryCheck(store, CheckRequest()).run { events.append($0) }
            return events
        }
        #expect(try findings() == [])
        try CheckScene.commit("b2", tree, to: store)
        let found = try findings()
        #expect(found.count == 1)
        guard case .finding(let finding)? = found.first else { return }
        #expect(finding.kind == .digest && finding.snapshot?.short.hasPrefix("b2") == true)
    }

    @Test("a directory that snapshots share is proven once")
    func sharing() throws {
        let (_, _, summary) = try CheckScene(encrypted: false).check()
        #expect(summary.snapshots == 2 && summary.directories == 3)
        #expect(summary.packs == 2 && summary.packsRead == 0)
    }

    @Test("only the snapshots that are named are followed, and only the packs that they need are read")
    func chosen() throws {
        let scene = try CheckScene(encrypted: false)
        try scene.flip(scene.packs[1], at: 60)
        let store = try scene.repository.open()
        func run(_ snapshot: Snapshot) throws -> CheckSummary {
            try RepositoryCheck(store, CheckRequest(snapshots: [snapshot], data: .all)).run { _ in }
        }
        let first = try run(scene.first)
        #expect(!first.isDamaged && first.packsRead == 1 && first.snapshots == 1)
        let second = try run(scene.second)
        #expect(second.isDamaged && second.packsRead == 2 && second.packsGood == 1)
    }

    @Test("forgotten snapshots are followed too, and said to be forgotten")
    func forgotten() throws {
        let scene = try CheckScene(encrypted: true)
        let manifest = scene.manifest(scene.second)
        try scene.write("forgotten/1790000000-\(scene.second.manifestID)", try scene.read(manifest))
        try scene.remove(manifest)
        #expect(try scene.check().summary.snapshots == 2)
        try scene.remove(scene.packs[1])
        let events = try scene.check().events
        let items = events.compactMap { if case .damaged(let item) = $0 { item } else { nil } }
        #expect(items.map(\.isForgotten) == [true] && items.map(\.snapshot) == [scene.second.id])
    }

    @Test("what roots of other programs name must be there")
    func others() throws {
        let scene = try CheckScene(encrypted: false)
        let store = try scene.repository.open()
        try store.commit(Array("build".utf8), references: [RootReference(kind: .data, id: scene.someChunk)])
        #expect(try scene.check().answer == .clean)
        let gone = RootReference(kind: .data, id: ChunkID(SHA256.digest([1])))
        try store.commit(Array("other".utf8), references: [gone])
        #expect(try scene.check().answer == .damage(["missing damage"]))
    }

    @Test("every file that damage touches is named in every snapshot, once, however many of its chunks are lost")
    func naming() throws {
        let scene = try CheckScene(encrypted: true)
        try scene.flip(scene.packs[0], at: 60)
        let events = try scene.check(data: .all).events
        let items = events.compactMap { if case .damaged(let item) = $0 { item } else { nil } }
        #expect(
            items.map { "\($0.snapshot.short.prefix(2)):\($0.path)" } == [
                "a1:/d/same", "a1:/d/two", "a1:/one", "b2:/d/same", "b2:/d/two",
            ])
        // What is said of blocks comes before, with the number of chunks.
        let blocks = events.compactMap {
            if case .finding(let finding) = $0, finding.kind == .block { finding } else { nil }
        }
        #expect(blocks.map(\.chunkCount) == [6] && blocks.first?.pack.map { scene.packs[0].hasSuffix($0) } == true)
    }

    @Test("a check that is cancelled says so")
    func cancelled() throws {
        let scene = try CheckScene(encrypted: false)
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect {
            try RepositoryCheck(try scene.repository.open(), CheckRequest()).run(cancellation: cancellation) { _ in }
        } throws: { ($0 as? CairnError)?.code == .cancelled }
    }
}
