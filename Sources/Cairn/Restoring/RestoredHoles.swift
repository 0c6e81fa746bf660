// unsafe: looks for zeros in lent bytes.
import Bytes
import Glibc

/// Which stretches of a file shall be holes: those that were recorded, and, where asked for, long runs of zeros.
struct RestoredHoles: Sendable {
    /// Holes ascend and do not touch.
    let recorded: [Range<UInt64>]
    /// Whether runs of zeros become holes too.
    let findsZeros: Bool

    static let none = RestoredHoles(recorded: [], findsZeros: false)

    /// The unit in which file systems keep holes.
    private static let unit: UInt64 = 4_096
    /// More are not kept in memory; then zeros are looked for instead, which finds the same holes and more.
    static let recordedMax = 65_536

    var isEmpty: Bool { recorded.isEmpty && !findsZeros }

    /// How many bytes the recorded holes have.
    var recordedBytes: UInt64 { recorded.reduce(0) { $0 + UInt64($1.count) } }

    /// Calls the body with each stretch of bytes that lie at an offset, and whether it is to be a hole.
    func forEachStretch<Failure: Error>(
        of bytes: UnsafeRawBufferPointer, at offset: UInt64,
        _ body: (UnsafeRawBufferPointer, UInt64, _ isHole: Bool) throws(Failure) -> Void
    ) throws(Failure) {
        if isEmpty { return try body(bytes, offset, false) }
        let end = offset + UInt64(bytes.count)
        func part(_ range: Range<UInt64>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[Int(range.lowerBound - offset)..<Int(range.upperBound - offset)])
        }
        var place = offset
        var index = firstHole(endingAfter: offset)
        while place < end {
            let hole = index < recorded.count ? recorded[index] : end..<end
            let dataEnd = min(end, max(place, hole.lowerBound))
            if place < dataEnd { try forEachRun(of: part(place..<dataEnd), at: place, body) }
            let holeEnd = min(end, hole.upperBound)
            if dataEnd < holeEnd { try body(part(dataEnd..<holeEnd), dataEnd, true) }
            place = max(dataEnd, holeEnd)
            index += 1
        }
    }

    private func firstHole(endingAfter offset: UInt64) -> Int {
        var (low, high) = (0, recorded.count)
        while low < high {
            let middle = (low + high) / 2
            if recorded[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Splits data at whole aligned units of zeros.
    private func forEachRun<Failure: Error>(
        of bytes: UnsafeRawBufferPointer, at offset: UInt64,
        _ body: (UnsafeRawBufferPointer, UInt64, _ isHole: Bool) throws(Failure) -> Void
    ) throws(Failure) {
        guard findsZeros else { return try body(bytes, offset, false) }
        var start = 0
        var isHole = false
        var place = 0
        while place < bytes.count {
            let next = min(bytes.count, Int((offset + UInt64(place)) / Self.unit * Self.unit + Self.unit - offset))
            // At either edge a part of a unit counts as well: the neighbour's part decides whether it takes room.
            let isZero = Self.isZero(bytes, place..<next)
            if isZero != isHole, place > start {
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<place]), offset + UInt64(start), isHole)
                start = place
            }
            isHole = isZero
            place = next
        }
        try body(UnsafeRawBufferPointer(rebasing: bytes[start...]), offset + UInt64(start), isHole)
    }

    private static func isZero(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        let start = bytes.baseAddress! + range.lowerBound
        // All are zero if the first is and each equals its neighbour.
        return start.load(as: UInt8.self) == 0 && memcmp(start, start + 1, range.count - 1) == 0
    }
}

extension RestoredHoles {
    /// Reads a file's recorded holes. Pairs that do not ascend, or lie outside of the file, are damage.
    init(_ holes: Content, of size: UInt64, findsZeros: Bool, trees: TreeReader) throws(CairnError) {
        guard let count = holes.byteCount, count > 0 else {
            self.init(recorded: [], findsZeros: findsZeros)
            return
        }
        guard count <= UInt64(Self.recordedMax * 16) else {
            self.init(recorded: [], findsZeros: true)
            return
        }
        var bytes: [UInt8] = []
        try trees.forEachPiece(of: holes) { piece throws(CairnError) in bytes += piece }
        var recorded: [Range<UInt64>] = []
        do throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            while reader.remaining > 0 {
                let start = try reader.uint64()
                let (end, isTooFar) = start.addingReportingOverflow(try reader.uint64())
                try reader.expect(
                    !isTooFar && start < end && end <= size && start >= (recorded.last?.upperBound ?? 0),
                    "a hole that is not in the file, or out of order")
                recorded.append(start..<end)
            }
        } catch { throw CairnError(.damaged, "the list of holes makes no sense: \(error)") }
        self.init(recorded: recorded, findsZeros: findsZeros)
    }
}
