import Cairn
import ChunkStore
import Crypto
import Posix
import Storage
import TestSupport
import Testing

@Suite("Taking snapshots")
struct SnapshotTests {
    @Test("the first snapshot is full, whatever was asked")
    func first() throws {
        let scene = try SnapshotScene()
        try scene.write("a", [1, 2, 3])
        for strategy in [Strategy.incremental, .differential] {
            let scene = try SnapshotScene(repository: try TestRepository())
            try scene.write("a", [1])
            #expect(try scene.take { $0.strategy = strategy }.strategy == .full)
        }
        let outcome = try scene.take()
        #expect(outcome.base == nil)
        #expect(outcome.statistics.files.new == 1)
        #expect(outcome.snapshot?.manifest.paths == [scene.folder.path])
        #expect(try scene.content("a", in: outcome) == [1, 2, 3])
    }

    @Test("an unchanged tree is not read again, and stores no new tree")
    func unchanged() throws {
        let scene = try SnapshotScene()
        var generator = SplitMix64(seed: 1)
        for number in 0..<50 { try scene.write("d\(number % 7)/f\(number)", generator.bytes(number * 100)) }
        SnapshotScene.settle()
        let first = try scene.take()
        #expect(first.filesRead == 50)
        let second = try scene.take()
        #expect(second.filesRead == 0)
        #expect(second.strategy == .incremental)
        #expect(second.base?.id == first.snapshot?.id)
        #expect(second.statistics.files.unmodified == 50)
        #expect(second.rootHash == first.rootHash)
        #expect(try scene.source(in: second) == scene.source(in: first))
    }

    @Test("a file that changed just before it was read is read again")
    func fresh() throws {
        let scene = try SnapshotScene()
        try scene.write("a", [1])
        #expect(try scene.take().filesRead == 1)
        #expect(try scene.take().filesRead == 1)
        SnapshotScene.settle()
        #expect(try scene.take().filesRead == 1)
        #expect(try scene.take().filesRead == 0)
    }

    @Test("what is added, changed and removed is counted, and only that is read")
    func changes() throws {
        let scene = try SnapshotScene()
        for number in 0..<20 { try scene.write("d/e/f\(number)", [UInt8(number)]) }
        try scene.write("other/x", [0])
        SnapshotScene.settle()
        try scene.take()
        try scene.write("d/e/f3", [77, 78])
        try scene.write("d/e/new", [1])
        try Folder.remove(scene.path("d/e/f4"))
        try Folder.remove(scene.path("other/x"))
        try Folder.removeEmpty(scene.path("other"))
        let outcome = try scene.take()
        #expect(outcome.filesRead == 2)
        #expect(outcome.statistics.files.new == 1)
        #expect(outcome.statistics.files.changed == 1)
        #expect(outcome.statistics.files.removed == 2)
        #expect(outcome.statistics.files.unmodified == 18)
        #expect(outcome.statistics.dirs.removed == 1)
        #expect(try scene.content("d/e/f3", in: outcome) == [77, 78])
        let (trees, root) = try scene.tree(outcome)
        #expect(try trees.entry(at: scene.path("other"), below: root) == nil)
        #expect(try trees.entry(at: scene.path("d/e/f4"), below: root) == nil)
    }

    @Test("equal trees have equal roots: by any strategy, with and without a journal, in any repository, at any place")
    func roots() throws {
        let scene = try SnapshotScene()
        var generator = SplitMix64(seed: 2)
        for number in 0..<30 { try scene.write("d\(number % 4)/f\(number)", generator.bytes(number * 3_000)) }
        let first = try scene.take()
        #expect(try scene.take().rootHash == first.rootHash)
        #expect(try scene.take { $0.strategy = .full }.rootHash == first.rootHash)
        #expect(try scene.take { $0.strategy = .differential }.rootHash == first.rootHash)
        let without = try Store.open(scene.repository.storage, credentials: scene.repository.credentials)
        #expect(try SnapshotTaking(without, scene.request()).run().rootHash == first.rootHash)
        let elsewhere = try TestRepository(encrypted: false)
        #expect(try SnapshotTaking(elsewhere.open(), scene.request()).run().rootHash == first.rootHash)
        try scene.write("d0/f0", [9])
        #expect(try scene.take().rootHash != first.rootHash)
    }

