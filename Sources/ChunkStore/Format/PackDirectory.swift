import Bytes
import Crypto

//  layout 4 │ B 4 │ C 4 │ A 4 │ stored bytes 8 │ B × 20 blocks │ C × 36 chunks │ A × 32 bases │ zeros

/// What a pack holds: its blocks in order, and the chunks in each.
struct PackDirectory: Hashable, Sendable {
    static let layout: UInt32 = 1
    /// The number of the piece that it is sealed as.
    static let piece = UInt32.max

    var blocks: [Block] = []

    /// One unit of compression and encryption.
    struct Block: Hashable, Sendable {
        let storedBytes: UInt32
        let plainBytes: UInt32
        let codec: Codec
        let kind: ChunkKind
        let chunks: [ChunkReference]
        var bases: [ChunkID] = []
    }

    /// How a block's content becomes its chunks.
    enum Codec: UInt8, Sendable {
        case stored = 0
        case zstd = 1
        case zstdWithPrefix = 2
    }

    /// How many bytes the blocks take.
    var storedBytes: UInt64 { blocks.reduce(0) { $0 + UInt64($1.storedBytes) } }

    /// How many chunks there are in all blocks.
    var chunkCount: Int { blocks.reduce(0) { $0 + $1.chunks.count } }

    func encoded(padded: Bool) -> [UInt8] {
        let bases = blocks.reduce(0) { $0 + $1.bases.count }
        var writer = ByteWriter(capacity: 24 + 20 * blocks.count + 36 * chunkCount + 32 * bases)
        writer.append(Self.layout)
        writer.append(UInt32(blocks.count))
        writer.append(UInt32(chunkCount))
        writer.append(UInt32(bases))
        writer.append(storedBytes)
        for block in blocks {
            writer.append(block.storedBytes)
            writer.append(block.plainBytes)
            writer.append(UInt32(block.chunks.count))
            writer.append(UInt32(block.bases.count))
            writer.append(block.codec.rawValue)
            writer.append(block.kind.rawValue)
            writer.append(UInt16(0))
        }
        for block in blocks {
            for chunk in block.chunks {
                chunk.id.digest.withUnsafeBytes { writer.append(bytes: $0) }
                writer.append(chunk.length)
            }
        }
        for block in blocks {
            for base in block.bases { base.digest.withUnsafeBytes { writer.append(bytes: $0) } }
        }
        if padded { writer.append(zeros: padme(writer.bytes.count) - writer.bytes.count) }
        return writer.bytes
    }

    init(blocks: [Block] = []) { self.blocks = blocks }

    init(_ bytes: [UInt8]) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        let layout = try reader.uint32()
        try reader.expect(layout == Self.layout, "layout \(layout) of a pack directory")
        let blockCount = Int(try reader.uint32())
        let chunkCount = Int(try reader.uint32())
        let baseCount = Int(try reader.uint32())
        try reader.expect((1...Limits.packBlocks).contains(blockCount), "\(blockCount) blocks")
        try reader.expect((1...Limits.packChunks).contains(chunkCount), "\(chunkCount) chunks")
        try reader.expect(baseCount <= Limits.packBases, "\(baseCount) bases")
        let storedBytes = try reader.uint64()
        try reader.expect(
            reader.remaining >= 20 * blockCount + 36 * chunkCount + 32 * baseCount, "it is too short for what it lists")

        var heads: [BlockHead] = []
        heads.reserveCapacity(blockCount)
        for _ in 0..<blockCount { heads.append(try BlockHead(&reader)) }
        try reader.expect(
            heads.reduce(0) { $0 + $1.chunkCount } == chunkCount, "its blocks have other chunks than it counts")
        try reader.expect(
            heads.reduce(0) { $0 + $1.baseCount } == baseCount, "its blocks have other bases than it counts")
        try reader.expect(
            heads.reduce(0) { $0 + UInt64($1.storedBytes) } == storedBytes,
            "its blocks have other lengths than it sums up")

