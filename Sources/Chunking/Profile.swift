/// How long chunks may be, in tiers: the further into a stream a chunk starts, the longer it may get.
///
/// The offset counts, never the size of the whole, so a growing file and a stream of unknown length keep their cuts.
public struct Profile: Sendable, Hashable {
    /// The bounds of all chunks that start at `fromOffset` or later, up to where the next tier starts.
    public struct Tier: Sendable, Hashable {
        /// The offset in the stream from which this tier holds.
        public var fromOffset: UInt64
        /// No chunk is shorter, but for the last of a stream.
        public var minBytes: UInt32
        /// The length from which on `easyBits` decide.
        public var normalBytes: UInt32
        /// No chunk is longer.
        public var maxBytes: UInt32
        /// The leading zero bits that a hash needs for a cut below `normalBytes`.
        public var hardBits: UInt8
        /// The leading zero bits that a hash needs for a cut from `normalBytes` on.
        public var easyBits: UInt8

        /// Makes a tier of any values; ``Profile/init(tiers:)`` judges them.
        public init(
            fromOffset: UInt64, minBytes: UInt32, normalBytes: UInt32, maxBytes: UInt32,
            hardBits: UInt8, easyBits: UInt8
        ) {
            self.fromOffset = fromOffset
            self.minBytes = minBytes
            self.normalBytes = normalBytes
            self.maxBytes = maxBytes
            self.hardBits = hardBits
            self.easyBits = easyBits
        }
    }

    /// The least that `minBytes` may be: the reach of the rolling hash.
    public static let minBytesLowest: UInt32 = 64
    /// The most that `maxBytes` may be.
    public static let maxBytesHighest: UInt32 = 8 << 20
    /// The most that `hardBits` may be.
    public static let bitsHighest: UInt8 = 40
    /// The most tiers that a profile may have.
    public static let tiersMax = 16

    /// The tiers by ascending offset; the first starts at 0.
    public let tiers: [Tier]

    /// Makes a profile, or says what is wrong with the tiers, which may come from a damaged or hostile file.
    public init(tiers: [Tier]) throws(ProfileError) {
        guard let first = tiers.first else { throw .noTiers }
        guard tiers.count <= Self.tiersMax else { throw .tooManyTiers(tiers.count) }
        guard first.fromOffset == 0 else { throw .firstTierNotAtZero(first.fromOffset) }
        for (index, tier) in tiers.enumerated() {
            guard index == 0 || tiers[index - 1].fromOffset < tier.fromOffset else { throw .offsetsNotAscending(index) }
            guard Self.minBytesLowest <= tier.minBytes, tier.minBytes < tier.normalBytes,
                tier.normalBytes < tier.maxBytes, tier.maxBytes <= Self.maxBytesHighest
            else { throw .lengthsOutOfBounds(tier: index) }
            guard 1 <= tier.easyBits, tier.easyBits <= tier.hardBits, tier.hardBits <= Self.bitsHighest else {
                throw .bitsOutOfBounds(tier: index)
            }
        }
        self.tiers = tiers
    }

    private init(trusted tiers: [Tier]) {
        self.tiers = tiers
    }

    /// What a new repository gets: chunks of about 16 KiB in the first MiB of a stream, 32 KiB up to 256 MiB, 64 KiB up to 16 GiB, and
    /// 128 KiB from there on. Documentation/Measurements.md says why.
    public static let standard = Profile(trusted: [
        Tier(fromOffset: 0, averageBits: 14), Tier(fromOffset: 1 << 20, averageBits: 15),
        Tier(fromOffset: 256 << 20, averageBits: 16), Tier(fromOffset: 16 << 30, averageBits: 17),
    ])

    /// The longest chunk that any tier allows; a buffer of this size always holds the whole of the next chunk.
    public var longestChunkBytes: Int {
        tiers.reduce(0) { max($0, Int($1.maxBytes)) }
    }

    /// The tier of a chunk that starts at `offset`.
    func tier(at offset: UInt64) -> Tier {
        tiers.last { $0.fromOffset <= offset } ?? tiers[0]
    }
}

extension Profile.Tier {
    /// The usual bounds around an average of 2^`averageBits` bytes: a quarter and four times of it, a cut four times as unlikely as the
    /// average wants below it and four times as likely above it.
    public init(fromOffset: UInt64, averageBits: UInt8) {
        let average = UInt32(1) << averageBits
        self.init(
            fromOffset: fromOffset, minBytes: average / 4, normalBytes: average, maxBytes: average * 4,
            hardBits: averageBits + 2, easyBits: averageBits - 2)
    }
}
