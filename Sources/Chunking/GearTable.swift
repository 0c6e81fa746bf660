/// The 256 values behind the rolling hash. Whoever knows them can predict cuts, so they come from a secret.
public struct GearTable: Sendable {
    /// Every value with its top bit turned over. Doubling a hash drops its top bit, so the hash made from these values is
    /// the true hash with *its* top bit turned over, and a signed comparison orders it as an unsigned one orders the truth.
    let signedValues: [UInt64]

    /// Makes a table of `values`, one for each value of a byte.
    ///
    /// - Precondition: there are exactly 256.
    public init(values: [UInt64]) {
        precondition(values.count == 256, "a gear table has 256 values")
        signedValues = values.map { $0 ^ 1 << 63 }
    }
}
