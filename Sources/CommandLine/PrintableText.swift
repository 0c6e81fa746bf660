/// Text from outside made safe to print: it cannot move the cursor, colour the screen, start a new line or reorder what
/// stands around it.
///
/// Control characters become `\n`, `\t`, `\r` or `\xNN`; bytes that are not UTF-8 become `\xNN`; line separators and
/// marks that turn the direction of writing become `\u{NNNN}`; a backslash becomes two, so that no two names look alike.
/// Everything else stays as it is.
public enum PrintableText {
    /// The printable form of bytes that are meant to be UTF-8. Linear in their number.
    public static func escape(_ bytes: [UInt8]) -> String {
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x5C }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        if let text = String(validating: bytes, as: UTF8.self) {
            return escape(text)
        }
        var result = ""
        var index = 0
        while index < bytes.count {
            let end = index + sequenceLength(lead: bytes[index])
            if end <= bytes.count, let text = String(validating: bytes[index..<end], as: UTF8.self) {
                append(text.unicodeScalars, to: &result)
                index = end
            } else {
                appendByte(bytes[index], to: &result)
                index += 1
            }
        }
        return result
    }

    /// The printable form of a string. Linear in its length.
    public static func escape(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        append(text.unicodeScalars, to: &result)
        return result
    }

    /// A sentence made safe to print that names outside text escaped already: the same, but a backslash stays one. Linear in its length.
    public static func safe(_ sentence: String) -> String {
        var result = ""
        result.reserveCapacity(sentence.utf8.count)
        append(sentence.unicodeScalars, backslash: "\\", to: &result)
        return result
    }

    private static func sequenceLength(lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private static func append(
        _ scalars: String.UnicodeScalarView, backslash: String = "\\\\", to result: inout String
    ) {
        for scalar in scalars {
            switch scalar.value {
            case 0x09: result += "\\t"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x5C: result += backslash
            case 0x00...0x1F, 0x7F...0x9F: appendByte(UInt8(scalar.value), to: &result)
            case 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func appendByte(_ byte: UInt8, to result: inout String) {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
}
