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
            if case .lists(let depth, let found) = try Content(in: list, depth: depth, through: reader) {
                open.append((depth, found[...]))
            }
        }
        return nil
    }
}
