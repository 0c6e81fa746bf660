/// A share or an amount: `5%` or `2G`.
public enum PercentageOrSize: Hashable, Sendable {
    /// A percentage between 0 and 100.
    case percentage(Double)
    /// A number of bytes.
    case size(Int)
}

/// A pair as in `key=value`.
public struct KeyValue: Hashable, Sendable {
    /// What stands before the first equals sign; never empty.
    public let key: String
    /// What stands after it.
    public let value: String

    /// A pair.
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

extension ValueParser where Value == Int {
    /// A whole number in a range.
    public static func count(_ range: ClosedRange<Int> = 0...Int.max) -> ValueParser {
        ValueParser("N") { argument throws(ValueProblem) in
            guard let digits = argument.string, DecimalNumber.isWhole(digits) else {
                throw ValueProblem("not a whole number")
            }
            guard let number = Int(digits) else { throw ValueProblem("too large") }
            guard range.contains(number) else { throw ValueProblem(DecimalNumber.outside(range)) }
            return number
        }
    }

    /// A number of bytes: digits and a binary unit, as in `512`, `10k`, `256M`, `1GiB`.
    public static func size(_ range: ClosedRange<Int> = 0...Int.max) -> ValueParser {
        ValueParser("SIZE") { argument throws(ValueProblem) in
            let size = try ByteCount.parse(argument)
            guard range.contains(size) else {
                let low = ByteCount.text(range.lowerBound)
                throw ValueProblem(
                    size < range.lowerBound ? "less than \(low)" : "more than \(ByteCount.text(range.upperBound))")
            }
            return size
        }
    }
}

extension ValueParser where Value == PercentageOrSize {
    /// A percentage between 0 and 100, or a size.
    public static var percentageOrSize: ValueParser {
        ValueParser("SIZE|PERCENT%") { argument throws(ValueProblem) in
            guard argument.bytes.last == UInt8(ascii: "%") else { return .size(try ByteCount.parse(argument)) }
            let digits = ArgumentValue(bytes: Array(argument.bytes.dropLast())).string
            guard let digits, DecimalNumber.isDecimal(digits), let number = Double(digits) else {
                throw ValueProblem("not a percentage", hint: "write a number and a percent sign, such as 5% or 12.5%")
            }
            guard number <= 100 else { throw ValueProblem("more than 100%") }
            return .percentage(number)
        }
    }
}

extension ValueParser where Value == KeyValue {
    /// A pair as in `key=value`; the value may be empty and may hold equals signs.
    public static var keyValue: ValueParser {
        ValueParser("KEY=VALUE") { argument throws(ValueProblem) in
            guard let text = argument.string else { throw ValueProblem("not valid UTF-8") }
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw ValueProblem("not a pair", hint: "write key=value")
            }
            return KeyValue(key: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
        }
    }
}

enum DecimalNumber {
    static func isWhole(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    static func isDecimal(_ text: String) -> Bool {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return text.utf8.count <= 32 && parts.allSatisfy { isWhole(String($0)) }
    }

    static func outside(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "less than \(range.lowerBound)" : "not between \(range.lowerBound) and \(range.upperBound)"
    }
}

/// Numbers of bytes with binary units, read and shown.
public enum ByteCount {
    private static let units: [(letter: Character, shift: Int)] = [
        ("k", 10), ("m", 20), ("g", 30), ("t", 40), ("p", 50), ("e", 60),
    ]
    private static let hint = "write a number and a unit of K, M, G or T (binary), such as 256M or 1GiB"

    /// Reads digits and a binary unit in either case: nothing or `B`, `K`, `KiB` and so on up to `E`. Never overflows.
    public static func parse(_ argument: ArgumentValue) throws(ValueProblem) -> Int {
        guard let text = argument.string?.lowercased() else { throw ValueProblem("not a size", hint: hint) }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[digits.endIndex...]
        guard !digits.isEmpty, let shift = shift(of: unit) else { throw ValueProblem("not a size", hint: hint) }
        guard let number = Int(digits), number <= Int.max >> shift else { throw ValueProblem("too large") }
        return number << shift
    }

    private static func shift(of unit: Substring) -> Int? {
        if unit.isEmpty || unit == "b" { return 0 }
        for (letter, shift) in units where unit == "\(letter)" || unit == "\(letter)ib" { return shift }
        return nil
    }

    /// A size for a person: `512 B`, `1.5 KiB`, `64 MiB`.
    public static func text(_ bytes: Int) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        let (letter, shift) = units.last { bytes >> $0.shift > 0 } ?? units[0]
        // In tenths, rounded down: whole part and remainder apart, so that nothing overflows.
        let whole = bytes >> shift
        let tenth = ((bytes >> (shift - 10)) & 1023) * 10 / 1024
        return "\(whole)\(tenth == 0 || whole >= 100 ? "" : ".\(tenth)") \(letter.uppercased())iB"
    }
}
