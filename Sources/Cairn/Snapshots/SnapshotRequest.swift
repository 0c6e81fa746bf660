public import Posix

/// What a snapshot is to be taken of, and how.
public struct SnapshotRequest: Sendable {
    /// Where the content comes from.
    public enum Source: Sendable {
        /// Files and folders, with all that is below them.
        case paths([Path])
        /// A stream of bytes, which becomes one file of this absolute path.
        case stream(Path, StreamSource)
    }

    /// What is trusted of files that look unchanged.
    public enum Trust: String, Sendable, CaseIterable {
        /// The journal: kind, size, times of content and of anything else, inode.
        case journal
        /// Where there is no journal, kind, size and modification time, compared with the latest snapshot.
        case modificationTime = "mtime"
    }

    /// Where the content comes from.
    public var source: Source
    /// How much of what is known is trusted, and what is compared with.
    public var strategy = Strategy.incremental
    /// The machine's name.
    public var host: String
    /// The user's name.
    public var user: String
    /// When the snapshot is said to be taken; nil for now.
    public var time: SnapshotTime?
    /// Tags.
    public var tags: [String] = []
    /// What an embedding program wants to remember.
    public var labels: [String: String] = [:]
    /// Which names are taken.
    public var selection = Selection()
    /// What the manifest says of `selection`.
    public var excludes: [String] = []
    /// Whether folders of other file systems are taken empty.
    public var staysOnFileSystem = false
    /// How many files are read at once; nil for what suits the machine.
    public var readers: Int?
    /// What is trusted.
    public var trust = Trust.journal
    /// Whether inodes do not count when files are compared with what is known of them.
    public var ignoresInode = false
    /// Whether the time of the last change of anything does not count.
    public var ignoresChangeTime = false
    /// What to compare with; nil for what the strategy says.
    public var parent: Snapshot?
    /// Whether nothing is committed where nothing has changed.
    public var skipsUnchanged = false
    /// Whether nothing is written, only found out.
    public var isRehearsal = false
    /// Whether the packs that were written are read back and checked before the snapshot is committed.
    public var verifiesPacks = false
    /// Whether what there is in all is counted meanwhile, for progress with a share and a time left. Where a snapshot takes longer than a moment, each
    /// name is then looked at once more.
    public var countsAhead = false
    /// Folders that are passed by wherever they are met: the repository and its cache.
    public var avoided: [Path] = []
    /// What could not be read when the sources were chosen. It makes the snapshot incomplete, as what cannot be read later does.
    public var failures: [ItemFailure] = []
    /// The program's version, for the manifest.
    public var engineVersion: String

    /// Asks for a snapshot of files and folders.
    public init(paths: [Path], host: String = Machine.hostName, user: String = Machine.userName, engineVersion: String)
    {
        self.init(source: .paths(paths), host: host, user: user, engineVersion: engineVersion)
    }

    /// Asks for a snapshot.
    public init(
        source: Source, host: String = Machine.hostName, user: String = Machine.userName, engineVersion: String
    ) {
        self.source = source
        self.host = host
        self.user = user
        self.engineVersion = engineVersion
    }
}

/// A stream of bytes to take a snapshot of.
public final class StreamSource: Sendable {
    let file: FileDescriptor
    let finish: @Sendable () throws(CairnError) -> Void

    /// Reads from a descriptor. When its end is reached `finish` says, by throwing, if what came is not whole.
    public init(
        _ file: consuming FileDescriptor, finish: @escaping @Sendable () throws(CairnError) -> Void = {}
    ) {
        self.file = file
        self.finish = finish
    }
}

/// A link to a folder that was given with a slash at the end: that means the folder.
public struct FollowedLink: Hashable, Sendable {
    /// The link's path.
    public let link: Path
    /// The folder's own path, under which the snapshot has it.
    public let folder: Path
}

/// What came of taking a snapshot.
public struct SnapshotOutcome: Sendable {
    /// The snapshot; nil if none was committed: in a rehearsal, or because nothing had changed.
    public var snapshot: Snapshot?
    /// What it was compared with.
    public var base: Snapshot?
    /// How it was made, which differs from what was asked where there was nothing to compare with.
    public var strategy: Strategy
    /// What was counted.
    public var statistics: Manifest.Statistics
    /// How many files were read; the others were taken over as they were known.
    public var filesRead: Int
    /// The Merkle root.
    public var rootHash: String
    /// Whether something could not be read.
    public var isIncomplete: Bool
    /// Whether nothing was written.
    public var isRehearsal: Bool
    /// Paths that were given and lie inside others.
    public var covered: [Path]
    /// Links that were given with a slash at the end, and the folders that were taken in their place.
    public var followed: [FollowedLink]
    /// Folders of the repository in use and its cache that were met and passed by; the first few of them.
    public var avoided: [Path]
    /// What should be known of how it went.
    public var warnings: [String]
    /// Manifests of other snapshots that cannot be read, or of which one copy is damaged.
    public var damage: [CairnError] = []
}
