/// Says which chunks of small streams are alike: those with neighbouring keys are compressed together. For files, extension and
/// base name serve well. It has no meaning beyond its byte order.
public struct OrderKey: Hashable, Comparable, Sendable {
    /// The bytes that are compared.
    public let bytes: [UInt8]

    /// Makes a key of bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// For chunks that are like no others.
    public static let none = OrderKey([])

    /// Byte order.
    public static func < (left: OrderKey, right: OrderKey) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}
