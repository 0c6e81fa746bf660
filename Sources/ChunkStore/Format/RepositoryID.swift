internal import Bytes
internal import Crypto

/// The random name that a repository keeps for life.
public struct RepositoryID: Hashable, Sendable, CustomStringConvertible {
    /// Sixteen bytes.
    public let bytes: [UInt8]

    init(bytes: [UInt8]) {
        precondition(bytes.count == 16)
        self.bytes = bytes
    }

    static func random() throws(StoreError) -> RepositoryID {
        RepositoryID(bytes: try encrypting { () throws(CryptoError) in try RandomBytes.bytes(16) })
    }

    /// 32 hexadecimal digits.
    public var description: String { Hex.encode(bytes) }
}
