/// Cuts one stream into chunks. It is shown a buffer that the caller owns, and neither copies nor keeps any of it.
///
/// The caller keeps the unfinished chunk at the front of what it shows and appends what it reads:
///
/// ```swift
/// var chunker = Chunker(table: table, profile: profile)
/// repeat {
///     let isLast = try fill(&buffer)                      // appends to what is left
///     var start = 0
///     while let length = chunker.nextChunk(in: buffer.span.bytes.extracting(droppingFirst: start), isLast: isLast) {
///         store(buffer[start..<start + length])
///         start += length
///     }
///     buffer.removeFirst(start)
/// } while !isLast
/// ```
///
/// The cuts depend on the stream alone, not on how it was split. With ``Profile/longestChunkBytes`` of room or more the
/// caller's loop always gets on. Time is linear in the length of the stream whatever its content; the bytes below a
/// chunk's shortest length are not even looked at. A call looks again at no more than the 63 bytes before each lane.
public struct Chunker: Sendable {
    private let table: GearTable
    private let profile: Profile
    private var tier: Profile.Tier
    /// So many of the first bytes of the current chunk are known not to end it.
    private var cleared = 0
    /// So many bytes of the current chunk were shown in the last call.
    private var shown = 0

    /// The offset in the stream of the chunk that ``nextChunk(in:isLast:)`` looks at next.
    public private(set) var offset: UInt64 = 0

    /// Makes a chunker for a stream that begins with the first byte it is shown.
    public init(table: GearTable, profile: Profile) {
        self.table = table
        self.profile = profile
        tier = profile.tier(at: 0)
    }

    /// The length of the chunk that begins with the first of `bytes`, or nil if more bytes are needed to tell.
    ///
    /// After a length the next call begins with the byte behind that chunk. After nil it begins with the same byte and
    /// shows more of the stream. Nil may be the answer for up to 127 bytes after the cut has come into view; never for
    /// the longest chunk that the tier allows, and with `isLast` only when `bytes` is empty.
    ///
    /// - Precondition: after nil no fewer bytes are shown than before.
    public mutating func nextChunk(in bytes: borrowing RawSpan, isLast: Bool) -> Int? {
        precondition(bytes.byteCount >= shown, "the front of an unfinished chunk was dropped")
        shown = bytes.byteCount
        let visible = min(bytes.byteCount, Int(tier.maxBytes))
        let isWhole = isLast || visible == Int(tier.maxBytes)
        if let end = firstCut(in: bytes, visible: visible, isWhole: isWhole) { return finish(end) }
        return isWhole && visible > 0 ? finish(visible) : nil
    }

    /// The length up to the first cut that the hash makes within `visible` bytes; what holds none is noted as cleared.
    private mutating func firstCut(in bytes: borrowing RawSpan, visible: Int, isWhole: Bool) -> Int? {
        let hardEnd = Int(tier.normalBytes) - 1
        let easyEnd = Int(tier.maxBytes) - 1
        cleared = max(cleared, Int(tier.minBytes) - 1)
        if cleared < min(hardEnd, visible) {
            let end = min(hardEnd, visible)
            let cut = clear(bytes, to: end, isWhole: isWhole || end < visible, zeroBits: tier.hardBits)
            if cut != nil { return cut }
        }
        if hardEnd <= cleared, cleared < visible {
            return clear(bytes, to: min(easyEnd, visible), isWhole: isWhole, zeroBits: tier.easyBits)
        }
        return nil
    }

    /// Looks for a cut in `cleared ..< end`, without a rest too short for the lanes if more bytes will follow.
    private mutating func clear(_ bytes: borrowing RawSpan, to end: Int, isWhole: Bool, zeroBits: UInt8) -> Int? {
        let rest = isWhole ? 0 : (end - cleared) % gearScanBytesMin
        let range = cleared..<(end - rest)
        if let index = gearScan(bytes, range, zeroBits: zeroBits, table: table) { return index + 1 }
        cleared = range.upperBound
        return nil
    }

    private mutating func finish(_ length: Int) -> Int {
        offset += UInt64(length)
        tier = profile.tier(at: offset)
        cleared = 0
        shown = 0
        return length
    }
}
