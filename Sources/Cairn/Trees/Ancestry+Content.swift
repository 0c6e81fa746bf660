import ChunkStore

extension Ancestry {
    /// The chunks that a content consisted of; nil where it had none. What cannot be read is no ancestor.
    convenience init?(chunksOf content: Content, reader: ChunkReader) {
        guard content.hasChunks else { return nil }
        var cursor = ChunkCursor(content, reader: reader)
        self.init {
            guard let chunk = try? cursor.next() else { return nil }
            return Piece(id: chunk.id, byteCount: UInt64(chunk.length))
        }
    }

    /// The lists in which the chunks of a content stood; nil where there were none.
    convenience init?(listsOf content: Content, reader: ChunkReader) {
        guard case .lists = content else { return nil }
        var cursor = ListCursor(content, reader: reader)
        self.init {
            guard let list = try? cursor.next() else { return nil }
            return Piece(id: list.id, byteCount: list.byteCount)
        }
    }

    /// What a single piece that comes next may have come from.
    func parents(of piece: Piece) -> [ChunkID] { parents(of: [piece])[0] }
}

extension Content {
    fileprivate var hasChunks: Bool {
        switch self {
        case .empty, .inline: false
        case .chunks, .lists: true
        }
    }
}
