public import Crypto

/// The name of a chunk: the SHA-256 of its plain bytes.
public struct ChunkID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The digest itself.
    public let digest: SHA256Digest

    /// Names a chunk by its digest.
    @inlinable
    public init(_ digest: SHA256Digest) { self.digest = digest }

    /// Names a chunk by its bytes.
    public init(of bytes: UnsafeRawBufferPointer) { digest = SHA256.digest(bytes) }

    /// Names chunks by their bytes; quicker than one by one.
    public static func ids(of chunks: [UnsafeRawBufferPointer]) -> [ChunkID] {
        SHA256.digests(chunks).map { ChunkID($0) }
    }

    /// Reads 64 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: String) {
        guard let digest = SHA256Digest(hex: hex) else { return nil }
        self.digest = digest
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String { digest.hex }

    /// Byte order.
    @inlinable
    public static func < (left: ChunkID, right: ChunkID) -> Bool { left.digest < right.digest }
}

/// What a chunk is for. The same bytes put as both kinds are stored as both, so that whoever reads trees needs tree packs alone.
public enum ChunkKind: UInt8, Sendable, Hashable, CaseIterable {
    /// Content.
    case data = 0
    /// What describes content and names other chunks.
    case tree = 1
}

/// A chunk in its stream's order: its name and length.
public struct ChunkReference: Hashable, Sendable {
    /// The chunk's name.
    public let id: ChunkID
    /// Its length in bytes.
    public let length: UInt32

    /// Refers to a chunk.
    public init(id: ChunkID, length: UInt32) {
        self.id = id
        self.length = length
    }
}
