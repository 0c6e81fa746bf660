public import Posix

/// What a storage could not do, and why.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, for programs.
    public struct Code: Hashable, Sendable {
        private let word: String
        private init(_ word: String) { self.word = word }
        /// Nothing has this name.
        public static let notFound = Code("notFound")
        /// Something has this name already.
        public static let exists = Code("exists")
        /// Something has this name, and is no file.
        public static let notAFile = Code("notAFile")
        /// The file ends before the bytes that were asked for.
        public static let truncated = Code("truncated")
        /// The file is larger than it may be.
        public static let tooLarge = Code("tooLarge")
        /// No room is left.
        public static let full = Code("full")
        /// The place cannot be written to by anyone.
        public static let readOnly = Code("readOnly")
        /// This user may not.
        public static let denied = Code("denied")
        /// The file system knows no locks.
        public static let noLocks = Code("noLocks")
        /// Anything else.
        public static let failed = Code("failed")
    }

    /// The kind of failure, for programs.
    public let code: Code
    /// Path of the file concerned.
    public let path: String
    /// What happened, for people.
    public let reason: String

    /// Describes a failure.
    public init(_ code: Code, location: String, name: String, reason: String) {
        self.code = code
        self.path = name.isEmpty ? location : "\(location)/\(name)"
        self.reason = reason
    }

    /// Takes over a failed system call.
    public init(_ error: PosixError, location: String, name: String) {
        let code: Code =
            switch error.errno {
            case .noSuchFile, .notAFolder: .notFound
            case .exists: .exists
            case .noSpace, .quotaExceeded: .full
            case .readOnlyFileSystem: .readOnly
            case .permissionDenied, .notPermitted: .denied
            case .noLocks: .noLocks
            default: .failed
            }
        self.init(code, location: location, name: name, reason: "\(error.call): \(error.errno)")
    }

    /// Path and reason.
    public var description: String { "\(path): \(reason)" }

    /// What a person can do about it, where that is known.
    public var remedy: String? {
        switch code {
        case .full: "free some space there and run the same again: nothing that was finished is lost"
        case .readOnly: "the file system is mounted read-only: mount it writable, or use another place"
        case .denied: "run as a user who may, or change the owner or mode of that path"
        default: nil
        }
    }
}
