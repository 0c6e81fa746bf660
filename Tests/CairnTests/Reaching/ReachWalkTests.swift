import ChunkStore
import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("The walk from a snapshot to every chunk that it needs")
struct ReachWalkTests {
    private let repository: SketchRepository
    private let reader: ChunkReader

    init() throws {
        repository = try SketchRepository()
        reader = try repository.store.reader()
    }

    private func walk(_ tree: ChunkID, _ needs: (ReachedChunk) -> Bool = { _ in true }) throws -> [ReachedChunk] {
        var reached: [ReachedChunk] = []
        try ReachWalk(TreeReader(reader)).walk(tree: tree) { chunk in
            reached.append(chunk)
            return needs(chunk)
        }
        return reached
    }

    private func put(_ bytes: [UInt8], as kind: ChunkKind = .tree) throws -> ChunkID {
        let session = try repository.store.write(for: "test")
        defer { session.close() }
        let id = try session.put(bytes, as: kind)
        try session.flush()
        return id
    }

    /// The root chunk of a directory whose entries stand where this content says.
    private func root(of content: Content) throws -> ChunkID {
        var root = try TreeSketch.directory([]).entry(TreeEntry.rootName, in: try repository.store.rehearse())
        root.node = .directory(content: content, digest: SHA256.digest([]))
        return try put(root.encode())
    }

    @Test("every chunk of a tree is met, and nothing else of the repository")
    func everything() throws {
        var random = SplitMix64(seed: 1)
        let long = random.bytes(25_000)
        let tree: TreeSketch = [
            "big": .bytes(long), "d": ["e": ["f": "deep"], "l": .link("f")], "empty": "", "none": [:],
        ]
        let root = try repository.add(tree)[0]
        var expected: [ChunkID: Int] = [:]
        // Only this tree is stored, so what is stored is what it needs.
        try repository.store.forEachChunk { id, _, length in expected[id] = length }
        let reached = try walk(root)
        #expect(Set(reached.map(\.id)) == Set(expected.keys))
        #expect(reached.count == expected.count)
        #expect(reached.filter { $0.role == .data }.count == 4)
        #expect(reached.allSatisfy { $0.length == nil || $0.length == expected[$0.id].map { UInt32($0) } })
        _ = try repository.add(["other": "something else"])
        #expect(try walk(root).count == expected.count)
    }

    @Test("below what is known nothing is looked at, though it be gone")
    func known() throws {
        let first = try repository.add(["d": ["a": "1", "b": "2"], "x": "3"])[0]
        let second = try repository.add(["d": ["a": "1", "b": "2"], "x": "4"])[0]
        var met = Set<[UInt8]>()
        _ = try walk(first) { met.insert($0.key).inserted }
        let again = try walk(second) { met.insert($0.key).inserted }
        // Its root, its page, the page of `d`, which is passed by, and `x`.
        #expect(again.map(\.role) == [.root, .page, .page, .data])
        #expect(try walk(second) { met.insert($0.key).inserted }.map(\.role) == [.root])
    }

    @Test("a chunk in two roles is two things to know, whatever the roles")
    func roles() {
        let chunk = ChunkID(SHA256.digest([1]))
        let all: [ReachRole] =
            [.data, .root, .page, .holes]
            + [ReachRole.Member.data, .page, .holes].flatMap { member in (1...4).map { .list(of: member, depth: $0) } }
        #expect(Set(all.map { ReachedChunk(id: chunk, role: $0, length: nil).key }).count == all.count)
    }

