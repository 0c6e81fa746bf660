// unsafe: looks for zeros in lent bytes.
import Glibc

/// Which stretches of a file shall be holes: those that were recorded, and, where asked for, long runs of zeros.
struct RestoredHoles: Sendable {
    let recorded: FileHoles
    /// Whether runs of zeros become holes too.
    let findsZeros: Bool

    static let none = RestoredHoles(recorded: FileHoles([]), findsZeros: false)

    /// The unit in which file systems keep holes.
    private static let unit: UInt64 = 4_096

    var isEmpty: Bool { recorded.holes.isEmpty && !findsZeros }

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
        let holes = recorded.holes
        var index = recorded.first(endingBehind: offset) ?? holes.count
        while place < end {
            let hole = index < holes.count ? holes[index] : end..<end
            let dataEnd = min(end, max(place, hole.lowerBound))
            if place < dataEnd { try forEachRun(of: part(place..<dataEnd), at: place, body) }
            let holeEnd = min(end, hole.upperBound)
            if dataEnd < holeEnd { try body(part(dataEnd..<holeEnd), dataEnd, true) }
            place = max(dataEnd, holeEnd)
            index += 1
        }
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
    /// Reads a file's recorded holes. A list that makes no sense is damage; instead of those of a very long one zeros are looked for, which finds the
    /// same holes and more.
    init(_ list: Content, of size: UInt64, findsZeros: Bool, trees: TreeReader) throws(CairnError) {
        guard let count = list.byteCount, count > 0 else {
            self.init(recorded: FileHoles([]), findsZeros: findsZeros)
            return
        }
        guard count <= FileHoles.listBytesMax else {
            self.init(recorded: FileHoles([]), findsZeros: true)
            return
        }
        var bytes: [UInt8] = []
        try trees.forEachPiece(of: list) { piece throws(CairnError) in bytes += piece }
        guard let recorded = FileHoles.parse(bytes, size: size) else {
            throw CairnError(.damaged, "the list of holes makes no sense")
        }
        self.init(recorded: FileHoles(recorded), findsZeros: findsZeros)
    }
}
