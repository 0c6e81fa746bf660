/// Which snapshots of a group are to be kept. A snapshot that any rule keeps is kept; a policy without rules decides nothing.
///
/// The rules are those of restic. Going from the newest snapshot to the oldest, a rule with a count keeps the first that it meets of each period, as long
/// as it has counts left; one that has still some left at the end keeps the oldest snapshot too, so that history reaches back as far as it can.
/// A span is counted back from the newest snapshot of the group, on that one's clock, and what lies exactly at its end is outside.
public struct RetentionPolicy: Hashable, Sendable {
    /// How many snapshots a rule keeps.
    public enum Count: Hashable, Sendable {
        /// So many; none is no rule.
        case atMost(Int)
        /// All that it meets.
        case unlimited
    }

    /// The newest ones.
    public var last = Count.atMost(0)
    /// The newest one of each of so many periods that have any.
    public var counts: [RetentionPeriod: Count] = [:]
    /// All within this span; no time at all is no rule.
    public var within = CalendarSpan()
    /// The newest one of each period within a span.
    public var spans: [RetentionPeriod: CalendarSpan] = [:]
    /// Those with all tags of one of these lists; an empty list means snapshots without any tag.
    public var tags: [[String]] = []

    /// A policy without rules.
    public init() {}

    /// Whether it has no rule.
    public var isEmpty: Bool {
        !last.isRule && within.isNone && tags.isEmpty && !counts.values.contains(where: \.isRule)
            && spans.values.allSatisfy(\.isNone)
    }
}

extension RetentionPolicy.Count {
    /// Whether it keeps anything.
    var isRule: Bool { self == .unlimited || left ?? 0 > 0 }

    /// How many are left; nil where it has no end.
    var left: Int? { if case .atMost(let count) = self { max(0, count) } else { nil } }

    /// Takes one away.
    mutating func use() {
        if let left { self = .atMost(left - 1) }
    }
}

extension CalendarSpan {
    /// Whether it is no time at all.
    var isNone: Bool { self == CalendarSpan() }
}
