/// One character in a name's bytes. Names need not be UTF-8: a byte that belongs to no character counts as one of its own.
struct NameCharacter: Hashable {
    /// The scalar's number; behind the last scalar for a byte that is no part of UTF-8.
    var number: UInt32
    /// How many bytes it takes.
    var width: Int

    /// The number of a lone byte.
    static func lone(_ byte: UInt8) -> UInt32 { 0x11_0000 + UInt32(byte) }

    /// A byte for itself.
    init(byte: UInt8) {
        number = UInt32(byte)
        width = 1
    }

    /// Reads the character that begins at an offset inside the bytes.
    init(in bytes: Span<UInt8>, at offset: Int) {
        let lead = bytes[offset]
        if lead < 0x80 {
            (number, width) = (UInt32(lead), 1)
            return
        }
        (number, width) = (Self.lone(lead), 1)
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard 0xC2...0xF4 ~= lead, offset + length <= bytes.count else { return }
        var sum = UInt32(lead) & (0x7F >> UInt32(length))
        for index in offset + 1..<offset + length {
            guard bytes[index] & 0xC0 == 0x80 else { return }
            sum = sum << 6 | UInt32(bytes[index] & 0x3F)
        }
        let least: UInt32 = length == 4 ? 0x1_0000 : length == 3 ? 0x800 : 0x80
        // Longer than need be, half of a pair, or beyond the last scalar: not UTF-8.
        guard sum >= least, Unicode.Scalar(sum) != nil else { return }
        (number, width) = (sum, length)
    }
}
