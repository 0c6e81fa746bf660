import Bytes
import Testing

@Suite("Reading bytes that may be an enemy's")
struct ByteReaderTests {
    /// One of each kind of field.
    static let record: [UInt8] = {
        var writer = ByteWriter(capacity: 64)
        writer.append(UInt8(0x12))
        writer.append(UInt16(0x3456))
        writer.append(UInt32(0x789A_BCDE))
        writer.append(UInt64(0x0102_0304_0506_0708))
        writer.append(Int64(-2))
        writer.append(bytes: [1, 2, 3])
        writer.append(zeros: 4)
        writer.append(bytes: [4, 5])
        return writer.bytes
    }()

    private static func readAll(_ reader: inout ByteReader) throws(MalformedBytes) {
        let byte = try reader.uint8()
        let short = try reader.uint16()
        let word = try reader.uint32()
        let long = try reader.uint64()
        let signed = try reader.int64()
        let bytes = try reader.bytes(3)
        try reader.skip(4)
        let last = try reader.withBytes(2) { Array($0) }
        #expect(byte == 0x12 && short == 0x3456 && word == 0x789A_BCDE)
        #expect(long == 0x0102_0304_0506_0708 && signed == -2)
        #expect(bytes == [1, 2, 3] && last == [4, 5])
    }

    @Test("fields are little-endian, in their full width")
    func layout() throws {
        #expect(
            Self.record == [
                0x12, 0x56, 0x34, 0xDE, 0xBC, 0x9A, 0x78, 8, 7, 6, 5, 4, 3, 2, 1, 0xFE, 255, 255, 255, 255, 255, 255,
                255, 1, 2, 3, 0, 0, 0, 0, 4, 5,
            ])
        var reader = ByteReader(Self.record)
        try Self.readAll(&reader)
        #expect(reader.remaining == 0)
        #expect(reader.offset == Self.record.count)
    }

    @Test("content that ends too early is refused at the field that is cut, wherever it ends", arguments: 0..<32)
    func truncations(_ length: Int) {
        var reader = ByteReader(Array(Self.record[..<length]))
        let error = #expect(throws: MalformedBytes.self) { try Self.readAll(&reader) }
        let starts = [0, 1, 3, 7, 15, 23, 26, 30]
        #expect(error?.offset == starts.last { $0 <= length })
        #expect(reader.offset == error?.offset)
    }

    @Test("counts that are negative, too large or as large as can be are refused", arguments: [-1, 6, .max, .min])
    func counts(_ count: Int) {
        var reader = ByteReader([1, 2, 3, 4, 5])
        #expect(throws: MalformedBytes.self) { try reader.bytes(count) }
        #expect(throws: MalformedBytes.self) { try reader.skip(count) }
        #expect(throws: MalformedBytes.self) { try reader.withBytes(count) { _ in } }
        #expect(reader.offset == 0)
    }

    @Test("nothing can be read of nothing, and that is no error")
    func empty() throws {
        var reader = ByteReader([])
        #expect(try reader.bytes(0) == [])
        try reader.skip(0)
        #expect(try reader.withBytes(0) { $0.count } == 0)
        #expect(throws: MalformedBytes.self) { try reader.uint8() }
    }

    @Test("an expectation that fails says where and why")
    func expectation() throws {
        var reader = ByteReader([1, 2, 3])
        try reader.skip(2)
        try reader.expect(true, "never said")
        let error = #expect(throws: MalformedBytes.self) { try reader.expect(false, "it is too green") }
        #expect(error?.description == "at byte 2: it is too green")
    }

    @Test("a slice's writer and reader agree for every width", arguments: [0, 1, 127, 128, 255, 256, 65_535, 1 << 40])
    func roundTrip(_ value: Int64) throws {
        var writer = ByteWriter()
        writer.append(value)
        writer.append(-value)
        writer.append(UInt32(truncatingIfNeeded: value))
        var reader = ByteReader(writer.bytes)
        #expect(try reader.int64() == value)
        #expect(try reader.int64() == -value)
        #expect(try reader.uint32() == UInt32(truncatingIfNeeded: value))
    }
}
