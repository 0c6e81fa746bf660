/// Why a snapshot is kept.
public enum RetentionReason: Hashable, Sendable, CustomStringConvertible {
    /// It has all of these tags; or none at all, where there are none.
    case tags([String])
    /// It lies within a span of the newest snapshot.
    case within(CalendarSpan)
    /// It is one of the newest; `left` says how many more the rule keeps, nil that it keeps all.
    case last(left: Int?)
    /// It is the newest of its period, or the oldest of all where the rule had counts left.
    case period(RetentionPeriod, isOldest: Bool, left: Int?)
    /// It is the newest of its period within a span, or the oldest of all.
    case periodWithin(RetentionPeriod, isOldest: Bool, CalendarSpan)
    /// No rule keeps it, yet without it nothing whole would be left of its source.
    case lastComplete
    /// No rule keeps it, yet without it nothing at all would be left of its source, of which no snapshot is whole.
    case lastOfSource

    /// For people.
    public var description: String {
        switch self {
        case .tags([]): "has no tags"
        case .tags(let tags): "has tags \(tags.joined(separator: ", "))"
        case .within(let span): "within \(span)"
        case .last(let left): "last snapshot\(Self.text(left))"
        case .period(let period, let isOldest, let left):
            "\(isOldest ? "oldest " : "")\(period.rawValue) snapshot\(Self.text(left))"
        case .periodWithin(let period, let isOldest, let span):
            "\(isOldest ? "oldest " : "")\(period.rawValue) within \(span)"
        case .lastComplete: "last complete snapshot of its source"
        case .lastOfSource: "last snapshot of its source"
        }
    }

    private static func text(_ left: Int?) -> String { left.map { " (room for \($0) more)" } ?? "" }
}
