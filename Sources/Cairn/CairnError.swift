public import ChunkStore
public import Posix

/// The one error of this library: a code for programs; what happened, where, and what to do, for people.
public struct CairnError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. More may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// Names a kind of failure.
        public init(_ description: String) { self.description = description }

        /// No snapshot, or nothing inside one, is called so.
        public static let notFound = Code("not-found")
        /// Several snapshots are meant by one name.
        public static let ambiguous = Code("ambiguous")
        /// The caller asked for something that cannot be.
        public static let usage = Code("usage")
        /// Stored bytes are not what they must be.
        public static let damaged = Code("damaged")
        /// Stored bytes are not what they must be, and what redundancy they have made up for it: nothing is lost.
        public static let healed = Code("healed")
        /// One of a file's two copies is not what it must be, and the other one served: nothing is lost, and a repair writes it twice.
        public static let halfDamaged = Code("half-damaged")
        /// Something that the repository needs is not there.
        public static let missing = Code("missing")
        /// The operation was stopped on request.
        public static let cancelled = Code("cancelled")
        /// The machine did not give a resource.
        public static let system = Code("system")
        /// A file or folder that is to be saved cannot be read.
        public static let source = Code("source")
        /// A file or folder cannot be written where a snapshot is to be restored.
        public static let target = Code("target")
        /// The place of the repository cannot be reached or used.
        public static let storage = Code("storage")
        /// There is no repository at the place.
        public static let noRepository = Code("no-repository")
        /// There is a repository, or something else, at the place already.
        public static let alreadyExists = Code("already-exists")
        /// A password or key file is needed and was not given, or none that was given fits.
        public static let wrongKey = Code("wrong-key")
        /// The repository or a part of it was written by a newer program.
        public static let unsupported = Code("unsupported")
        /// No space is left.
        public static let full = Code("full")
        /// The place cannot be written to.
        public static let readOnly = Code("read-only")
        /// Somebody else is doing what only one may do at a time.
        public static let busy = Code("busy")
        /// The last complete snapshot of a source, or where none is complete its last, was to be forgotten.
        public static let lastOfSource = Code("last-of-source")
        /// The catalog, beside the repository, cannot be used.
        public static let catalog = Code("catalog")
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

    /// Path, message and remedy in one line.
    public var description: String {
        (path.map { "\($0): " } ?? "") + message + (remedy.map { " (\($0))" } ?? "")
    }
}

extension CairnError {
    /// Whether it tells of what is stored, rather than of this machine or of the caller's wish to stop.
    var isAboutStored: Bool { [.damaged, .missing, .unsupported, .storage, .readOnly].contains(code) }
}

// The factories, one for each floor below.
extension CairnError {
    /// What the store says.
    public init(_ error: StoreError) {
        // The codes of the store that mean the same here have the same names.
        self.init(
            Code(error.code.description), error.message, path: error.path.map { Path($0) }, remedy: error.remedy)
    }

    /// A system call that failed.
    public init(_ code: Code, _ error: PosixError, path: Path? = nil, remedy: String? = nil) {
        self.init(code, "\(error.call): \(error.errno)", path: path ?? error.path, remedy: remedy)
    }

    /// A system call that failed; `purpose` says what it was needed for: "cannot read the file".
    public init(_ error: PosixError, _ purpose: String, code: Code = .system, remedy: String? = nil) {
        self.init(code, "\(purpose): \(error.errno) (\(error.call))", path: error.path, remedy: remedy)
    }
}

/// Runs a call of the store and turns its error into this library's.
@inline(__always)
package func storing<Result: ~Copyable>(_ body: () throws(StoreError) -> Result) throws(CairnError) -> Result {
    do throws(StoreError) { return try body() } catch { throw CairnError(error) }
}
