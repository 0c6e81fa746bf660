/// Stretches of the calendar, of each of which a policy may keep one snapshot.
public enum RetentionPeriod: String, Sendable, Hashable, CaseIterable {
    /// An hour of the clock on the wall. Where that was put back, two hours with one name are one.
    case hourly
    /// A day.
    case daily
    /// A week from Monday to Sunday, as ISO 8601 has it: those around New Year belong to two years, and are one week.
    case weekly
    /// A month.
    case monthly
    /// A year.
    case yearly

    /// The number of the period that a time lies in, on the clock where the snapshot was taken. Equal numbers mean the same period.
    func number(of time: SnapshotTime) -> Int {
        let local = Int(time.seconds) + time.offsetSeconds
        let day = local.floorDivided(by: 86_400)
        switch self {
        case .hourly: return local.floorDivided(by: 3_600)
        case .daily: return day
        // Day 0 was a Thursday.
        case .weekly: return (day + 3).floorDivided(by: 7)
        case .monthly:
            let date = CalendarDay(number: day)
            return date.year * 12 + date.month
        case .yearly: return CalendarDay(number: day).year
        }
    }
}
