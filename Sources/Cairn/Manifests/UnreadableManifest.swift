internal import Crypto
public import Posix

/// A manifest that is damaged beyond reading. Nobody knows what snapshot it is of, so it has no other name than its file's.
public struct UnreadableManifest: Hashable, Sendable {
    /// The id that its file is named by.
    public let id: String
    /// The file.
    public let path: Path

    /// The first digits of the id, which are shown where the whole would be too long.
    public var short: String { String(id.prefix(8)) }

    /// How many of its digits name one at least: what is mistyped for a snapshot's id must not name such a file.
    static let digitsMin = 8

    init?(_ failure: CairnError) {
        guard failure.code == .damaged, let path = failure.path else { return nil }
        // A forgotten one's name begins with a time.
        let name = String(decoding: path.lastComponent, as: UTF8.self)
        let digits = String(name[(name.firstIndex(of: "-").map(name.index(after:)) ?? name.startIndex)...])
        guard SHA256Digest(hex: digits) != nil else { return nil }
        id = digits
        self.path = path
    }
}

extension SnapshotList {
    /// The damaged manifest whose id begins so; nil where that is none, or may be several.
    public func unreadable(_ name: SnapshotName?) -> UnreadableManifest? {
        guard case .id(let prefix) = name, prefix.utf8.count >= UnreadableManifest.digitsMin else { return nil }
        let found = Set(failures.compactMap { UnreadableManifest($0) }.filter { $0.id.hasPrefix(prefix) }.map(\.id))
        guard found.count == 1 else { return nil }
        return failures.lazy.compactMap { UnreadableManifest($0) }.first { found.contains($0.id) }
    }
}
