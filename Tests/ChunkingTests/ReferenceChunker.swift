import Chunking

/// The rule of the chunker in its plainest words, and all at once: what the fast one is compared with.
/// The hash runs over the whole stream, from before its first byte, and is never reset.
func referenceCuts(of stream: [UInt8], values: [UInt64], profile: Profile) -> [Int] {
    var cuts: [Int] = []
    var start = 0
    var hash: UInt64 = 0
    for (index, byte) in stream.enumerated() {
        hash = (hash << 1) &+ values[Int(byte)]
        var tier = profile.tiers[0]
        for other in profile.tiers where other.fromOffset <= UInt64(start) { tier = other }
        let length = index - start + 1
        let zeroBits = length < Int(tier.normalBytes) ? tier.hardBits : tier.easyBits
        let isLow = length >= Int(tier.minBytes) && hash.leadingZeroBitCount >= Int(zeroBits)
        if isLow || length == Int(tier.maxBytes) || index == stream.count - 1 {
            cuts.append(index + 1)
            start = index + 1
        }
    }
    return cuts
}
