import ChunkStore
import Crypto
import Posix

/// The Merkle root of a tree (FORMAT.md, section 13), computed from what is stored.
struct RootHash {
    /// The root.
    let digest: SHA256Digest
    /// The newest time that anything in the sources has.
    let newest: FileTime?

    /// Of these sources below a root. One that is not in the tree is in none of its parts.
    init(
        of root: TreeEntry, sources paths: [Path], _ reader: TreeReader, _ cancellation: Cancellation
    ) throws(CairnError) {
        let links = HardLinks()
        var sources: [TreeEntry] = []
        var newest: FileTime?
        func note(_ entry: TreeEntry) {
            let time = entry.modified
            if newest.map({ ($0.seconds, $0.nanoseconds) < (time.seconds, time.nanoseconds) }) ?? true { newest = time }
        }
        for (index, path) in paths.enumerated() {
            guard let source = try reader.entry(at: path, below: root) else { continue }
            sources.append(source)
            note(source)
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
