import ChunkStore
import Crypto
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Accepting what is lost")
struct LossTests {
    /// Both snapshots lack what lay in the first pack: all of `a1`, and of `b2` the directory `d`.
    private func scene() throws -> CheckScene {
        let scene = try CheckScene(encrypted: true)
        try scene.remove(scene.packs[0])
        return scene
    }

    @Test("the new manifest keeps the snapshot's id, names what is lost, and proves the tree that is left")
    func manifest() throws {
        let scene = try scene()
        let repaired = try scene.repair { request in
            request.acceptsLoss = true
            request.engineVersion = "9.9"
        }
        #expect(repaired.lost == ["a1://", "b2:/d/"] && repaired.summary.acceptedSnapshots == 2)
        let list = try SnapshotList(try scene.openToRepair())
        #expect(list.snapshots.map(\.id) == [scene.first.id, scene.second.id])
        let second = list.snapshots[1].manifest
        #expect(second.supersedes == scene.second.manifestID && second.incomplete && second.errorCount == 1)
        #expect(second.errors.map(\.kind) == ["lost"] && second.errors.map(\.path) == [Path("/d")])
        #expect(second.engineVersion == "9.9" && second.time == scene.second.manifest.time)
        #expect(second.rootHash != scene.second.manifest.rootHash)
        #expect(try scene.readable().files.keys.sorted() == ["b2:/one", "b2:/three"])
        // The directory is still there, with its own metadata.
        let chunks = try scene.openToRepair().reader()
        defer { chunks.close() }
        let reader = TreeReader(chunks)
        let folder = try #require(try reader.entry(at: Path("/d"), below: try reader.root(second.tree)))
        #expect(folder.mode == 0o755 && folder.modified.seconds == 1_700_000_000)
    }

    @Test("the old manifests are forgotten, and are whole again when what was lost has come back")
    func comesBack() throws {
        let whole = try CheckScene(encrypted: true).readable()
        let scene = try CheckScene(encrypted: true)
        let copy = try scene.copied()
        try scene.remove(scene.packs[0])
        #expect(try scene.repair { $0.acceptsLoss = true }.code == 4)
        let store = try copy.open()
        #expect(try scene.repair { $0.sources = [store] }.code == 4)
        let opened = try scene.openToRepair()
        #expect(try opened.forgottenRoots().roots.count == 2)
        for snapshot in try SnapshotList(opened).snapshots { try opened.forgetRoot(snapshot.manifestID) }
        try opened.bringBackRoots([scene.first.manifestID, scene.second.manifestID])
        #expect(try scene.readable() == whole)
    }

    @Test("of a directory with lost pages the names on the others stay")
    func pages() throws {
        let scene = try CheckScene(encrypted: false)
        var random = SplitMix64(seed: 9)
        // Enough names for several pages; each file stands in its entry.
        let entries = (0..<900).map { number in
            (Array("name-\(number)".utf8), TreeSketch.bytes(random.bytes(600)))
        }
        let store = try scene.repository.open()
        let snapshot = try CheckScene.commit("e5", ["many": .directory(entries), "z": "last"], to: store)
        let chunks = try store.reader()
        let reader = TreeReader(chunks)
        let many = try #require(try reader.entry(at: Path("/many"), below: try reader.root(snapshot.manifest.tree)))
        guard case .directory(.chunks(let pages), _) = many.node else { return #expect(Bool(false)) }
        chunks.close()
        #expect(pages.count > 2)
        try scene.lose([pages[1].id], after: store)
        let repaired = try scene.repair { $0.acceptsLoss = true }
        #expect(repaired.lost == ["e5:/many/"] && repaired.code == 4)
        let left = try scene.readable().files.keys.filter { $0.hasPrefix("e5:/many/") }.count
        #expect(left > 100 && left < 900)
        try scene.prune()
        #expect(try scene.check(data: .all).answer == .clean)
    }

    @Test("the places of holes are left out where they are lost, and no byte is missing")
    func holes() throws {
        let scene = try CheckScene(encrypted: false)
        let store = try scene.repository.open()
        let session = try store.write(for: "test")
        let piece = try session.put([UInt8](repeating: 0, count: 8) + [0, 16, 0, 0, 0, 0, 0, 0], as: .tree)
        try session.flush()
        session.close()
        let bytes = [UInt8](repeating: 0, count: 4_096) + [1, 2, 3]
        try CheckScene.commit(
            "e5",
            [
                "sparse": .bytes(bytes).with { entry in
                    guard case .file(let size, let content, let digest, _) = entry.node else { return }
                    entry.node = .file(
                        size: size, content: content, digest: digest,
                        holes: .chunks([ChunkReference(id: piece, length: 16)]))
                }
            ], to: store)
        try scene.lose([piece], after: store)
        #expect(try scene.repair { $0.acceptsLoss = true }.code == 4)
        #expect(try scene.readable().files["e5:/sparse"] == SHA256.digest(bytes))
        try scene.prune()
        #expect(try scene.check(data: .all).answer == .clean)
    }

    @Test("a hundred errors stand in the manifest, the others in its list")
    func manyErrors() throws {
        let scene = try CheckScene(encrypted: false)
        var random = SplitMix64(seed: 3)
        let entries = (0..<130).map { number in
            (Array("f\(number)".utf8), TreeSketch.bytes(random.bytes(50)))
        }
        let store = try scene.repository.open()
        let before = try scene.repository.storage.list("packs", recursive: true).map(\.name)
        // Files of chunks, not inline, whose pack goes; the tree is stored once more.
        let snapshot = try CheckScene.commit("e5", .directory(entries), to: store)
        let data = try scene.dataChunks(of: snapshot, store)
        #expect(data.count == 130 && before.count == 2)
        try scene.lose(data, after: store)
        #expect(try scene.repair { $0.acceptsLoss = true }.summary.lostItems == 130)
        let manifest = try #require(
            try SnapshotList(try scene.openToRepair()).snapshots.first { $0.id == snapshot.id }?.manifest)
        #expect(manifest.errors.count == 100 && manifest.errorCount == 130 && manifest.errorList.count == 1)
        try scene.prune()
        #expect(try scene.check(data: .all).answer == .clean)
    }

