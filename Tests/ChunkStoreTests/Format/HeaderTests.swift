import Bytes
import Testing

@testable import ChunkStore

@Suite struct HeaderTests {
    private func read(_ family: Header.Family, _ bytes: [UInt8]) throws -> Header {
        var reader = ByteReader(bytes)
        return try Header.read(family, from: &reader, path: "place/file")
    }

    @Test("a header reads as it was written, in every family, envelope and kind")
    func roundTrip() throws {
        var salts: Set<[UInt8]> = []
        for family in Header.Family.allCases {
            for envelope in [Header.Envelope.plain, .symmetric] {
                for kind: UInt8 in [0, 1, 2, 255] {
                    let header = try Header(family, envelope: envelope, kind: kind)
                    #expect(header.encoded.count == Header.byteCount)
                    #expect(try read(family, header.encoded + [1, 2, 3]) == header)
                    salts.insert(header.salt)
                }
            }
        }
        #expect(salts.count == 32)
    }

    @Test("the fields stand where the format says")
    func layout() throws {
        let header = try Header(.pack, envelope: .symmetric, kind: 2)
        #expect(Array(header.encoded[..<16]) == Array("CAIRNPAK".utf8) + [1, 0, 1, 2, 0, 0, 0, 0])
        #expect(Array(header.encoded[16...]) == header.salt)
    }

    @Test("a header of another family is refused, and the message says which magic is missing")
    func wrongMagic() throws {
        for written in Header.Family.allCases {
            let bytes = try Header(written, envelope: .plain, kind: 0).encoded
            for family in Header.Family.allCases where family != written {
                expectFailure(.damaged, family.rawValue, "place/file") { try read(family, bytes) }
            }
        }
    }

    @Test("a header cut short anywhere is refused")
    func truncated() throws {
        let bytes = try Header(.config, envelope: .plain, kind: 0).encoded
        for count in 0..<bytes.count { expectFailure(.damaged) { try read(.config, Array(bytes[..<count])) } }
    }

    @Test("another format version is named, with the file", arguments: [0, 2, 256, 65_535] as [UInt16])
    func version(_ version: UInt16) throws {
        var bytes = try Header(.manifest, envelope: .plain, kind: 0).encoded
        bytes[8] = UInt8(truncatingIfNeeded: version)
        bytes[9] = UInt8(version >> 8)
        expectFailure(.unsupported, "format version \(version)", "place/file") { try read(.manifest, bytes) }
    }

    @Test("an unknown envelope is named", arguments: [2, 3, 255] as [UInt8])
    func envelope(_ envelope: UInt8) throws {
        var bytes = try Header(.pack, envelope: .plain, kind: 1).encoded
        bytes[10] = envelope
        expectFailure(.unsupported, "envelope \(envelope)") { try read(.pack, bytes) }
    }

    @Test("an extension is refused, for no known envelope has one")
    func extensionLength() throws {
        for index in 12..<16 {
            var bytes = try Header(.pack, envelope: .symmetric, kind: 1).encoded
            bytes[index] = 1
            expectFailure(.damaged, "extension") { try read(.pack, bytes) }
        }
    }
}
