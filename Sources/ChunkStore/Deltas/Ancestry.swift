/// What a stream was earlier: its chunks in order, taken from a source that is asked as far as the new stream has come. It says of each new
/// chunk which of the earlier ones it may have come from, so that the new one can be stored as what is different. One thread at a time.
///
/// Chunks that are the same then and now are anchors. What lies between two anchors came from what lay between them earlier; where a
/// stretch has another length now, its chunks are looked for both from its beginning and from its end. So an insertion, a deletion and
/// a change in place each find what they changed. Memory is bounded: of a stretch that nothing anchors only what lies near is kept.
public final class Ancestry {
    /// A piece of the earlier stream.
    public struct Piece: Sendable, Hashable {
        /// The chunk.
        public let id: ChunkID
        /// How much of the stream it covers; for a chunk of a list, what the list covers.
        public let byteCount: UInt64

        /// Names both.
        public init(id: ChunkID, byteCount: UInt64) {
            self.id = id
            self.byteCount = byteCount
        }
    }

    /// So many earlier pieces are at hand at once.
    private static let windowMax = 512
    /// So far behind the place that a new chunk stands in, earlier pieces are kept.
    private static let behindBytes: UInt64 = 4 << 20
    /// At most so many parents are named for one chunk.
    private static let parentsMax = 8
    /// A stretch of so few earlier pieces is named whole.
    private static let fewPieces = 4

    private let next: () -> Piece?
    private var isAtEnd = false
    /// Earlier pieces, and the offset at which each begins.
    private var pieces: [Piece] = []
    private var starts: [UInt64] = []
    /// Where the piece behind the last one begins.
    private var end: UInt64 = 0
    /// Whether the first piece is the last anchor: it stands before the stretch that has not been met again.
    private var beginsWithAnchor = false
    /// Where the stretch behind the last anchor begins, earlier and now.
    private var earlierGap: UInt64 = 0
    private var newGap: UInt64 = 0
    private var offset: UInt64 = 0

    /// `next` gives the earlier pieces one after another, and nil at their end.
    public init(next: @escaping () -> Piece?) { self.next = next }

    /// For each of the chunks that come next in the new stream, the earlier ones that it may have come from, the likeliest first. One that is an
    /// earlier one itself has none.
    public func parents(of chunks: [Piece]) -> [[ChunkID]] {
        var parents = [[ChunkID]](repeating: [], count: chunks.count)
        var places: [UInt64] = [offset]
        for chunk in chunks { places.append(places[places.count - 1] + chunk.byteCount) }
        load()
        let anchors = anchors(among: chunks)
        var first = 0
        for anchor in anchors + [(new: chunks.count, earlier: nil)] {
            for index in first..<anchor.new {
                parents[index] = self.parents(
                    of: places[index]..<places[index + 1], before: anchor.earlier, endingAt: places[anchor.new])
            }
            if let earlier = anchor.earlier { pass(earlier, until: places[anchor.new + 1]) }
            first = anchor.new + 1
        }
        offset = places[chunks.count]
        forgetFarBehind()
        return parents
    }

    private func load() {
        while !isAtEnd && pieces.count < Self.windowMax {
            guard let piece = next() else {
                isAtEnd = true
                return
            }
            starts.append(end)
            pieces.append(piece)
            end += piece.byteCount
        }
    }

    /// The chunks that were there earlier too: their places among the new ones, and the number of pieces from the stretch's begin to theirs.
    private func anchors(among chunks: [Piece]) -> [(new: Int, earlier: Int?)] {
        var numbers: [ChunkID: Int] = [:]
        for (number, piece) in pieces.enumerated().dropFirst(beginsWithAnchor ? 1 : 0).reversed() {
            numbers[piece.id] = number
        }
        var anchors: [(new: Int, earlier: Int?)] = []
        var last = -1
        var passed = 0
        for (index, chunk) in chunks.enumerated() {
            guard let number = numbers[chunk.id], number > last else { continue }
            // What is passed by then stands no more before it.
            anchors.append((index, number - passed))
            passed = number
            last = number
        }
        return anchors
    }

    /// The parents of a chunk at these offsets of the new stream. The stretch ends before the piece `anchor`, which the new stream has at `end`.
    private func parents(of chunk: Range<UInt64>, before anchor: Int?, endingAt end: UInt64) -> [ChunkID] {
        let first = beginsWithAnchor ? 1 : 0
        let pool = first..<max(first, anchor ?? pieces.count)
        guard !pool.isEmpty else {
            // Something was put between two that are still there, and may be like them.
            return [beginsWithAnchor ? pieces.first : nil, anchor.map { pieces[$0] }].compactMap { $0?.id }
        }
        if pool.count <= Self.fewPieces && (anchor != nil || isAtEnd) { return pool.map { pieces[$0].id } }
        let slack = (chunk.upperBound - chunk.lowerBound) / 2
        var found = overlapping(earlierGap &+ (chunk.lowerBound - newGap), chunk.count, slack, in: pool)
        if let anchor, starts[anchor] >= end - chunk.lowerBound {
            let fromEnd = starts[anchor] - (end - chunk.lowerBound)
            for number in overlapping(fromEnd, chunk.count, slack, in: pool) where !found.contains(number) {
                found.append(number)
            }
        }
        if found.isEmpty { found = [pool.upperBound - 1] }
        return found.prefix(Self.parentsMax).map { pieces[$0].id }
    }

    private func overlapping(_ start: UInt64, _ count: Int, _ slack: UInt64, in pool: Range<Int>) -> [Int] {
        let (low, high) = (start - min(start, slack), start + UInt64(count) + slack)
        return pool.filter { starts[$0] < high && starts[$0] + pieces[$0].byteCount > low }
    }

    /// The new stream has met a piece again and goes on behind it.
    private func pass(_ number: Int, until offset: UInt64) {
        earlierGap = starts[number] + pieces[number].byteCount
        newGap = offset
        pieces.removeFirst(number)
        starts.removeFirst(number)
        beginsWithAnchor = true
    }

    private func forgetFarBehind() {
        let place = earlierGap + (offset - newGap)
        let passed = zip(starts, pieces).prefix { $0 + $1.byteCount + Self.behindBytes < place }.count
        guard passed > 0 else { return }
        pieces.removeFirst(passed)
        starts.removeFirst(passed)
        beginsWithAnchor = false
    }
}
