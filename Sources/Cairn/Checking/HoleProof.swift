import Bytes

/// Whether the list of a file's holes is one: pairs of offset and length, ascending, inside the file, none touching the next. Takes the list piece
/// by piece; a pair may be split between pieces.
struct HoleProof {
    private let size: UInt64
    private var rest: [UInt8] = []
    private var end: UInt64?
    private var isGood = true

    /// For a file of so many bytes.
    init(size: UInt64) { self.size = size }

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        rest += piece
        var reader = ByteReader(rest)
        while reader.remaining >= 16, let offset = try? reader.uint64(), let length = try? reader.uint64() {
            isGood = isGood && length > 0 && offset <= size && length <= size - offset
            if let end { isGood = isGood && offset > end }
            end = isGood ? offset + length : nil
        }
        rest = Array(rest[reader.offset...])
    }

    /// Whether it was a list of holes, and not empty.
    var isProven: Bool { isGood && rest.isEmpty && end != nil }
}
