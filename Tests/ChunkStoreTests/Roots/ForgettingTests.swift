import ChunkStore
import Crypto
import Posix
import Storage
import TestSupport
import Testing

@Suite("Forgetting roots and bringing them back")
struct ForgettingTests {
    /// A repository with a root of each name.
    private struct Scene {
        let repository: TestRepository
        let store: Store
        private(set) var roots: [Root] = []
        var storage: any Storage { repository.storage }

        init(_ place: TestRepository.Place = .memory, _ names: String...) throws {
            repository = try TestRepository(place)
            store = try repository.open()
            let session = try store.write(for: "test")
            defer { session.close() }
            for name in names {
                let id = try session.put(Array("the content of \(name)".utf8))
                roots.append(try session.commit(Array(name.utf8), references: [.init(kind: .data, id: id)]))
            }
        }

        func names(_ folder: String) throws -> [String] {
            try storage.list(folder, recursive: false).map { String($0.lastComponent) }.sorted()
        }
    }

    @Test("a forgotten root is not listed, its file bears the time, and it comes back as it was")
    func round() throws {
        let scene = try Scene(.folder, "a", "b")
        let before = Machine.seconds
        try scene.store.forgetRoot(scene.roots[0].id)
        #expect(try scene.store.roots().roots == [scene.roots[1]])
        let (forgotten, failures) = try scene.store.forgottenRoots()
        #expect(forgotten.map(\.root) == [scene.roots[0]] && failures.isEmpty)
        let time = try #require(forgotten.first?.forgotten)
        #expect((before...before + 60).contains(time))
        #expect(try scene.names("forgotten") == ["\(time)-\(scene.roots[0].id)"])
        try scene.store.bringBackRoot(scene.roots[0].id)
        #expect(try scene.store.roots().roots == scene.roots)
        #expect(try scene.store.forgottenRoots().roots.isEmpty)
        #expect(try scene.names("leases").isEmpty && scene.names("forgotten").isEmpty)
        try expectHealthy(scene.repository, roots: scene.roots.map(\.id))
    }

    @Test("what is not there is said to be missing, with what to do, and what is no id is refused")
    func missing() throws {
        let scene = try Scene(.memory, "a")
        let id = String(repeating: "0", count: 64)
        for body in [{ try scene.store.forgetRoot(id) }, { try scene.store.bringBackRoot(id) }] {
            let error = #expect(throws: StoreError.self) { try body() }
            #expect(error?.code == .missing && error?.remedy != nil && error?.path != nil)
        }
        for text in ["", "../config", id + "0"] {
            #expect(throws: StoreError.self) { try scene.store.forgetRoot(text) }
            let error = #expect(throws: StoreError.self) { try scene.store.bringBackRoot(text) }
            #expect(error?.code == .usage)
        }
        try scene.store.bringBackRoot(scene.roots[0].id)
        #expect(try scene.store.roots().roots == scene.roots)
    }

    @Test("of several roots those before the first failure are forgotten, and named")
    func several() throws {
        let scene = try Scene(.memory, "a", "b", "c")
        let ids = scene.roots.map(\.id)
        let none = String(repeating: "0", count: 64)
        var done: [String] = []
        #expect(throws: StoreError.self) {
            try scene.store.forgetRoots([ids[2], ids[0], none, ids[1]]) { done.append($0) }
        }
        #expect(done == [ids[2], ids[0]])
        #expect(try scene.store.roots().roots.map(\.id) == [ids[1]])
        done = []
        #expect(throws: StoreError.self) {
            try scene.store.bringBackRoots([ids[0], none, ids[2]]) { done.append($0) }
        }
        #expect(done == [ids[0]])
        #expect(try scene.store.roots().roots.map(\.id) == Array(ids[..<2]))
    }

    @Test("a root that stands under several names comes back once, from a whole file, and the others go")
    func copies() throws {
        let scene = try Scene(.memory, "a")
        let id = scene.roots[0].id
        let bytes = try scene.storage.read("manifests/\(id)", limit: 1 << 20)
        func write(_ bytes: [UInt8], _ name: String) throws {
            try scene.storage.write(bytes, as: name, temporaryName: "tmp/x")
        }
        // Two times, the later one torn.
        try scene.storage.remove("manifests/\(id)")
        try write(bytes, "forgotten/1000-\(id)")
        try write(Array(bytes[..<100]), "forgotten/2000-\(id)")
        #expect(try scene.store.forgottenRoots().failures.map(\.code) == [.damaged])
        try scene.store.bringBackRoot(id)
        #expect(try scene.store.roots().roots == scene.roots)
        #expect(try scene.names("forgotten").isEmpty)
        // It is there, and a forgotten copy too.
        try write(bytes, "forgotten/1000-\(id)")
        #expect(try scene.store.forgottenRoots().roots.map(\.forgotten) == [1_000])
        try scene.store.bringBackRoot(id)
        #expect(try scene.names("manifests") == [id] && scene.names("forgotten").isEmpty)
        // What is there is torn: the whole copy stays.
        try write(bytes, "forgotten/1000-\(id)")
        try scene.storage.remove("manifests/\(id)")
        try write(Array(bytes[..<100]), "manifests/\(id)")
        try scene.store.bringBackRoot(id)
        #expect(try scene.names("forgotten") == ["1000-\(id)"])
    }

    @Test("a root can be forgotten twice in one second, and a damaged one at any time")
    func again() throws {
        let scene = try Scene(.memory, "a", "b")
        let id = scene.roots[0].id
        let bytes = try scene.storage.read("manifests/\(id)", limit: 1 << 20)
        // Forgotten copies for this second and the next ones.
        let now = Machine.seconds
        for second in now...now + 30 {
            try scene.storage.write(bytes, as: "forgotten/\(second)-\(id)", temporaryName: "tmp/x")
        }
        try scene.store.forgetRoot(id)
        #expect(try scene.names("manifests") == [scene.roots[1].id])
        #expect(try scene.names("forgotten").count == 32)
        try scene.store.bringBackRoot(id)
        #expect(try scene.names("forgotten").isEmpty)
        let torn = String(repeating: "1", count: 64)
        try scene.storage.write(Array("torn".utf8), as: "manifests/\(torn)", temporaryName: "tmp/x")
        #expect(try scene.store.roots().failures.count == 1)
        try scene.store.forgetRoot(torn)
        #expect(try scene.store.roots().failures.isEmpty)
        let failure = try #require(try scene.store.forgottenRoots().failures.first)
        #expect(failure.path?.contains("/forgotten/") == true, "\(failure)")
        try scene.store.bringBackRoot(torn)
        #expect(try scene.store.roots().failures.count == 1)
    }

    @Test("files of other names are passed over")
    func foreign() throws {
        let scene = try Scene(.memory, "a")
        let id = scene.roots[0].id
        let bytes = try scene.storage.read("manifests/\(id)", limit: 1 << 20)
        for name in [
            "\(id)", "-\(id)", "+5-\(id)", "05-\(id)", "-5-\(id)", "5-\(id)0", "99999999999999999999-\(id)", "x",
        ] {
            try scene.storage.write(bytes, as: "forgotten/\(name)", temporaryName: "tmp/x")
        }
        #expect(try scene.store.forgottenRoots().roots.isEmpty)
        #expect(try scene.store.forgottenRoots().failures.isEmpty)
    }
}
