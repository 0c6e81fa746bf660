internal import Cairn
internal import Posix
internal import Synchronization

/// A directory of a snapshot that is being looked into.
final class TreeFolder: Sendable {
    /// Pages that were read last, whatever folder they are of.
    typealias Pages = Generations<PageKey, [TreeEntry]>

    struct PageKey: Hashable, Sendable {
        let folder: UInt64
        let page: Int
    }

    private static let counter = Atomic<UInt64>(0)

    let directory: TreeEntry
    let snapshot: MountedSnapshot
    private let pages: DirectoryPages
    private let cache: Pages
    private let identity = counter.add(1, ordering: .relaxed).newValue

    init(
        _ directory: TreeEntry, of snapshot: MountedSnapshot, cache: Pages, through reader: TreeReader
    ) throws(CairnError) {
        self.directory = directory
        self.snapshot = snapshot
        self.cache = cache
        pages = try DirectoryPages(of: directory, through: reader)
    }

    var pageCount: Int { pages.count }

    /// The entries of a page; none beyond the last.
    func entries(ofPage page: Int, through reader: TreeReader) throws(CairnError) -> [TreeEntry] {
        guard page < pages.count else { return [] }
        return try cache.value(PageKey(folder: identity, page: page)) { () throws(CairnError) in
            try pages.entries(ofPage: page, through: reader)
        }
    }

    /// The entry of a name, and its place.
    func find(
        _ name: [UInt8], through reader: TreeReader
    ) throws(CairnError) -> (page: Int, place: Int, entry: TreeEntry)? {
        var (low, high) = (0, pages.count)
        // The last page that does not begin behind the name.
        while high - low > 1 {
            let middle = (low + high) / 2
            let first = try entries(ofPage: middle, through: reader).first
            if let first, name.lexicographicallyPrecedes(first.name) { high = middle } else { low = middle }
        }
        let entries = try entries(ofPage: low, through: reader)
        var (from, to) = (0, entries.count)
        while from < to {
            let middle = (from + to) / 2
            if entries[middle].name.lexicographicallyPrecedes(name) { from = middle + 1 } else { to = middle }
        }
        guard from < entries.count, entries[from].name == name else { return nil }
        return (low, from, entries[from])
    }
}
