public import ChunkStore
public import Posix

/// What a repair may do.
public struct RepairRequest: Sendable {
    /// Whether every pack is read whole; else only their directories are, and blocks are trusted.
    public var readsData = true
    /// Other repositories in which missing chunks are looked for, in this order.
    public var sources: [Store] = []
    /// Files and folders whose files are read for missing chunks.
    public var livePaths: [Path] = []
    /// Whether snapshots that lack something get new manifests, which name what is lost.
    public var acceptsLoss = false
    /// Whether trees that no manifest reaches get manifests.
    public var recoversTrees = false
    /// Whether only to find out what would be done; then nothing is written.
    public var isRehearsal = false
    /// What new manifests give as the program's version.
    public var engineVersion = ""

    /// All that can be done without other repositories and files, and without giving anything up.
    public init() {}
}

/// What a repair came to.
public struct RepairSummary: Sendable, Hashable {
    /// Snapshots that were followed, forgotten ones too.
    public var snapshots = 0
    /// What was done to packs.
    public var packs = StoreRepair.PackSummary()
    /// Chunks that snapshots need and that were nowhere at first.
    public var missingChunks = 0
    /// Those of them that are stored again.
    public var foundChunks = 0
    /// Chunks that stay lost.
    public var lostChunks = 0
    /// Whether trees are missing: what these name was not looked for, so there may be more of all three.
    public var missesTrees = false
    /// How many findings there were, by weight: `healed` is mended, `damage` is not.
    public var findings: [StoreFinding.Weight: Int] = [:]
    /// Parts of snapshots that are lost.
    public var lostItems = 0
    /// Snapshots that got a new manifest which names what is lost.
    public var acceptedSnapshots = 0
    /// Snapshots that were made of trees which no manifest reached.
    public var recoveredSnapshots = 0

    /// How many findings have a weight.
    public func count(_ weight: StoreFinding.Weight) -> Int { findings[weight] ?? 0 }
    /// Whether damage is left.
    public var isDamaged: Bool { count(.damage) > 0 }
    /// Whether something was mended, or has one good copy of two.
    public var isHealed: Bool { count(.healed) + count(.reduced) > 0 }
}

/// What a repair tells as it goes.
public enum RepairEvent: Sendable, Hashable {
    /// Something was wrong; its weight says whether it is right now.
    case finding(CheckFinding)
    /// A part of a snapshot stays lost.
    case lost(DamagedItem)
    /// A snapshot has a new manifest in place of this one, and lacks what is lost. In a rehearsal it would have.
    case accepted(SnapshotID, manifest: String)
    /// A tree that no manifest reached is a snapshot now; nil in a rehearsal.
    case recovered(SnapshotID?, tree: ChunkID)
    /// A file or folder that was to be read for missing chunks cannot be.
    case unreadable(ItemFailure)
}
