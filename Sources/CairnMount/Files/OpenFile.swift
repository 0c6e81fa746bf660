internal import Cairn
internal import Posix

/// A file that somebody has open.
final class OpenFile: Sendable {
    let node: NodeID
    let size: UInt64
    let content: ContentIndex
    private let entry: TreeEntry
    private let holes = Monitor<FileHoles?>(nil)
    private let pattern = Monitor(AccessPattern())

    /// Nil for what is no file.
    init?(_ entry: TreeEntry, node: NodeID, room: RecurrenceRoom) throws(CairnError) {
        guard case .file(let size, let content, _, _) = entry.node else { return nil }
        self.node = node
        self.size = size
        self.entry = entry
        self.content = try ContentIndex(content, room: room)
    }

    func holes(through reader: TreeReader) throws(CairnError) -> FileHoles {
        try holes.withLock { known throws(CairnError) in
            if let known { return known }
            let found = try FileHoles(of: entry, through: reader)
            known = found
            return found
        }
    }

    /// Notes that a stretch is read, and says what that suggests.
    func note(_ range: Range<UInt64>) -> AccessPattern.Advice { pattern.withLock { $0.note(range) } }
}

/// How a file is read: from front to back, or here and there, where each place costs the decoding of a whole block.
struct AccessPattern {
    enum Advice {
        /// What comes next should be at hand by then.
        case inOrder
        /// What lies around should be handed to the kernel as well.
        case scattered
        case neither
    }

    private static let jumpsMin = 2
    private static let recentMax = 16
    /// What is handed over at once, at most.
    static let reach: UInt64 = 4 << 20
    /// What is read ahead of somebody who reads in order, at most.
    private static let aheadMax = 16 << 20

    private var end: UInt64 = 0
    private var jumps = 0
    private var recent: [UInt64] = []

    /// What is read ahead of each of so many who read in order: together no more than a quarter of the cache, for what they have read lies there as well,
    /// and what comes next must not go before somebody wants it.
    static func ahead(of readers: Int, cacheBytes: Int) -> UInt64 {
        UInt64(min(aheadMax, cacheBytes / 4 / max(1, readers)))
    }

    mutating func note(_ range: Range<UInt64>) -> Advice {
        // The kernel's read-ahead asks for neighbouring pieces, not always in order.
        let isNear = range.lowerBound <= end + Self.reach / 2 && end <= range.lowerBound + Self.reach / 2
        end = range.upperBound
        if isNear {
            if jumps > 0 { jumps -= 1 }
            return jumps == 0 ? .inOrder : .neither
        }
        jumps = min(jumps + 1, Self.jumpsMin)
        guard jumps >= Self.jumpsMin else { return .neither }
        let region = range.lowerBound / (Self.reach / 4)
        guard !recent.contains(region) else { return .neither }
        recent.append(region)
        if recent.count > Self.recentMax { recent.removeFirst() }
        return .scattered
    }
}
