import Bytes

/// New chunks of one small stream, which wait to be ordered among others.
struct WindowItem: Sendable {
    let key: OrderKey
    let chunks: [ChunkReference]
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

/// What waits in the window. The bytes lie in a few slabs, which come from a shelf and go back to it: thousands of small
/// allocations, freed in another order than they were made, would leave the heap in pieces.
struct WindowGeneration: Sendable {
    static let slabBytes = 4 << 20

    /// What an item and a chunk cost beside their bytes, here, while they are ordered, and among the session's pending chunks.
    private static let itemBytes = 192
    private static let chunkBytes = 160

    private(set) var items: [WindowItem] = []
    private(set) var slabs: [Buffer] = []
    /// The memory that it takes: slabs, and roughly what the items cost.
    private(set) var weight = 0

    /// Copies the bytes of new chunks in; they are given as the pieces of a stream, and each piece is a chunk.
    mutating func append(
        _ chunks: [ChunkReference], _ pieces: [UnsafeRawBufferPointer], key: OrderKey, shelf: BufferShelf
    ) {
        let byteCount = pieces.reduce(0) { $0 + $1.count }
        if slabs.last.map({ $0.free.count < byteCount }) ?? true {
            let slab = shelf.take(byteCount)
            slabs.append(slab)
            weight += slab.capacity
        }
        let slab = slabs[slabs.count - 1]
        items.append(WindowItem(key: key, chunks: chunks, slab: slab, offset: slab.count))
        weight += Self.itemBytes + Self.chunkBytes * chunks.count + key.bytes.count
        for piece in pieces { slab.append(piece) }
    }

    /// The items so that alike ones are neighbours; equals keep the order in which they came.
    func ordered() -> [WindowItem] {
        items.indices.sorted { left, right in
            let (a, b) = (items[left].key, items[right].key)
            return a == b ? left < right : a < b
        }.map { items[$0] }
    }
}
