import Crypto
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct RecordTests {
    private let repository = RepositoryID(bytes: [UInt8](repeating: 3, count: 16))
    private let key = Secret(copying: [UInt8](repeating: 5, count: 32))

    private func record(
        _ family: Header.Family = .config, _ envelope: Header.Envelope = .symmetric, clear: [UInt8], content: [UInt8]
    ) throws -> Record {
        try Record(
            Header(family, envelope: envelope, kind: 0), clear: clear, content: content, repository: repository,
            inputKey: key)
    }

    private func content(_ file: [UInt8], _ family: Header.Family = .config) throws -> [UInt8]? {
        try Record.decode(family, file, path: "file").record.content(repository: repository, inputKey: key)
    }

    @Test("records of all families, envelopes and lengths read as they were written")
    func roundTrip() throws {
        var random = SplitMix64(seed: 2)
        for round in 0..<80 {
            let family = Header.Family.allCases[round % 4]
            let envelope = round % 8 < 4 ? Header.Envelope.plain : .symmetric
            let clear = random.bytes(random.number(0...200))
            let content = random.bytes(random.number(0...9_000))
            let record = try record(family, envelope, clear: clear, content: content)
            let finding = try Record.decode(family, record.encoded, path: "file")
            #expect(finding.record.clear == clear && !finding.isHalfDamaged)
            #expect(try finding.record.content(repository: repository, inputKey: key) == content)
            #expect(try self.content(record.encodedOnce, family) == content)
        }
    }

    @Test("the two copies are equal and begin at sectors; lengths tell only the padded one when sealed")
    func layout() throws {
        for count in [0, 1, 4_000, 4_096, 5_000] {
            let file = try record(clear: [1, 2], content: [UInt8](repeating: 9, count: count)).encoded
            #expect(file.count.isMultiple(of: 2 * Record.sectorBytes))
            #expect(file[..<(file.count / 2)] == file[(file.count / 2)...])
            let body = try record(clear: [], content: [UInt8](repeating: 9, count: count)).body
            #expect(body.count == padme(4 + count) + 16)
        }
    }

    @Test("whatever single byte of a copy is changed, the other copy serves and the damage is noted")
    func everyByte() throws {
        for envelope in [Header.Envelope.plain, .symmetric] {
            let content = Array("what is to be kept".utf8)
            let record = try record(.manifest, envelope, clear: [1, 2, 3], content: content)
            let file = record.encoded
            for index in record.encodedOnce.indices {
                for (offset, mask) in [(0, UInt8(1)), (0, 0x80), (file.count / 2, 0xFF)] {
                    var changed = file
                    changed[offset + index] ^= mask
                    let finding = try Record.decode(.manifest, changed, path: "file")
                    #expect(finding.isHalfDamaged, "byte \(offset + index)")
                    #expect(try finding.record.content(repository: repository, inputKey: key) == content)
                }
            }
        }
    }

    @Test("whatever single byte is changed in both copies, the record is refused")
    func bothCopies() throws {
        let record = try record(clear: [1, 2, 3], content: [4, 5, 6])
        for index in record.encodedOnce.indices {
            var changed = record.encoded
            changed[index] ^= 0x10
            changed[changed.count / 2 + index] ^= 0x20
            #expect(throws: StoreError.self, "byte \(index)") { try Record.decode(.config, changed, path: "file") }
        }
    }

    @Test("what fills the last sector is not looked at")
    func filling() throws {
        let record = try record(clear: [1], content: [2])
        var file = record.encoded
        for index in record.encodedOnce.count..<Record.sectorBytes { file[index] = 0xEE }
        let finding = try Record.decode(.config, file, path: "file")
        #expect(!finding.isHalfDamaged)
        #expect(try finding.record.content(repository: repository, inputKey: key) == [2])
    }

    @Test("a file cut short at any length is refused or read whole from its first copy")
    func truncated() throws {
        let record = try record(clear: [7], content: [UInt8](repeating: 1, count: 300))
        let file = record.encoded
        for count in 0..<file.count {
            let cut = Array(file[..<count])
            if count < record.encodedOnce.count {
                expectFailure(.damaged) { try Record.decode(.config, cut, path: "file") }
            } else {
                #expect(try Record.decode(.config, cut, path: "file").isHalfDamaged)
            }
        }
    }

    @Test("lengths over the limits are refused before anything is read", arguments: [(48, 4_097), (52, 33_554_433)])
    func limits(offset: Int, value: UInt32) throws {
        var file = try record(clear: [7], content: [8]).encoded
        for start in [0, file.count / 2] {
            withUnsafeBytes(of: value.littleEndian) {
                file.replaceSubrange(start + offset..<start + offset + 4, with: $0)
            }
        }
        expectFailure(.damaged, "\(value) bytes") { try Record.decode(.config, file, path: "file") }
    }

    @Test("a copy of a newer version makes no difference while the other copy proves itself")
    func oneNewer() throws {
        let file = try record(clear: [7], content: [8]).encoded
        for start in [0, file.count / 2] {
            var changed = file
            changed[start + 8] = 2
            #expect(try content(changed) == [8])
            #expect(try Record.decode(.config, changed, path: "file").isHalfDamaged)
        }
        var changed = file
        changed[8] = 2
        changed[file.count / 2 + 8] = 2
        expectFailure(.unsupported, "format version 2") { try Record.decode(.config, changed, path: "file") }
        changed = file
        changed[0] = 0
        changed[file.count / 2 + 10] = 2
        expectFailure(.unsupported, "envelope 2") { try Record.decode(.config, changed, path: "file") }
    }

    @Test("a record opens only with its key, its repository and its clear part")
    func binding() throws {
        let record = try record(clear: [7], content: [8])
        let stranger = Secret(copying: [UInt8](repeating: 6, count: 32))
        #expect(try record.content(repository: repository, inputKey: stranger) == nil)
        let elsewhere = RepositoryID(bytes: [UInt8](repeating: 4, count: 16))
        #expect(try record.content(repository: elsewhere, inputKey: key) == nil)
        expectFailure(.wrongKey) { try record.content(repository: repository, inputKey: nil) }

        // The clear part changed, and the checksum with it.
        var once = record.encodedOnce
        once[56] ^= 1
        once.replaceSubrange(once.count - 32..<once.count, with: SHA256.digest(Array(once.dropLast(32))).bytes)
        #expect(try content(once) == nil)
    }

    @Test("a wrapped length beyond the content is no content")
    func wrapped() throws {
        let record = try record(.config, .plain, clear: [], content: [1, 2, 3])
        var once = record.encodedOnce
        once[56] = 200
        once.replaceSubrange(once.count - 32..<once.count, with: SHA256.digest(Array(once.dropLast(32))).bytes)
        #expect(try content(once) == nil)
    }
}
