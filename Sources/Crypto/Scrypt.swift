internal import CCrypto

/// Keys made of a password (RFC 7914), slow and hungry on purpose.
public enum Scrypt {
    private static let memoryMax: UInt64 = 1 << 30
    private static let outputMax = 1024

    /// Derives `byteCount` bytes (1 to 1,024) from `password`, which may be empty.
    ///
    /// The parameters usually come from a file, so they are held to limits before any memory is taken: `log2N` 10 to 22,
    /// `r` 1 to 32, `p` 1 to 64, and 128 · N · r at most 1 GiB, which is about what the call allocates while it runs.
    public static func derive(
        password: Secret, salt: [UInt8], log2N: UInt8, r: UInt32, p: UInt32, byteCount: Int
    ) throws(CryptoError) -> Secret {
        guard (10...22).contains(log2N) else { throw .badParameter("scrypt log2N is \(log2N), not 10 to 22") }
        guard (1...32).contains(r) else { throw .badParameter("scrypt r is \(r), not 1 to 32") }
        guard (1...64).contains(p) else { throw .badParameter("scrypt p is \(p), not 1 to 64") }
        let blockBytes = 128 * UInt64(r)
        let tableBytes = blockBytes << UInt64(log2N)
        guard tableBytes <= memoryMax else {
            throw .badParameter("scrypt with log2N \(log2N) and r \(r) needs \(tableBytes) bytes, over \(memoryMax)")
        }
        guard (1...outputMax).contains(byteCount) else {
            throw .badParameter("scrypt yields 1 to \(outputMax) bytes here, not \(byteCount)")
        }
        guard let algorithm = LibCrypto.scrypt else { throw .library("scrypt is not available") }
        // The library counts its p blocks and its scratch too.
        let allowedBytes = tableBytes + blockBytes * UInt64(p + 8)
        return try Secret(byteCount: byteCount) { (output) throws(CryptoError) in
            let done = password.withUnsafeBytes { password in
                cairn_scrypt(
                    algorithm, password.baseAddress, password.count, salt, salt.count, 1 << UInt64(log2N), r, p,
                    allowedBytes, output.baseAddress, output.count)
            }
            guard done == 1 else { throw .fromLibrary("scrypt") }
        }
    }
}
