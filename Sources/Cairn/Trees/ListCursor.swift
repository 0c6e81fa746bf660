import Bytes
import ChunkStore

/// Goes through those lists of a content that list its chunks, in order.
struct ListCursor {
    private let reader: ChunkReader
    /// What is left on the way down; the last is the deepest.
    private var open: [(depth: Int, rest: ArraySlice<Content.ListReference>)] = []

    init(_ content: Content, reader: ChunkReader) {
        self.reader = reader
        if case .lists(let depth, let lists) = content { open = [(depth, lists[...])] }
    }

    mutating func next() throws(CairnError) -> Content.ListReference? {
        while let last = open.indices.last {
            let depth = open[last].depth
            guard let list = open[last].rest.popFirst() else {
                open.removeLast()
                continue
            }
            if depth == 1 { return list }
            let bytes = try storing { () throws(StoreError) in try reader.get(list.id) }
            do throws(MalformedBytes) {
                if case .lists(let depth, let found) = try Content(listed: bytes, by: list, depth: depth) {
                    open.append((depth, found[...]))
                }
            } catch { throw CairnError(damagedTree: list.id, error) }
        }
        return nil
    }
}
