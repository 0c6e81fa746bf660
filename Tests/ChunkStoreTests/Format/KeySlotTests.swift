import Crypto
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct KeySlotTests {
    private let repository = RepositoryID(bytes: Array(0..<16))

    private func clear(_ cost: KeySlot.ScryptCost?) -> KeySlot.Clear {
        KeySlot.Clear(repository: repository, id: Array(16..<32), made: -5, scrypt: cost)
    }

    @Test("both parts read as they were written, and what follows them is ignored")
    func roundTrip() throws {
        var random = SplitMix64(seed: 4)
        for round in 0..<100 {
            let cost = KeySlot.ScryptCost(
                log2N: UInt8(random.number(10...15)), r: UInt32(random.number(1...32)), p: UInt32(random.number(1...64))
            )
            let kind = round % 2 == 0 ? KeySlot.Kind.password : .keyFile
            let clear = KeySlot.Clear(
                repository: RepositoryID(bytes: random.bytes(16)), id: random.bytes(16),
                made: Int64(bitPattern: random.next()), scrypt: kind == .password ? cost : nil)
            #expect(try KeySlot.Clear(clear.encoded + random.bytes(round % 3), kind: kind) == clear)

            let label = String(repeating: "ä", count: random.number(0...512))
            let content = KeySlot.Content(
                masterKey: Secret(copying: random.bytes(32)), label: label,
                config: random.bytes(random.number(0...4_000)))
            let read = try KeySlot.Content(content.encoded + random.bytes(round % 4))
            #expect(read.masterKey == content.masterKey && read.label == label && read.config == content.config)
        }
    }

    @Test("either part cut short anywhere is refused")
    func truncated() {
        let clear = clear(.standard).encoded
        #expect(clear.count == 52)
        for count in clear.indices {
            #expect(throws: (any Error).self) { try KeySlot.Clear(Array(clear[..<count]), kind: .password) }
        }
        let content = KeySlot.Content(
            masterKey: Secret(copying: [UInt8](repeating: 1, count: 32)), label: "me", config: [1, 2, 3]
        ).encoded
        for count in content.indices {
            #expect(throws: (any Error).self) { try KeySlot.Content(Array(content[..<count])) }
        }
    }

    @Test(
        "scrypt parameters that cost nothing, or more than 1 GiB, are refused",
        arguments: [
            (9, 8, 1, false), (10, 1, 1, true), (22, 2, 1, true), (22, 3, 1, false), (23, 1, 1, false),
            (15, 0, 1, false), (15, 33, 1, false), (15, 8, 0, false), (15, 8, 64, true), (15, 8, 65, false),
            (255, .max, .max, false), (15, 32, 1, true), (19, 16, 1, true), (19, 17, 1, false),
        ] as [(UInt8, UInt32, UInt32, Bool)])
    func cost(log2N: UInt8, r: UInt32, p: UInt32, isFine: Bool) {
        let bytes = clear(KeySlot.ScryptCost(log2N: log2N, r: r, p: p)).encoded
        #expect(((try? KeySlot.Clear(bytes, kind: .password)) != nil) == isFine)
        // A key file is not stretched: what stands there does not matter.
        #expect((try? KeySlot.Clear(bytes, kind: .keyFile))?.scrypt == nil)
    }

    @Test("a label that is too long is refused on reading and cut on writing")
    func label() throws {
        let long = String(repeating: "x", count: 5_000)
        let content = KeySlot.Content(
            masterKey: Secret(copying: [UInt8](repeating: 1, count: 32)), label: long, config: [])
        #expect(try KeySlot.Content(content.encoded).label.count == 1_024)
        var bytes = content.encoded
        bytes[32] = 1
        bytes += [UInt8](repeating: 0, count: 100)
        #expect(throws: (any Error).self) { try KeySlot.Content(bytes) }
    }

    @Test("a config length beyond the content is refused")
    func configLength() {
        var bytes = KeySlot.Content(
            masterKey: Secret(copying: [UInt8](repeating: 1, count: 32)), label: "", config: [1]
        ).encoded
        bytes.replaceSubrange(34..<38, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: (any Error).self) { try KeySlot.Content(bytes) }
    }
}

@Suite struct KeyFileTextTests {
    @Test("a new key file's text is one line and reads as the same key")
    func roundTrip() throws {
        let (text, credential) = try KeyFileText.make()
        #expect(text.count == 77 && text.last == 10 && text.starts(with: Array("cairn-key-1 ".utf8)))
        guard case .keyFile(let made) = credential, case .keyFile(let read)? = KeyFileText.parse(text) else {
            Issue.record("no key")
            return
        }
        #expect(made == read && made.byteCount == 32)
        #expect(try KeyFileText.make().text != text)
    }

    @Test("blanks and line ends around the words do not matter")
    func blanks() {
        let digits = String(repeating: "0f", count: 32)
        for text in ["cairn-key-1 \(digits)", "\n cairn-key-1\t\(digits)\r\n", "cairn-key-1 \(digits)\n\n"] {
            #expect(KeyFileText.parse(Array(text.utf8)) != nil)
        }
    }

    @Test("anything else is no key file")
    func refused() {
        let digits = String(repeating: "0f", count: 32)
        for text in [
            "", "\n", digits, "cairn-key-1", "cairn-key-2 \(digits)", "cairn-key-1 \(digits) more",
            "cairn-key-1 \(digits)0", "cairn-key-1 \(digits.dropLast())", "cairn-key-1 \(digits.uppercased())",
            "cairn-key-1 \(digits.dropLast())g", "CAIRN-KEY-1 \(digits)",
        ] {
            #expect(KeyFileText.parse(Array(text.utf8)) == nil, "\(text)")
        }
        #expect(KeyFileText.parse([UInt8](repeating: 0xFF, count: 77)) == nil)
    }
}
