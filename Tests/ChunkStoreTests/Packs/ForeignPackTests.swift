import Storage
import Testing

@testable import ChunkStore

/// What lies in `packs/` and is not a good pack of this repository.
@Suite struct ForeignPackTests {
    private let storage = MemoryStorage()
    private let strange = PackName(folder: .data, id: ChunkID(of: [9]).digest)

    private func expectWarning(_ words: String..., from store: Store) throws {
        let warnings = try store.synchronize()
        #expect(warnings.count == 1 && warnings[0].code == .damaged)
        for word in words { #expect("\(warnings)".contains(word), "\(warnings)") }
        // What is good is found all the same.
        #expect(try store.get(ChunkID(of: [1])) == [1])
    }

    private func store(mode: EncryptionMode = .aes256GCM) throws -> Store {
        let store = try makeStore(storage, mode: mode)
        try store.put([[1]])
        return store
    }

    private func pack(_ chunks: [[UInt8]] = [[2]], for store: Store) throws -> [UInt8] {
        try HandMadePack(blocks: [HandMadePack.Block(chunks: chunks)]).bytes(for: store.repository)
    }

    @Test("a pack of another repository is reported, and its chunks are not taken", arguments: EncryptionMode.allCases)
    func otherRepository(mode: EncryptionMode) throws {
        let store = try store(mode: mode)
        try storage.overwrite(strange.path, pack(for: makeStore(mode: .aes256GCM)))
        try expectWarning(strange.path, mode == .none ? "not sealed as" : "key", from: store)
        expectFailure(.missing) { try store.get(ChunkID(of: [2])) }
    }

    @Test("a plain pack in an encrypted repository is refused")
    func plain() throws {
        let store = try store()
        try storage.overwrite(strange.path, pack(for: makeStore(mode: .none)))
        try expectWarning("not sealed as", from: store)
        expectFailure(.missing) { try store.get(ChunkID(of: [2])) }
    }

    @Test("a pack in the wrong folder is refused, and so are trees among the data")
    func wrongFolder() throws {
        let store = try store()
        let misplaced = PackName(folder: .trees, id: ChunkID(of: [9]).digest)
        try storage.overwrite(misplaced.path, pack(for: store))
        try expectWarning("wrong folder", from: store)
        try storage.remove(misplaced.path)
        try HandMadePack(blocks: [HandMadePack.Block(kind: .tree, chunks: [[2]])]).write(to: store)
        try expectWarning("holds trees", from: store)
    }

    @Test("a pack cut to any length, or with a byte more, is reported", arguments: EncryptionMode.allCases)
    func truncated(mode: EncryptionMode) throws {
        let store = try store(mode: mode)
        let good = try pack([[2], [3, 4]], for: store)
        for count in [0, 1, 47, 48, 87, 88, 100, good.count - 40, good.count - 1] {
            try storage.overwrite(strange.path, Array(good[..<count]))
            try expectWarning(strange.path, from: store)
        }
        try storage.overwrite(strange.path, good + [0])
        try expectWarning(strange.path, from: store)
        try storage.overwrite(strange.path, good)
        #expect(try store.synchronize().isEmpty)
        #expect(try store.get(ChunkID(of: [3, 4])) == [3, 4])
    }

    @Test("a pack under another name still gives what it proves, and files of other shapes are ignored")
    func renamed() throws {
        let store = try store()
        try storage.overwrite(strange.path, pack(for: store))
        for name in ["packs/d/README", "packs/d/00/short", "packs/x/00/\(ChunkID(of: [9]))", "packs/lost+found/0"] {
            try storage.overwrite(name, [1, 2, 3])
        }
        #expect(try store.synchronize().isEmpty)
        #expect(try store.get(ChunkID(of: [2])) == [2])
    }
}
