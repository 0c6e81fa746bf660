public import ChunkStore
public import Crypto
public import Posix

/// The record of one snapshot: what was saved, when, how, by whom, and where its tree is. FORMAT.md, section 14, says how it is written.
public struct Manifest: Hashable, Sendable {
    /// What people call the snapshot by.
    public var snapshotID: SnapshotID
    /// When the snapshot was begun, with the offset of the machine that made it.
    public var time: SnapshotTime
    /// How it was made.
    public var strategy: Strategy
    /// The snapshot that it was compared with.
    public var base: SnapshotID?
    /// The id of the newest manifest that its writer saw.
    public var previous: String?
    /// The id of the manifest that this one takes the place of.
    public var supersedes: String?
    /// The Merkle root: what the snapshot proves.
    public var rootHash: SHA256Digest
    /// The root chunk of the tree.
    public var tree: ChunkID
    /// The sources, absolute.
    public var paths: [Path]
    /// The patterns of what was taken.
    public var includes: [String] = []
    /// The patterns of what was left out.
    public var excludes: [String] = []
    /// The machine's name.
    public var hostname: String
    /// The user's name.
    public var username: String
    /// Tags, sorted, each once.
    public var tags: [String] {
        didSet { tags = Set(tags).sorted() }
    }
    /// What an embedding program wants to remember.
    public var labels: [String: String] = [:]
    /// The version of the program that made it.
    public var engineVersion: String
    /// What was counted on the way.
    public var statistics: Statistics
    /// Whether some sources could not be read, or not whole.
    public var incomplete = false
    /// What could not be read: the first hundred.
    public var errors: [SourceError] = []
    /// How many errors there were in all.
    public var errorCount = 0
    /// The data chunks that hold the other errors: joined, lines of JSON like those of `errors`.
    public var errorList: [ChunkID] = []
    /// What a newer program has written and this one does not know; it is kept when the manifest is written anew.
    var unknown = UnknownFields()

    /// The version of the manifest's format that is written and read.
    public static let format = 1
    /// How many errors a manifest names itself.
    public static let errorsMax = 100

    /// Makes a manifest of what every snapshot has; the rest is set afterwards.
    public init(
        snapshotID: SnapshotID, time: SnapshotTime, strategy: Strategy, base: SnapshotID? = nil,
        previous: String? = nil, rootHash: SHA256Digest, tree: ChunkID, paths: [Path], hostname: String,
        username: String, tags: [String] = [], engineVersion: String, statistics: Statistics = Statistics()
    ) {
        self.snapshotID = snapshotID
        self.time = time
        self.strategy = strategy
        self.base = base
        self.previous = previous
        self.rootHash = rootHash
        self.tree = tree
        self.paths = paths
        self.hostname = hostname
        self.username = username
        self.tags = Set(tags).sorted()
        self.engineVersion = engineVersion
        self.statistics = statistics
    }
}
