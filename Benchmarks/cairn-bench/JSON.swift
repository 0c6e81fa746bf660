/// A JSON value to be written.
indirect enum JSON {
    case text(String)
    case integer(Int)
    /// Null where it is not finite.
    case number(Double)
    case truth(Bool)
    case list([JSON])
    /// In this order.
    case object([(String, JSON)])

    /// The value, objects and lists of objects on lines of their own.
    func written(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .text(let text): return Self.quote(text)
        case .integer(let value): return "\(value)"
        case .number(let value): return value.isFinite ? "\(value)" : "null"
        case .truth(let value): return "\(value)"
        case .list(let values):
            guard values.contains(where: \.isLong) else {
                return "[" + values.map { $0.written() }.joined(separator: ", ") + "]"
            }
            return "[\n" + values.map { inner + $0.written(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let fields):
            guard fields.contains(where: { $0.1.isLong }) || fields.count > 8 else {
                return "{" + fields.map { "\(Self.quote($0)): \($1.written())" }.joined(separator: ", ") + "}"
            }
            let lines = fields.map { "\(inner)\(Self.quote($0)): \($1.written(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isLong: Bool {
        switch self {
        case .object: true
        case .list(let values): values.contains { $0.isLong }
        case .text, .integer, .number, .truth: false
        }
    }

    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\0"..<" ": quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
