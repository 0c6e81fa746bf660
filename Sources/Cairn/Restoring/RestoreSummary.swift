/// What a restore has done.
public struct RestoreSummary: Sendable, Hashable {
    /// Files, links and the like that were made or changed.
    public var filesRestored = 0
    /// Those that were as they should be.
    public var filesUnchanged = 0
    /// Those that exist and, by the caller's choice, were not looked at.
    public var filesSkipped = 0
    /// Names that were deleted, directories included.
    public var filesDeleted = 0
    /// Directories that were made or gone through.
    public var directories = 0
    /// Bytes of file content that were written.
    public var bytesRestored: UInt64 = 0
    /// Bytes of file content that were there already.
    public var bytesUnchanged: UInt64 = 0
    /// All files, links and the like that were selected.
    public var totalFiles = 0
    /// The bytes of all of them.
    public var totalBytes: UInt64 = 0
    /// Files whose content was read again and has the recorded SHA-256.
    public var filesVerified = 0
    /// Items that could not be restored.
    public var errors = 0
    /// Those of them whose stored bytes are damaged or gone.
    public var damaged = 0
    /// How long it took in the end to make everything durable.
    public var secondsSynchronizing = 0.0
    /// What could not be set for want of rights or by the file system's nature, by kind, with how often.
    public var refusals: [Refusal: Int] = [:]

    /// Metadata that this user or the target's file system does not allow.
    public enum Refusal: Sendable, Hashable, CaseIterable {
        /// Owner and group.
        case owner
        /// Extended attributes that need more rights.
        case attribute
        /// Extended attributes that the file system cannot keep.
        case unsupportedAttribute
        /// Device files.
        case device
        /// Set-user-ID and set-group-ID, left out because the owner is another one.
        case setID
    }

    /// Nothing done yet.
    public init() {}
}

/// What became of one item.
public enum RestoreAction: String, Sendable {
    /// It was made, or its content changed.
    case restored
    /// Its metadata were changed.
    case updated
    /// It was as it should be.
    case unchanged
    /// It exists and was not looked at.
    case skipped
    /// It was deleted.
    case deleted
}
