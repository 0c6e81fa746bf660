/// Collects fields one after another.
public struct ByteWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// Starts empty, with room for this many bytes.
    public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Appends an integer, little-endian, in its full width.
    public mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes as they are.
    public mutating func append(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Appends zeros.
    public mutating func append(zeros count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }
}
