internal import Bytes
internal import Crypto
internal import Posix
internal import SQLite
internal import Storage

/// The one error of this library: a code for programs; what happened, where, and what to do, for people.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind's name.
        public let description: String
        init(_ description: String) { self.description = description }

        /// There is no repository at the place.
        public static let noRepository = Code("no-repository")
        /// There is a repository, or something else, at the place already.
        public static let alreadyExists = Code("already-exists")
        /// A password or key file is needed and was not given, or none that was given fits.
        public static let wrongKey = Code("wrong-key")
        /// The repository was written by a newer program.
        public static let unsupported = Code("unsupported")
        /// Stored bytes are not what they must be.
        public static let damaged = Code("damaged")
        /// Stored bytes are not what they must be, and what redundancy they have made up for it: nothing is lost.
        public static let healed = Code("healed")
        /// One of a file's two copies is not what it must be, and the other one served: nothing is lost, and a repair writes it twice.
        public static let halfDamaged = Code("half-damaged")
        /// A chunk, root or key is not there.
        public static let missing = Code("missing")
        /// No space is left.
        public static let full = Code("full")
        /// The place cannot be written to.
        public static let readOnly = Code("read-only")
        /// The place cannot be reached or used.
        public static let storage = Code("storage")
        /// The catalog, beside the repository, cannot be used.
        public static let catalog = Code("catalog")
        /// The caller asked for something that cannot be.
        public static let usage = Code("usage")
        /// The operation was stopped on request.
        public static let cancelled = Code("cancelled")
        /// Somebody else is doing what only one may do at a time.
        public static let busy = Code("busy")
        /// The machine did not give a resource.
        public static let system = Code("system")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, in a sentence without its full stop.
    public let message: String
    /// The file or folder concerned, where there is one.
    public let path: String?
    /// What to do about it, where that is known.
    public let remedy: String?

    /// Describes a failure.
    public init(_ code: Code, _ message: String, path: String? = nil, remedy: String? = nil) {
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

// The factories, one for each floor below.
extension StoreError {
    init(_ error: StorageError) {
        let code: Code =
            switch error.code {
            case .notFound: .missing
            case .exists: .alreadyExists
            case .truncated, .tooLarge, .notAFile: .damaged
            case .full: .full
            case .readOnly, .denied: .readOnly
            default: .storage
            }
        self.init(code, error.reason, path: error.path, remedy: error.remedy)
    }

    init(_ error: SQLiteError, catalog path: String) {
        let remedy =
            if error.isFull {
                "free some space there, or name another place for the cache"
            } else if error.isBusy {
                "another process is working with it: wait until that ends, and run the same again"
            } else if error.isReadOnly || error.isCantOpen {
                "make its folder writable, or name another place for the cache"
            } else {
                "it can be deleted at any time: it is made again from the packs"
            }
        self.init(error.isFull ? .full : .catalog, "the catalog: \(error.message)", path: path, remedy: remedy)
    }

    init(_ error: CryptoError) {
        self.init(.system, "the crypto library: \(error)")
    }

    static func damaged(_ what: String, path: String, _ reason: String, remedy: String? = nil) -> StoreError {
        StoreError(.damaged, "\(what) is damaged: \(reason)", path: path, remedy: remedy)
    }

    static func damaged(_ what: String, path: String, _ error: MalformedBytes) -> StoreError {
        damaged(what, path: path, error.description)
    }

    /// A config, key or manifest was read through one of its two copies, for the other is spoilt.
    public static func halfDamaged(_ what: String, path: String) -> StoreError {
        StoreError(
            .halfDamaged, "one of the two copies of \(what) is damaged; the other one serves", path: path,
            remedy: "look after the disk; a repair of the repository writes the good copy twice")
    }

    static let cancelled = StoreError(.cancelled, "stopped on request; what was stored stays usable")
}

extension Stage {
    /// Starts a stage's threads; where the machine has none left, that is this library's error.
    convenience init(
        named name: String, workers: Int, capacity: Int, makeWorker: @escaping @Sendable () -> (Item) -> Void
    ) throws(StoreError) {
        do throws(PosixError) {
            try self.init(name, workers: workers, capacity: capacity, makeWorker: makeWorker)
        } catch { throw StoreError(.system, "no thread could be started: \(error)") }
    }
}

/// Runs a storage call and turns its error into this library's.
@inline(__always)
func storing<Result: ~Copyable>(_ body: () throws(StorageError) -> Result) throws(StoreError) -> Result {
    do throws(StorageError) { return try body() } catch { throw StoreError(error) }
}

/// Runs a crypto call and turns its error into this library's.
@inline(__always)
func encrypting<Result>(_ body: () throws(CryptoError) -> Result) throws(StoreError) -> Result {
    do throws(CryptoError) { return try body() } catch { throw StoreError(error) }
}
