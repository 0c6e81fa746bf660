/// What a prune is to do, and how far it may go.
public struct PruneRequest: Sendable {
    /// How much of the packs may stay unused.
    public enum Tolerance: Sendable, Hashable {
        /// So many hundredths of what is used.
        case percent(Double)
        /// So many bytes.
        case bytes(UInt64)
        /// All: only packs that hold nothing needed go.
        case unlimited

        func bytes(ofUsed used: UInt64) -> UInt64 {
            switch self {
            case .percent(let percent): UInt64(max(0, min(Double(used) * percent / 100, 9e18)))
            case .bytes(let bytes): bytes
            case .unlimited: .max
            }
        }
    }

    /// How much may stay unused; more than that is taken out of the packs that waste most.
    public var maxUnused = Tolerance.percent(5)
    /// How many stored bytes may be copied in all.
    public var maxRepackBytes = UInt64.max
    /// How long forgotten roots can come back, in seconds.
    public var graceSeconds: Int64 = 7 * 86_400
    /// Whether forgotten roots go whatever the grace is and whatever the clock says.
    public var isGraceOver = false
    /// Whether only to say what would be done; then nothing is written.
    public var isRehearsal = false

    /// Roots that a rehearsal takes for forgotten just now.
    public var supposedlyForgotten: Set<String> = []

    /// Makes a request with the usual bounds.
    public init() {}
}

/// Where a prune stands.
public struct PruneProgress: Sendable, Hashable {
    /// What is going on.
    public enum Phase: Sendable, Hashable {
        /// Finding out what is needed; counted in roots.
        case marking
        /// Copying what is needed out of packs that waste much; counted in stored bytes.
        case copying
    }

    /// What is going on.
    public var phase: Phase
    /// How much of it is done.
    public var done: UInt64
    /// How much there is.
    public var total: UInt64
}
