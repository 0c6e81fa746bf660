import Posix

/// The times of zip files: two seconds a step, from 1980 to 2107, on no clock in particular; here on that of UTC, so that the same snapshot
/// gives the same archive everywhere.
enum DOSTime {
    /// The nearest moment that can be told.
    static func encode(_ moment: FileTime) -> (date: UInt16, time: UInt16) {
        // 1980-01-01 to 2107-12-31 23:59:58.
        let seconds = min(max(moment.seconds, 315_532_800), 4_354_819_198)
        let (days, second) = (Int(seconds / 86_400), Int(seconds % 86_400))
        let date = CalendarDay(number: days)
        return (
            UInt16(date.year - 1980) << 9 | UInt16(date.month) << 5 | UInt16(date.day),
            UInt16(second / 3_600) << 11 | UInt16(second / 60 % 60) << 5 | UInt16(second % 60 / 2)
        )
    }
}
