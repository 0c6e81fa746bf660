import Crypto
import SQLite
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite("Delta blocks that lack a base")
struct DeltaRepairTests {
    private let storage = MemoryStorage()
    private let store: Store
    private let base: [UInt8]
    private let new: [UInt8]
    private let reference: RootReference
    private let whole: PackName
    private let delta: PackName
    private let wholeBytes: [UInt8]

    /// A root that needs one chunk, which lies in a delta block, and the pack of its base is gone.
    init() throws {
        var random = SplitMix64(seed: 31)
        store = try makeStore(storage)
        base = random.bytes(5_000)
        new = base + [1, 2, 3]
        whole = try HandMadePack(blocks: [.init(codec: .stored, chunks: [base])]).write(to: store)
        delta = try HandMadePack(blocks: [.init(codec: .zstdWithPrefix, chunks: [new], bases: [base])])
            .write(to: store)
        reference = RootReference(kind: .data, id: ChunkID(of: new))
        try store.commit(Array("needs it".utf8), references: [reference])
        wholeBytes = try storage.read(whole.path, limit: 1 << 20)
        try storage.remove(whole.path)
    }

    private func presence() throws -> StoreCheck.Presence {
        let store = try openStore(storage)
        let reader = try store.reader()
        defer { reader.close() }
        let check = StoreCheck(store, reader: reader) { _ in }
        _ = try check.structure()
        return try check.presence(of: [(reference, UInt32(new.count))])[0]
    }

    private func repair(_ body: (StoreRepair) throws -> Void) throws -> [StoreFinding] {
        var findings: [StoreFinding] = []
        let repair = try StoreRepair(try openStore(storage)) { findings.append($0) }
        defer { repair.close() }
        let records = try repair.records()
        _ = try repair.packs(readsData: true, onLost: { _ in }, onProgress: { _, _ in })
        try body(repair)
        let isThere = try repair.presence(of: [(reference, nil)]) == [.present]
        try repair.settleUnreadable(areUseless: isThere, walked: records)
        return findings
    }

    @Test("their chunks are lost to a check and to a repair, which leaves the pack alone, and are back with the base")
    func comesBack() throws {
        #expect(try presence() == .absent)
        let findings = try repair { repair in
            let answers = try repair.presence(of: [(reference, nil)])
            #expect(answers == [.absent])
        }
        #expect(findings.map(\.weight) == [.damage] && findings.first?.pack == delta.id.hex)
        #expect(storage.exists(delta.path))
        try storage.write(wholeBytes, as: whole.path, temporaryName: "tmp/again")
        #expect(try presence() == .present)
        let again = try repair { _ in }
        #expect(again.isEmpty)
        #expect(try openStore(storage).get(reference.id) == new)
    }

    @Test("a base that is only left in another delta block makes their chunks no better")
    func noWholeBase() throws {
        var random = SplitMix64(seed: 32)
        let other = random.bytes(4_000)
        try HandMadePack(blocks: [
            .init(codec: .stored, chunks: [other]), .init(codec: .zstdWithPrefix, chunks: [base], bases: [other]),
        ]).write(to: store)
        #expect(try presence() == .absent)
    }

    @Test("bytes that somebody has are stored again though a pack names the chunk, and then the pack goes")
    func storedAgain() throws {
        let findings = try repair { repair in
            let session = try repair.session()
            defer { session.close() }
            // The catalog knows that nothing can be made of the delta.
            try session.put(new)
            try session.flush()
            let answers = try repair.presence(of: [(reference, nil)])
            #expect(answers == [.present])
        }
        #expect(findings.map(\.weight) == [.healed])
        #expect(!storage.exists(delta.path))
        #expect(try presence() == .present)
        #expect(try openStore(storage).get(reference.id) == new)
        let again = try repair { _ in }
        #expect(again.isEmpty)
    }

    @Test("a pack whose base is stored again stays, for all of it can be read again")
    func baseStoredAgain() throws {
        let findings = try repair { repair in
            let session = try repair.session()
            defer { session.close() }
            try session.put(base)
            try session.flush()
        }
        #expect(findings.map(\.weight) == [.healed] && storage.exists(delta.path))
        #expect(try presence() == .present && openStore(storage).get(reference.id) == new)
    }

    @Test("out of a pack of which only some bases are back, what reads by then is copied before it goes")
    func partlyBack() throws {
        var random = SplitMix64(seed: 33)
        let (lost, other) = (random.bytes(4_000), random.bytes(3_000))
        try storage.remove(delta.path)
        let both = try HandMadePack(blocks: [
            .init(codec: .zstdWithPrefix, chunks: [new], bases: [base]),
            .init(codec: .zstdWithPrefix, chunks: [lost + [1]], bases: [lost]), .init(codec: .stored, chunks: [other]),
        ]).write(to: store)
        let findings = try repair { repair in
            let session = try repair.session()
            defer { session.close() }
            try session.put(base)
            try session.flush()
        }
        #expect(findings.map(\.weight) == [.healed] && !storage.exists(both.path))
        // However the condemned pack ends.
        for name in try storage.names(below: "condemned") { try? storage.remove(name) }
        let store = try openStore(storage)
        #expect(try store.get(reference.id) == new && store.get(ChunkID(of: other)) == other)
    }

