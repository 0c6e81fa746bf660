import Crypto
import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite("Checking what the store knows")
struct StoreCheckTests {
    private let storage = MemoryStorage()
    private var random = SplitMix64(seed: 77)

    private func check<Result>(
        _ store: Store, isCancelled: @escaping @Sendable () -> Bool = { false },
        _ body: (StoreCheck) throws -> Result
    ) throws -> (result: Result, findings: [StoreFinding]) {
        let reader = try store.reader(for: "check")
        defer { reader.close() }
        var findings: [StoreFinding] = []
        let check = StoreCheck(store, reader: reader, isCancelled: isCancelled) { findings.append($0) }
        let result = try body(check)
        return (result, findings)
    }

    @Test(
        "a delta block whose base is gone is a note that names the base, for whoever needs its chunks is told that they are missing",
        arguments: EncryptionMode.allCases)
    func delta(mode: EncryptionMode) throws {
        var random = random
        let store = try makeStore(storage, mode: mode)
        let base = random.bytes(5_000)
        let new = base + [1, 2, 3]
        let whole = try HandMadePack(blocks: [.init(codec: .stored, chunks: [base])]).write(to: store)
        let delta = try HandMadePack(blocks: [.init(codec: .zstdWithPrefix, chunks: [new], bases: [base])])
            .write(to: store)
        #expect(try check(store) { try $0.data(.all) }.findings.isEmpty)
        try storage.remove(whole.path)
        #expect(try check(store) { try $0.structure() }.findings.isEmpty)
        let (summary, findings) = try check(store) { try $0.data(.all) }
        #expect(findings.map(\.kind) == [.block])
        #expect(findings.first?.pack == delta.id.hex && findings.first?.block == 0)
        #expect(findings.first?.message.contains("\(ChunkID(of: base))") == true)
        #expect(findings.map(\.weight) == [.note] && findings.first?.lost == [])
        let reader = try store.reader()
        defer { reader.close() }
        let needed = [(chunk: RootReference(kind: .data, id: ChunkID(of: new)), length: UInt32?.none)]
        #expect(try StoreCheck(store, reader: reader) { _ in }.presence(of: needed) == [.absent])
        #expect(summary == StoreCheck.DataSummary(packs: 1, goodPacks: 0, bytes: try storage.size(of: delta.path)))
    }

    @Test("a block that decodes to other chunks than its directory promises is damage of these chunks alone")
    func wrongChunk() throws {
        var random = random
        let store = try makeStore(storage)
        let (good, promised, other) = (random.bytes(900), random.bytes(900), random.bytes(900))
        try HandMadePack(blocks: [.init(codec: .stored, chunks: [good, promised], forcedContent: good + other)])
            .write(to: store)
        let findings = try check(store) { try $0.data(.all) }.findings
        #expect(findings.map(\.kind) == [.chunk])
        #expect(findings.first?.copies.map(\.id) == [ChunkID(of: promised)])
        // Another copy elsewhere serves.
        try store.put([promised + [0]])
        try HandMadePack(blocks: [.init(chunks: [promised])]).write(to: store)
        let again = try check(store) { try $0.data(.all) }.findings
        #expect(again.map(\.copies.count) == [1] && again.map(\.lost) == [[]])
    }

    @Test("the parts of all packs are read each once, whatever their number", arguments: [1, 2, 3, 7, 300])
    func parts(count: Int) {
        var random = random
        let packs = (0..<100).map { _ in candidate(&random, bytes: 10) }
        let parts = (1...count).map { PackSelection.part($0, of: count).choose(from: packs) }
        #expect(parts.reduce(0) { $0 + $1.count } == packs.count)
        #expect(Set(parts.joined()) == Set(packs))
        #expect(parts[0] == PackSelection.part(1, of: count).choose(from: packs.shuffled()))
    }

    private func candidate(_ random: inout SplitMix64, bytes: UInt64, verified: Int64? = nil) -> PackSelection.Candidate
    {
        PackSelection.Candidate(
            name: PackName(folder: .data, id: ChunkID(of: random.bytes(8)).digest), bytes: bytes, verified: verified)
    }

    @Test("a share or an amount takes what was never read first, then what was read longest ago")
    func leastRecent() {
        var random = random
        let never = candidate(&random, bytes: 100)
        let old = candidate(&random, bytes: 100, verified: 5)
        let new = candidate(&random, bytes: 100, verified: 9)
        let all = [new, never, old]
        #expect(PackSelection.percent(1).choose(from: all) == [never])
        #expect(PackSelection.percent(34).choose(from: all) == [never, old])
        #expect(PackSelection.percent(100).choose(from: all) == [never, old, new])
        #expect(PackSelection.percent(0).choose(from: all) == [])
        #expect(PackSelection.bytes(101).choose(from: all) == [never, old])
        #expect(PackSelection.bytes(.max).choose(from: all) == [never, old, new])
        #expect(PackSelection.bytes(5).choose(from: []) == [])
    }

