// unsafe: owns the memory of a secret, and is the only place that does.

internal import CCrypto
internal import Glibc

/// Bytes that must not leak: wiped when the last reference goes, never printed, left out of core dumps.
///
/// Each secret has pages of its own (at least 4 KiB), so it suits keys and passwords, not bulk data. The bytes never change
/// once the initialiser has returned, which is why any thread may read them.
public final class Secret: Sendable {
    // Written only inside `init` and `deinit`, when no other thread can hold a reference.
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

    /// The number of bytes.
    public var byteCount: Int { memory.count }

    /// Allocates `byteCount` zero bytes and lets `body` fill them. If it throws, they are wiped and the error passes on.
    public init<Failure: Error>(
        byteCount: Int, initializingWith body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let buffer = Self.allocate(byteCount)
        do {
            try body(buffer)
        } catch {
            Self.free(buffer)
            throw error
        }
        memory = buffer
    }

    /// Copies `bytes`; wiping the original is the caller's business.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }

    deinit {
        Self.free(memory)
    }

    /// A secret of `byteCount` bytes from the kernel's random number generator.
    public static func random(byteCount: Int) throws(CryptoError) -> Secret {
        try Secret(byteCount: byteCount) { (buffer) throws(CryptoError) in try RandomBytes.fill(buffer) }
    }

    /// Lends the bytes for the duration of `body`. What `body` copies is no longer protected.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(memory))
    }

    /// Wipes and returns the pages. Wiping cannot be optimised away.
    private static func free(_ buffer: UnsafeMutableRawBufferPointer) {
        OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        munmap(buffer.baseAddress, max(buffer.count, 1))
    }

    /// Zeroed pages. Like any allocation in Swift it ends the program when there is no memory left.
    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        precondition(byteCount >= 0, "a secret cannot have \(byteCount) bytes")
        let mappedBytes = max(byteCount, 1)
        let address = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else {
            fatalError("no memory for a secret of \(byteCount) bytes: error \(errno)")
        }
        // Advice only: a kernel that does not know it leaves the secret in core dumps, which is no reason to stop.
        _ = madvise(address, mappedBytes, MADV_DONTDUMP)
        return UnsafeMutableRawBufferPointer(start: address, count: byteCount)
    }
}

extension Secret: Equatable {
    /// Compares in a time that depends on the lengths alone.
    public static func == (left: Secret, right: Secret) -> Bool {
        left.byteCount == right.byteCount
            && CRYPTO_memcmp(left.memory.baseAddress, right.memory.baseAddress, left.byteCount) == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the bytes.
    public var description: String { "<secret>" }

    /// Never the bytes.
    public var debugDescription: String { "<secret>" }

    /// Nothing, so that `dump` and failing tests show nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
