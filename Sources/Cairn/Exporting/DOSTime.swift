import Posix

/// The times of zip files: two seconds a step, from 1980 to 2107, on no clock in particular; here on that of UTC, so that the same snapshot
/// gives the same archive everywhere.
enum DOSTime {
    /// The nearest moment that can be told.
    static func encode(_ moment: FileTime) -> (date: UInt16, time: UInt16) {
        // 1980-01-01 to 2107-12-31 23:59:58.
        let seconds = min(max(moment.seconds, 315_532_800), 4_354_819_198)
        let (days, second) = (Int(seconds / 86_400), Int(seconds % 86_400))
        let (year, month, day) = date(days)
        return (
            UInt16(year - 1980) << 9 | UInt16(month) << 5 | UInt16(day),
            UInt16(second / 3_600) << 11 | UInt16(second / 60 % 60) << 5 | UInt16(second % 60 / 2)
        )
    }

    /// The date of a day counted from 1970-01-01, after 1970. The year is made to begin in March, so that the leap day is its last.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
    }
}
