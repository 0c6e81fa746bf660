import Bytes

/// New chunks of one small stream, or one that has parents, which wait to be ordered among others.
struct WindowItem: Sendable {
    let kind: ChunkKind
    let key: OrderKey
    let chunks: [ChunkReference]
    /// Earlier chunks that the one of this item may have come from.
    let parents: [ChunkID]
    /// Where their bytes lie, end to end.
    fileprivate let slab: Buffer
    fileprivate let offset: Int

    /// The chunks with their bytes, in order.
    func forEachChunk(_ body: (ChunkReference, UnsafeRawBufferPointer) -> Void) {
        var start = offset
        for chunk in chunks {
            body(chunk, slab.bytes(start..<start + Int(chunk.length)))
            start += Int(chunk.length)
        }
    }
}

/// A new chunk on its way into the window.
struct NewChunk {
    let chunk: ChunkReference
    let bytes: UnsafeRawBufferPointer
    /// Earlier chunks that it may have come from.
    var parents: [ChunkID] = []
}

/// What waits in the window. The bytes lie in a few slabs, which come from a shelf and go back to it: thousands of small
/// allocations, freed in another order than they were made, would leave the heap in pieces.
struct WindowGeneration: Sendable {
    static let slabBytes = 4 << 20

    /// What an item, a chunk and an id cost beside their bytes, here, while they are ordered, and among the session's pending chunks.
    private static let itemBytes = 192
    private static let chunkBytes = 160
    private static let idBytes = 32

    private(set) var items: [WindowItem] = []
    private(set) var slabs: [Buffer] = []
    /// The memory that it takes: slabs, and roughly what the items cost.
    private(set) var weight = 0

    /// Copies new chunks of a stream in. Those with parents are items of their own; the others stay together.
    mutating func append(_ chunks: [NewChunk], kind: ChunkKind, key: OrderKey, shelf: BufferShelf) {
        for run in chunks.split(whereSeparator: { !$0.parents.isEmpty }) { append(run, [], kind, key, shelf) }
        for chunk in chunks where !chunk.parents.isEmpty { append([chunk], chunk.parents, kind, key, shelf) }
    }

    private mutating func append(
        _ chunks: ArraySlice<NewChunk>, _ parents: [ChunkID], _ kind: ChunkKind, _ key: OrderKey, _ shelf: BufferShelf
    ) {
        let byteCount = chunks.reduce(0) { $0 + $1.bytes.count }
        if slabs.last.map({ $0.free.count < byteCount }) ?? true {
            let slab = shelf.take(byteCount)
            slabs.append(slab)
            weight += slab.capacity
        }
        let slab = slabs[slabs.count - 1]
        items.append(
            WindowItem(
                kind: kind, key: key, chunks: chunks.map(\.chunk), parents: parents, slab: slab, offset: slab.count))
        weight += Self.itemBytes + Self.chunkBytes * chunks.count + Self.idBytes * parents.count + key.bytes.count
        for chunk in chunks { slab.append(chunk.bytes) }
    }

    /// Items so that alike ones are neighbours; equals keep the order in which they came.
    static func ordered(_ items: [WindowItem]) -> [WindowItem] {
        items.indices.sorted { left, right in
            let (a, b) = (items[left].key, items[right].key)
            return a == b ? left < right : a < b
        }.map { items[$0] }
    }
}
