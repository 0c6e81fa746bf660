public import Posix

/// Something that could not be read or written while the rest went on.
public struct ItemFailure: Error, Sendable, Hashable {
    /// What the trouble was.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The kind's name.
        public let description: String
        /// Makes a kind of its name.
        public init(_ description: String) { self.description = description }

        /// It cannot be read or written: no rights, or the disk fails.
        public static let access = Kind("access")
        /// It was gone when its turn came.
        public static let vanished = Kind("vanished")
        /// It changed again and again while it was read.
        public static let changed = Kind("changed")
        /// It became something else.
        public static let replaced = Kind("replaced")
        /// It was named and is not there.
        public static let missing = Kind("missing")
        /// It was in the snapshot, and its bytes were lost since.
        public static let lost = Kind("lost")
        /// The stored bytes are damaged or gone.
        public static let damaged = Kind("damaged")
    }

    /// The file or folder.
    public let path: Path
    /// What the trouble was.
    public let kind: Kind
    /// What happened, in words.
    public let message: String
    /// What of the repository is damaged or gone, where that is the reason; the message says it too.
    public let damage: CairnError?
    /// Whether an older state of it is at the target and stays as it is; the message says it too.
    public let staysAsBefore: Bool

    /// Describes a failure.
    public init(
        path: Path, kind: Kind, message: String, damage: CairnError? = nil, staysAsBefore: Bool = false
    ) {
        self.path = path
        self.kind = kind
        self.message = message
        self.damage = damage
        self.staysAsBefore = staysAsBefore
    }
}
