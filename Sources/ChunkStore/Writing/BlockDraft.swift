import Bytes

/// Chunks on their way into one block, end to end in one buffer. In a draft of a delta block its bases stand before them. One thread at a time.
struct BlockDraft: Sendable {
    /// So many chunks, however small, fill a block.
    static let chunksMax = 16_384

    let kind: ChunkKind
    /// Whether similar contents were brought together in it.
    let isOrdered: Bool
    private(set) var chunks: [ChunkReference] = []
    /// What the chunks are like; their bytes are the prefix.
    let bases: [ChunkID]
    let prefixBytes: Int
    /// The prefix and the chunks' bytes.
    let buffer: Buffer

    init(kind: ChunkKind, isOrdered: Bool = false, buffer: Buffer) {
        self.kind = kind
        self.isOrdered = isOrdered
        bases = []
        prefixBytes = 0
        self.buffer = buffer
    }

    /// The draft of a delta block; the bases' bytes lie in the buffer already.
    init(kind: ChunkKind, bases: [ChunkID], buffer: Buffer) {
        self.kind = kind
        isOrdered = true
        self.bases = bases
        prefixBytes = buffer.count
        self.buffer = buffer
    }

    /// The chunks' bytes.
    var plain: UnsafeRawBufferPointer { buffer.bytes(prefixBytes..<buffer.count) }
    /// The bases' bytes.
    var prefix: UnsafeRawBufferPointer { buffer.bytes(0..<prefixBytes) }

    /// Whether a chunk of this length still goes in.
    func hasRoom(for length: Int) -> Bool {
        chunks.count < Self.chunksMax && length <= buffer.free.count
    }

    mutating func append(_ chunk: ChunkReference, _ bytes: UnsafeRawBufferPointer) {
        assert(hasRoom(for: bytes.count) && bytes.count == Int(chunk.length))
        chunks.append(chunk)
        buffer.append(bytes)
    }
}
