import Bytes
import ChunkStore

/// Collects the holes of a file, pairs of offset and length in ascending order, as a content of their own.
struct HoleMap {
    private static let pieceBytesMax = 64 << 10

    private let put: TreePut
    private var builder: ContentBuilder
    private var piece = ByteWriter()

    init(builder: ContentBuilder, put: @escaping TreePut) {
        self.builder = builder
        self.put = put
    }

    mutating func append(offset: UInt64, length: UInt64) throws(CairnError) {
        piece.append(offset)
        piece.append(length)
        if piece.bytes.count >= Self.pieceBytesMax { try closePiece() }
    }

    /// The holes; a few stand in the entry itself.
    mutating func finish() throws(CairnError) -> Content {
        if builder.byteCount == 0 {
            return piece.bytes.isEmpty ? .empty : piece.bytes.count <= 1_024 ? .inline(piece.bytes) : try inChunks()
        }
        return try inChunks()
    }

    private mutating func inChunks() throws(CairnError) -> Content {
        if !piece.bytes.isEmpty { try closePiece() }
        return try builder.finish()
    }

    private mutating func closePiece() throws(CairnError) {
        let id = try put(piece.bytes, [])
        try builder.append(ChunkReference(id: id, length: UInt32(piece.bytes.count)))
        piece = ByteWriter()
    }
}
