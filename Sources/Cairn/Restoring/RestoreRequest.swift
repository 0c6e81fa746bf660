public import Posix

/// What is to be restored, where to, and how.
public struct RestoreRequest: Sendable {
    /// What happens to a file that is there already.
    public enum Overwrite: String, Sendable, CaseIterable {
        /// Its content is compared by reading; what differs is written.
        case always
        /// The same, unless size and time of change are equal: then the content is taken to be equal.
        case ifChanged = "if-changed"
        /// Only where the snapshot's file was changed later.
        case ifNewer = "if-newer"
        /// It stays as it is.
        case never
    }

    /// Whose the restored files are.
    public enum Owners: Sendable {
        /// Those of the recorded numbers.
        case numeric
        /// Those of the recorded names, as far as this machine knows them; else of the numbers.
        case byName
        /// Whoever restores.
        case none
    }

    /// Which entries are restored. Paths are those below the entry that is restored, components joined by slashes.
    public struct Selection: Sendable {
        /// Whether an entry is wanted.
        public var isSelected: @Sendable (_ path: [UInt8], _ isDirectory: Bool) -> Bool
        /// Whether something below a directory may be wanted.
        public var mayContainSelected: @Sendable (_ path: [UInt8]) -> Bool

        /// Makes a selection.
        public init(
            isSelected: @escaping @Sendable (_ path: [UInt8], _ isDirectory: Bool) -> Bool,
            mayContainSelected: @escaping @Sendable (_ path: [UInt8]) -> Bool = { _ in true }
        ) {
            self.isSelected = isSelected
            self.mayContainSelected = mayContainSelected
        }

        /// Everything.
        public static let all = Selection(isSelected: { _, _ in true })
    }

    /// The entry to restore: a directory's content and metadata become the target's, anything else is put into the target.
    public var entry: TreeEntry
    /// The entry's absolute path in the snapshot.
    public var path: Path
    /// The absolute paths that the snapshot was taken of. Directories above them are only the way there: where they exist they
    /// keep their metadata, and nothing in them is deleted. With none, everything counts as taken.
    public var sources: [Path] = []
    /// The folder to restore into; made if missing.
    public var target: Path
    /// Which entries are restored.
    public var selection = Selection.all
    /// What happens to files that are there already.
    public var overwrite = Overwrite.always
    /// Whether names are deleted that the snapshot does not have, in folders that are restored.
    public var deletes = false
    /// Whether long runs of zeros become holes, beside the recorded holes.
    public var isSparse = false
    /// Whether every restored file is read again in the end and compared with its SHA-256.
    public var verifies = false
    /// Whether nothing is written, and only said what would be done.
    public var isDryRun = false
    /// Whose the files are.
    public var owners = Owners.numeric
    /// Whether each file appears whole, under a temporary name until then.
    public var isAtomic = false
    /// How many blocks are decoded, and files written, at once.
    public var threads = Machine.processorCount
    /// The memory that plans may take beside the store's own.
    public var planBytes = 16 << 20

    /// Asks for an entry, at its path in the snapshot, to be restored below a folder.
    public init(entry: TreeEntry, path: Path, target: Path) {
        self.entry = entry
        self.path = path
        self.target = target
    }
}
