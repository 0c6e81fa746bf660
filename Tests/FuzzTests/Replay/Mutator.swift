import TestSupport

/// Changes valid inputs as an enemy or a bad disk would; a seed decides how.
struct Mutator {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Numbers at the borders of what fields hold.
    private static let extremes: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, .max, 1 << 28, (1 << 28) + 1, 1 << 30, 33_554_432, 16_777_216, 8_388_609, 4_194_305,
    ]

    /// A few changes to one input; pieces of the other may get in.
    mutating func mutation(of bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        var changed = bytes
        for _ in 0...random.number(below: 4) { change(&changed, with: other) }
        return changed
    }

    private mutating func change(_ bytes: inout [UInt8], with other: [UInt8]) {
        guard !bytes.isEmpty else { return bytes = Array(other.prefix(random.number(below: other.count + 1))) }
        let index = random.number(below: bytes.count)
        switch random.number(below: 8) {
        case 0, 1: bytes[index] ^= 1 << UInt8(random.number(below: 8))
        case 2: bytes[index] = UInt8(truncatingIfNeeded: random.next())
        case 3: bytes.removeLast(bytes.count - index)
        case 4: put(Self.extremes[random.number(below: Self.extremes.count)], into: &bytes, at: index)
        case 5:
            let end = min(bytes.count, index + 1 + random.number(below: 64))
            if random.number(below: 2) == 0 {
                bytes.removeSubrange(index..<end)
            } else {
                bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
            }
        case 6:
            let start = random.number(below: other.count + 1)
            bytes.replaceSubrange(index..., with: other[start...])
        default: bytes += (0..<random.number(below: 40)).map { _ in 0 }
        }
    }

    private mutating func put(_ number: UInt64, into bytes: inout [UInt8], at index: Int) {
        let width = min(bytes.count - index, 1 << random.number(below: 4))
        for offset in 0..<width { bytes[index + offset] = UInt8(truncatingIfNeeded: number >> UInt64(8 * offset)) }
    }
}
