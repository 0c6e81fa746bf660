import Crypto

/// Which pack: its folder and its id, the SHA-256 of its bytes.
struct PackName: Hashable, Sendable {
    /// Where packs lie, and what they may hold.
    enum PackFolder: UInt8, Sendable, CaseIterable {
        /// Data only.
        case data = 1
        /// Trees, and the data of small snapshots.
        case trees = 2

        var letter: String { self == .data ? "d" : "t" }
    }

    let folder: PackFolder
    let id: SHA256Digest

    init(folder: PackFolder, id: SHA256Digest) {
        self.folder = folder
        self.id = id
    }

    /// Where it lies in the repository.
    var path: String { "\(folderPath)/\(id.hex)" }

    /// The folder that its name stands in.
    var folderPath: String { "\(Self.root)/\(folder.letter)/\(id.hex.prefix(2))" }

    static let root = "packs"

    /// Where it lies while it is condemned.
    var condemnedPath: String { "\(Self.condemnedRoot)/\(folder.letter)-\(id.hex)" }

    static let condemnedRoot = "condemned"

    /// Reads the path of a condemned pack; nil if it has another shape.
    init?(condemnedPath path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == Self.condemnedRoot, parts[1].dropFirst().first == "-" else { return nil }
        self.init(letter: parts[1].prefix(1), hex: parts[1].dropFirst(2))
    }

    /// Reads a path; nil if it has another shape.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.root, parts[3].hasPrefix(parts[2]), parts[2].utf8.count == 2 else {
            return nil
        }
        self.init(letter: parts[1], hex: parts[3])
    }

    /// Reads what a lease claims: letter, space, id.
    init?(claimed: String) {
        let parts = claimed.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(letter: parts[0], hex: parts[1])
    }

    private init?(letter: Substring, hex: Substring) {
        guard let folder = PackFolder.allCases.first(where: { $0.letter == letter }),
            let id = SHA256Digest(hex: String(hex))
        else { return nil }
        self.init(folder: folder, id: id)
    }
}
