import Crypto

@testable import Cairn

extension MerkleDigest {
    /// One path of a group of hard links: which source it lies below, and its path there.
    struct LinkPath: Hashable, Comparable {
        let source: Int
        let path: [UInt8]

        static func < (left: LinkPath, right: LinkPath) -> Bool {
            left.source == right.source ? left.path.lexicographicallyPrecedes(right.path) : left.source < right.source
        }
    }

    /// The digest of a snapshot whose groups of hard links are all at hand, in any order.
    static func root(of sources: [TreeEntry], links groups: [[LinkPath]]) -> SHA256Digest {
        var root = Root(of: sources)
        let counted = groups.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
        root.begin(groups: counted.count)
        for group in counted {
            root.begin(groupOf: group.count)
            for path in group { root.add(source: path.source, path: path.path) }
        }
        return root.finish()
    }
}
