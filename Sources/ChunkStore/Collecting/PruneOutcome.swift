/// What a prune found and did; of a rehearsal, what it would do.
public struct PruneOutcome: Sendable, Hashable {
    /// Packs and their bytes.
    public struct Amount: Sendable, Hashable {
        /// How many.
        public var packs = 0
        /// The bytes on disk.
        public var bytes: UInt64 = 0

        mutating func add(_ bytes: UInt64) {
            packs += 1
            self.bytes += bytes
        }
    }

    /// All packs before.
    public var before = Amount()
    /// The stored bytes in them that something needs, as near as blocks that are needed in part allow to say.
    public var usedBytes: UInt64 = 0
    /// What in the packs is no block: directories, and what fills packs up.
    public var overheadBytes: UInt64 = 0
    /// Packs of which nothing was needed.
    public var unneeded = Amount()
    /// Packs of which something was needed, and copied.
    public var repacked = Amount()
    /// The packs that the copies went into. A rehearsal tells about how much.
    public var written = Amount()
    /// What was deleted: the space that was given back.
    public var deleted = Amount()
    /// The part of that which earlier prunes had condemned: it is not among the packs before.
    public var deletedEarlier = Amount()
    /// Condemned packs that wait for running operations.
    public var waiting = Amount()
    /// Condemned packs that came back, for a root needs them that was written meanwhile.
    public var rescued = Amount()
    /// Unneeded bytes that stay in the packs.
    public var unusedBytes: UInt64 = 0
    /// Packs of running operations, which were left alone.
    public var inFlight = Amount()
    /// Packs that cannot be read, which were left alone.
    public var unreadable = Amount()
    /// Running operations that the condemned packs wait for.
    public var holders: [LeaseHolder] = []
    /// Forgotten roots that are given up for good.
    public var endedRoots = 0
    /// Forgotten roots that can still come back.
    public var heldRoots = 0
    /// Those that are given up and in whose place another root stands, as far as the caller tells: nobody misses them.
    public var endedReplacedRoots = 0
    /// The same of those that are held.
    public var heldReplacedRoots = 0
    /// Plain bytes that only they need.
    public var heldBytes: UInt64 = 0
    /// Whether the clock is not to be believed, so that no grace ended.
    public var distrustsClock = false
    /// Needed chunks of which no copy is left.
    public var lostChunks = 0
    /// Roots of whose file one of two copies is damaged: the other one served.
    public var halfDamagedRoots = 0
    /// Whether copying ended before it was done, for there is too little room.
    public var isShortOfRoom = false
}
