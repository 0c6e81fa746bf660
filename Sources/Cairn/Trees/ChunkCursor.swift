import Bytes
import ChunkStore

/// Goes through the chunks of a content in order, one list at a time. An inline content has none.
struct ChunkCursor {
    private let reader: ChunkReader
    private var chunks: ArraySlice<ChunkReference> = []
    /// What is left of the lists on the way down; the last is the deepest.
    private var lists: [(depth: Int, rest: ArraySlice<Content.ListReference>)] = []

    init(_ content: Content, reader: ChunkReader) {
        self.reader = reader
        switch content {
        case .empty, .inline: break
        case .chunks(let all): chunks = all[...]
        case .lists(let depth, let all): lists = [(depth, all[...])]
        }
    }

    mutating func next() throws(CairnError) -> ChunkReference? {
        while chunks.isEmpty {
            guard let last = lists.indices.last else { return nil }
            guard let list = lists[last].rest.popFirst() else {
                lists.removeLast()
                continue
            }
            try descend(into: list, depth: lists[last].depth)
        }
        return chunks.popFirst()
    }

    private mutating func descend(into list: Content.ListReference, depth: Int) throws(CairnError) {
        let bytes = try storing { () throws(StoreError) in try reader.get(list.id) }
        do throws(MalformedBytes) {
            switch try Content(listed: bytes, by: list, depth: depth) {
            case .chunks(let found): chunks = found[...]
            case .lists(let depth, let found): lists.append((depth, found[...]))
            case .empty, .inline: break
            }
        } catch { throw CairnError(damagedTree: list.id, error) }
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
