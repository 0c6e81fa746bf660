/// A day of the Gregorian calendar, also before there was one, and its number counted from 1970-01-01.
struct CalendarDay: Hashable, Sendable {
    let year: Int
    let month: Int
    let day: Int

    /// A day that exists; nil for 30 February and the like.
    init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), (1...Self.count(ofMonth: month, year: year)).contains(day) else { return nil }
        self.init(known: year, month, day)
    }

    private init(known year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day of a number. The year is taken to begin in March, so that a leap day is its last.
    init(number: Int) {
        let days = number + 719_468  // since 0000-03-01
        let era = days.floorDivided(by: 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153  // months since March
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        self.init(
            known: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// Days since 1970-01-01.
    var number: Int {
        let year = month <= 2 ? year - 1 : year
        let era = year.floorDivided(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The same day so many months before; where that month is too short, its last.
    func before(months: Int) -> CalendarDay {
        let count = year * 12 + month - 1 - months
        let year = count.floorDivided(by: 12)
        let month = count - year * 12 + 1
        return CalendarDay(known: year, month, min(day, Self.count(ofMonth: month, year: year)))
    }

    private static func count(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension BinaryInteger {
    /// The quotient, rounded down.
    func floorDivided(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
