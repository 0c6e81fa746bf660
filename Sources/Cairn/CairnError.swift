public import ChunkStore
public import Posix

/// The one error of this library: a code for programs; what happened, where, and what to do, for people.
public struct CairnError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind's name.
        public let description: String
        init(_ description: String) { self.description = description }

        /// A snapshot, or a path in one, is not there.
        public static let notFound = Code("not-found")
        /// A name fits several snapshots.
        public static let ambiguous = Code("ambiguous")
        /// The caller asked for something that cannot be.
        public static let usage = Code("usage")
        /// Stored bytes are not what they must be.
        public static let damaged = Code("damaged")
        /// A chunk is not there.
        public static let missing = Code("missing")
        /// The operation was stopped on request.
        public static let cancelled = Code("cancelled")
        /// What is to be snapshot cannot be read.
        public static let source = Code("source")
        /// What is to be restored cannot be written.
        public static let target = Code("target")
        /// The machine did not give a resource.
        public static let system = Code("system")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, in a sentence without its full stop.
    public let message: String
    /// The file or folder concerned, where there is one.
    public let path: Path?
    /// What to do about it, where that is known.
    public let remedy: String?

    /// Describes a failure.
    public init(_ code: Code, _ message: String, path: Path? = nil, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.remedy = remedy
    }

    /// What the store says; its codes are codes here too.
    public init(_ error: StoreError) {
        self.init(
            Code(error.code.description), error.message, path: error.path.map { Path($0) }, remedy: error.remedy)
    }

    /// A system call that failed.
    public init(_ code: Code, _ error: PosixError, path: Path? = nil, remedy: String? = nil) {
        self.init(code, "\(error.call): \(error.errno)", path: path ?? error.path, remedy: remedy)
    }

    /// Path, message and remedy in one line.
    public var description: String {
        (path.map { "\($0): " } ?? "") + message + (remedy.map { " (\($0))" } ?? "")
    }
}
