public import Posix

extension TreeReader {
    /// So many sources are looked at: what is looked for is a help, and must not take long.
    private static let likelySourcesMax = 32

    /// Where something may be meant that is not in a snapshot as it was named: the same path below one of the snapshot's sources, or below
    /// a folder above one. People think of the folder where they took the snapshot, and snapshots hold absolute paths. Nil where there
    /// is no such thing.
    public func likelyPath(
        of path: Path, below root: TreeEntry, sources: [Path]
    ) throws(CairnError) -> Path? {
        let slash = UInt8(ascii: "/")
        let names = path.bytes.split(separator: slash)
        guard !names.isEmpty else { return nil }
        var tried: Set<Path> = []
        for source in sources.prefix(Self.likelySourcesMax) {
            var folder = source.bytes.split(separator: slash)
            // From the source itself upwards; the root was where the path was not found.
            while !folder.isEmpty {
                let place = Path([slash] + Array((folder + names).joined(separator: [slash])))
                guard tried.insert(place).inserted else { break }
                if try entry(at: place, below: root) != nil { return place }
                folder.removeLast()
            }
        }
        return nil
    }
}
