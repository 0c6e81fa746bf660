import Posix

/// Where a file with holes has bytes: stretches in order, never empty.
struct DataMap {
    private(set) var stretches: [(offset: UInt64, length: UInt64)] = []

    /// Nil where the file has no holes, too many of them, or a list of them that makes no sense: then all its zeros are written.
    init?(size: UInt64, holes: Content, reader: TreeReader) throws(CairnError) {
        let holes = try FileHoles(size: size, list: holes, through: reader).holes
        if holes.isEmpty { return nil }
        var end: UInt64 = 0
        for hole in holes {
            if hole.lowerBound > end { stretches.append((end, hole.lowerBound - end)) }
            end = hole.upperBound
        }
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
