internal import Cairn
internal import Posix

/// A snapshot that is shown, and what is found out about it only when somebody asks.
final class MountedSnapshot: Sendable {
    /// Distinguishes the snapshots of a mount, so that link groups of different ones have different inodes.
    let number: UInt32
    private let current: Monitor<Snapshot>
    private let hasGone = Monitor(false)
    private let links = Monitor<[UInt64: UInt32]?>(nil)

    /// Groups of more links are counted as two: it takes memory to know better.
    private static let groupsMax = 1 << 20

    init(_ snapshot: Snapshot, number: UInt32) {
        current = Monitor(snapshot)
        self.number = number
    }

    var snapshot: Snapshot { current.withLock { $0 } }

    /// Takes over a manifest that was written anew, with other tags for example; false where it is of another tree. What shows the tree keeps its numbers.
    func becomes(_ snapshot: Snapshot) -> Bool {
        current.withLock { current in
            guard snapshot.manifest.tree == current.manifest.tree else { return false }
            current = snapshot
            return true
        }
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
