import Cairn
import ChunkStore
import Crypto
import Posix
import Storage
import TestSupport
import Testing

@testable import CairnMount

@Suite("What stands at the top of a mount")
struct LayoutTests {
    private let folder: TemporaryFolder
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        try Folder.make(folder.path.appending("r"))
        store = try Store.create(
            in: LocalDirectory(folder.path.appending("r")), encryption: .none, credentials: [],
            options: StoreOptions(memoryBytes: 64 << 20, jobs: 1))
    }

    private func commit(_ digit: String, at time: String, host: String = "amber", tags: [String] = []) throws {
        let session = try store.write(for: "test")
        defer { session.close() }
        let tree = try session.put(Array("tree".utf8), as: .tree)
        try session.commit(
            Manifest(
                snapshotID: SnapshotID(hex: digit + String(repeating: "0", count: 32 - digit.count))!,
                time: SnapshotTime(rfc3339: time)!, strategy: .full, rootHash: SHA256.digest([]), tree: tree,
                paths: ["/home"], hostname: host, username: "ada", tags: tags, engineVersion: "0.1.0"))
    }

    private func names(_ folder: LayoutFolder?) -> [String] {
        (folder?.items(from: 0) ?? []).map { String(decoding: $0.name, as: UTF8.self) }.sorted()
    }

    private func folder(_ names: String..., in layout: MountLayout) -> LayoutFolder? {
        names.reduce(layout.top) { folder, name in
            guard case .folder(let next) = folder?.find(Array(name.utf8))?.item else { return nil }
            return next
        }
    }

    private func target(_ folder: LayoutFolder?) -> String? {
        guard case .link(let target) = folder?.find(Array("latest".utf8))?.item else { return nil }
        return String(decoding: target, as: UTF8.self)
    }

    @Test("each snapshot stands below its time in UTC, its id, its host and its tags")
    func places() throws {
        try commit("aa", at: "2026-01-02T01:30:00+02:00", tags: ["a/b", ".."])
        try commit("bb", at: "2026-01-02T03:00:00+00:00", host: "jade", tags: ["a/b"])
        let layout = MountLayout(SnapshotFilter())
        layout.show(try SnapshotList(store))
        #expect(names(layout.top) == ["changes", "hosts", "ids", "latest", "snapshots", "tags"])
        #expect(names(folder("snapshots", in: layout)) == ["2026-01-01T23-30-00Z", "2026-01-02T03-00-00Z", "latest"])
        #expect(target(layout.top) == "snapshots/2026-01-02T03-00-00Z")
        #expect(names(folder("ids", in: layout)) == ["aa000000", "bb000000", "latest"])
        #expect(names(folder("hosts", in: layout)) == ["amber", "jade"])
        #expect(names(folder("hosts", "jade", in: layout)) == ["2026-01-02T03-00-00Z", "latest"])
        #expect(names(folder("tags", in: layout)) == ["%2E%2E", "a%2Fb"])
        #expect(names(folder("tags", "a%2Fb", in: layout)).count == 3)
        #expect(names(folder("changes", in: layout)) == ["aa000000", "bb000000", "latest"])
    }

    @Test("of one second each has a name of its own, and keeps it when others go")
    func sameSecond() throws {
        for digits in ["a1", "b2", "c3"] { try commit(digits, at: "2026-01-02T03:00:00Z") }
        let layout = MountLayout(SnapshotFilter())
        let list = try SnapshotList(store)
        layout.show(list)
        let all = ["2026-01-02T03-00-00Z", "2026-01-02T03-00-00Z-b2000000", "2026-01-02T03-00-00Z-c3000000"]
        #expect(names(folder("snapshots", in: layout)) == all + ["latest"])
        try store.removeRoot(list.snapshots[0].manifestID)
        layout.show(try SnapshotList(store))
        #expect(names(folder("snapshots", in: layout)) == all.dropFirst() + ["latest"])
        #expect(list.snapshots.count == 3)
    }

    @Test("what goes takes its host and tags along, and places are not given twice")
    func going() throws {
        try commit("aa", at: "2026-01-02T03:00:00Z", tags: ["x"])
        let layout = MountLayout(SnapshotFilter())
        let list = try SnapshotList(store)
        layout.show(list)
        let place = try #require(folder("ids", in: layout)?.find(Array("aa000000".utf8))).place
        guard case .snapshot(let mounted, _) = folder("ids", in: layout)?.item(at: place) else {
            return #expect(Bool(false))
        }
        let tree = MountedTree(layout)
        let reader = TreeReader(try store.reader(for: "test"))
        let ids = try #require(try tree.find(Array("ids".utf8), in: .root, reader)).0
        // Numbers it: the top is the first folder that was looked into.
        _ = try tree.find(Array("nothing".utf8), in: ids, reader)
        let root = try #require(NodeID(folder: 2, page: 0, place: place))
        #expect(!mounted.isGone && !tree.isGone(root))
        try store.removeRoot(list.snapshots[0].manifestID)
        layout.show(try SnapshotList(store))
        #expect(mounted.isGone && tree.isGone(root) && !tree.isGone(ids))
        #expect(names(layout.top) == ["changes", "hosts", "ids", "snapshots", "tags"])
        for name in ["changes", "hosts", "ids", "snapshots", "tags"] {
            #expect(names(folder(name, in: layout)).isEmpty, "\(name)")
        }
        try commit("bb", at: "2026-01-03T03:00:00Z", tags: ["x"])
        layout.show(try SnapshotList(store))
        #expect(try #require(folder("ids", in: layout)?.find(Array("bb000000".utf8))).place > place)
        #expect(names(folder("tags", in: layout)) == ["x"])
    }

    @Test("a snapshot that gets other tags keeps its place, so that inodes below it stay")
    func retagging() throws {
        try commit("aa", at: "2026-01-02T03:00:00Z", tags: ["x"])
        let layout = MountLayout(SnapshotFilter())
        let list = try SnapshotList(store)
        layout.show(list)
        let ids = try #require(folder("ids", in: layout))
        let (place, item) = try #require(ids.find(Array("aa000000".utf8)))
        try commit("aa", at: "2026-01-02T03:00:00Z", tags: ["y"])
        try store.removeRoot(list.snapshots[0].manifestID)
        layout.show(try SnapshotList(store))
        let now = try #require(ids.find(Array("aa000000".utf8)))
        guard case .snapshot(let before, _) = item, case .snapshot(let after, _) = now.item else {
            return #expect(Bool(false))
        }
        #expect(now.place == place && before === after && !after.isGone)
        #expect(after.snapshot.manifest.tags == ["y"])
        #expect(names(folder("tags", in: layout)) == ["y"])
    }

    @Test("any text is a name of its own, of 255 bytes at most")
    func fileNames() {
        let texts = [
            "", ".", "..", "a/b", "a%2Fb", "%", "a\0b", String(repeating: "ä", count: 200),
            String(repeating: "ä", count: 200) + "b", "plain",
        ]
        let names = texts.map { MountLayout.fileName($0) }
        #expect(Set(names).count == texts.count)
        for name in names {
            #expect((1...255).contains(name.count) && !name.contains(0) && !name.contains(UInt8(ascii: "/")))
            #expect(name != Array(".".utf8) && name != Array("..".utf8))
        }
        #expect(names.last == Array("plain".utf8))
    }

    @Test("a repository that cannot be reached is told once, and again when it could be reached in between")
    func trouble() throws {
        try commit("aa", at: "2026-01-02T01:30:00+00:00")
        let told = Monitor<[CairnError]>([])
        let shown = Monitor(0)
        let source = try MountSource(
            store, cacheBytes: 1 << 20, restNanoseconds: 0, show: { _ in shown.withLock { $0 += 1 } },
            report: { error in told.withLock { $0.append(error) } })
        let (here, gone) = (folder.path.appending("r"), folder.path.appending("gone"))
        for times in 1...2 {
            try Folder.rename(here, to: gone)
            for _ in 0..<3 { source.refresh() }
            #expect(told.withLock { $0.count } == times)
            try Folder.rename(gone, to: here)
            try commit("\(times)b", at: "2026-01-02T03:00:0\(times)+00:00")
            source.refresh()
            #expect(shown.withLock { $0 } == times + 1)
        }
        source.renewLease()
        #expect(told.withLock { $0.count } == 2)
        // What cannot be read is told once, and not at all while nothing can.
        let (damage, other) = (CairnError(.damaged, "a block is damaged"), CairnError(.damaged, "another one is"))
        for error in [damage, damage, other, damage] { source.tell(error) }
        #expect(told.withLock { Array($0.dropFirst(2)) } == [damage, other])
        try Folder.rename(here, to: gone)
        for number in 0..<3 { source.tell(CairnError(.missing, "chunk \(number) is in no pack")) }
        #expect(told.withLock { $0.count } == 5 && told.withLock { $0.last?.code } == .noRepository)
    }
}
