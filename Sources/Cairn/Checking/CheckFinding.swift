public import ChunkStore
public import Posix

/// Something that a check of a repository found.
public struct CheckFinding: Sendable, Hashable {
    /// What it is about: the kinds of `StoreFinding` and those that only who knows snapshots can tell.
    public let kind: StoreFinding.Kind
    /// How bad it is.
    public let weight: StoreFinding.Weight
    /// What was found, in a sentence without its full stop.
    public let message: String
    /// The file of the repository concerned, where there is one.
    public let path: Path?
    /// What to do about it, where that is known.
    public let remedy: String?
    /// The name of the pack, where it is about one or a part of one.
    public let pack: String?
    /// The number of the block, where it is about one.
    public let block: Int?
    /// How many chunks are concerned, where that can be told.
    public let chunkCount: Int
    /// The snapshot in which it was met first, where it is about what snapshots hold.
    public let snapshot: SnapshotID?
    /// The file or directory of that snapshot.
    public let item: Path?

    init(_ finding: StoreFinding) {
        kind = finding.kind
        weight = finding.weight
        message = finding.message
        path = Path(finding.path)
        remedy = finding.remedy
        pack = finding.pack
        block = finding.block
        chunkCount = finding.copies.count
        snapshot = nil
        item = nil
    }

    init(
        _ kind: StoreFinding.Kind, _ message: String, weight: StoreFinding.Weight = .damage, path: Path? = nil,
        remedy: String? = nil, chunkCount: Int = 0, snapshot: SnapshotID? = nil, item: Path? = nil
    ) {
        self.kind = kind
        self.weight = weight
        self.message = message
        self.path = path
        self.remedy = remedy
        pack = nil
        block = nil
        self.chunkCount = chunkCount
        self.snapshot = snapshot
        self.item = item
    }
}

extension StoreFinding.Kind {
    /// A chunk of a tree that is there and makes no sense, or cannot be read.
    public static let tree = StoreFinding.Kind("tree")
    /// A digest that is not what it was computed from.
    public static let digest = StoreFinding.Kind("digest")
    /// A snapshot of which something is lost.
    public static let snapshot = StoreFinding.Kind("snapshot")
    /// Chunks that snapshots need and that are nowhere.
    public static let missing = StoreFinding.Kind("missing")
}

/// A part of a snapshot that damage touches.
public struct DamagedItem: Sendable, Hashable {
    /// What it is.
    public enum Part: String, Sendable, Hashable {
        /// A file: its bytes, or where its holes are.
        case file
        /// A directory: names in it are lost, with all that is below them.
        case directory
        /// The list of what could not be read when the snapshot was taken.
        case errors
    }

    /// The snapshot.
    public let snapshot: SnapshotID
    /// Whether that was forgotten, and waits to be brought back or pruned.
    public let isForgotten: Bool
    /// What it is.
    public let part: Part
    /// Where it is, in the snapshot.
    public let path: Path
    /// The first chunk that is lost.
    public let chunk: ChunkID
}
