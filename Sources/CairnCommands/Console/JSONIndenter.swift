/// Breaks JSON that stands in one line into lines, for people.
enum JSONIndenter {
    /// The same value, a field or element a line, two blanks a level; empty lists and objects stay together.
    static func indent(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var depth = 0
        var isInText = false
        var isEscaped = false
        func breakLine() {
            result.append(UInt8(ascii: "\n"))
            result += repeatElement(UInt8(ascii: " "), count: 2 * depth)
        }
        for (index, byte) in json.enumerated() {
            if isInText {
                result.append(byte)
                isInText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            let isClosed = index + 1 < json.count && [UInt8(ascii: "]"), UInt8(ascii: "}")].contains(json[index + 1])
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                result.append(byte)
                depth += 1
                if !isClosed { breakLine() }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if result.last != UInt8(ascii: "{") && result.last != UInt8(ascii: "[") { breakLine() }
                result.append(byte)
            case UInt8(ascii: ","):
                result.append(byte)
                breakLine()
            case UInt8(ascii: ":"): result += ": ".utf8
            default:
                result.append(byte)
                isInText = byte == UInt8(ascii: "\"")
            }
        }
        return result
    }
}
