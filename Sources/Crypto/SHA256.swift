// unsafe: one digest context per thread, owned by the thread and freed when it ends.

internal import CCrypto
internal import Glibc

/// SHA-256 of bytes that are all in memory.
///
/// Both functions may be called from any thread; each thread reuses its own context, so nothing is allocated.
public enum SHA256 {
    /// The digest of `bytes`, which may be empty.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        let context = contextOfThisThread()
        begin(context)
        update(context, bytes)
        return finish(context)
    }

    /// The digest of `bytes`, which may be empty.
    public static func digest(_ bytes: [UInt8]) -> SHA256Digest {
        bytes.withUnsafeBytes { digest($0) }
    }

    // The three steps cannot fail once a context exists: only a broken library would, and then nothing can be trusted.

    static func begin(_ context: OpaquePointer) {
        guard EVP_DigestInit_ex2(context, LibCrypto.sha256, nil) == 1 else { broken("EVP_DigestInit_ex2") }
    }

    static func update(_ context: OpaquePointer, _ bytes: UnsafeRawBufferPointer) {
        guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { broken("EVP_DigestUpdate") }
    }

    static func finish(_ context: OpaquePointer) -> SHA256Digest {
        var digest = SHA256Digest(word0: 0, word1: 0, word2: 0, word3: 0)
        let done = withUnsafeMutableBytes(of: &digest) { buffer in
            EVP_DigestFinal_ex(context, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        guard done == 1 else { broken("EVP_DigestFinal_ex") }
        return digest
    }

    static func makeContext() -> OpaquePointer {
        guard let context = EVP_MD_CTX_new() else { broken("EVP_MD_CTX_new") }
        return context
    }

    private static func broken(_ call: String) -> Never {
        fatalError("SHA-256 failed: \(CryptoError.fromLibrary(call))")
    }

    private static let threadKey: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key) { EVP_MD_CTX_free(OpaquePointer($0)) }
        guard code == 0 else { fatalError("pthread_key_create failed with error \(code)") }
        return key
    }()

    private static func contextOfThisThread() -> OpaquePointer {
        if let known = pthread_getspecific(threadKey) { return OpaquePointer(known) }
        let context = makeContext()
        let code = pthread_setspecific(threadKey, UnsafeRawPointer(context))
        guard code == 0 else { fatalError("pthread_setspecific failed with error \(code)") }
        return context
    }
}
