// unsafe: a rolling hash over lent bytes.

/// A few numbers that tell whether bytes have stretches in common with others: a sample of all hashes of 40 neighbouring bytes. It keeps
/// about a hundred, whatever the length.
struct Sketch: Sendable {
    /// Ascending, each below `limit`.
    private let features: [UInt64]
    /// A hash below this is part of the sample. The longer the bytes are the lower it is, so that of two sketches of different density the
    /// part that both would have kept can be compared.
    private let limit: UInt64

    private static let hashBits = 40
    /// Of short bytes one hash in 32 is kept; from this length on, the longer the fewer.
    private static let densestBits = 5
    private static let densestBytes = 4_096

    init(of bytes: UnsafeRawBufferPointer) {
        var bits = Self.densestBits
        while bytes.count > Self.densestBytes << (bits - Self.densestBits) { bits += 1 }
        let limit = UInt64(1) << UInt64(Self.hashBits - bits)
        let mask = UInt64(1) << UInt64(Self.hashBits) - 1
        var found: [UInt64] = []
        found.reserveCapacity(256)
        Self.values.withUnsafeBufferPointer { values in
            var hash: UInt64 = 0
            for (index, byte) in bytes.enumerated() {
                hash = hash << 1 &+ values[Int(byte)]
                if hash & mask < limit, index >= Self.hashBits - 1 { found.append(hash & mask) }
            }
        }
        found.sort()
        var features: [UInt64] = []
        features.reserveCapacity(found.count)
        for feature in found where feature != features.last { features.append(feature) }
        self.features = features
        self.limit = limit
    }

    /// What of it is not accounted for yet by others.
    struct Remainder {
        fileprivate(set) var features: [UInt64]
        fileprivate let limit: UInt64
    }

    /// All of it.
    var whole: Remainder { Remainder(features: features, limit: limit) }

    /// How many features of a remainder this has as well, and of how many that could be told.
    func common(with other: Remainder) -> (count: Int, of: Int) {
        let limit = min(limit, other.limit)
        var (count, comparable, own) = (0, 0, features.startIndex)
        for feature in other.features.prefix(while: { $0 < limit }) {
            comparable += 1
            while own < features.endIndex, features[own] < feature { own += 1 }
            if own < features.endIndex, features[own] == feature { count += 1 }
        }
        return (count, comparable)
    }

    /// Takes out of a remainder what this accounts for.
    func take(outOf other: inout Remainder) {
        var own = features.startIndex
        other.features.removeAll { feature in
            while own < features.endIndex, features[own] < feature { own += 1 }
            return own < features.endIndex && features[own] == feature
        }
    }

    /// Any numbers serve, as long as they are as good as random.
    private static let values: [UInt64] = {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return (0..<256).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }()
}
