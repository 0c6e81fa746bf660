// unsafe: bytes are written by words into memory that an array lends.

/// A generator of numbers that a seed decides, for data and choices that come again in every run.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts at a seed.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Bytes that nothing compresses.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            // By words: in a debug build eight stores of a byte take eight times as long.
            while offset + 8 <= count {
                raw.storeBytes(of: next().littleEndian, toByteOffset: offset, as: UInt64.self)
                offset += 8
            }
            if offset < count {
                withUnsafeBytes(of: next().littleEndian) { word in
                    for index in offset..<count { buffer[index] = word[index - offset] }
                }
            }
            filled = count
        }
    }

    /// Words that compress well.
    public mutating func text(_ count: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(count + 16)
        while text.count < count {
            text += Self.words[Int(next() % UInt64(Self.words.count))]
            text.append(text.count % 11 == 0 ? 10 : 32)
        }
        return Array(text.prefix(count))
    }

    /// A number below a bound.
    public mutating func number(below bound: Int) -> Int { Int(next() % UInt64(bound)) }

    private static let words = [
        "stone", "heap", "path", "marks", "above", "clouds", "walkers", "add", "one", "each", "north", "ridge", "snow",
        "lamp", "rope", "until", "every", "winter", "summit", "valley",
    ].map { Array($0.utf8) }
}