    @Test("lists of lists are gone into, of files, of directories and of holes alike")
    func lists() throws {
        let data = try (0..<3).map { ChunkReference(id: try put([UInt8($0)], as: .data), length: 1) }
        let inner = try put(Content.encodeList(data))
        let outer = try put(Content.encodeList([Content.ListReference(id: inner, byteCount: 3)]))
        let pairs = try put((0..<16).map { $0 == 8 ? 1 : 0 })
        let holes = try put(Content.encodeList([ChunkReference(id: pairs, length: 16)]))
        var file = TreeEntry(
            name: Array("f".utf8), mode: 0o644, userID: 0, groupID: 0, modified: FileTime(seconds: 0, nanoseconds: 0),
            node: .fifo)
        file.node = .file(
            size: 3, content: .lists(depth: 2, [.init(id: outer, byteCount: 3)]), digest: SHA256.digest([0, 1, 2]),
            holes: .lists(depth: 1, [.init(id: holes, byteCount: 16)]))
        let page = file.encode()
        let reference = ChunkReference(id: try put(page), length: UInt32(page.count))
        let pages = try put(Content.encodeList([reference]))
        let tree = try root(of: .lists(depth: 1, [.init(id: pages, byteCount: UInt64(page.count))]))
        let reached = try walk(tree)
        #expect(
            reached.map(\.role) == [
                .root, .list(of: .page, depth: 1), .page, .list(of: .holes, depth: 1), .holes,
                .list(of: .data, depth: 2), .list(of: .data, depth: 1), .data, .data, .data,
            ])
        #expect(reached.map(\.kind) == Array(repeating: .tree, count: 7) + Array(repeating: .data, count: 3))
    }

    @Test("what cannot be read is told with its path, and the rest is met all the same")
    func unreadable() throws {
        let good = TreeEntry(
            name: Array("z".utf8), mode: 0, userID: 0, groupID: 0, modified: FileTime(seconds: 0, nanoseconds: 0),
            node: .file(
                size: 1, content: .chunks([ChunkReference(id: try put([7], as: .data), length: 1)]),
                digest: SHA256.digest([7]), holes: .empty))
        var broken = good
        broken.name = Array("a".utf8)
        let lost = ChunkReference(id: ChunkID(SHA256.digest([9, 9, 9])), length: 3)
        let noPage = ChunkReference(id: try put([1, 2, 3]), length: 3)
        let wrongLength = ChunkReference(id: try put([]), length: 9)
        broken.node = .directory(content: .chunks([lost, noPage, wrongLength]), digest: SHA256.digest([]))
        let tree = try root(of: .inline(broken.encode() + good.encode()))
        var told: [(id: ChunkID, path: String, code: CairnError.Code)] = []
        var reached: [ReachedChunk] = []
        try ReachWalk(TreeReader(reader)).walk(tree: tree) { chunk in
            reached.append(chunk)
            return true
        } unreadable: { chunk, path, error in
            told.append((chunk.id, path.description, error.code))
        }
        #expect(told.map(\.id) == [lost.id, noPage.id, wrongLength.id])
        #expect(told.map(\.path) == ["/a", "/a", "/a"])
        #expect(told.map(\.code) == [.missing, .damaged, .damaged])
        #expect(reached.last?.role == .data)
        // Whoever does not ask to go on gets the reason.
        #expect(throws: CairnError.self) { try walk(tree) }
    }

    @Test("every chunk that was gone into is left, after all that is below it, at its path")
    func leaving() throws {
        let tree = try repository.add(["d": ["f": "1"], "e": "2"])[0]
        let walk = ReachWalk(TreeReader(reader))
        var story: [String] = []
        try walk.walk(tree: tree) { chunk in
            story.append("\(chunk.role) \(walk.current)")
            return true
        } leave: { chunk in
            story.append("left \(chunk.role)")
        }
        #expect(
            story == [
                "root /", "page /", "page /d", "data /d/f", "left page", "data /e", "left page", "left root",
            ])
    }

    @Test("a snapshot's list of errors is a part of what it needs")
    func errors() throws {
        let errors = try put(Array("{}\n".utf8), as: .data)
        var manifest = TestManifests.manifest("ab", tree: try repository.add(["f": "1"])[0])
        manifest.errorList = [errors]
        let session = try repository.store.write(for: "test")
        defer { session.close() }
        let snapshot = try session.commit(manifest)
        var reached: [ReachedChunk] = []
        try ReachWalk(TreeReader(reader)).walk(
            snapshot,
            needs: { chunk in
                reached.append(chunk)
                return true
            })
        #expect(reached.contains { $0.id == errors && $0.kind == .data })
        #expect(reached.count == 4)
    }

    @Test("the walk is ended by a wish to stop")
    func cancelled() throws {
        let tree = try repository.add(["d": ["f": "1"]])[0]
        let cancellation = Cancellation()
        let walk = ReachWalk(TreeReader(reader), cancellation: cancellation)
        #expect {
            try walk.walk(tree: tree) { _ in
                cancellation.cancel()
                return true
            }
        } throws: { ($0 as? CairnError)?.code == .cancelled }
    }
}
