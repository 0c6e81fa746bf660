import Bytes
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PackTrailerTests {
    private let header = [UInt8](repeating: 1, count: 48)

    @Test("a trailer reads as it was written and proves header and directory")
    func roundTrip() throws {
        var random = SplitMix64(seed: 8)
        for _ in 0..<100 {
            let directory = random.bytes(random.number(0...500))
            let offset = UInt64(random.number(48...1_000_000))
            let trailer = PackTrailer(directoryOffset: offset, directoryBytes: UInt32(directory.count))
            let bytes = trailer.encoded(header: header, directory: directory)
            #expect(bytes.count == PackTrailer.byteCount)
            #expect(try PackTrailer(bytes, packBytes: offset + UInt64(directory.count) + 40) == trailer)
            #expect(trailer.fits(bytes, header: header, directory: directory))
            #expect(!trailer.fits(bytes, header: header, directory: directory + [0]))
            #expect(!trailer.fits(bytes, header: [2] + header.dropFirst(), directory: directory))
        }
    }

    @Test("a trailer for a pack of any other length is refused")
    func packLength() {
        let bytes = PackTrailer(directoryOffset: 100, directoryBytes: 60).encoded(header: header, directory: [])
        for length: UInt64 in [0, 1, 199, 201, .max] {
            #expect(throws: MalformedBytes.self) { try PackTrailer(bytes, packBytes: length) }
        }
        #expect(throws: Never.self) { try PackTrailer(bytes, packBytes: 200) }
    }

    @Test("places that overflow, lie in the header or exceed the limit are refused")
    func places() {
        let cases: [(offset: UInt64, count: UInt32, length: UInt64)] = [
            (.max, 1, 40), (.max - 39, 0, 0), (47, 13, 100), (0, 60, 100), (48, 268_435_457, 268_435_545),
        ]
        for (offset, count, length) in cases {
            let bytes = PackTrailer(directoryOffset: offset, directoryBytes: count).encoded(header: [], directory: [])
            #expect(throws: MalformedBytes.self) { try PackTrailer(bytes, packBytes: length) }
        }
    }

    @Test("whatever byte is changed or missing, the trailer is refused or does not fit")
    func everyByte() {
        let directory = [UInt8](repeating: 2, count: 60)
        let bytes = PackTrailer(directoryOffset: 100, directoryBytes: 60).encoded(header: header, directory: directory)
        for index in bytes.indices {
            for mask: UInt8 in [1, 0x80, 0xFF] {
                var changed = bytes
                changed[index] ^= mask
                if let read = try? PackTrailer(changed, packBytes: 200) {
                    #expect(!read.fits(changed, header: header, directory: directory), "byte \(index)")
                }
            }
            #expect(throws: MalformedBytes.self) { try PackTrailer(Array(bytes[..<index]), packBytes: 200) }
        }
    }
}
