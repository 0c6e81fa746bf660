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

    /// So many earlier pieces are at hand ahead of the place that a new chunk stands in, for what was deleted.
    private static let aheadMax = 512
    /// So many are behind it that have not been met again, for what was inserted.
    private static let behindMax = 4_096
    /// At most so many parents are named for one chunk.
    private static let parentsMax = 8
    /// No stream is so long: what a damaged list says beyond it is not believed.
    private static let bytesMax: UInt64 = 1 << 62
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
        load(until: earlierGap + (places[chunks.count] - newGap))
        let anchors = isAsEarlier(chunks) ? nextPieces(chunks.count) : anchors(among: chunks)
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

    private func load(until place: UInt64) {
        while !isAtEnd && pieces.count < starts.partitioningIndex(where: { $0 >= place }) + Self.aheadMax {
            guard let piece = next(), piece.byteCount < Self.bytesMax - end else {
                isAtEnd = true
                return
            }
            starts.append(end)
            pieces.append(piece)
            end += piece.byteCount
        }
    }

    private func nextPieces(_ count: Int) -> [(new: Int, earlier: Int?)] {
        (0..<count).map { ($0, $0 == 0 && !beginsWithAnchor ? 0 : 1) }
    }

    /// The usual case: nothing differs.
    private func isAsEarlier(_ chunks: [Piece]) -> Bool {
        let rest = pieces.dropFirst(beginsWithAnchor ? 1 : 0)
        return rest.count >= chunks.count && zip(rest, chunks).allSatisfy { $0 == $1 }
    }

    /// The chunks that were there earlier too: their places among the new ones, and what number their pieces have when those before the last anchor are
    /// passed by. Of what moved about, the longest part that kept its order counts.
    private func anchors(among chunks: [Piece]) -> [(new: Int, earlier: Int?)] {
        var numbers: [ChunkID: [Int]] = [:]
        for number in pieces.indices.dropFirst(beginsWithAnchor ? 1 : 0) {
            numbers[pieces[number].id, default: []].append(number)
        }
        var met: [(new: Int, earlier: Int)] = []
        var place = offset
        for (index, chunk) in chunks.enumerated() {
            defer { place += chunk.byteCount }
            guard let found = numbers[chunk.id] else { continue }
            // What comes again and again, zeros for example, says where one is only if it stands where it should.
            let aligned = earlierGap + (place - newGap)
            if let number = found.count == 1 ? found[0] : found.first(where: { starts[$0] == aligned }) {
                met.append((index, number))
            }
        }
        var passed = 0
        return Self.longestAscent(of: met).map { anchor in
            defer { passed = anchor.earlier }
            return (anchor.new, anchor.earlier - passed)
        }
    }

    /// The longest part of pairs in which the second numbers ascend.
    private static func longestAscent(of pairs: [(new: Int, earlier: Int)]) -> [(new: Int, earlier: Int)] {
        // For each length, which pair ends the ascent of that length with the lowest number; and for each pair, the one before it.
        var (lows, ends): ([UInt64], [Int]) = ([], [])
        var before: [Int?] = []
        for (index, pair) in pairs.enumerated() {
            let number = UInt64(pair.earlier)
            let length = lows.partitioningIndex { $0 >= number }
            before.append(length > 0 ? ends[length - 1] : nil)
            lows.replaceSubrange(length..<min(length + 1, lows.count), with: [number])
            ends.replaceSubrange(length..<min(length + 1, ends.count), with: [index])
        }
        var ascent: [(new: Int, earlier: Int)] = []
        var next = ends.last
        while let index = next {
            ascent.append(pairs[index])
            next = before[index]
        }
        return ascent.reversed()
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
        let first = max(pool.lowerBound, starts.partitioningIndex { $0 > low } - 1)
        return (first..<max(first, pool.upperBound)).prefix { starts[$0] < high }
            .filter { starts[$0] + pieces[$0].byteCount > low }
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
        let passed = starts.partitioningIndex { $0 >= place } - Self.behindMax
        guard passed > 0 else { return }
        pieces.removeFirst(passed)
        starts.removeFirst(passed)
        beginsWithAnchor = false
    }
}

extension RandomAccessCollection<UInt64> where Index == Int {
    /// The first index at which something holds that holds for all behind it too.
    fileprivate func partitioningIndex(where isBehind: (UInt64) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
