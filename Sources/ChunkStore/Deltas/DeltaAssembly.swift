import Bytes

/// Puts new chunks that have bases together into drafts of delta blocks: those whose bases lie together go together, so that making the blocks,
/// and reading them, decodes each block of bases once. One thread at a time.
struct DeltaAssembly {
    /// A delta block names bases from at most so many blocks: whoever reads one file needs no more of them.
    static let baseBlocksMax = 4

    /// A new chunk, and what it is like.
    struct Item {
        /// Whatever the caller knows it by.
        let number: Int
        let chunk: ChunkReference
        let bytes: UnsafeRawBufferPointer
        let bases: [Base]
    }

    private let kind: ChunkKind
    private let blocks: BufferShelf
    private let search: BaseSearch

    /// Drafts take their buffers, and their size, from a shelf.
    init(_ kind: ChunkKind, blocks: BufferShelf, search: BaseSearch) {
        self.kind = kind
        self.blocks = blocks
        self.search = search
    }

    /// Hands out the drafts of all items. Those of which a base turns out to be unreadable are left over.
    func forEachDraft(of items: [Item], _ body: (BlockDraft) -> Void) -> [Item] {
        var group = Group()
        var left: [Item] = []
        for item in items.sorted(by: { $0.bases[0].place < $1.bases[0].place }) {
            if !group.takes(item, blockBytes: blocks.bufferBytes) {
                emit(group, &left, body)
                group = Group()
            }
            if group.takes(item, blockBytes: blocks.bufferBytes) { group.add(item) } else { left.append(item) }
        }
        emit(group, &left, body)
        return left
    }

    private func emit(_ group: Group, _ left: inout [Item], _ body: (BlockDraft) -> Void) {
        guard !group.items.isEmpty else { return }
        let buffer = blocks.take(group.byteCount)
        let bases = group.bases.sorted { $0.place < $1.place }
        for base in bases {
            guard search.withBytes(of: base, { buffer.append($0) }) != nil else {
                left += group.items
                return
            }
        }
        var draft = BlockDraft(kind: kind, bases: bases.map(\.id), buffer: buffer)
        for item in group.items { draft.append(item.chunk, item.bytes) }
        body(draft)
    }

    /// What goes into one draft.
    private struct Group {
        var items: [Item] = []
        var bases: Set<Base> = []
        private var blocks: Set<BlockKey> = []
        private var ids: Set<ChunkID> = []
        private var baseBytes = 0
        private var plainBytes = 0

        var byteCount: Int { baseBytes + plainBytes }

        /// Whether an item still goes in. The bases take half the room at most, for they must be read for each part of the block.
        func takes(_ item: Item, blockBytes: Int) -> Bool {
            let new = item.bases.filter { !bases.contains($0) }
            let prefix = baseBytes + new.reduce(0) { $0 + $1.place.length }
            return prefix <= min(blockBytes / 2, Limits.prefixBytes)
                && prefix + plainBytes + item.bytes.count <= blockBytes
                && items.count < BlockDraft.chunksMax && bases.count + new.count <= Limits.blockBases
                && blocks.union(new.map(\.place.key)).count <= DeltaAssembly.baseBlocksMax
                && !ids.contains(item.chunk.id)
        }

        mutating func add(_ item: Item) {
            for base in item.bases where bases.insert(base).inserted {
                baseBytes += base.place.length
                blocks.insert(base.place.key)
            }
            items.append(item)
            ids.insert(item.chunk.id)
            plainBytes += item.bytes.count
        }
    }
}
