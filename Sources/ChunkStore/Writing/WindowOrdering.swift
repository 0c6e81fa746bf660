import Bytes

/// Makes drafts of what has gathered in the window: of chunks that are like stored ones drafts of delta blocks, of all others drafts in which
/// alike ones are neighbours. One thread at a time.
struct WindowOrdering {
    /// Nil where nothing is compressed.
    private let search: BaseSearch?
    private let blocks: BufferShelf
    private let isStopped: () -> Bool
    private let submit: (BlockDraft) -> Void
    private var odds = DeltaOdds()

    init(
        search: BaseSearch?, blocks: BufferShelf, isStopped: @escaping () -> Bool,
        submit: @escaping (BlockDraft) -> Void
    ) {
        self.search = search
        self.blocks = blocks
        self.isStopped = isStopped
        self.submit = submit
    }

    /// Hands out the drafts of a generation.
    mutating func order(_ generation: WindowGeneration) {
        let differences = orderDifferences(generation.items)
        for kind in ChunkKind.allCases {
            let rest = generation.items.indices.filter {
                !differences.contains($0) && generation.items[$0].kind == kind
            }
            orderWhole(rest.map { generation.items[$0] }, kind)
        }
    }

    /// Hands out the drafts of delta blocks, and says which items went into them.
    private mutating func orderDifferences(_ items: [WindowItem]) -> Set<Int> {
        guard let search, items.contains(where: { !$0.parents.isEmpty }), odds.areWorthATry() else { return [] }
        var descendants: [(number: Int, candidates: [Base])] = []
        for (number, item) in items.enumerated() where !item.parents.isEmpty {
            let candidates = search.candidates(item.kind, parents: item.parents)
            if !candidates.isEmpty { descendants.append((number, candidates)) }
        }
        // As what they may have come from lies: so its blocks are decoded once.
        descendants.sort { $0.candidates[0].place < $1.candidates[0].place }
        var tried = 0
        var found: [ChunkKind: [DeltaAssembly.Item]] = [:]
        for (number, candidates) in descendants {
            if isStopped() { return [] }
            items[number].forEachChunk { chunk, bytes in
                tried += bytes.count
                let bases = search.bases(for: bytes, among: candidates)
                guard !bases.isEmpty else { return }
                found[items[number].kind, default: []].append(
                    DeltaAssembly.Item(number: number, chunk: chunk, bytes: bytes, bases: bases))
            }
        }
        let likes = found.values.joined()
        odds.note(tried: tried, found: likes.reduce(0) { $0 + $1.bytes.count })
        var placed = Set(likes.map(\.number))
        for kind in ChunkKind.allCases {
            guard let items = found[kind] else { continue }
            let assembly = DeltaAssembly(kind, blocks: blocks, search: search)
            for left in assembly.forEachDraft(of: items, submit) { placed.remove(left.number) }
        }
        return placed
    }

    private func orderWhole(_ items: [WindowItem], _ kind: ChunkKind) {
        var draft: BlockDraft?
        for item in WindowGeneration.ordered(items) {
            if isStopped() { return }
            item.forEachChunk { chunk, bytes in
                if let full = draft, !full.hasRoom(for: bytes.count) {
                    submit(full)
                    draft = nil
                }
                if draft == nil { draft = BlockDraft(kind: kind, isOrdered: true, buffer: blocks.take(bytes.count)) }
                draft?.append(chunk, bytes)
            }
        }
        if let draft { submit(draft) }
    }
}
