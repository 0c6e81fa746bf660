import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Lists of snapshots")
struct SnapshotListTests {
    @Test("snapshots are in the order of time and id, wherever their clocks hung and whenever they were written")
    func order() {
        let list = TestManifests.list([
            TestManifests.manifest("c", at: "2026-01-01T12:00:00+05:00"),
            TestManifests.manifest("b", at: "2026-01-01T08:00:00Z"),
            TestManifests.manifest("a", at: "2026-01-01T08:00:00Z"),
            TestManifests.manifest("d", at: "2025-01-01T00:00:00Z"),
        ])
        #expect(list.snapshots.map { $0.id.description.prefix(1) } == ["d", "c", "a", "b"])
        #expect(list.newestManifestID == TestManifests.fileID(3))
    }

    @Test("of several manifests of one snapshot one is shown: none that another names, else the one written last")
    func superseded() {
        var second = TestManifests.manifest("a", tags: ["second"])
        second.supersedes = TestManifests.fileID(1)
        // Written first as the clock said, yet it takes the other's place.
        let list = TestManifests.list([second, TestManifests.manifest("a")])
        #expect(list.snapshots.map(\.manifest.tags) == [["second"]])
        #expect(list.leftovers == [TestManifests.id("a"): [TestManifests.fileID(1)]])
        var left = TestManifests.manifest("b", tags: ["left"])
        left.supersedes = TestManifests.fileID(7)
        var right = TestManifests.manifest("b", tags: ["right"])
        right.supersedes = TestManifests.fileID(7)
        #expect(TestManifests.list([left, right]).snapshots.map(\.manifest.tags) == [["right"]])
        // A chain of which a crash has left the first and the last.
        #expect(TestManifests.list([TestManifests.manifest("b"), left]).snapshots.map(\.manifest.tags) == [["left"]])
    }

    @Test("roots that are no snapshots are passed over, damaged manifests reported, and the others work")
    func others() throws {
        let repository = try TestRepository()
        let store = try repository.open()
        let good = try TestManifests.commit(TestManifests.manifest("a"), to: store)
        let reference = good.manifest.rootReferences[0]
        try store.commit(Array("mail".utf8), references: [reference], payload: Array("{}".utf8))
        try store.commit(TestManifests.id("b").rootName, references: [reference], payload: Array("{}".utf8))
        try store.commit(TestManifests.id("c").rootName, references: [reference], payload: good.manifest.json())
        try store.commit(good.id.rootName, references: [reference, reference], payload: good.manifest.json())
        let name = "manifests/\(String(repeating: "0", count: 64))"
        try repository.storage.write(Array("torn".utf8), as: name, temporaryName: "tmp/torn")
        let list = try SnapshotList(store)
        #expect(list.snapshots == [good])
        #expect(list.failures.count == 4)
        for failure in list.failures {
            #expect(failure.code == .damaged && failure.path?.string.contains("/manifests/") == true, "\(failure)")
        }
        #expect(list.failures.contains { $0.message.contains("another name") })
        #expect(list.failures.contains { $0.message.contains("tree") })
    }

    @Test("the root of a snapshot keeps the chunks of its error list, also when it is retagged")
    func errorList() throws {
        let store = try TestRepository().open()
        let session = try store.write(for: "test")
        defer { session.close() }
        var manifest = TestManifests.manifest("a")
        manifest.tree = try session.put(Array("tree".utf8), as: .tree)
        manifest.errorList = [try session.put(Array("{}\n".utf8))]
        manifest.errorCount = 1
        let snapshot = try session.commit(manifest)
        let kept: [RootReference] = [
            .init(kind: .tree, id: manifest.tree), .init(kind: .data, id: manifest.errorList[0]),
        ]
        #expect(try store.roots().roots.map(\.references) == [kept])
        var retagging = Retagging(store, try SnapshotList(store))
        _ = try retagging.apply(.set(["x"]), to: snapshot)
        #expect(try store.roots().roots.map(\.references) == [kept])
        let list = try SnapshotList(store)
        #expect(list.failures.isEmpty && list.snapshots.map(\.manifest.tags) == [["x"]])
    }

