import Bytes
import ChunkStore
import Crypto

/// Takes the entries of a directory in the order of their names, stores them in pages, and says in the end where they are and what
/// they prove.
struct DirectoryBuilder {
    /// A page ends after an entry whose name has a digest that ends in six zero bits, once it is this long: so one new name changes one page.
    private static let pageBytesMin = 16 << 10
    private static let pageBytesMax = 256 << 10
    private static let boundaryMask: UInt64 = 63
    /// A directory that takes no more than this stands in its entry: most are small, and a chunk of its own costs an id here, one in its
    /// pack, and a row in the catalog (`Documentation/Measurements.md`).
    static let inlineBytesMax = 1 << 10

    private let inlineBytesMax: Int
    private let put: TreePut
    private let earlier: Ancestry?
    private var content: ContentBuilder
    private var digest = MerkleDigest.Directory()
    private var page: [UInt8] = []

    /// `put` stores pages and lists as tree chunks; `earlier` are the pages and the lists in which the directory stood before.
    init(
        inlineBytesMax: Int = inlineBytesMax, put: @escaping TreePut,
        after earlier: (pages: Ancestry?, lists: Ancestry?) = (nil, nil)
    ) {
        self.inlineBytesMax = inlineBytesMax
        self.put = put
        self.earlier = earlier.pages
        content = ContentBuilder(put: put, after: earlier.lists)
    }

    /// Adds an entry, given also as it is encoded.
    mutating func append(_ entry: TreeEntry, encoded: [UInt8]) throws(CairnError) {
        digest.add(entry)
        if !page.isEmpty && page.count + encoded.count > Self.pageBytesMax { try closePage() }
        page += encoded
        if page.count >= Self.pageBytesMin && Self.isBoundary(entry.name) { try closePage() }
    }

    /// Where the entries are, and the directory's Merkle digest.
    mutating func finish() throws(CairnError) -> (content: Content, digest: SHA256Digest) {
        if content.byteCount == 0 && !page.isEmpty && page.count <= inlineBytesMax {
            defer { page.removeAll() }
            return (.inline(page), digest.finish())
        }
        if !page.isEmpty { try closePage() }
        return (try content.finish(), digest.finish())
    }

    private mutating func closePage() throws(CairnError) {
        let byteCount = UInt64(page.count)
        let parents = earlier.map { $0.parents(of: Ancestry.Piece(id: ChunkID(of: page), byteCount: byteCount)) } ?? []
        let id = try put(page, parents)
        try content.append(ChunkReference(id: id, length: UInt32(page.count)))
        page.removeAll(keepingCapacity: true)
    }

    /// Any function of the name serves, as long as it stays the same.
    private static func isBoundary(_ name: [UInt8]) -> Bool {
        let hash = nameHash(name)
        return (hash ^ hash >> 32) & boundaryMask == 0
    }
}
