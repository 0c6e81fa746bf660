import Crypto
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct LeaseClaimTests {
    @Test("a claim reads as it was written, whatever its words hold")
    func roundTrip() {
        var random = SplitMix64(seed: 10)
        for _ in 0..<200 {
            let words = (0..<3).map { _ in
                String(decoding: (0..<random.number(0...12)).map { _ in UInt8(random.number(0...127)) }, as: UTF8.self)
            }
            var claim = LeaseClaim(
                pid: Int32(truncatingIfNeeded: random.next()), boot: words[0], host: words[1] + "ü%0a",
                command: words[2],
                since: Int64(bitPattern: random.next()))
            var bytes = claim.opening
            for _ in 0..<random.number(0...4) {
                let pack = PackName(folder: .trees, id: SHA256.digest(random.bytes(4)))
                claim.packs.append(pack)
                bytes += LeaseClaim.line(for: pack)
            }
            #expect(LeaseClaim(bytes) == claim)
        }
    }

    @Test("the text is the one of the format")
    func text() {
        let claim = LeaseClaim(pid: 4_711, boot: "3f0c", host: "amber hill", command: "a\nb%", since: 1_790_000_000)
        #expect(
            String(decoding: claim.opening, as: UTF8.self) == """
                cairn-lease 1
                pid 4711
                boot 3f0c
                host amber%20hill
                command a%0ab%25
                since 1790000000

                """)
    }

    @Test("unknown words, malformed values and a last line without its end are passed over")
    func lenient() {
        let hex = String(repeating: "ab", count: 32)
        let text = """
            cairn-lease 1
            pid many
            mood %zz cheerful
            host h%4

            pack d short
            pack t \(hex)
            since 12
            pack d \(hex)
            """
        let claim = LeaseClaim(Array(text.utf8))
        #expect(claim.pid == 0 && claim.host == "h%4" && claim.since == 12)
        #expect(claim.packs == [PackName(folder: .trees, id: SHA256Digest(hex: hex)!)])
        #expect(LeaseClaim([]) == LeaseClaim(Array("no line end".utf8)))
    }
}