    @Test(
        "parts of the packs cover all of them in the end, for it is remembered which are good; bad ones come first again"
    )
    func memory() throws {
        var random = random
        let cache = try TemporaryFolder()
        let store = try makeStore(storage, options: .small(cache: cache.path))
        for _ in 0..<4 { try store.put([random.bytes(3_000)]) }
        var seen: Set<PackName> = []
        for round in 1...4 {
            let memory = VerifiedPacks(try store.cacheFolder())
            #expect(memory.all().count == round - 1)
            #expect(try check(store) { try $0.data(.bytes(1)) }.result.packs == 1)
            seen.formUnion(VerifiedPacks(try store.cacheFolder()).all().keys)
        }
        #expect(seen == Set(try storage.packs()))
        let bad = try storage.packs()[2]
        try storage.flip(bad.path, at: 70)
        #expect(try check(store) { try $0.data(.all) }.result.goodPacks == 3)
        #expect(try check(store) { try $0.data(.bytes(1)) }.findings.contains { $0.pack == bad.id.hex })
        // One that is gone is forgotten, and a spoilt memory is an empty one.
        try storage.remove(try storage.packs()[0].path)
        _ = try check(store) { try $0.data(.bytes(1)) }
        #expect(VerifiedPacks(try store.cacheFolder()).all().count == 2)
        let file = try #require(try store.cacheFolder()).appending("verified.sqlite")
        try SmallFile.replace(file, with: [UInt8](repeating: 3, count: 5_000))
        #expect(try check(store) { try $0.data(.all) }.result.packs == 3)
        #expect(VerifiedPacks(try store.cacheFolder()).all().count == 2)
    }

    @Test("only packs that are named are read")
    func only() throws {
        var random = random
        let store = try makeStore(storage)
        for _ in 0..<3 { try store.put([random.bytes(3_000)]) }
        let name = try storage.packs()[1]
        #expect(try check(store) { try $0.data(.all, only: [name.id.hex]) }.result.packs == 1)
        let id = try #require(try store.directories()[1].directory.blocks.first?.chunks.first?.id)
        #expect(try check(store) { try $0.packs(holding: [id]) }.result == [name.id.hex])
    }

    @Test("a pack that others take away while packs are looked at is no damage")
    func vanishing() throws {
        var random = random
        let store = try makeStore(storage)
        for _ in 0..<3 { try store.put([random.bytes(3_000)]) }
        let last = try #require(try storage.packs().max { $0.id < $1.id })
        let findings = try check(store) { check in
            try check.structure { packs in if packs.count == 1 { try? storage.remove(last.path) } }
        }.findings
        #expect(findings == [])
        #expect(try !storage.packs().contains(last))
    }

    @Test("a disk that fails where a pack lies is told as damage of that pack, once")
    func failingDisk() throws {
        var random = random
        let shared = SharedStorage(storage, isLocal: true)
        _ = try makeStore(storage)
        let store = try openStore(shared)
        for _ in 0..<3 { try store.put([random.bytes(3_000)]) }
        let name = try storage.packs()[1]
        shared.spoil(name.path)
        let findings = try check(store) { check in
            _ = try check.structure()
            return try check.data(.all)
        }.findings
        #expect(findings.map(\.kind) == [.pack] && findings.first?.pack == name.id.hex)
        #expect(findings.first?.message.contains("Input/output error") == true)
    }

    @Test("a repository where nothing can be written is checked all the same")
    func readOnly() throws {
        var random = random
        try makeStore(storage).put([random.bytes(3_000)])
        let store = try openStore(SharedStorage(storage, isReadOnly: true))
        let (summary, findings) = try check(store) { check in
            _ = try check.records()
            _ = try check.structure()
            return try check.data(.all)
        }
        #expect(summary.goodPacks == 1 && findings == [])
    }

    @Test("a check stops when somebody wishes it to")
    func cancelled() throws {
        var random = random
        let store = try makeStore(storage)
        try store.put([random.bytes(3_000)])
        for body: (StoreCheck) throws -> Void in [
            { _ = try $0.structure() }, { _ = try $0.data(.all) },
        ] {
            expectFailure(.cancelled) { try check(store, isCancelled: { true }, body) }
        }
    }

    @Test("chunks are looked up by kind and length")
    func presence() throws {
        let store = try makeStore(storage)
        let id = try store.put([[1, 2, 3]])[0]
        let (data, tree) = (RootReference(kind: .data, id: id), RootReference(kind: .tree, id: id))
        let answers = try check(store) {
            try $0.presence(of: [(data, 3), (tree, 3), (data, nil), (data, 4)])
        }.result
        #expect(answers == [.present, .absent, .present, .otherLength(3)])
    }
}
