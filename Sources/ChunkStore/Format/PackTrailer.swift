import Bytes
import Crypto

//  directory offset 8 │ directory length 4 │ zero 4 │ checksum 16 │ CAIRNEND 8

/// The last 40 bytes of a pack: where its directory is.
struct PackTrailer: Hashable, Sendable {
    static let byteCount = 40
    private static let magic = Array("CAIRNEND".utf8)

    let directoryOffset: UInt64
    let directoryBytes: UInt32

    func encoded(header: [UInt8], directory: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.append(bytes: places)
        writer.append(bytes: Self.checksum(header: header, directory: directory, places: places))
        writer.append(bytes: Self.magic)
        assert(writer.bytes.count == Self.byteCount)
        return writer.bytes
    }

    private var places: [UInt8] {
        var writer = ByteWriter()
        writer.append(directoryOffset)
        writer.append(directoryBytes)
        writer.append(UInt32(0))
        return writer.bytes
    }

    private static func checksum(header: [UInt8], directory: [UInt8], places: [UInt8]) -> [UInt8] {
        let stream = SHA256Stream()
        stream.update(header)
        stream.update(directory)
        stream.update(places)
        return Array(stream.finish().bytes.prefix(16))
    }

    init(directoryOffset: UInt64, directoryBytes: UInt32) {
        self.directoryOffset = directoryOffset
        self.directoryBytes = directoryBytes
    }

    /// Reads where the directory is; its bytes are checked afterwards, by `fits`.
    init(_ bytes: [UInt8], packBytes: UInt64) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        directoryOffset = try reader.uint64()
        directoryBytes = try reader.uint32()
        try reader.skip(4 + 16)
        let magic = try reader.bytes(8)
        try reader.expect(magic == Self.magic, "the closing magic CAIRNEND is missing")
        try reader.expect(Int(directoryBytes) <= Limits.directoryBytes, "a directory of \(directoryBytes) bytes")
        let end = directoryOffset.addingReportingOverflow(UInt64(directoryBytes) + UInt64(Self.byteCount))
        try reader.expect(
            !end.overflow && end.partialValue == packBytes && directoryOffset >= UInt64(Header.byteCount),
            "its directory does not lie where its length says")
    }

    /// Whether header and directory are those that the trailer was written for.
    func fits(_ bytes: [UInt8], header: [UInt8], directory: [UInt8]) -> Bool {
        // Over the bytes as they stand: a later version may use the zeros.
        Self.checksum(header: header, directory: directory, places: Array(bytes[..<16])) == Array(bytes[16..<32])
    }
}
