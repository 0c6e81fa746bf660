import Bytes
import Chunking
import Crypto
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct ConfigTests {
    private let id = RepositoryID(bytes: Array(0..<16))
    private let secret = Secret(copying: [UInt8](repeating: 9, count: 32))

    private func tiers(_ count: Int, using random: inout SplitMix64) -> [Profile.Tier] {
        (0..<count).map { index in
            let lengths = Set((0..<8).map { _ in UInt32(random.number(64...8_388_608)) }).sorted()
            let hard = random.number(1...40)
            return Profile.Tier(
                fromOffset: UInt64(index) * UInt64(random.number(1_000_000...1_001_000)), minBytes: lengths[0],
                normalBytes: lengths[1], maxBytes: lengths[2], hardBits: UInt8(hard),
                easyBits: UInt8(random.number(1...hard)))
        }
    }

    @Test("both parts read as they were written, and what follows them is ignored")
    func roundTrip() throws {
        var random = SplitMix64(seed: 3)
        for round in 0..<100 {
            let mode = EncryptionMode.allCases[round % 2]
            let clear = ConfigClear(
                id: RepositoryID(bytes: random.bytes(16)), made: Int64(bitPattern: random.next()), mode: mode)
            #expect(try ConfigClear(clear.encoded, path: "config") == clear)
            #expect(try ConfigClear(clear.encoded + random.bytes(9), path: "config") == clear)

            let profile = try Profile(tiers: tiers(1 + round % 16, using: &random))
            let content = ConfigContent(mode: mode, chunkerSecret: Secret(copying: random.bytes(32)), profile: profile)
            for tail in [0, 7] {
                let read = try ConfigContent(content.encoded + random.bytes(tail), expected: mode, path: "config")
                #expect(read.profile == profile && read.chunkerSecret == content.chunkerSecret && read.mode == mode)
            }
        }
    }

    @Test("either part cut short anywhere is refused")
    func truncated() throws {
        let clear = ConfigClear(id: id, made: 1, mode: .none).encoded
        for count in clear.indices {
            expectFailure(.damaged) { try ConfigClear(Array(clear[..<count]), path: "config") }
        }
        let content = ConfigContent(mode: .none, chunkerSecret: secret, profile: .standard).encoded
        for count in content.indices {
            expectFailure(.damaged) { try ConfigContent(Array(content[..<count]), expected: .none, path: "config") }
        }
    }

    @Test("a must-understand feature that is not known is named, with the file")
    func feature() throws {
        var clear = ConfigClear(id: id, made: 1, mode: .none)
        clear.features = ["public-key"]
        expectFailure(.unsupported, "the feature \"public-key\"", "place/config") {
            try ConfigClear(clear.encoded, path: "place/config")
        }
        clear.features = (0..<32).map { "feature-\($0)" }
        expectFailure(.unsupported, "feature-0") { try ConfigClear(clear.encoded, path: "config") }
        clear.features = (0..<33).map { "feature-\($0)" }
        expectFailure(.damaged, "33 features") { try ConfigClear(clear.encoded, path: "config") }
        for length in [0, 65] {
            clear.features = [String(repeating: "x", count: length)]
            expectFailure(.damaged, "\(length) bytes") { try ConfigClear(clear.encoded, path: "config") }
        }
    }

    @Test("an encryption mode that is not known is named; one that differs within the file is damage")
    func mode() throws {
        var clear = ConfigClear(id: id, made: 1, mode: .none).encoded
        clear[24] = 7
        expectFailure(.unsupported, "encryption mode 7") { try ConfigClear(clear, path: "config") }
        let content = ConfigContent(mode: .none, chunkerSecret: secret, profile: .standard).encoded
        expectFailure(.damaged, "encryption mode") { try ConfigContent(content, expected: .aes256GCM, path: "config") }
    }

    @Test("an impossible chunker profile is refused")
    func profile() throws {
        let good = ConfigContent(mode: .none, chunkerSecret: secret, profile: .standard).encoded
        func changed(_ offset: Int, _ value: UInt32, width: Int) -> [UInt8] {
            var bytes = good
            withUnsafeBytes(of: value.littleEndian) {
                bytes.replaceSubrange(offset..<offset + width, with: $0[..<width])
            }
            return bytes
        }
        let cases: [(Int, UInt32, Int)] = [
            (33, 0, 1), (33, 17, 1),  // the number of tiers
            (34, 1, 4),  // the first tier's offset
            (42, 63, 4), (42, 16 << 10, 4),  // min
            (46, 64 << 10, 4),  // normal
            (50, 8_388_609, 4),  // max
            (54, 41, 1), (54, 11, 1), (55, 0, 1),  // bits
            (58, 0, 4),  // the second tier's offset, 0 like the first one's
        ]
        for (offset, value, width) in cases {
            expectFailure(.damaged) {
                try ConfigContent(changed(offset, value, width: width), expected: .none, path: "config")
            }
        }
        #expect(throws: Never.self) { try ConfigContent(good, expected: .none, path: "config") }
    }

    @Test("the table behind the cuts is the one that the format derives from the secret")
    func gearTable() throws {
        let content = ConfigContent(mode: .none, chunkerSecret: secret, profile: .standard)
        let stream = try HKDF.sha256(inputKey: secret, salt: [], info: Array("cairn/1/gear".utf8), byteCount: 2_048)
        let bytes = stream.withUnsafeBytes { Array($0) }
        var values = [UInt64](repeating: 0, count: 256)
        for index in 0..<2_048 { values[index / 8] |= UInt64(bytes[index]) << UInt64(8 * (index % 8)) }
        #expect(try cuts(content.gearTable()) == cuts(GearTable(values: values)))
    }

    private func cuts(_ table: GearTable) -> [Int] {
        var random = SplitMix64(seed: 11)
        let stream = random.bytes(300_000)
        var chunker = Chunker(table: table, profile: .standard)
        var lengths: [Int] = []
        var start = 0
        while let length = chunker.nextChunk(in: stream.span.bytes.extracting(droppingFirst: start), isLast: true) {
            lengths.append(length)
            start += length
        }
        return lengths
    }
}
