import Bytes

/// Chunks on their way into one block, end to end in one buffer. One thread at a time.
struct BlockDraft: Sendable {
    /// So many chunks, however small, fill a block.
    static let chunksMax = 16_384

    let kind: ChunkKind
    /// Whether similar contents were brought together in it.
    let isOrdered: Bool
    private(set) var chunks: [ChunkReference] = []
    /// The chunks' bytes.
    let plain: Buffer

    init(kind: ChunkKind, isOrdered: Bool = false, buffer: Buffer) {
        self.kind = kind
        self.isOrdered = isOrdered
        plain = buffer
    }

    /// Whether a chunk of this length still goes in.
    func hasRoom(for length: Int) -> Bool {
        chunks.count < Self.chunksMax && length <= plain.free.count
    }

    mutating func append(_ chunk: ChunkReference, _ bytes: UnsafeRawBufferPointer) {
        assert(hasRoom(for: bytes.count) && bytes.count == Int(chunk.length))
        chunks.append(chunk)
        plain.append(bytes)
    }
}
