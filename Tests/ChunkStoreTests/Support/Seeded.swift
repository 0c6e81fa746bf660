import ChunkStore

/// The generator that all random values of these tests come from: same seed, same values, on every machine.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Bytes that no compressor shortens.
    mutating func noise(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var index = 0
            while index < count {
                var word = next()
                for _ in 0..<min(8, count - index) {
                    buffer[index] = UInt8(truncatingIfNeeded: word)
                    word >>= 8
                    index += 1
                }
            }
            filled = count
        }
    }

    /// Lines of words, which compress well.
    mutating func prose(_ count: Int) -> [UInt8] {
        let words = ["stone", "upon ", "stone", " heap", "\npath", "marks", " way,", " and "].map { Array($0.utf8) }
        var text: [UInt8] = []
        text.reserveCapacity(count + 8)
        while text.count < count { text += words[Int(truncatingIfNeeded: next() & 7)] }
        return Array(text.prefix(count))
    }

    /// A number in a range.
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
