public import ChunkStore

/// What a check looks at.
public struct CheckRequest: Sendable {
    /// The snapshots whose trees are followed; nil for all, forgotten ones too. With `data`, also which packs count.
    public var snapshots: [Snapshot]?
    /// Which packs are read whole; nil for none.
    public var data: PackSelection?

    /// The structure of everything.
    public init(snapshots: [Snapshot]? = nil, data: PackSelection? = nil) {
        self.snapshots = snapshots
        self.data = data
    }
}

/// What a check came to.
public struct CheckSummary: Sendable, Hashable {
    /// Snapshots whose trees were followed.
    public var snapshots = 0
    /// Those of them that were forgotten.
    public var forgottenSnapshots = 0
    /// Those of them that only stand for another manifest of the same snapshot, which counts.
    public var replacedManifests = 0
    /// Directories whose digests were computed anew; one that many snapshots share counts once.
    public var directories = 0
    /// Packs that are in the repository.
    public var packs = 0
    /// Their bytes.
    public var packBytes: UInt64 = 0
    /// Packs that were read whole.
    public var packsRead = 0
    /// Of these, those that are good.
    public var packsGood = 0
    /// Bytes of packs that were read.
    public var bytesRead: UInt64 = 0
    /// How many findings there were, by weight.
    public var findings: [StoreFinding.Weight: Int] = [:]
    /// Parts of snapshots that damage touches.
    public var damagedItems = 0

    /// Whether there is damage that nothing has healed or makes up for.
    public var isDamaged: Bool { count(.damage) > 0 }

    /// How many findings have a weight.
    public func count(_ weight: StoreFinding.Weight) -> Int { findings[weight] ?? 0 }
}

/// What a check tells as it goes.
public enum CheckEvent: Sendable, Hashable {
    /// Something is not as it should be, or is worth knowing.
    case finding(CheckFinding)
    /// What it means for a snapshot. These come last.
    case damaged(DamagedItem)
}
