internal import Crypto

/// Something that a check found.
public struct StoreFinding: Hashable, Sendable {
    /// How bad it is.
    public enum Weight: String, Hashable, Sendable {
        /// Worth knowing, and no damage.
        case note
        /// It was wrong and has been put right: only a view outside the repository can be.
        case healed
        /// One of two copies is damaged; what it says is known.
        case reduced
        /// Damage.
        case damage
    }

    /// What it is about. More may be added.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The kind's name.
        public let description: String
        /// Names a kind.
        public init(_ description: String) { self.description = description }

        /// The config.
        public static let config = Kind("config")
        /// A key.
        public static let key = Kind("key")
        /// A root.
        public static let manifest = Kind("manifest")
        /// A pack as a whole.
        public static let pack = Kind("pack")
        /// A block of a pack.
        public static let block = Kind("block")
        /// Chunks in a block that decodes.
        public static let chunk = Kind("chunk")
        /// The catalog.
        public static let catalog = Kind("catalog")
        /// A file that is none of the repository's.
        public static let foreign = Kind("foreign")
    }

    /// What it is about.
    public let kind: Kind
    /// How bad it is.
    public let weight: Weight
    /// What was found, in a sentence without its full stop.
    public let message: String
    /// The file concerned.
    public let path: String
    /// What to do about it, where that is known.
    public let remedy: String?
    /// The name of the pack, where it is about one or a part of one.
    public let pack: String?
    /// The number of the block, where it is about one.
    public let block: Int?
    /// The chunks whose copy there cannot be used; empty also where nobody can tell.
    public let copies: [RootReference]
    /// Those of them that have no other copy that can be used.
    public internal(set) var lost: [RootReference] = []

    init(
        _ kind: Kind, _ weight: Weight, _ message: String, path: String, remedy: String? = nil, pack: PackName? = nil,
        block: Int? = nil, copies: [RootReference] = []
    ) {
        self.kind = kind
        self.weight = weight
        self.message = message
        self.path = path
        self.remedy = remedy
        self.pack = pack?.id.hex
        self.block = block
        self.copies = copies
    }

    /// A failure to read something as a finding about it.
    init(
        _ kind: Kind, _ error: StoreError, path: String, pack: PackName? = nil, block: Int? = nil,
        copies: [RootReference] = []
    ) {
        self.init(
            kind, .damage, error.message, path: error.path ?? path, remedy: error.remedy, pack: pack, block: block,
            copies: copies)
    }
}

extension StoreError {
    /// Whether it tells of what is stored, rather than of this machine or of the caller's wish to stop.
    var isAboutStored: Bool { [.damaged, .missing, .unsupported, .storage, .readOnly].contains(code) }
}
