import Chunking

/// Values that were chosen by measuring; another choice is for measuring again. Nil means the chosen one.
package struct StoreTuning: Sendable {
    /// The plain bytes in a block.
    package var blockBytes: Int?
    /// What a generation of the window holds.
    package var windowBytes: Int?
    /// What a delta block may take of what the same bytes take whole.
    package var deltaShareMax: Double?
    /// From which offset in a stream chunks have which average; powers of two.
    package var averageChunkBytes: [(from: UInt64, bytes: Int)]?

    package init() {}

    /// The chunk profile of new repositories.
    var profile: Profile {
        guard let averageChunkBytes else { return .standard }
        let tiers = averageChunkBytes.map {
            Profile.Tier(fromOffset: $0.from, averageBits: UInt8($0.bytes.trailingZeroBitCount))
        }
        return (try? Profile(tiers: tiers)) ?? .standard
    }
}
