import Bytes
import ChunkStore
import Crypto

/// Stores bytes as a tree chunk, and says its id. The ids are those of chunks that it may have come from.
typealias TreePut = (_ bytes: [UInt8], _ parents: [ChunkID]) throws(CairnError) -> ChunkID

/// Collects the chunks of one content in order, and says in the end where that content is. What an entry cannot hold goes into lists, which
/// are stored as they fill, so that a file of any length takes little memory.
struct ContentBuilder {
    /// A list ends after an item whose id ends in ten zero bits: so a change in a long file changes the lists around it alone.
    private static let itemsMin = 256
    private static let boundaryMask: UInt64 = 1_023

    private let put: TreePut
    private let earlier: Ancestry?
    private var chunks: [ChunkReference] = []
    /// Finished lists that wait to be listed: at index 0 those of depth 1.
    private var levels: [[Content.ListReference]] = []
    private(set) var byteCount: UInt64 = 0

    /// `put` stores a list as a tree chunk; `earlier` are the lists in which the chunks stood before.
    init(put: @escaping TreePut, after earlier: Ancestry? = nil) {
        self.put = put
        self.earlier = earlier
    }

    mutating func append(_ chunk: ChunkReference) throws(CairnError) {
        chunks.append(chunk)
        byteCount += UInt64(chunk.length)
        if Self.isFull(chunks.count, last: chunk.id) { try closeChunks() }
    }

    /// Where the content is. The builder is empty again.
    mutating func finish() throws(CairnError) -> Content {
        defer {
            chunks = []
            levels = []
            byteCount = 0
        }
        if levels.isEmpty && chunks.count <= TreeLimits.chunksInEntry {
            return chunks.isEmpty ? .empty : .chunks(chunks)
        }
        if !chunks.isEmpty { try closeChunks() }
        var level = 0
        while level < levels.count - 1 || levels[level].count > TreeLimits.chunksInEntry {
            if !levels[level].isEmpty { try close(level) }
            level += 1
        }
        return .lists(depth: level + 1, levels[level])
    }

    private mutating func closeChunks() throws(CairnError) {
        let sum = chunks.reduce(0) { $0 + UInt64($1.length) }
        let bytes = Content.encodeList(chunks)
        let parents = earlier.map { $0.parents(of: Ancestry.Piece(id: ChunkID(of: bytes), byteCount: sum)) } ?? []
        let id = try put(bytes, parents)
        chunks.removeAll(keepingCapacity: true)
        try append(Content.ListReference(id: id, byteCount: sum), to: 0)
    }

    private mutating func close(_ level: Int) throws(CairnError) {
        let sum = levels[level].reduce(0) { $0 + $1.byteCount }
        let id = try put(Content.encodeList(levels[level]), [])
        levels[level] = []
        try append(Content.ListReference(id: id, byteCount: sum), to: level + 1)
    }

    private mutating func append(_ list: Content.ListReference, to level: Int) throws(CairnError) {
        guard level < TreeLimits.listDepth else {
            throw CairnError(.usage, "a file of more chunks than can be listed")
        }
        if level == levels.count { levels.append([]) }
        levels[level].append(list)
        if Self.isFull(levels[level].count, last: list.id) { try close(level) }
    }

    private static func isFull(_ count: Int, last: ChunkID) -> Bool {
        count == TreeLimits.itemsInList || (count >= itemsMin && last.endsInZeros(boundaryMask))
    }
}

extension ChunkID {
    /// Whether the bits of the mask are zero in the last eight bytes, read little-endian.
    fileprivate func endsInZeros(_ mask: UInt64) -> Bool {
        digest.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 24, as: UInt64.self)) & mask == 0
        }
    }
}
