internal import CommandLine
internal import Posix

/// A JSON value to be written. Objects keep the order of their fields; nothing here reads JSON.
indirect enum JSONText: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])
    /// JSON that was written elsewhere; what a terminal would act on is escaped in it too.
    case written([UInt8])

    /// The fields of a path under a name: as text, and if it is not UTF-8 also exact in `name_base64`.
    static func fields(of path: Path, as name: String) -> [(String, JSONText)] {
        let bytes = Array(path.bytes)
        if let text = String(validating: bytes, as: UTF8.self) { return [(name, .string(text))] }
        return [(name, .string(PrintableText.escape(bytes))), ("\(name)_base64", .string(base64(bytes)))]
    }

    /// Bytes that are meant to be UTF-8: as they are, or escaped where they are not.
    static func text(_ bytes: [UInt8]) -> JSONText {
        .string(String(validating: bytes, as: UTF8.self) ?? PrintableText.escape(bytes))
    }

    /// The value in one line, without a closing newline. Linear in its size.
    var bytes: [UInt8] {
        var result: [UInt8] = []
        append(to: &result)
        return result
    }

    private func append(to result: inout [UInt8]) {
        switch self {
        case .null: result += "null".utf8
        case .bool(let value): result += (value ? "true" : "false").utf8
        case .integer(let value): result += "\(value)".utf8
        case .number(let value): result += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): JSONText.append(value, to: &result)
        case .array(let values):
            result.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { result.append(UInt8(ascii: ",")) }
                value.append(to: &result)
            }
            result.append(UInt8(ascii: "]"))
        case .object(let fields):
            result.append(UInt8(ascii: "{"))
            for (index, (name, value)) in fields.enumerated() {
                if index > 0 { result.append(UInt8(ascii: ",")) }
                JSONText.append(name, to: &result)
                result.append(UInt8(ascii: ":"))
                value.append(to: &result)
            }
            result.append(UInt8(ascii: "}"))
        case .written(let bytes):
            // Outside its texts JSON is ASCII, so whatever needs an escape stands in a text.
            for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
                JSONText.append(scalar, to: &result)
            }
        }
    }

    /// What JSON demands is escaped, and what a terminal would act on.
    private static func append(_ text: String, to result: inout [UInt8]) {
        result.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\"".utf8
            case "\\": result += "\\\\".utf8
            case "\n": result += "\\n".utf8
            case "\r": result += "\\r".utf8
            case "\t": result += "\\t".utf8
            default: append(scalar, to: &result)
            }
        }
        result.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout [UInt8]) {
        switch scalar {
        case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}"..."\u{200F}", "\u{2028}"..."\u{202E}",
            "\u{2066}"..."\u{2069}", "\u{FEFF}":
            let digits = String(scalar.value, radix: 16)
            result += "\\u".utf8
            result += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
            result += digits.utf8
        default: result += UTF8.encode(scalar)!
        }
    }

    /// Base64 with padding.
    static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let letter = letters[(bits >> (18 - 6 * place)) & 63]
                result.append(place <= group.count ? letter : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(dictionaryLiteral elements: (String, JSONText)...) { self = .object(elements) }
    init(arrayLiteral elements: JSONText...) { self = .array(elements) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}
