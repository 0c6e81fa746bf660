import Bytes
import ChunkStore

/// Goes through the chunks of a content in order, one list at a time. An inline content has none.
struct ChunkCursor {
    private let reader: ChunkReader
    private var chunks: ArraySlice<ChunkReference> = []
    private var lists: ListCursor

    init(_ content: Content, reader: ChunkReader) {
        self.reader = reader
        lists = ListCursor(content, reader: reader)
        if case .chunks(let all) = content { chunks = all[...] }
    }

    mutating func next() throws(CairnError) -> ChunkReference? {
        while chunks.isEmpty {
            guard let list = try lists.next() else { return nil }
            if case .chunks(let found) = try Content(in: list, depth: 1, through: reader) { chunks = found[...] }
        }
        return chunks.popFirst()
    }
}

extension Content {
    /// Reads what a list lists, chunks or lists of the depth below.
    init(in list: ListReference, depth: Int, through reader: ChunkReader) throws(CairnError) {
        let bytes = try storing { () throws(StoreError) in try reader.get(list.id) }
        do throws(MalformedBytes) { try self.init(listed: bytes, by: list, depth: depth) } catch {
            throw CairnError(damagedTree: list.id, error)
        }
    }
}

extension CairnError {
    /// A tree chunk has the bytes that its id promises, and they make no sense.
    init(damagedTree id: ChunkID, _ error: MalformedBytes) {
        self.init(
            .damaged, "the tree chunk \(id) makes no sense: \(error)",
            remedy: "it was written so; check the repository, and take a new snapshot")
    }
}
