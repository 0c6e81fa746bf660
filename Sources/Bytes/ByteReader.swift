/// Bytes that do not say what they should, and where.
public struct MalformedBytes: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the content, counted from its start.
    public let offset: Int
    /// What was expected.
    public let reason: String

    /// Describes malformed bytes.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// For example `at byte 24: the block count is 0`.
    public var description: String { "at byte \(offset): \(reason)" }
}

/// Reads fields one after another; each read checks that its bytes are there.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    /// Where the next field starts.
    public private(set) var offset = 0

    /// Reads from the front of these bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes are left.
    public var remaining: Int { bytes.count - offset }

    /// An error at the place of the next field.
    public func malformed(_ reason: String) -> MalformedBytes { MalformedBytes(offset: offset, reason: reason) }

    /// Throws unless the condition holds.
    public func expect(_ condition: Bool, _ reason: @autoclosure () -> String) throws(MalformedBytes) {
        if !condition { throw malformed(reason()) }
    }

    /// One byte.
    public mutating func uint8() throws(MalformedBytes) -> UInt8 { try integer() }
    /// Two bytes.
    public mutating func uint16() throws(MalformedBytes) -> UInt16 { try integer() }
    /// Four bytes.
    public mutating func uint32() throws(MalformedBytes) -> UInt32 { try integer() }
    /// Eight bytes.
    public mutating func uint64() throws(MalformedBytes) -> UInt64 { try integer() }
    /// Eight bytes with a sign.
    public mutating func int64() throws(MalformedBytes) -> Int64 { try integer() }

    /// The next bytes, this many.
    public mutating func bytes(_ count: Int) throws(MalformedBytes) -> [UInt8] {
        try need(count)
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// Passes over bytes.
    public mutating func skip(_ count: Int) throws(MalformedBytes) {
        try need(count)
        offset += count
    }

    /// Hands the next bytes to the body without a copy; they are valid only there.
    public mutating func withBytes<Result>(
        _ count: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(MalformedBytes) -> Result {
        try need(count)
        defer { offset += count }
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
    }

    private mutating func integer<Integer: FixedWidthInteger>() throws(MalformedBytes) -> Integer {
        let width = MemoryLayout<Integer>.size
        try need(width)
        defer { offset += width }
        return Integer(
            littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Integer.self) })
    }

    private func need(_ count: Int) throws(MalformedBytes) {
        if count < 0 || count > remaining {
            throw malformed("\(count) bytes are needed and \(remaining) are there")
        }
    }
}
