import Posix

/// Remembers, of the files that were known and have been met so far, where some of each name lie: a file that was not there before may be a copy of
/// one, in the next release's folder or in a renamed one. Memory is fixed: of names that fall together the latest is remembered.
struct Namesakes {
    /// Shorter files cost less than finding out what they came from.
    static let bytesMin: UInt64 = 512
    /// A copy has at most so many times the length of what it was made from, or the other way round.
    private static let lengthRatioMax: UInt64 = 2
    private static let slotBits: UInt64 = 14

    private struct Slot {
        let hash: UInt64
        let folder: FolderKey
        let size: UInt64
    }

    private var slots: [Slot?] = []

    /// Whether a file of the one size may have come from one of the other.
    static func areAlike(_ one: UInt64, _ other: UInt64) -> Bool {
        max(one, other) / lengthRatioMax <= min(one, other)
    }

    /// A file that was known is here.
    mutating func note(_ name: [UInt8], size: UInt64, in folder: FolderKey) {
        guard size >= Self.bytesMin else { return }
        if slots.isEmpty { slots = Array(repeating: nil, count: 1 << Self.slotBits) }
        let hash = Self.hash(name)
        slots[Int(hash >> (64 - Self.slotBits))] = Slot(hash: hash, folder: folder, size: size)
    }

    /// What the journal remembers of a file of this name and about this length.
    func item(_ name: [UInt8], size: UInt64, in journal: Journal) -> JournalItem? {
        guard size >= Self.bytesMin, !slots.isEmpty else { return nil }
        let hash = Self.hash(name)
        guard let slot = slots[Int(hash >> (64 - Self.slotBits))], slot.hash == hash,
            Self.areAlike(slot.size, size)
        else { return nil }
        var cursor = JournalCursor(slot.folder.bytes, in: journal)
        let found = try? cursor.find(name) { _ in }
        return found?.kind == TreeEntry.Node.code(of: .regular) ? found : nil
    }

    private static func hash(_ name: [UInt8]) -> UInt64 {
        let hash = nameHash(name)
        return hash ^ hash >> 29
    }
}
