import TestSupport
import Testing

@testable import ChunkStore

@Suite struct AncestryTests {
    private static func id(_ number: Int) -> ChunkID { ChunkID(of: Array("\(number)".utf8)) }

    private static func pieces(_ numbers: [Int]) -> [Ancestry.Piece] {
        numbers.map { Ancestry.Piece(id: id($0), byteCount: 1_000) }
    }

    /// What is named as the parents of each new piece, as numbers, when they come so many at a time.
    private static func parents(_ new: [Int], after old: [Int], batch: Int = .max) -> [[Int]] {
        var rest = pieces(old)[...]
        let ancestry = Ancestry { rest.popFirst() }
        let numbers = Dictionary(uniqueKeysWithValues: Set(old).map { (id($0), $0) })
        var found: [[Int]] = []
        var left = new[...]
        while !left.isEmpty {
            let next = Array(left.prefix(batch))
            left = left.dropFirst(batch)
            found += ancestry.parents(of: pieces(next)).map { $0.compactMap { numbers[$0] } }
        }
        return found
    }

    @Test("what is the same has no parents, and what is between comes from what was between", arguments: [1, 2, 100])
    func between(batch: Int) {
        let found = Self.parents([1, 2, 103, 4, 5], after: [1, 2, 3, 4, 5], batch: batch)
        #expect(found[0].isEmpty && found[1].isEmpty && found[3].isEmpty && found[4].isEmpty)
        #expect(found[2].contains(3))
    }

    @Test("an insertion finds what it broke up on either side")
    func insertion() {
        let old = Array(1...20)
        let new = Array(1...9) + [110, 200, 201, 202, 111] + Array(12...20)
        let found = Self.parents(new, after: old)
        #expect(found[9].contains(10) && found[13].contains(11))
    }

    @Test("behind a long insertion or deletion the rest is met again", arguments: [1, 3, 64, 1_000])
    func resynchronizes(batch: Int) {
        let old = Array(1...1_000)
        for new in [
            Array(1...100) + Array(2_000...2_300) + Array(101...600) + [9_601] + Array(602...1_000),
            Array(1...100) + Array(401...600) + [9_601] + Array(602...1_000),
        ] {
            let found = Self.parents(new, after: old, batch: batch)
            let index = new.firstIndex(of: 9_601)!
            #expect(found[index].contains(601))
            #expect(found[(index + 1)...].allSatisfy { $0.isEmpty })
        }
    }

    @Test(
        "a stretch that is changed all along takes its parents place by place, however long it is", arguments: [5, 64])
    func changedAllAlong(batch: Int) {
        let old = Array(0..<12_000)
        let found = Self.parents(old.map { $0 + 100_000 }, after: old, batch: batch)
        #expect(found.enumerated().allSatisfy { $1.contains($0) && $1.count <= 8 })
    }

    @Test("what is appended to the last chunk comes from it")
    func tail() {
        #expect(Self.parents([1, 2, 103], after: [1, 2, 3])[2] == [3])
        #expect(Self.parents([103, 104], after: [3]) == [[3], [3]])
    }

    @Test("where nothing was earlier nothing is named")
    func nothing() {
        #expect(Self.parents([1, 2], after: []) == [[], []])
    }

    @Test("of pieces that come again and again the next one is an anchor")
    func repeated() {
        let found = Self.parents([0, 0, 0, 105, 0, 0], after: [0, 0, 0, 5, 0, 0])
        #expect(found[3].contains(5) && found[4].isEmpty)
    }

    @Test(
        "lengths that no stream has end what is believed of the earlier one", arguments: [UInt64.max, 1 << 63, 1 << 62])
    func hostileLengths(byteCount: UInt64) {
        var rest = (Self.pieces([1, 2]) + [3, 4, 5].map { Ancestry.Piece(id: Self.id($0), byteCount: byteCount) })[...]
        let ancestry = Ancestry { rest.popFirst() }
        let found = ancestry.parents(of: Self.pieces([1, 102, 3, 4]))
        #expect(found[0].isEmpty && found[1].contains(Self.id(2)))
        #expect(ancestry.parents(of: Self.pieces([5, 6])).count == 2)
    }
}