    @Test("a full snapshot reads every file, and stores nothing that is stored")
    func full() throws {
        let scene = try SnapshotScene()
        var generator = SplitMix64(seed: 3)
        for (name, count) in [("small", 100), ("chunks", 200_000), ("large", 3_000_000)] {
            try scene.write(name, generator.bytes(count))
        }
        SnapshotScene.settle()
        let first = try scene.take()
        let second = try scene.take { $0.strategy = .full }
        #expect(second.filesRead == 3)
        #expect(second.statistics.dataChunks == 0)
        #expect(try scene.source(in: second) == scene.source(in: first))
    }

    @Test(
        "a file whose bytes changed while its times did not is found by a full snapshot, with the digest of its new bytes"
    )
    func silentChange() throws {
        let scene = try SnapshotScene()
        var generator = SplitMix64(seed: 4)
        var content = generator.bytes(2_000_000)
        try scene.write("f", content)
        let before = try Folder.status(scene.path("f"))
        SnapshotScene.settle()
        try scene.take()
        content[1_500_000] ^= 1
        try scene.write("f", content)
        try FileDescriptor.open(scene.path("f"), .write).setModified(before.modified)
        #expect(try scene.take { $0.ignoresChangeTime = true }.filesRead == 0)
        let outcome = try scene.take {
            $0.strategy = .full
            $0.ignoresChangeTime = true
        }
        #expect(try scene.content("f", in: outcome) == content)
        let (trees, root) = try scene.tree(outcome)
        let entry = try #require(try trees.entry(at: scene.path("f"), below: root))
        guard case .file(_, _, let digest, _) = entry.node else {
            Issue.record("no file")
            return
        }
        #expect(digest == SHA256.digest(content))
    }

    @Test("a differential snapshot is compared with the last full one")
    func differential() throws {
        let scene = try SnapshotScene()
        try scene.write("a", [1])
        let full = try scene.take()
        try scene.write("b", [2])
        try scene.take()
        try scene.write("c", [3])
        let outcome = try scene.take { $0.strategy = .differential }
        #expect(outcome.strategy == .differential)
        #expect(outcome.base?.id == full.snapshot?.id)
        #expect(outcome.statistics.files.new == 2)
    }

    @Test("a snapshot that would be equal to the last one is skipped where that is asked for")
    func skip() throws {
        let scene = try SnapshotScene()
        try scene.write("a", [1])
        try scene.take()
        #expect(try scene.take { $0.skipsUnchanged = true }.snapshot == nil)
        try scene.write("a", [2])
        #expect(try scene.take { $0.skipsUnchanged = true }.snapshot != nil)
    }

    @Test("a rehearsal writes nothing into the repository, and counts what would be new")
    func rehearsal() throws {
        let scene = try SnapshotScene(repository: try TestRepository(.folder))
        var generator = SplitMix64(seed: 5)
        try scene.write("a", generator.bytes(100_000))
        try scene.write("b", generator.bytes(10))
        let root = try #require(scene.repository.path)
        func files() throws -> [String] {
            try scene.repository.storage.list("", recursive: true).map { "\($0.name) \($0.size)" }.sorted()
        }
        let before = try files()
        let outcome = try scene.take { $0.isRehearsal = true }
        #expect(outcome.snapshot == nil)
        #expect(outcome.statistics.files.new == 2)
        #expect(outcome.statistics.dataAdded > 100_000)
        #expect(try files() == before, "in \(root)")
        #expect(try SnapshotList(scene.store).snapshots.isEmpty)
    }

