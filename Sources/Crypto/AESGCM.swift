// unsafe: owns two cipher contexts of libcrypto, which hold copies of the key and are wiped when freed.

internal import CCrypto

/// AES-256-GCM under one key: seals bytes and opens what was sealed.
///
/// A nonce must never be used twice for sealing under one key; the caller counts. The key is expanded once, in `init`
/// (about a microsecond), and a message costs only its nonce, so one object serves many messages. Not thread-safe: one
/// thread at a time; others make their own object of the same key.
public final class AESGCM {
    /// How many bytes a sealed message is longer than its plain bytes: the tag.
    public static let overhead = 16

    private static let keyBytes = 32
    private static let nonceBytes = 12

    private let sealing: OpaquePointer
    private let opening: OpaquePointer

    /// Expands `key`, which must have 32 bytes. The secret itself is not kept.
    public init(key: Secret) throws(CryptoError) {
        guard key.byteCount == Self.keyBytes else {
            throw .badParameter("an AES-256-GCM key has \(Self.keyBytes) bytes, not \(key.byteCount)")
        }
        guard let algorithm = LibCrypto.aes256GCM else { throw .library("AES-256-GCM is not available") }
        guard let sealing = EVP_CIPHER_CTX_new() else { throw .fromLibrary("EVP_CIPHER_CTX_new") }
        guard let opening = EVP_CIPHER_CTX_new() else {
            EVP_CIPHER_CTX_free(sealing)
            throw .fromLibrary("EVP_CIPHER_CTX_new")
        }
        // From here on `deinit` frees both, whether or not `init` succeeds.
        self.sealing = sealing
        self.opening = opening
        let ready = key.withUnsafeBytes { bytes in
            let key = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return EVP_EncryptInit_ex2(sealing, algorithm, key, nil, nil) == 1
                && EVP_DecryptInit_ex2(opening, algorithm, key, nil, nil) == 1
        }
        guard ready else { throw .fromLibrary("EVP_CipherInit_ex2") }
    }

    deinit {
        EVP_CIPHER_CTX_free(sealing)
        EVP_CIPHER_CTX_free(opening)
    }

    /// Writes the encrypted bytes of `plain` and after them the 16 bytes of the tag into `sealed`.
    ///
    /// The 12 bytes of the nonce are eight zero bytes and `nonce` in big-endian order. `sealed` has exactly
    /// `plain.count + overhead` bytes; it may begin where `plain` begins, and must not overlap it otherwise. After an error
    /// the contents of `sealed` mean nothing.
    public func seal(
        _ plain: UnsafeRawBufferPointer, nonce: UInt32, associatedData: UnsafeRawBufferPointer,
        into sealed: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        guard sealed.count - Self.overhead == plain.count else {
            throw .badParameter("\(plain.count) bytes are not sealed into \(sealed.count)")
        }
        let length = try Self.length(of: plain, associatedData: associatedData)
        try Self.checkOverlap(plain, UnsafeRawBufferPointer(sealed))
        var written: Int32 = 0
        let output = sealed.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let done =
            Self.withNonce(nonce) { EVP_EncryptInit_ex2(sealing, nil, nil, $0, nil) == 1 }
            && (associatedData.isEmpty
                || EVP_EncryptUpdate(
                    sealing, nil, &written, associatedData.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    Int32(associatedData.count)) == 1)
            && (length == 0
                || EVP_EncryptUpdate(
                    sealing, output, &written, plain.baseAddress?.assumingMemoryBound(to: UInt8.self), length) == 1)
            && EVP_EncryptFinal_ex(sealing, output.map { $0 + plain.count }, &written) == 1
            && EVP_CIPHER_CTX_ctrl(
                sealing, EVP_CTRL_AEAD_GET_TAG, Int32(Self.overhead), output.map { $0 + plain.count }) == 1
        guard done else { throw .fromLibrary("sealing") }
    }

    /// Checks the tag at the end of `sealed` and writes the plain bytes of the rest into `plain`.
    ///
    /// `plain` has exactly `sealed.count - overhead` bytes; it may begin where `sealed` begins, and must not overlap it
    /// otherwise. If the tag does not fit, `plain` is filled with zeros and `authenticationFailed` is thrown; the object can
    /// be used on.
    public func open(
        _ sealed: UnsafeRawBufferPointer, nonce: UInt32, associatedData: UnsafeRawBufferPointer,
        into plain: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        guard sealed.count - Self.overhead == plain.count else {
            throw .badParameter("\(sealed.count) bytes are not opened into \(plain.count)")
        }
        let length = try Self.length(of: UnsafeRawBufferPointer(plain), associatedData: associatedData)
        try Self.checkOverlap(sealed, UnsafeRawBufferPointer(plain))
        var written: Int32 = 0
        let input = sealed.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let output = plain.baseAddress?.assumingMemoryBound(to: UInt8.self)
        // Final writes nothing in GCM, but wants an address.
        var nothing: UInt8 = 0
        // The library does not write through the tag's pointer.
        let tag = UnsafeMutablePointer(mutating: input.map { $0 + plain.count })
        let prepared =
            Self.withNonce(nonce) { EVP_DecryptInit_ex2(opening, nil, nil, $0, nil) == 1 }
            && EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, Int32(Self.overhead), tag) == 1
            && (associatedData.isEmpty
                || EVP_DecryptUpdate(
                    opening, nil, &written, associatedData.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    Int32(associatedData.count)) == 1)
            && (length == 0 || EVP_DecryptUpdate(opening, output, &written, input, length) == 1)
        guard prepared else {
            OPENSSL_cleanse(plain.baseAddress, plain.count)
            throw .fromLibrary("opening")
        }
        guard EVP_DecryptFinal_ex(opening, &nothing, &written) == 1 else {
            OPENSSL_cleanse(plain.baseAddress, plain.count)
            ERR_clear_error()
            throw .authenticationFailed
        }
    }

    /// The length as the library takes it; messages are limited to 1 GiB, far above any block.
    private static func length(
        of message: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer
    ) throws(CryptoError) -> Int32 {
        let bytesMax = 1 << 30
        guard message.count <= bytesMax, associatedData.count <= bytesMax else {
            throw .badParameter("a message and its associated data have at most \(bytesMax) bytes each")
        }
        return Int32(message.count)
    }

    private static func checkOverlap(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeRawBufferPointer
    ) throws(CryptoError) {
        guard let from = input.baseAddress, let into = output.baseAddress, from != into else { return }
        guard from + input.count <= into || into + output.count <= from else {
            throw .badParameter("input and output overlap without beginning at the same address")
        }
    }

    private static func withNonce<Result>(_ number: UInt32, _ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: nonceBytes) { nonce in
            nonce.initialize(repeating: 0)
            for index in 0..<4 { nonce[nonceBytes - 1 - index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
            return body(UnsafePointer(nonce.baseAddress!))
        }
    }
}
