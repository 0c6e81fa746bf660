/// The limits of FORMAT.md. Readers refuse what exceeds them; writers stay below.
enum Limits {
    static let recordClearBytes = 4_096
    static let recordBodyBytes = 33_554_432
    static let features = 32
    static let chunkBytes = 8_388_608
    static let blockPlainBytes = 16_777_216
    static let blockStoredBytes = 16_777_216 + 65_536
    static let packBytes: UInt64 = 1 << 30
    static let directoryBytes = 1 << 28
    static let packBlocks = 1_048_576
    static let packChunks = 4_194_304
    static let packBases = 4_194_304
    static let blockBases = 4_096
    static let prefixBytes = 4_194_304
    static let rootNameBytes = 1_024
    static let rootReferences = 65_536
    static let rootPayloadBytes = 16_777_216
    static let keyLabelBytes = 1_024
    static let leaseClaimBytes = 64 << 20

    /// A manifest's file is shorter than this: it holds its record twice.
    static let recordFileBytes = 4 * recordBodyBytes
    /// A config's or a key's file is shorter than this.
    static let smallRecordFileBytes = 1 << 20
}

/// The length to which something of this length is padded, so that lengths tell little: at most 12 % more.
func padme(_ length: Int) -> Int {
    let mask = padmeStep(length) - 1
    return (length + mask) & ~mask
}

/// The lengths that lengths like this one are padded to are multiples of this.
func padmeStep(_ length: Int) -> Int {
    guard length >= 4 else { return 1 }
    let exponent = Int.bitWidth - 1 - length.leadingZeroBitCount
    let bits = Int.bitWidth - exponent.leadingZeroBitCount
    return 1 << (exponent - bits)
}