        var chunks: [[ChunkReference]] = []
        for head in heads { chunks.append(try Self.chunks(of: head, from: &reader)) }
        for (head, chunks) in zip(heads, chunks) {
            var bases: [ChunkID] = []
            for _ in 0..<head.baseCount { bases.append(try reader.chunkID()) }
            blocks.append(
                Block(
                    storedBytes: head.storedBytes, plainBytes: head.plainBytes, codec: head.codec, kind: head.kind,
                    chunks: chunks, bases: bases))
        }
    }

    private static func chunks(
        of head: BlockHead, from reader: inout ByteReader
    ) throws(MalformedBytes) -> [ChunkReference] {
        var chunks: [ChunkReference] = []
        chunks.reserveCapacity(head.chunkCount)
        var total: UInt64 = 0
        for _ in 0..<head.chunkCount {
            let chunk = ChunkReference(id: try reader.chunkID(), length: try reader.uint32())
            try reader.expect(Int(chunk.length) <= Limits.chunkBytes, "a chunk of \(chunk.length) bytes")
            total += UInt64(chunk.length)
            chunks.append(chunk)
        }
        try reader.expect(total == UInt64(head.plainBytes), "a block's chunks have another length than the block")
        try reader.expect(Set(chunks.map(\.id)).count == chunks.count, "a chunk stands twice in one block")
        return chunks
    }

    private struct BlockHead {
        let storedBytes: UInt32
        let plainBytes: UInt32
        let chunkCount: Int
        let baseCount: Int
        let codec: Codec
        let kind: ChunkKind

        init(_ reader: inout ByteReader) throws(MalformedBytes) {
            storedBytes = try reader.uint32()
            plainBytes = try reader.uint32()
            chunkCount = Int(try reader.uint32())
            baseCount = Int(try reader.uint32())
            let codecByte = try reader.uint8()
            let kindByte = try reader.uint8()
            try reader.skip(2)
            try reader.expect(Int(storedBytes) <= Limits.blockStoredBytes, "a stored block of \(storedBytes) bytes")
            try reader.expect(Int(plainBytes) <= Limits.blockPlainBytes, "a block of \(plainBytes) bytes")
            try reader.expect((1...Limits.packChunks).contains(chunkCount), "a block of \(chunkCount) chunks")
            try reader.expect(baseCount <= Limits.blockBases, "a block with \(baseCount) bases")
            guard let codec = Codec(rawValue: codecByte) else { throw reader.malformed("codec \(codecByte)") }
            guard let kind = ChunkKind(rawValue: kindByte) else { throw reader.malformed("chunk kind \(kindByte)") }
            try reader.expect(
                (codec == .zstdWithPrefix) == (baseCount > 0), "codec \(codecByte) with \(baseCount) bases")
            self.codec = codec
            self.kind = kind
        }
    }
}

extension PackDirectory {
    /// The blocks, each with its number and with where in the pack it begins.
    var placedBlocks: PlacedBlocks { PlacedBlocks(blocks) }

    /// Blocks that lie end to end behind the header; nothing is kept of them but where the next one begins.
    struct PlacedBlocks: Sequence, IteratorProtocol {
        private var rest: EnumeratedSequence<[Block]>.Iterator
        private var offset = UInt64(Header.byteCount)

        fileprivate init(_ blocks: [Block]) { rest = blocks.enumerated().makeIterator() }

        mutating func next() -> (number: Int, offset: UInt64, block: Block)? {
            guard let (number, block) = rest.next() else { return nil }
            defer { offset += UInt64(block.storedBytes) }
            return (number, offset, block)
        }
    }
}

extension PackDirectory.Block {
    /// The chunks, each with where in the block's plain bytes it begins.
    var placedChunks: PlacedChunks { PlacedChunks(chunks) }

    /// Chunks that lie end to end; nothing is kept of them but where the next one begins.
    struct PlacedChunks: Sequence, IteratorProtocol {
        private var rest: [ChunkReference].Iterator
        private var offset = 0

        fileprivate init(_ chunks: [ChunkReference]) { rest = chunks.makeIterator() }

        mutating func next() -> (chunk: ChunkReference, offset: Int)? {
            guard let chunk = rest.next() else { return nil }
            defer { offset += Int(chunk.length) }
            return (chunk, offset)
        }
    }
}

extension ByteReader {
    mutating func chunkID() throws(MalformedBytes) -> ChunkID {
        guard let digest = try withBytes(SHA256Digest.byteCount, { SHA256Digest(bytes: $0) }) else {
            throw malformed("no digest")
        }
        return ChunkID(digest)
    }
}
