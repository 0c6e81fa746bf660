/// A moment as people name it: RFC 3339, a day or time on the local clock, or how long ago.
public enum TimeExpression {
    /// Which end of what is named is meant.
    public enum Edge: Sendable {
        /// The first moment of a day or second: for "since".
        case start
        /// The last one: for "until".
        case end
    }

    /// Reads `2026-11-21T13:05:09+01:00`, `2026-11-21`, `2026-11-21 13:05`, `2026-11-21 13:05:09` or `1y5m7d2h`; nil for anything else.
    /// A day, and a second without a fraction, is its first or its last nanosecond.
    public static func parse(
        _ text: String, _ edge: Edge, now: SnapshotTime = .now(), in zone: LocalTime = .machine
    ) -> SnapshotTime? {
        if let span = CalendarSpan(text) { return span.before(now, in: zone) }
        guard let written = WrittenTime(text) else { return nil }
        let midnight = Int64(written.day.number) * 86_400
        guard let time = written.time else {
            switch edge {
            case .start: return SnapshotTime(seconds: zone.seconds(ofLocal: midnight).lowerBound).on(zone)
            case .end:
                let next = zone.seconds(ofLocal: midnight + 86_400).lowerBound
                return SnapshotTime(seconds: next - 1, nanoseconds: 999_999_999).on(zone)
            }
        }
        let nanoseconds = time.nanoseconds ?? (edge == .start ? 0 : 999_999_999)
        let local = midnight + Int64(time.seconds)
        if let offset = written.offsetSeconds {
            return SnapshotTime(seconds: local - Int64(offset), nanoseconds: nanoseconds, offsetSeconds: offset)
        }
        let moments = zone.seconds(ofLocal: local)
        return SnapshotTime(
            seconds: edge == .start ? moments.lowerBound : moments.upperBound, nanoseconds: nanoseconds
        ).on(zone)
    }
}
