// unsafe: the algorithms that libcrypto lends us, fetched once and kept for the life of the process.

internal import CCrypto

/// The algorithms in use, each fetched at its first use (about half a millisecond for the first one).
///
/// A fetched algorithm is immutable and may be used by all threads, which is what makes the unchecked statics safe.
enum LibCrypto {
    /// SHA-256. A libcrypto without it can do nothing for us, so its absence ends the program.
    nonisolated(unsafe) static let sha256: OpaquePointer = {
        start()
        guard let algorithm = EVP_MD_fetch(nil, "SHA2-256", nil) else {
            fatalError("libcrypto offers no SHA-256: \(CryptoError.fromLibrary("EVP_MD_fetch"))")
        }
        return algorithm
    }()

    /// AES-256-GCM, or nil where the library does not offer it.
    nonisolated(unsafe) static let aes256GCM: OpaquePointer? = {
        start()
        return EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    }()

    /// HKDF, or nil where the library does not offer it.
    nonisolated(unsafe) static let hkdf: OpaquePointer? = {
        start()
        return EVP_KDF_fetch(nil, "HKDF", nil)
    }()

    /// scrypt, or nil where the library does not offer it.
    nonisolated(unsafe) static let scrypt: OpaquePointer? = {
        start()
        return EVP_KDF_fetch(nil, "SCRYPT", nil)
    }()

    /// Without the machine's openssl.cnf: it costs a third of a millisecond at every start and could take algorithms away.
    /// Without clean-up at exit: threads may still be hashing while the main thread leaves.
    private static func start() {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG) | UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }
}
