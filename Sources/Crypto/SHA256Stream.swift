// unsafe: owns one digest context of libcrypto.

internal import CCrypto

/// SHA-256 of bytes that arrive piece by piece.
///
/// Not thread-safe: one thread at a time. The first `update` after `init`, `finish` or `reset` begins a new message, so one
/// stream serves any number of messages.
public final class SHA256Stream {
    private let context: OpaquePointer
    private var hasBegun = false

    /// A stream that has seen no bytes.
    public init() {
        context = SHA256.makeContext()
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Appends `bytes` to the message.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        beginIfNeeded()
        SHA256.update(context, bytes)
    }

    /// Appends `bytes` to the message.
    public func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of the message, which ends with this.
    public func finish() -> SHA256Digest {
        beginIfNeeded()
        hasBegun = false
        return SHA256.finish(context)
    }

    /// Forgets the message so far.
    public func reset() {
        hasBegun = false
    }

    private func beginIfNeeded() {
        guard !hasBegun else { return }
        SHA256.begin(context)
        hasBegun = true
    }
}