    @Test("what a crash left between the new manifest and the old one's going is ended by the next repair")
    func leftover() throws {
        let scene = try scene()
        try scene.repair { $0.acceptsLoss = true }
        let store = try scene.openToRepair()
        try store.bringBackRoots([scene.first.manifestID, scene.second.manifestID])
        let readable = try scene.readable()
        #expect(try scene.repair().code == 0)
        #expect(try scene.repair { $0.acceptsLoss = true }.summary.acceptedSnapshots == 0)
        #expect(try scene.readable() == readable)
        #expect(try store.forgottenRoots().roots.count == 2 && store.roots().roots.count == 2)
    }

    @Test(
        "with losses accepted a prune runs at once; it keeps what can still be reached of the old manifest until its grace is over, and takes it then"
    )
    func pruning() throws {
        let scene = try CheckScene(encrypted: true)
        var random = SplitMix64(seed: 4)
        let entries = (0..<900).map { number in
            (Array("name-\(number)".utf8), TreeSketch.bytes(random.bytes(600)))
        }
        let store = try scene.repository.open()
        let snapshot = try CheckScene.commit(
            "e5", ["many": .directory(entries), "z": .bytes(random.bytes(30_000))], to: store)
        let chunks = try store.reader()
        let reader = TreeReader(chunks)
        let root = try reader.root(snapshot.manifest.tree)
        guard
            case .directory(.chunks(let pages), _) = try #require(try reader.entry(at: Path("/many"), below: root)).node,
            case .file(_, .chunks(let pieces), _, _) = try #require(try reader.entry(at: Path("/z"), below: root)).node
        else { return #expect(Bool(false)) }
        chunks.close()
        // A page of a directory, and one piece of a file whose others are there and that only this snapshot has.
        try scene.lose([pages[1].id, pieces[0].id], after: store)
        #expect(throws: CairnError.self) { try scene.prune(isGraceOver: false) }
        #expect(try scene.repair { $0.acceptsLoss = true }.code == 4)
        let before = try scene.readable()
        #expect(before.broken.isEmpty && before.files["e5:/z"] == nil)
        let outcome = try scene.prune(isGraceOver: false)
        #expect(outcome.lostChunks == 0 && outcome.heldRoots == 1 && outcome.endedRoots == 0)
        func areThere() throws -> [Bool] {
            let reader = try scene.openToRepair().reader()
            defer { reader.close() }
            return try pieces.map { try reader.contains($0.id) }
        }
        #expect(try areThere() == [false, true, true])
        #expect(try scene.readable() == before && scene.check(data: .all).answer.code == 0)
        try scene.prune()
        #expect(try areThere() == [false, false, false])
        #expect(try scene.readable() == before && scene.check(data: .all).answer == .clean)
    }

    @Test("a forgotten snapshot that lacks a tree and that nothing replaces stops a prune until it is given up")
    func forgottenOnly() throws {
        let scene = try CheckScene(encrypted: false)
        try scene.openToRepair().forgetRoot(scene.second.manifestID)
        try scene.remove(scene.packs[1])
        let error = #expect(throws: CairnError.self) { try scene.prune(isGraceOver: false) }
        #expect(error?.remedy?.contains("prune --now") == true)
        try scene.prune()
        #expect(try scene.check(data: .all).answer == .clean)
    }

    @Test("losses are not accepted unless all packs are read")
    func unread() throws {
        let scene = try scene()
        let error = #expect(throws: CairnError.self) {
            try scene.repair { request in
                request.acceptsLoss = true
                request.readsData = false
            }
        }
        #expect(error?.code == .usage)
    }
}

extension CheckScene {
    /// Takes chunks out of the repository: all others are stored anew, and the packs that are there now go.
    func lose(_ ids: Set<ChunkID>, after store: Store) throws {
        let packs = try repository.storage.list("packs", recursive: true).map(\.name)
        let reader = try store.reader()
        defer { reader.close() }
        var kept: [(ChunkKind, [UInt8])] = []
        try store.forEachChunk { id, kind, _ in
            if !ids.contains(id), let bytes = try? reader.get(id) { kept.append((kind, bytes)) }
        }
        let aside = try TemporaryFolder()
        for (number, pack) in packs.enumerated() {
            try Folder.rename(path(pack), to: aside.path.appending("\(number)"))
        }
        let other = try openToRepair()
        let session = try other.write(for: "test")
        defer { session.close() }
        for (kind, bytes) in kept { try session.put(bytes, as: kind) }
        try session.flush()
    }

    func lose(_ ids: [ChunkID], after store: Store) throws { try lose(Set(ids), after: store) }

    /// The chunks of all files of a snapshot.
    func dataChunks(of snapshot: Snapshot, _ store: Store) throws -> Set<ChunkID> {
        let reader = try store.reader()
        defer { reader.close() }
        var found: Set<ChunkID> = []
        try ReachWalk(TreeReader(reader)).walk(snapshot) { chunk in
            if chunk.kind == .data { found.insert(chunk.id) }
            return true
        }
        return found
    }
}
