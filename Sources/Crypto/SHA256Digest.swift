/// A SHA-256 digest: 32 bytes, stored inline, cheap to copy, compare and hash.
///
/// The order is that of the bytes, so sorted digests are sorted as their hexadecimal texts are.
@frozen public struct SHA256Digest: Hashable, Comparable, Sendable {
    // The bytes in memory order, read as native integers: equality needs no swapping, only comparison does.
    @usableFromInline var word0: UInt64
    @usableFromInline var word1: UInt64
    @usableFromInline var word2: UInt64
    @usableFromInline var word3: UInt64

    /// The number of bytes in a digest.
    @inlinable public static var byteCount: Int { 32 }

    @inlinable init(word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// Takes over 32 bytes that are known to be a digest; nil if there are not exactly 32. They need no alignment.
    @inlinable public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(
            word0: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            word1: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            word2: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            word3: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// Takes over 32 bytes that are known to be a digest; nil if there are not exactly 32.
    @inlinable public init?(_ bytes: [UInt8]) {
        guard let digest = bytes.withUnsafeBytes({ SHA256Digest(bytes: $0) }) else { return nil }
        self = digest
    }

    /// Lends the 32 bytes for the duration of `body`.
    @inlinable public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafePointer(to: self) { (pointer) throws(Failure) -> Result in
            try body(UnsafeRawBufferPointer(start: pointer, count: Self.byteCount))
        }
    }

    /// The 32 bytes in a new array.
    @inlinable public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// True if both have the same 32 bytes. Not constant-time: digests are names, not secrets.
    @inlinable public static func == (left: Self, right: Self) -> Bool {
        (left.word0 ^ right.word0) | (left.word1 ^ right.word1) | (left.word2 ^ right.word2)
            | (left.word3 ^ right.word3) == 0
    }

    /// True if `left` comes first in the order of bytes.
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        if left.word0 != right.word0 { return left.word0.bigEndian < right.word0.bigEndian }
        if left.word1 != right.word1 { return left.word1.bigEndian < right.word1.bigEndian }
        if left.word2 != right.word2 { return left.word2.bigEndian < right.word2.bigEndian }
        return left.word3.bigEndian < right.word3.bigEndian
    }

    /// Feeds eight of the bytes: they are as good as random, so more would only take longer.
    @inlinable public func hash(into hasher: inout Hasher) {
        hasher.combine(word0)
    }
}
