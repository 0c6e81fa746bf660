import Crypto
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
}
