internal import Bytes
internal import Crypto

/// What people call a snapshot by: 16 random bytes, shown as hexadecimal digits. It stays when the manifest is written anew.
public struct SnapshotID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    public let description: String

    /// The number of digits.
    static let digitCount = 32

    /// Reads exactly 32 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == Self.digitCount, Hex.decode(hex) != nil else { return nil }
        description = String(hex)
    }

    private init(bytes: [UInt8]) { description = Hex.encode(bytes) }

    /// A new one, which nobody has had before.
    public static func random() throws(CairnError) -> SnapshotID {
        do throws(CryptoError) { return SnapshotID(bytes: try RandomBytes.bytes(digitCount / 2)) } catch {
            throw CairnError(.system, "the crypto library: \(error)")
        }
    }

    /// The first eight digits, which are shown where the whole would be too long.
    public var short: String { String(description.prefix(8)) }

    /// The digits as bytes, which is the name of the snapshot's root.
    public var rootName: [UInt8] { Array(description.utf8) }

    /// The order of the digits.
    public static func < (left: SnapshotID, right: SnapshotID) -> Bool { left.description < right.description }
}
