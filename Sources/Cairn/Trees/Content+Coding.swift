import Bytes
import ChunkStore
import Crypto

//  form 1 │ inline: length 4, bytes │ chunks: count 2, (id 32, length 4)… │ lists: depth 1, count 2, (id 32, bytes 8)…

extension Content {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .empty: writer.append(UInt8(0))
        case .inline(let bytes):
            writer.append(UInt8(1))
            writer.append(UInt32(bytes.count))
            writer.append(bytes: bytes)
        case .chunks(let chunks):
            writer.append(UInt8(2))
            writer.append(UInt16(chunks.count))
            for chunk in chunks { writer.append(chunk) }
        case .lists(let depth, let lists):
            writer.append(UInt8(3))
            writer.append(UInt8(depth))
            writer.append(UInt16(lists.count))
            for list in lists { writer.append(list) }
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        switch try reader.uint8() {
        case 0: self = .empty
        case 1:
            let count = Int(try reader.uint32())
            try reader.expect((1...TreeLimits.inlineBytes).contains(count), "\(count) bytes inline")
            self = .inline(try reader.bytes(count))
        case 2:
            let count = Int(try reader.uint16())
            try reader.expect((1...TreeLimits.chunksInEntry).contains(count), "\(count) chunks")
            var chunks: [ChunkReference] = []
            for _ in 0..<count { chunks.append(try reader.chunkReference()) }
            self = .chunks(chunks)
        case 3:
            let depth = Int(try reader.uint8())
            try reader.expect((1...TreeLimits.listDepth).contains(depth), "lists of depth \(depth)")
            let count = Int(try reader.uint16())
            try reader.expect((1...TreeLimits.chunksInEntry).contains(count), "\(count) lists")
            var lists: [ListReference] = []
            for _ in 0..<count { lists.append(try reader.listReference()) }
            self = .lists(depth: depth, lists)
        case let form: throw reader.malformed("content of form \(form)")
        }
    }

    /// The bytes of a list of depth 1.
    static func encodeList(_ chunks: some Sequence<ChunkReference>) -> [UInt8] {
        var writer = ByteWriter()
        for chunk in chunks { writer.append(chunk) }
        return writer.bytes
    }

    /// The bytes of a list of greater depth.
    static func encodeList(_ lists: some Sequence<ListReference>) -> [UInt8] {
        var writer = ByteWriter()
        for list in lists { writer.append(list) }
        return writer.bytes
    }

    /// What a list's bytes list, chunks or lists of the depth below; it must be as much as its reference says.
    init(listed bytes: [UInt8], by list: ListReference, depth: Int) throws(MalformedBytes) {
        self =
            depth == 1
            ? .chunks(try Self.chunks(inList: bytes)) : .lists(depth: depth - 1, try Self.lists(inList: bytes))
        guard byteCount == list.byteCount else {
            throw MalformedBytes(offset: 0, reason: "it lists another number of bytes than its entry says")
        }
    }

    /// Reads a list of depth 1.
    static func chunks(inList bytes: [UInt8]) throws(MalformedBytes) -> [ChunkReference] {
        var reader = ByteReader(bytes)
        try reader.expectItems(of: 36)
        var chunks: [ChunkReference] = []
        while reader.remaining > 0 { chunks.append(try reader.chunkReference()) }
        return chunks
    }

    /// Reads a list of greater depth.
    static func lists(inList bytes: [UInt8]) throws(MalformedBytes) -> [ListReference] {
        var reader = ByteReader(bytes)
        try reader.expectItems(of: 40)
        var lists: [ListReference] = []
        while reader.remaining > 0 { lists.append(try reader.listReference()) }
        return lists
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ chunk: ChunkReference) {
        append(chunk.id.digest)
        append(chunk.length)
    }

    fileprivate mutating func append(_ list: Content.ListReference) {
        append(list.id.digest)
        append(list.byteCount)
    }

    mutating func append(_ digest: SHA256Digest) {
        digest.withUnsafeBytes { append(bytes: $0) }
    }
}

extension ByteReader {
    fileprivate mutating func chunkReference() throws(MalformedBytes) -> ChunkReference {
        ChunkReference(id: ChunkID(try digest()), length: try uint32())
    }

    fileprivate mutating func listReference() throws(MalformedBytes) -> Content.ListReference {
        Content.ListReference(id: ChunkID(try digest()), byteCount: try uint64())
    }

    fileprivate func expectItems(of width: Int) throws(MalformedBytes) {
        let isWhole = remaining.isMultiple(of: width) && (1...TreeLimits.itemsInList).contains(remaining / width)
        try expect(isWhole, "a list of \(remaining) bytes")
    }

    mutating func digest() throws(MalformedBytes) -> SHA256Digest {
        guard let digest = try withBytes(SHA256Digest.byteCount, { SHA256Digest(bytes: $0) }) else {
            throw malformed("no digest")
        }
        return digest
    }
}
