import Bytes
import Posix

/// Where a file with holes has bytes: stretches in order, never empty.
struct DataMap {
    private(set) var stretches: [(offset: UInt64, length: UInt64)] = []

    /// Files with more holes than this are written with all their zeros: a map has to be known before its file.
    private static let holesMax = 65_536

    /// Reads the list of a file's holes; nil where it has none, too many, or where the list makes no sense.
    init?(size: UInt64, holes: Content, reader: TreeReader) throws(CairnError) {
        guard let listBytes = holes.byteCount, listBytes > 0, listBytes <= UInt64(16 * Self.holesMax) else {
            return nil
        }
        var list: [UInt8] = []
        try reader.forEachPiece(of: holes) { list.append(contentsOf: $0) }
        var bytes = ByteReader(list)
        var end: UInt64 = 0
        while bytes.remaining >= 16, let offset = try? bytes.uint64(), let length = try? bytes.uint64() {
            guard offset >= end, length > 0, offset <= size, length <= size - offset else { return nil }
            if offset > end { stretches.append((end, offset - end)) }
            end = offset + length
        }
        guard bytes.remaining == 0 else { return nil }
        if end < size { stretches.append((end, size - end)) }
    }

    /// How many bytes lie in the stretches.
    var byteCount: UInt64 { stretches.reduce(0) { $0 + $1.length } }

    /// Calls the body with those parts of a file's bytes that lie in stretches.
    func forEachPiece(
        of file: FileBytes, _ body: (UnsafeRawBufferPointer) throws(CairnError) -> Void
    ) throws(CairnError) {
        var offset: UInt64 = 0
        var next = 0
        try file.forEachPiece { piece throws(CairnError) in
            let end = offset + UInt64(piece.count)
            while next < stretches.count {
                let stretch = stretches[next]
                let (from, to) = (max(offset, stretch.offset), min(end, stretch.offset + stretch.length))
                if from < to {
                    try body(UnsafeRawBufferPointer(rebasing: piece[Int(from - offset)..<Int(to - offset)]))
                }
                guard stretch.offset + stretch.length <= end else { break }
                next += 1
            }
            offset = end
        }
    }
}
