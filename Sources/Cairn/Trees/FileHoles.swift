internal import Bytes

/// Where a file has holes, for asking at any place.
public struct FileHoles: Sendable {
    /// More are not kept in memory: the file then counts as having none.
    static let listBytesMax: UInt64 = 16 << 16

    /// Each with its end, ascending; none touches another.
    let holes: [Range<UInt64>]

    /// How many bytes lie in holes.
    public var byteCount: UInt64 { holes.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    /// Reads the holes of a file. A list that makes no sense, or a very long one, counts as empty: what is in holes reads as zeros all the same.
    public init(of file: TreeEntry, through reader: TreeReader) throws(CairnError) {
        switch file.node {
        case .file(let size, _, _, let holes): try self.init(size: size, list: holes, through: reader)
        default: try self.init(size: 0, list: .empty, through: reader)
        }
    }

    /// Those that are known.
    init(_ holes: [Range<UInt64>]) { self.holes = holes }

    init(size: UInt64, list: Content, through reader: TreeReader) throws(CairnError) {
        guard let listBytes = list.byteCount, listBytes <= Self.listBytesMax else {
            holes = []
            return
        }
        var bytes: [UInt8] = []
        try reader.forEachPiece(of: list) { bytes.append(contentsOf: $0) }
        holes = Self.parse(bytes, size: size) ?? []
    }

    /// The holes that a list names; nil where it makes no sense: where they do not ascend, or lie outside of the file.
    static func parse(_ list: [UInt8], size: UInt64) -> [Range<UInt64>]? {
        var bytes = ByteReader(list)
        var found: [Range<UInt64>] = []
        while bytes.remaining >= 16, let offset = try? bytes.uint64(), let length = try? bytes.uint64() {
            guard offset >= found.last?.upperBound ?? 0, length > 0, offset <= size, length <= size - offset else {
                return nil
            }
            found.append(offset..<offset + length)
        }
        return bytes.remaining == 0 ? found : nil
    }

    /// Where at or behind an offset the next hole begins; the end of the file counts as one.
    public func nextHole(from offset: UInt64, size: UInt64) -> UInt64 {
        first(endingBehind: offset).map { max(holes[$0].lowerBound, offset) } ?? size
    }

    /// Where at or behind an offset the next bytes are; nil where only a hole follows.
    public func nextData(from offset: UInt64, size: UInt64) -> UInt64? {
        var place = offset
        var next = first(endingBehind: offset) ?? holes.count
        while next < holes.count, holes[next].lowerBound <= place {
            place = holes[next].upperBound
            next += 1
        }
        return place < size ? place : nil
    }

    /// The first hole that ends behind an offset.
    func first(endingBehind offset: UInt64) -> Int? {
        var (low, high) = (0, holes.count)
        while low < high {
            let middle = (low + high) / 2
            if holes[middle].upperBound > offset { high = middle } else { low = middle + 1 }
        }
        return low < holes.count ? low : nil
    }
}
