import Posix

/// What the files of one folder were called when it was last seen, by their inodes: a file whose name is new may be one that was renamed.
/// Memory is bounded: of a very large folder the first names count.
struct FormerNames {
    private static let namesMax = 8_192

    private let folder: FolderKey
    private let journal: Journal
    private var names: [UInt64: [UInt8]] = [:]

    init(of folder: FolderKey, in journal: Journal) {
        self.folder = folder
        self.journal = journal
        var cursor = JournalCursor(folder.bytes, in: journal)
        while names.count < Self.namesMax, let item = try? cursor.next() {
            if item.kind == TreeEntry.Node.code(of: .regular), item.size >= Namesakes.bytesMin {
                names[item.inode] = Array(item.name)
            }
        }
    }

    /// What the journal remembers of the file that had the inode, if it was about as long. Inodes are used again, so it may have been another one.
    func item(inode: UInt64, size: UInt64) -> JournalItem? {
        guard size >= Namesakes.bytesMin, let name = names[inode] else { return nil }
        var cursor = JournalCursor(folder.bytes, in: journal)
        guard let item = try? cursor.find(name, skipped: { _ in }), Namesakes.areAlike(item.size, size) else {
            return nil
        }
        return item
    }
}