    @Test("sources that are not there are reported, and fail only if none is there")
    func missing() throws {
        let scene = try SnapshotScene()
        try scene.write("a", [1])
        let failures = Monitor<[ItemFailure]>([])
        let outcome = try scene.take(failures: failures) {
            $0.source = .paths([scene.path("a"), scene.path("nothing"), scene.path("no/thing")])
        }
        #expect(outcome.isIncomplete)
        #expect(failures.withLock { $0.map(\.kind) } == [.missing, .missing])
        #expect(outcome.snapshot?.manifest.incomplete == true)
        #expect(outcome.snapshot?.manifest.errorCount == 2)
        #expect(throws: CairnError.self) {
            try scene.take(failures: failures) { $0.source = .paths([scene.path("nothing")]) }
        }
        #expect(try SnapshotList(scene.store).snapshots.count == 1)
    }

    @Test("names of one file are one group, read once, and are part of the root")
    func hardLinks() throws {
        let scene = try SnapshotScene()
        try scene.write("d/a", [1, 2])
        try scene.write("e/c", [1, 2])
        let apart = try scene.take()
        let d = try FileDescriptor.open(scene.path("d"), [.read, .folder])
        let e = try FileDescriptor.open(scene.path("e"), [.read, .folder])
        try e.makeHardLink("b", to: "a", in: d)
        let first = try scene.take()
        #expect(first.statistics.files.new == 1)
        #expect(first.rootHash != apart.rootHash)
        let (trees, root) = try scene.tree(first)
        let groups = try ["d/a", "e/b", "e/c"].map { try trees.entry(at: scene.path($0), below: root)?.linkGroup }
        #expect(groups[0] != nil && groups[0] == groups[1])
        #expect(groups[2] == nil)
        SnapshotScene.settle()
        try scene.take()
        let second = try scene.take()
        #expect(second.filesRead == 0)
        #expect(second.rootHash == first.rootHash)
    }

    @Test("a stream becomes a file")
    func stream() throws {
        let scene = try SnapshotScene()
        var generator = SplitMix64(seed: 6)
        let content = generator.bytes(700_000)
        try scene.write("in", content)
        let outcome = try scene.take {
            $0.source = .stream("/dump/db.sql", StreamSource(try! FileDescriptor.open(scene.path("in"), .read)))
        }
        let (trees, root) = try scene.tree(outcome)
        let entry = try #require(try trees.entry(at: "/dump/db.sql", below: root))
        guard case .file(let size, _, let digest, _) = entry.node else {
            Issue.record("no file")
            return
        }
        #expect(size == 700_000 && digest == SHA256.digest(content))
    }

    @Test("a stream that is not whole makes no snapshot")
    func brokenStream() throws {
        let scene = try SnapshotScene()
        try scene.write("in", [1])
        #expect(throws: CairnError.self) {
            try scene.take {
                let file = try! FileDescriptor.open(scene.path("in"), .read)
                $0.source = .stream(
                    "/x", StreamSource(file) { () throws(CairnError) in throw CairnError(.source, "it failed") })
            }
        }
        #expect(try SnapshotList(scene.store).snapshots.isEmpty)
    }

    @Test("folders of the repository are passed by")
    func avoided() throws {
        let scene = try SnapshotScene()
        try scene.write("repository/packs/x", [1])
        try scene.write("a", [1])
        let outcome = try scene.take { $0.avoided = [scene.path("repository")] }
        #expect(outcome.statistics.files.new == 1)
        let (trees, root) = try scene.tree(outcome)
        #expect(try trees.entry(at: scene.path("repository"), below: root) == nil)
    }

    @Test("without a journal, equal sizes and modification times are trusted where that is asked for")
    func trustingTimes() throws {
        let scene = try SnapshotScene()
        for number in 0..<20 { try scene.write("d\(number % 3)/f\(number)", [UInt8(number), 1]) }
        let first = try scene.take()
        let fresh = try Store.open(scene.repository.storage, credentials: scene.repository.credentials)
        let outcome = try SnapshotTaking(fresh, scene.request { $0.trust = .modificationTime }).run()
        #expect(outcome.filesRead == 0)
        #expect(outcome.rootHash == first.rootHash)
        #expect(try SnapshotTaking(fresh, scene.request()).run().filesRead == 20)
    }
}
