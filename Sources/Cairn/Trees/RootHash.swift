import ChunkStore
import Crypto
import Posix

/// The Merkle root of a tree (FORMAT.md, section 13), computed from what is stored.
struct RootHash {
    /// The root.
    let digest: SHA256Digest
    /// The newest time that anything that was looked at has.
    let newest: FileTime?

    /// Of these sources below a root. One that is not in the tree, as it was missing when the snapshot was taken, is in none of its parts. Where
    /// it is known that there are no hard links, what is below the sources is not looked at.
    init(
        of root: TreeEntry, sources paths: [Path], hasLinks: Bool = true, _ reader: TreeReader,
        _ cancellation: Cancellation
    ) throws(CairnError) {
        let links = HardLinks()
        var sources: [TreeEntry] = []
        var newest: FileTime?
        func note(_ entry: TreeEntry) {
            newest = newest.map { max($0, entry.modified) } ?? entry.modified
        }
        for (index, path) in paths.enumerated() {
            guard let source = try reader.entry(at: path, below: root) else { continue }
            sources.append(source)
            note(source)
            guard hasLinks else { continue }
            if let group = source.linkGroup { try links.add(group, source: index, path: []) }
            try reader.walk(source) { path, entry throws(CairnError) in
                try cancellation.check()
                note(entry)
                if let group = entry.linkGroup { try links.add(group, source: index, path: path) }
                return true
            }
        }
        var root = MerkleDigest.Root(of: sources)
        try links.digest(into: &root)
        digest = root.finish()
        self.newest = newest
    }
}
