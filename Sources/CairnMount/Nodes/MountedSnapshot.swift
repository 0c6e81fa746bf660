internal import Cairn
internal import Posix

/// A snapshot that is shown, and what is found out about it only when somebody asks.
final class MountedSnapshot: Sendable {
    /// Distinguishes the snapshots of a mount, so that link groups of different ones have different inodes.
    let number: UInt32
    let snapshot: Snapshot
    private let hasGone = Monitor(false)
    private let links = Monitor<[UInt64: UInt32]?>(nil)

    /// Groups of more links are counted as two: it takes memory to know better.
    private static let groupsMax = 1 << 20

    init(_ snapshot: Snapshot, number: UInt32) {
        self.snapshot = snapshot
        self.number = number
    }

    /// Whether it was forgotten, or is not shown any more for other reasons.
    var isGone: Bool { hasGone.withLock { $0 } }

    /// It is not shown any more.
    func goes() { hasGone.withLock { $0 = true } }

    /// An inode for all names of a group of hard links.
    func inode(ofGroup group: UInt64) -> UInt64 {
        // SplitMix64: one to one, so that groups of a snapshot cannot meet; those of different ones hardly ever.
        var mixed = group &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ mixed >> 31) | 1 << 63
    }

    /// How many names a group has. The first question goes through the whole tree.
    func linkCount(ofGroup group: UInt64, through reader: TreeReader) throws(CairnError) -> UInt32 {
        let counts = try links.withLock { known throws(CairnError) in
            if let known { return known }
            let root = try reader.root(snapshot.manifest.tree)
            var counts: [UInt64: UInt32] = [:]
            try reader.walk(root) { _, entry throws(CairnError) in
                if let group = entry.linkGroup, counts.count < Self.groupsMax || counts[group] != nil {
                    counts[group, default: 0] += 1
                }
                return true
            }
            known = counts
            return counts
        }
        return counts[group] ?? 2
    }
}
