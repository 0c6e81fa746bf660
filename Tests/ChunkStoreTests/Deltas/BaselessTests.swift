import Crypto
import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// Delta blocks of which a base is gone: their chunks count as not stored, until the base is back.
@Suite struct BaselessTests {
    private let storage = MemoryStorage()
    private let store: Store
    private let old: [UInt8]
    private let new: [UInt8]
    private let basePack: PackName
    private let deltaPack: PackName

    init() throws {
        var random = SplitMix64(seed: 300)
        store = try makeStore(storage)
        old = random.bytes(20_000)
        new = old + [1]
        let base = try store.put([old])[0]
        basePack = try storage.packs()[0]
        let session = try store.write(for: "test")
        defer { session.close() }
        try session.put(new, after: [base])
        try session.flush()
        let before = basePack
        deltaPack = try storage.packs().first { $0 != before }!
    }

    private func isStored(_ bytes: [UInt8], in store: Store) throws -> Bool {
        let reader = try store.reader()
        defer { reader.close() }
        return try reader.contains(ChunkID(of: bytes))
    }

    @Test("a chunk whose base is lost is stored again by whoever puts it, and can be read again")
    func heals() throws {
        #expect(try isStored(new, in: store))
        try storage.remove(basePack.path)
        for store in [store, try openStore(storage)] {
            #expect(try !isStored(new, in: store) && !isStored(old, in: store))
        }
        try store.put([new])
        #expect(try store.get(ChunkID(of: new)) == new && store.copies()[ChunkID(of: new)] == 2)
        #expect(try openStore(storage).get(ChunkID(of: new)) == new)
    }

    @Test("when the base comes back, in its pack or in another one, the chunk counts again")
    func comesBack() throws {
        let pack = try storage.file(basePack.path)
        try storage.remove(basePack.path)
        #expect(try !isStored(new, in: store))
        try storage.overwrite(basePack.path, pack)
        #expect(try isStored(new, in: store))
        try storage.remove(basePack.path)
        #expect(try !isStored(new, in: store))
        try store.put([old])
        #expect(try isStored(new, in: store) && store.get(ChunkID(of: new)) == new)
    }

    @Test(
        "a base of which only a condemned pack has a whole copy is as good as gone, and reads as long as that is there")
    func condemned() throws {
        try storage.rename(basePack.path, to: basePack.condemnedPath)
        #expect(try !isStored(new, in: store))
        #expect(try store.get(ChunkID(of: new)) == new)
        try storage.rename(basePack.condemnedPath, to: basePack.path)
        #expect(try isStored(new, in: store))
    }

    @Test("a loss is told to whoever remembers that chunks are stored")
    func lossMark() throws {
        let mark = try store.lossMark()
        try storage.remove(basePack.path)
        try store.synchronize()
        #expect(try store.lossMark() != mark)
    }

    @Test("to a check of all data a block that lost its base is a note: whoever needs it is told what is missing")
    func leftOver() throws {
        try storage.remove(basePack.path)
        let reader = try store.reader()
        defer { reader.close() }
        var findings: [StoreFinding] = []
        let check = StoreCheck(store, reader: reader) { findings.append($0) }
        _ = try check.data(.all)
        #expect(findings.map(\.weight) == [.note] && findings.first?.pack == deltaPack.id.hex)
        #expect(try check.presence(of: [(RootReference(kind: .data, id: ChunkID(of: new)), nil)]) == [.absent])
        // One whose base is there and damaged is damage.
        findings = []
        try store.put([old])
        let again = try storage.packs().first { $0 != deltaPack }!
        try storage.flip(again.path, at: 3_000)
        _ = try check.data(.all)
        #expect(findings.contains { $0.weight == .damage && $0.pack == deltaPack.id.hex })
    }
}
