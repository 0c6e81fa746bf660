import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite("Committing without a session")
struct CommitTests {
    @Test("the root is written without a catalog, and the lease is gone afterwards")
    func commit() throws {
        let repository = try TestRepository()
        let store = try repository.open()
        let root = try store.commit(Array("a".utf8), references: [], payload: [1, 2])
        #expect(try store.roots().roots == [root])
        #expect(try repository.storage.list("leases", recursive: true).isEmpty)
        #expect(try repository.storage.list("packs", recursive: true).isEmpty)
        let cached = try LocalDirectory(repository.cachePath).list("", recursive: true).map(\.name)
        #expect(!cached.contains { $0.contains("catalog") }, "\(cached)")
    }

    @Test("a root that is replaced goes, and one that is not there cannot be replaced")
    func replacing() throws {
        let store = try TestRepository().open()
        let old = try store.commit(Array("a".utf8), references: [], payload: [1])
        let new = try store.commit(Array("a".utf8), references: [], payload: [2], replacing: old.id)
        #expect(try store.roots().roots == [new])
        let error = #expect(throws: StoreError.self) {
            try store.commit(Array("a".utf8), references: [], payload: [3], replacing: old.id)
        }
        #expect(error?.code == .missing)
        #expect(try store.roots().roots == [new])
    }

    @Test(
        "a root that somebody forgets or replaces while it is replaced stays as they left it", arguments: [true, false])
    func replacedMeanwhile(isForgotten: Bool) throws {
        let memory = MemoryStorage()
        let store = try makeStore(memory)
        let old = try store.commit(Array("a".utf8), references: [], payload: [1])
        let restless = RestlessStorage(
            memory,
            onUpload: [
                {
                    if isForgotten { return try store.forgetRoot(old.id) }
                    try store.commit(Array("a".utf8), references: [], payload: [2], replacing: old.id)
                }
            ])
        let error = #expect(throws: StoreError.self) {
            try openStore(restless).commit(Array("a".utf8), references: [], payload: [3], replacing: old.id)
        }
        #expect(error?.code == .missing && error?.remedy != nil)
        #expect(try store.roots().roots.map(\.payload) == (isForgotten ? [] : [[2]]))
        #expect(try store.forgottenRoots().roots.map(\.root) == (isForgotten ? [old] : []))
    }

    @Test("what is too long is refused, and nothing is left behind")
    func limits() throws {
        let repository = try TestRepository()
        let store = try repository.open()
        #expect(throws: StoreError.self) { try store.commit([], references: []) }
        let long = [UInt8](repeating: 0, count: Limits.rootPayloadBytes + 1)
        #expect(throws: StoreError.self) { try store.commit([1], references: [], payload: long) }
        for folder in ["manifests", "leases", "tmp"] {
            #expect(try repository.storage.list(folder, recursive: true).isEmpty)
        }
    }
}
