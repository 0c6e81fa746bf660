/// A stretch of time as people say it: so many years, months, days and hours. How long it is depends on when it ends.
public struct CalendarSpan: Hashable, Sendable, CustomStringConvertible {
    /// Calendar years.
    public var years = 0
    /// Calendar months.
    public var months = 0
    /// Days of the local clock, some of which have 23 or 25 hours.
    public var days = 0
    /// Hours of sixty minutes.
    public var hours = 0

    /// The most of each: more than all of written history.
    private static let countMax = 100_000_000

    /// No time at all.
    public init() {}

    /// Reads numbers with `y`, `m`, `d` and `h` behind them, each letter at most once: `1y5m7d2h`. Nil for anything else.
    public init?(_ text: String) {
        var rest = text[...].utf8
        var seen: [UInt8] = []
        while !rest.isEmpty {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[digits.endIndex...]
            guard let count = Int(Substring(digits)), count <= Self.countMax, let unit = rest.popFirst(),
                !seen.contains(unit)
            else { return nil }
            seen.append(unit)
            switch unit {
            case UInt8(ascii: "y"): years = count
            case UInt8(ascii: "m"): months = count
            case UInt8(ascii: "d"): days = count
            case UInt8(ascii: "h"): hours = count
            default: return nil
            }
        }
        guard !seen.isEmpty else { return nil }
    }

    /// As it is read, without what is zero; `0h` where all is.
    public var description: String {
        let parts = [(years, "y"), (months, "m"), (days, "d"), (hours, "h")].filter { $0.0 != 0 }
        return parts.isEmpty ? "0h" : parts.map { "\($0.0)\($0.1)" }.joined()
    }

    /// The moment that lies so long before another: years and months back on the calendar (to the last day of a month that is too
    /// short), then days, at the same time on the local clock, then hours.
    public func before(_ end: SnapshotTime, in zone: LocalTime = .machine) -> SnapshotTime {
        var seconds = end.seconds
        if years != 0 || months != 0 || days != 0 {
            let local = Int(seconds) + zone.offsetSeconds(at: seconds)
            let number = local.floorDivided(by: 86_400)
            let day = CalendarDay(number: number).before(months: years * 12 + months)
            seconds = zone.seconds(ofLocal: Int64((day.number - days) * 86_400 + local - number * 86_400)).lowerBound
        }
        seconds -= Int64(hours) * 3_600
        return SnapshotTime(seconds: seconds, nanoseconds: end.nanoseconds).on(zone)
    }
}
