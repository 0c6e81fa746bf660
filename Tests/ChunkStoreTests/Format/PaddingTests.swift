import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PaddingTests {
    @Test(
        "lengths are padded as the table of the format says",
        arguments: [
            (0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (7, 7), (8, 8), (9, 10), (15, 16), (16, 16), (17, 18), (31, 32),
            (33, 36), (100, 104), (1_000, 1_024), (1_025, 1_088), (4_097, 4_352), (100_000, 100_352),
            (1_048_577, 1_081_344), (67_108_865, 69_206_016), (1_073_741_824, 1_073_741_824),
        ])
    func table(length: Int, padded: Int) {
        #expect(padme(length) == padded)
    }

    @Test("padding never shortens, adds at most an eighth, is settled after one step and keeps the order")
    func properties() {
        var random = SplitMix64(seed: 1)
        var last = (length: 0, padded: 0)
        let lengths = (0..<5_000).map { _ in random.number(0...(1 << random.number(1...40))) }.sorted()
        for length in lengths {
            let padded = padme(length)
            #expect(padded >= length && padded - length <= length / 8)
            #expect(padme(padded) == padded)
            #expect(padded >= last.padded)
            last = (length, padded)
        }
    }
}
