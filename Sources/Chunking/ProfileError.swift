/// Why a list of tiers is no profile. Numbers of tiers count from 0.
public enum ProfileError: Error, Hashable {
    /// The list is empty.
    case noTiers
    /// There are this many tiers, more than ``Profile/tiersMax``.
    case tooManyTiers(Int)
    /// The first tier starts at this offset, not at 0.
    case firstTierNotAtZero(UInt64)
    /// This tier does not start after the one before it.
    case offsetsNotAscending(Int)
    /// In this tier 64 ≤ minimum < normal < maximum ≤ 8 MiB does not hold.
    case lengthsOutOfBounds(tier: Int)
    /// In this tier 1 ≤ easy bits ≤ hard bits ≤ 40 does not hold.
    case bitsOutOfBounds(tier: Int)
}

extension ProfileError: CustomStringConvertible {
    /// The cause in words.
    public var description: String {
        switch self {
        case .noTiers: "the chunker profile has no tiers"
        case .tooManyTiers(let count): "the chunker profile has \(count) tiers, more than \(Profile.tiersMax)"
        case .firstTierNotAtZero(let offset): "the first tier of the chunker profile starts at \(offset), not at 0"
        case .offsetsNotAscending(let index):
            "tier \(index) of the chunker profile does not start after the one before it"
        case .lengthsOutOfBounds(let index):
            "tier \(index) of the chunker profile needs \(Profile.minBytesLowest) <= minimum < normal < maximum"
                + " <= \(Profile.maxBytesHighest) bytes"
        case .bitsOutOfBounds(let index):
            "tier \(index) of the chunker profile needs 1 <= easy bits <= hard bits <= \(Profile.bitsHighest)"
        }
    }
}
