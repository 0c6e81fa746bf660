import Bytes
import Testing

@Suite("Hexadecimal")
struct HexTests {
    @Test("every byte comes back from its two digits")
    func roundTrip() {
        let all = (0...255).map { UInt8($0) }
        let text = Hex.encode(all)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(text.utf8.count == 512)
        #expect(Hex.decode(text) == all)
    }

    @Test(
        "anything but pairs of lower-case digits is refused",
        arguments: [
            "0", "000", "AB", "aB", "0g", "g0", " 0", "0 ", "0x", "-1", "é", "ab\n", "٣٣", "/0", ":0", "`a", "\u{0}0",
        ])
    func refused(_ text: String) { #expect(Hex.decode(text) == nil) }

    @Test("no digits are no bytes")
    func empty() {
        #expect(Hex.encode([UInt8]()) == "")
        #expect(Hex.decode("") == [])
        #expect(Hex.decode("xxabcd".dropFirst(2)) == [0xAB, 0xCD])
    }
}
