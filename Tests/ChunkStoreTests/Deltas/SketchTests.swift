import TestSupport
import Testing

@testable import ChunkStore

@Suite struct SketchTests {
    private static func sketch(_ bytes: [UInt8]) -> Sketch { bytes.withUnsafeBytes { Sketch(of: $0) } }

    private static func share(of new: [UInt8], in old: [UInt8]) -> Double {
        let (count, all) = sketch(old).common(with: sketch(new).whole)
        return all == 0 ? 0 : Double(count) / Double(all)
    }

    @Test(
        "bytes have all in common with themselves, and next to nothing with others",
        arguments: [2_000, 20_000, 200_000])
    func extremes(count: Int) {
        var random = SplitMix64(seed: 1)
        let bytes = random.bytes(count)
        #expect(Self.share(of: bytes, in: bytes) == 1)
        #expect(Self.share(of: bytes, in: random.bytes(count)) < 0.05)
    }

    @Test("an edit here and there leaves most in common")
    func edits() {
        var random = SplitMix64(seed: 2)
        let old = random.text(30_000)
        var new = old
        for _ in 0..<20 { new.insert(contentsOf: [1, 2, 3], at: random.number(below: new.count)) }
        #expect(Self.share(of: new, in: old) > 0.8)
    }

    @Test("a short piece is found in a long one, although that keeps fewer features for its length")
    func containment() {
        var random = SplitMix64(seed: 3)
        let long = random.bytes(64 << 10)
        #expect(Self.share(of: Array(long[30_000..<46_000]), in: long) > 0.8)
        #expect(Self.share(of: long, in: Array(long[30_000..<46_000])) > 0.1)
    }

    @Test("what one accounts for is not counted again")
    func remainder() {
        var random = SplitMix64(seed: 4)
        let (first, second) = (random.bytes(8_000), random.bytes(8_000))
        var rest = Self.sketch(first + second).whole
        Self.sketch(first).take(outOf: &rest)
        #expect(Self.sketch(first).common(with: rest).count == 0)
        #expect(Self.sketch(second).common(with: rest).count > 10)
    }

    @Test("however long the bytes are, a sketch stays small, and of a few it is empty")
    func size() {
        var random = SplitMix64(seed: 5)
        #expect(Self.sketch(random.bytes(4 << 20)).whole.features.count < 512)
        #expect(Self.sketch(Array(repeating: 0, count: 1 << 20)).whole.features.count <= 1)
        #expect(Self.sketch([1, 2, 3]).whole.features.isEmpty)
    }
}
