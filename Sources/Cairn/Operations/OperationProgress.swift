public import Posix

/// How far an operation has come. The operation writes it, others read it, on any thread.
public final class OperationProgress: Sendable {
    /// One look.
    public struct Snapshot: Sendable, Hashable {
        /// What is being done.
        public var phase = ""
        /// Files, links and the like that are finished.
        public var filesDone = 0
        /// Directories that are finished.
        public var directoriesDone = 0
        /// Bytes of files that are finished or passed by.
        public var bytesDone: UInt64 = 0
        /// How many files there are in all, as far as is known.
        public var filesTotal: Int?
        /// How many bytes there are in all, as far as is known.
        public var bytesTotal: UInt64?
        /// Whether the totals will not grow any more.
        public var isTotalFinal = false
        /// What is being worked on.
        public var current: Path?
        /// How many items failed.
        public var failures = 0

        /// Nothing done yet.
        public init() {}
    }

    private let state = Monitor(Snapshot())

    /// Nothing done yet.
    public init() {}

    /// How far it has come.
    public var snapshot: Snapshot { state.withLock { $0 } }

    func update(_ body: (inout Snapshot) -> Void) { state.withLock { body(&$0) } }
}

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

    /// Describes a failure.
    public init(path: Path, kind: Kind, message: String, damage: CairnError? = nil) {
        self.path = path
        self.kind = kind
        self.message = message
        self.damage = damage
    }
}