    @Test("a filter leaves what meets all its conditions")
    func filter() throws {
        let list = TestManifests.list([
            TestManifests.manifest("1", at: "2026-01-01T00:00:00Z", host: "amber", tags: ["a", "b"]),
            TestManifests.manifest(
                "2", at: "2026-01-02T00:00:00Z", host: "basalt", tags: ["a"], strategy: .incremental),
            TestManifests.manifest("3", at: "2026-01-03T00:00:00Z", host: "amber", paths: ["/etc", "/home"]),
        ])
        func left(_ change: (inout SnapshotFilter) -> Void) -> String {
            var filter = SnapshotFilter()
            change(&filter)
            return list.snapshots(filter).map { String($0.id.description.prefix(1)) }.joined()
        }
        #expect(left { _ in } == "123")
        #expect(left { $0.hosts = ["amber"] } == "13")
        #expect(left { $0.hosts = ["amber", "basalt"] } == "123")
        #expect(left { $0.hosts = ["Amber"] }.isEmpty)
        #expect(left { $0.tags = [["a", "b"]] } == "1")
        #expect(left { $0.tags = [["b"], ["a"]] } == "12")
        #expect(left { $0.tags = [[]] } == "3")
        #expect(left { $0.tags = [[], ["b"]] } == "13")
        #expect(left { $0.paths = ["/home"] } == "123")
        #expect(left { $0.paths = ["/home", "/etc"] } == "3")
        #expect(left { $0.paths = ["/home/"] }.isEmpty)
        #expect(left { $0.strategies = [.incremental, .differential] } == "2")
        #expect(left { $0.since = TestManifests.time("2026-01-02T01:00:00+01:00") } == "23")
        #expect(left { $0.until = TestManifests.time("2026-01-02T01:00:00+01:00") } == "12")
        #expect(left { $0.since = TestManifests.time("2026-01-02T00:00:00.000000001Z") } == "3")
        #expect(
            left {
                $0.hosts = ["amber"]
                $0.tags = [["a"]]
            } == "1")
    }

    @Test("the latest of a source has the same host and the same paths, no more and no fewer")
    func sources() {
        let list = TestManifests.list([
            TestManifests.manifest("1", at: "2026-01-01T00:00:00Z", paths: ["/b", "/a"]),
            TestManifests.manifest("2", at: "2026-01-02T00:00:00Z", paths: ["/a", "/b"], strategy: .incremental),
            TestManifests.manifest("3", at: "2026-01-03T00:00:00Z", paths: ["/a"]),
            TestManifests.manifest("4", at: "2026-01-04T00:00:00Z", host: "basalt", paths: ["/a", "/b"]),
        ])
        #expect(list.latestOfSource(host: "amber", paths: ["/b", "/a"])?.id == TestManifests.id("2"))
        #expect(list.latestFull(host: "amber", paths: ["/a", "/b"])?.id == TestManifests.id("1"))
        #expect(list.latestOfSource(host: "amber", paths: ["/a", "/b", "/c"]) == nil)
        #expect(list.latestFull(host: "cobalt", paths: ["/a"]) == nil)
    }
}

@Suite("Choosing a snapshot")
struct ResolvingTests {
    let list = TestManifests.list([
        TestManifests.manifest("ab12", at: "2026-01-01T00:00:00Z"),
        TestManifests.manifest("ab34", at: "2026-01-02T00:00:00Z", host: "basalt"),
        TestManifests.manifest("cd", at: "2026-01-03T00:00:00Z"),
    ])

    func resolve(_ text: String, at time: String? = nil, host: String? = nil) throws(CairnError) -> String {
        var filter = SnapshotFilter()
        if let host { filter.hosts = [host] }
        let reference = text.isEmpty ? SnapshotReference(nil) : SnapshotReference(Array(text.utf8))!
        let snapshot = try list.resolve(reference.name, at: time.map(TestManifests.time), filter: filter)
        return String(snapshot.id.description.prefix { $0 != "0" })
    }

