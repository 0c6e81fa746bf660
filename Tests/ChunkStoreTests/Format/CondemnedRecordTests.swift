import Crypto
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct CondemnedRecordTests {
    private let packs = [
        PackName(folder: .data, id: SHA256.digest([1])), PackName(folder: .trees, id: SHA256.digest([2])),
    ]

    @Test("a record is the text of the format and reads as it was written")
    func text() {
        let root = SHA256.digest([3]).hex
        let record = CondemnedRecord(since: 1_790_000_000, roots: [root], packs: packs)
        let lines = [
            "cairn-condemned 1", "since 1790000000", "root \(root)", "pack d \(packs[0].id)", "pack t \(packs[1].id)",
            "end", "",
        ]
        #expect(String(decoding: record.encoded, as: UTF8.self) == lines.joined(separator: "\n"))
        #expect(CondemnedRecord(record.encoded) == record)
    }

    @Test("that chunks may be lost with the packs stands behind the time")
    func loss() {
        let record = CondemnedRecord(since: 7, roots: [], packs: [packs[0]], isLoss: true)
        let lines = ["cairn-condemned 1", "since 7", "loss 1", "pack d \(packs[0].id)", "end", ""]
        #expect(String(decoding: record.encoded, as: UTF8.self) == lines.joined(separator: "\n"))
        #expect(CondemnedRecord(record.encoded) == record)
        #expect(CondemnedRecord(Array(lines.joined(separator: "\n").replacing("loss 1", with: "loss 2").utf8)) == nil)
    }

    @Test("a record that is not whole, or says what nobody knows, is none")
    func torn() {
        let whole = CondemnedRecord(since: 5, roots: [SHA256.digest([3]).hex], packs: packs).encoded
        for count in 0..<whole.count { #expect(CondemnedRecord(Array(whole[..<count])) == nil) }
        let text = String(decoding: whole, as: UTF8.self)
        for wrong in ["since x", "root 12", "pack d 12", "more 1", "end"] {
            let spoilt = text.replacing("since 5", with: wrong)
            #expect(CondemnedRecord(Array(spoilt.utf8)) == nil, "\(wrong)")
        }
    }

    @Test("a list of leases reads as it was written, and not when it is torn")
    func leases() {
        let leases = [String(repeating: "0f", count: 16), String(repeating: "a1", count: 16)]
        let bytes = CondemnedRecord.encode(leases: leases)
        #expect(CondemnedRecord.leases(bytes) == leases)
        #expect(CondemnedRecord.leases(CondemnedRecord.encode(leases: [])) == [])
        for count in 0..<bytes.count { #expect(CondemnedRecord.leases(Array(bytes[..<count])) == nil) }
    }
}
