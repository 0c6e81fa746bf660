import Crypto

/// Which packs a check reads whole.
public enum PackSelection: Hashable, Sendable {
    /// All.
    case all
    /// Of so many parts of about the same size this one, from 1 on. A pack always belongs to the same part, by its name.
    case part(Int, of: Int)
    /// So many hundredths of all bytes, those first that have not been verified for the longest time.
    case percent(Double)
    /// So many bytes, chosen in the same way.
    case bytes(UInt64)

    /// A pack to choose.
    struct Candidate: Hashable {
        let name: PackName
        let bytes: UInt64
        /// When it was last verified, Unix seconds; nil for never.
        let verified: Int64?
    }

    func choose(from all: [Candidate]) -> [Candidate] {
        switch self {
        case .all: return all.sorted { $0.name.id < $1.name.id }
        case .part(let part, let count):
            return all.filter { Self.number($0.name) % UInt64(max(1, count)) == UInt64(max(1, part)) - 1 }
                .sorted { $0.name.id < $1.name.id }
        case .percent(let share):
            let sum = all.reduce(0) { $0 + Double($1.bytes) }
            return leastRecent(all, upTo: UInt64(max(0, min(sum, (sum * share / 100).rounded(.up)))))
        case .bytes(let bytes): return leastRecent(all, upTo: bytes)
        }
    }

    /// As many as it takes to reach so many bytes.
    private func leastRecent(_ all: [Candidate], upTo bytes: UInt64) -> [Candidate] {
        var sum: UInt64 = 0
        let order = all.sorted { ($0.verified ?? .min, $0.name.id) < ($1.verified ?? .min, $1.name.id) }
        return Array(
            order.prefix { pack in
                defer { sum += pack.bytes }
                return sum < bytes
            })
    }

    private static func number(_ name: PackName) -> UInt64 {
        name.id.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
    }
}