    @Test("a delta block that is itself damaged is lost like any other, and it is not said that nothing is missing")
    func itselfDamaged() throws {
        try storage.write(wholeBytes, as: whole.path, temporaryName: "tmp/again")
        try storage.flip(delta.path, at: 60)
        let findings = try repair { repair in
            let answers = try repair.presence(of: [(reference, nil)])
            #expect(answers == [.absent])
        }
        #expect(findings.map(\.weight) == [.healed] && findings.first?.pack == delta.id.hex)
        #expect(findings.first?.message.contains("1 is lost so far") == true, "\(findings)")
        #expect(!storage.exists(delta.path) && storage.exists(whole.path))
        #expect(try presence() == .absent)
    }

    @Test("a pack that is damaged itself stays all the same while it holds a delta block whose base may come back")
    func damagedAndWaiting() throws {
        var random = SplitMix64(seed: 34)
        let other = random.bytes(3_000)
        try storage.remove(delta.path)
        let both = try HandMadePack(blocks: [
            .init(codec: .stored, chunks: [other]), .init(codec: .zstdWithPrefix, chunks: [new], bases: [base]),
        ]).write(to: store)
        try storage.flip(both.path, at: 60)
        let findings = try repair { _ in }
        #expect(findings.map(\.weight) == [.damage] && storage.exists(both.path), "\(findings)")
        // The base is back: what it is needed for is copied, and what is lost is said.
        try storage.write(wholeBytes, as: whole.path, temporaryName: "tmp/again")
        let again = try repair { _ in }
        #expect(again.map(\.weight) == [.healed] && !storage.exists(both.path))
        #expect(again.first?.message.contains("1 is lost so far") == true, "\(again)")
        #expect(try openStore(storage).get(reference.id) == new)
    }

    @Test("a damaged base in the pack of its delta block takes that along, and both are said to be lost")
    func baseInSamePack() throws {
        try storage.remove(delta.path)
        let both = try HandMadePack(blocks: [
            .init(codec: .stored, chunks: [base]), .init(codec: .zstdWithPrefix, chunks: [new], bases: [base]),
        ]).write(to: store)
        try storage.flip(both.path, at: 60)
        let findings = try repair { repair in
            let answers = try repair.presence(of: [(reference, nil)])
            #expect(answers == [.absent])
        }
        #expect(findings.map(\.weight) == [.healed])
        #expect(findings.first?.message.contains("2 are lost so far") == true, "\(findings)")
        #expect(!storage.exists(both.path))
    }

    @Test("a check says where the base lies that a delta block lacks, and does not call the delta block damaged")
    func blame() throws {
        try storage.write(wholeBytes, as: whole.path, temporaryName: "tmp/again")
        try storage.flip(whole.path, at: 60)
        let store = try openStore(storage)
        let reader = try store.reader()
        defer { reader.close() }
        var findings: [StoreFinding] = []
        let check = StoreCheck(store, reader: reader) { findings.append($0) }
        _ = try check.structure()
        _ = try check.data(.all)
        let own = findings.filter { $0.pack == delta.id.hex }.map(\.message)
        #expect(
            own.count == 1 && own[0].hasPrefix("block 0 of the pack is a difference from chunks that cannot be read: "))
        #expect(own.first?.contains(whole.path) == true, "\(own)")
        #expect(findings.contains { $0.pack == whole.id.hex && $0.block == 0 })
    }

    @Test("a block that cannot be read is tried once for all of its chunks")
    func once() throws {
        try storage.write(wholeBytes, as: whole.path, temporaryName: "tmp/again")
        try storage.flip(whole.path, at: 60)
        let reader = try openStore(storage).reader()
        defer { reader.close() }
        let places = try reader.catalog.read { (connection) throws(SQLiteError) in
            try connection.copies(of: reference.id).map(\.place) + connection.copies(of: ChunkID(of: base)).map(\.place)
        }
        var bad: Set<BlockKey> = []
        #expect(try !reader.canRead(reference.id, at: places, besides: &bad))
        #expect(bad == Set(places.map { $0.key }) && bad.count == 2)
        try storage.flip(whole.path, at: 60)
        #expect(try !reader.canRead(reference.id, at: places, besides: &bad))
        bad = []
        #expect(try reader.canRead(reference.id, at: places, besides: &bad) && bad.isEmpty)
    }
}