    func code(_ body: () throws(CairnError) -> String) -> CairnError.Code? {
        do throws(CairnError) {
            _ = try body()
            return nil
        } catch { return error.code }
    }

    @Test("latest counts back among what filters and time leave")
    func latest() throws {
        #expect(try resolve("latest") == "cd")
        #expect(try resolve("latest~1") == "ab34")
        #expect(try resolve("latest~1", host: "amber") == "ab12")
        #expect(try resolve("latest", at: "2026-01-02T23:00:00Z") == "ab34")
        #expect(try resolve("", at: "2026-01-02T00:00:00Z") == "ab34")
        #expect(try resolve("", at: "2026-01-02T23:00:00Z", host: "amber") == "ab12")
        #expect(code { () throws(CairnError) in try resolve("latest~3") } == .notFound)
        #expect(code { () throws(CairnError) in try resolve("latest", at: "2025-01-01T00:00:00Z") } == .notFound)
        #expect(code { () throws(CairnError) in try resolve("latest", host: "cobalt") } == .notFound)
        #expect(code { () throws(CairnError) in try resolve("") } == .usage)
    }

    @Test("an id is any beginning that only one has, in either case; filters do not matter")
    func ids() throws {
        #expect(try resolve("c") == "cd")
        #expect(try resolve("AB1", host: "basalt") == "ab12")
        #expect(try resolve("ab34" + String(repeating: "0", count: 28)) == "ab34")
        #expect(code { () throws(CairnError) in try resolve("e") } == .notFound)
        #expect(code { () throws(CairnError) in try resolve("cd", at: "2026-01-02T00:00:00Z") } == .usage)
        let error = #expect(throws: CairnError.self) { try resolve("ab") }
        #expect(error?.code == .ambiguous)
        #expect(error?.message.contains("ab120000") == true && error?.message.contains("ab340000") == true)
    }

    @Test("a newest snapshot that is incomplete counts, and can be told")
    func incomplete() throws {
        var manifest = TestManifests.manifest("ef", at: "2026-01-04T00:00:00Z")
        manifest.incomplete = true
        let latest = try TestManifests.list([TestManifests.manifest("cd"), manifest]).resolve(.latest(back: 0))
        #expect(latest.id == manifest.snapshotID && latest.manifest.incomplete)
    }

    @Test(
        "a reference is a name, a name and a part, or a part alone",
        arguments: [
            ("latest", SnapshotName.latest(back: 0), nil), ("latest~0", .latest(back: 0), nil),
            ("latest:/home/a", .latest(back: 0), "/home/a"), ("latest~12:home//a/./b/", .latest(back: 12), "/home/a/b"),
            ("ab:", .id(prefix: "ab"), "/"), ("ab:/", .id(prefix: "ab"), "/"), ("AB:x:y", .id(prefix: "ab"), "/x:y"),
            (":/etc", nil, "/etc"),
        ] as [(String, SnapshotName?, Path?)])
    func references(_ text: String, _ name: SnapshotName?, _ path: Path?) {
        #expect(SnapshotReference(Array(text.utf8)) == SnapshotReference(name, path: path))
    }

    @Test("a part may be any bytes, a name may not")
    func bytes() {
        #expect(
            SnapshotReference([0x61, 0x3A, 0xFF]) == SnapshotReference(.id(prefix: "a"), path: Path([0x2F, 0xFF])))
        let bad = ["", "latest~", "latest~x", "latest~-1", "Latest", "xyz", "a/b", "ab:../x", "ab:x/..", "ab:x\u{0}y"]
        for text in bad + [String(repeating: "a", count: 33), "latest~99999999999999999999"] {
            #expect(SnapshotReference(Array(text.utf8)) == nil, "\(text)")
        }
        #expect(SnapshotReference([0xFF]) == nil)
    }
}
