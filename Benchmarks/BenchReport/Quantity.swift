/// What a figure is, and how it is written: exactly in tables, shortly beside bars.
public enum Quantity: Sendable {
    /// Of the clock on the wall, or of processors.
    case seconds
    /// Of a repository.
    case bytes
    /// Of memory; given in bytes, written in MiB.
    case memory
    /// One thing as a multiple of another.
    case ratio

    /// What stands where there is no figure.
    public static let missing = "–"

    /// As tables have it.
    public func exact(_ value: Double) -> String {
        guard value.isFinite else { return Self.missing }
        switch self {
        case .seconds: return Self.decimal(value, 3)
        case .bytes: return Self.grouped(value)
        case .memory: return Self.decimal(value / 1_048_576, 1)
        case .ratio: return Self.decimal(value, value < 0.1 ? 3 : 2) + " ×"
        }
    }

    /// In few letters, with its unit.
    public func short(_ value: Double) -> String {
        guard value.isFinite else { return Self.missing }
        switch self {
        case .seconds: return Self.threeDigits(value, fine: 3) + " s"
        case .memory: return Self.threeDigits(value / 1_048_576, fine: 1) + " MiB"
        case .ratio: return Self.threeDigits(value, fine: 2) + " ×"
        case .bytes:
            var (value, unit) = (value, 0)
            let units = ["B", "kB", "MB", "GB", "TB"]
            // 999.6 of one unit would be written as 1000 of it.
            while value >= 999.5, unit + 1 < units.count { (value, unit) = (value / 1_000, unit + 1) }
            return Self.threeDigits(value, fine: unit == 0 ? 0 : 2) + " " + units[unit]
        }
    }

    /// About three digits that count, of which so many stand behind the point at most.
    private static func threeDigits(_ value: Double, fine: Int) -> String {
        decimal(value, min(fine, value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3))
    }

    /// With so many digits behind the point.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        // No measurement is that large, and it would not fit into an integer.
        guard scaled < 1e18 else { return "\(value)" }
        let (whole, fraction) = Int64(scaled).quotientAndRemainder(dividingBy: Int64(scale))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if digits == 0 { return "\(sign)\(whole)" }
        let text = String(fraction)
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - text.count) + text
    }

    /// A whole number, with a comma before each three digits.
    private static func grouped(_ value: Double) -> String {
        let digits = decimal(value, 0)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, text != "-" { text += "," }
            text.append(digit)
        }
        return text
    }
}
