/// One difference between two trees.
public struct TreeChange: Sendable, Hashable {
    /// What differs. The raw value is the letter that `cairn diff` shows.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It is in the new tree alone.
        case added = "+"
        /// It is in the old tree alone.
        case removed = "-"
        /// A file has other bytes (and perhaps other metadata too).
        case content = "M"
        /// Mode, owner, time, attributes, target or device numbers differ, and no bytes of a file.
        case metadata = "U"
        /// It has become something else: a file a directory, say.
        case kind = "T"
    }

    /// What differs.
    public let kind: Kind
    /// Where: below the two entries compared, names joined by slashes; empty for these entries themselves.
    public let path: [UInt8]
    /// The entry in the old tree; nil where there is none.
    public let old: TreeEntry?
    /// The entry in the new tree; nil where there is none.
    public let new: TreeEntry?

    /// The change between two entries of one path; nil if there is none worth telling. Names are not compared, and neither is what lies
    /// below directories. It does not count where content is stored, which group of hard links an entry has, or what names its owners have.
    public init?(path: [UInt8], old: TreeEntry?, new: TreeEntry?) {
        guard let kind = Self.kind(old, new) else { return nil }
        self.kind = kind
        self.path = path
        self.old = old
        self.new = new
    }

    private static func kind(_ old: TreeEntry?, _ new: TreeEntry?) -> Kind? {
        guard let old else { return new == nil ? nil : .added }
        guard let new else { return .removed }
        if old.node.code != new.node.code { return .kind }
        if !old.node.hasSameBytes(as: new.node) { return .content }
        return old.hasSameMetadata(as: new) ? nil : .metadata
    }
}

extension TreeEntry {
    /// Whether mode, numeric owner, time, attributes and what only links and devices have are equal.
    func hasSameMetadata(as other: TreeEntry) -> Bool {
        guard mode == other.mode, userID == other.userID, groupID == other.groupID, modified == other.modified,
            attributes == other.attributes
        else { return false }
        switch (node, other.node) {
        case (.file, .file), (.directory, .directory): return true
        case (let mine, let its): return mine == its
        }
    }
}

extension TreeEntry.Node {
    /// Whether two files have the same length and digest; true of all else.
    func hasSameBytes(as other: TreeEntry.Node) -> Bool {
        guard case .file(let size, _, let digest, _) = self, case .file(let otherSize, _, let otherDigest, _) = other
        else { return true }
        return size == otherSize && digest == otherDigest
    }
}
