internal import CCrypto

/// Keys made of a key (RFC 5869): different salts or infos give independent keys.
public enum HKDF {
    private static let outputMax = 255 * 32
    private static let infoMax = 1024

    /// Derives `byteCount` bytes (1 to 8,160) from a key that is already uniformly random; for passwords there is `Scrypt`.
    ///
    /// `salt` may be empty or secret or known; `info` (at most 1,024 bytes) names what the key is for.
    public static func sha256(
        inputKey: Secret, salt: [UInt8], info: [UInt8], byteCount: Int
    ) throws(CryptoError) -> Secret {
        guard inputKey.byteCount > 0 else { throw .badParameter("the input key is empty") }
        guard (1...outputMax).contains(byteCount) else {
            throw .badParameter("HKDF-SHA-256 yields 1 to \(outputMax) bytes, not \(byteCount)")
        }
        guard info.count <= infoMax else { throw .badParameter("info has more than \(infoMax) bytes") }
        guard let algorithm = LibCrypto.hkdf else { throw .library("HKDF is not available") }
        return try Secret(byteCount: byteCount) { (output) throws(CryptoError) in
            let done = inputKey.withUnsafeBytes { key in
                cairn_hkdf_sha256(
                    algorithm, key.baseAddress, key.count, salt, salt.count, info, info.count, output.baseAddress,
                    output.count)
            }
            guard done == 1 else { throw .fromLibrary("HKDF") }
        }
    }
}
