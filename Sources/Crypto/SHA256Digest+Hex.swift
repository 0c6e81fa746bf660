extension SHA256Digest: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: 2 * Self.byteCount) { text in
            withUnsafeBytes { bytes in
                for index in 0..<Self.byteCount {
                    text[2 * index] = Self.digit(bytes[index] >> 4)
                    text[2 * index + 1] = Self.digit(bytes[index] & 15)
                }
            }
            return 2 * Self.byteCount
        }
    }

    /// The same as `hex`.
    public var description: String { hex }

    /// Reads exactly 64 lower-case hexadecimal digits; nil for anything else, so that each digest has one text.
    public init?(hex: String) {
        guard hex.utf8.count == 2 * Self.byteCount else { return nil }
        var words: [4 of UInt64] = [0, 0, 0, 0]
        var index = 0
        for character in hex.utf8 {
            guard let value = Self.value(ofDigit: character) else { return nil }
            words[index / 16] = words[index / 16] << 4 | UInt64(value)
            index += 1
        }
        self.init(
            word0: words[0].bigEndian, word1: words[1].bigEndian, word2: words[2].bigEndian, word3: words[3].bigEndian)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(ofDigit character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
