internal import Bytes

/// Where a file has holes, for asking at any place.
public struct FileHoles: Sendable {
    /// More are not kept: the file then counts as having none.
    private static let holesMax = 1 << 20

    /// Offset and end of each, ascending.
    private let holes: [(offset: UInt64, end: UInt64)]

    /// How many bytes lie in holes.
    public let byteCount: UInt64

    /// Reads the holes of a file. A list that makes no sense, or a very long one, counts as empty: holes are only where zeros need no space.
    public init(of file: TreeEntry, through reader: TreeReader) throws(CairnError) {
        var found: [(offset: UInt64, end: UInt64)] = []
        if case .file(let size, _, _, let content) = file.node, content != .empty,
            let listBytes = content.byteCount, listBytes <= UInt64(16 * Self.holesMax)
        {
            var list: [UInt8] = []
            try reader.forEachPiece(of: content) { list.append(contentsOf: $0) }
            found = Self.parse(list, size: size) ?? []
        }
        holes = found
        byteCount = found.reduce(0) { $0 + ($1.end - $1.offset) }
    }

    private static func parse(_ list: [UInt8], size: UInt64) -> [(offset: UInt64, end: UInt64)]? {
        var bytes = ByteReader(list)
        var found: [(offset: UInt64, end: UInt64)] = []
        var end: UInt64 = 0
        while bytes.remaining >= 16, let offset = try? bytes.uint64(), let length = try? bytes.uint64() {
            guard offset >= end, length > 0, offset <= size, length <= size - offset else { return nil }
            end = offset + length
            found.append((offset, end))
        }
        return bytes.remaining == 0 ? found : nil
    }

    /// Where at or behind an offset the next hole begins; the end of the file counts as one.
    public func nextHole(from offset: UInt64, size: UInt64) -> UInt64 {
        guard let hole = first(endingBehind: offset) else { return size }
        return max(hole.offset, offset)
    }

    /// Where at or behind an offset the next bytes are; nil where only a hole follows.
    public func nextData(from offset: UInt64, size: UInt64) -> UInt64? {
        var place = offset
        while let hole = first(endingBehind: place), hole.offset <= place { place = hole.end }
        return place < size ? place : nil
    }

    private func first(endingBehind offset: UInt64) -> (offset: UInt64, end: UInt64)? {
        var (low, high) = (0, holes.count)
        while low < high {
            let middle = (low + high) / 2
            if holes[middle].end > offset { high = middle } else { low = middle + 1 }
        }
        return low < holes.count ? holes[low] : nil
    }
}
