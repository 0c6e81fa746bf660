import Bytes
import SQLite
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct BaseRoundsTests {
    private let storage = MemoryStorage()
    private let store: Store
    private let old: [[UInt8]]

    private static let baseBytes = 10_000

    init() throws {
        var random = SplitMix64(seed: 111)
        old = (0..<12).map { _ in random.bytes(Self.baseBytes) }
        store = try makeStore(storage)
        // Bases lie in two packs, turn by turn, and each delta block needs one of both.
        for parity in 0..<2 {
            let chunks = stride(from: parity, to: old.count, by: 2).map { old[$0] }
            try HandMadePack(blocks: [HandMadePack.Block(codec: .stored, chunks: chunks)]).write(to: store)
        }
        try store.synchronize()
    }

    private func reader() throws -> ChunkReader {
        try store.reader(for: "test", cacheBytes: 4 * Self.baseBytes)
    }

    private func bases(_ numbers: [Int]) -> [ChunkID] { numbers.map { ChunkID(of: old[$0]) } }

    @Test(
        "every delta block has its turn once, those with common bases together, and a round takes no more than it may")
    func rounds() throws {
        let reader = try reader()
        defer { reader.close() }
        let pairs = [[0, 1], [10, 11], [1, 0], [4, 5], [11, 10], [6, 7], [2, 3], [8, 9]]
        var rounds = try BaseRounds(pairs.map(bases), reader)
        var seen: [[Int]] = []
        while let indices = try rounds.next() { seen.append(indices) }
        #expect(seen.flatMap(\.self).sorted() == Array(pairs.indices))
        #expect(seen.count >= 3)
        for indices in seen {
            #expect(Set(indices.flatMap { pairs[$0] }).count * Self.baseBytes <= reader.readyBytesMax)
        }
        for twins in [[0, 2], [1, 4]] { #expect(seen.contains { Set(twins).isSubset(of: $0) }) }
    }

    @Test("bases that are ready serve without the packs that they lie in, until the next round")
    func ready() throws {
        let names = try [[0, 1], [1, 0], [6, 7], [7, 6]].map { numbers in
            let block = HandMadePack.Block(
                codec: .zstdWithPrefix, chunks: [mixed(numbers)], bases: numbers.map { old[$0] })
            return try HandMadePack(blocks: [block]).write(to: store)
        }
        try store.synchronize()
        let reader = try reader()
        defer { reader.close() }
        let places = try names.map { name in
            let rows = try reader.catalog.packs()
            let row = try #require(rows.first { $0.name == name })
            return try #require(
                try reader.catalog.read { (connection) throws(SQLiteError) in try connection.block(0, of: row.number) })
        }
        var rounds = try BaseRounds(places.map(\.bases), reader)
        let first = try #require(try rounds.next())
        #expect(first.count >= 2 && first.count < 4)
        for pack in try storage.packs() where !names.contains(pack) {
            try storage.remove(pack.path)
        }
        for index in first {
            let prefix = try reader.prefix(of: places[index])
            #expect(
                prefix?.bytes.elementsEqual([[0, 1], [1, 0], [6, 7], [7, 6]][index].flatMap { old[$0] }) == true)
        }
        // What cannot be had is told by whoever needs it.
        let second = try #require(try rounds.next())
        for index in first + second { #expect(throws: StoreError.self) { try reader.prefix(of: places[index]) } }
        #expect(try rounds.next() == nil)
    }

    @Test("a base of which no whole copy is left, and a delta block without any, take their turn like others")
    func missing() throws {
        let reader = try reader()
        defer { reader.close() }
        let gone = ChunkID(of: [1, 2, 3])
        var rounds = try BaseRounds([[gone], bases([0]), [], bases([1]) + [gone]], reader)
        var seen: [Int] = []
        while let indices = try rounds.next() { seen += indices }
        #expect(seen.sorted() == [0, 1, 2, 3])
    }

    private func mixed(_ numbers: [Int]) -> [UInt8] {
        Array(old[numbers[0]].reversed()) + old[numbers[1]].dropFirst(77)
    }
}
