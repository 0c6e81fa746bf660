extension SnapshotTime {
    /// For example `2026-11-21T13:05:09.123456789+01:00`: always with nanoseconds and an offset.
    public var rfc3339: String {
        let minutes = abs(offsetSeconds) / 60
        let offset = "\(offsetSeconds < 0 ? "-" : "+")\(Self.digits(minutes / 60, 2)):\(Self.digits(minutes % 60, 2))"
        let (day, time) = localParts
        return "\(day)T\(time).\(Self.digits(Int(nanoseconds), 9))\(offset)"
    }

    /// Day and time of day on the local clock, for people: `2026-11-21 13:05:09`.
    public var local: String {
        let (day, time) = localParts
        return "\(day) \(time)"
    }

    /// The same moment on another clock.
    public func on(_ zone: LocalTime) -> SnapshotTime {
        SnapshotTime(seconds: seconds, nanoseconds: nanoseconds, offsetSeconds: zone.offsetSeconds(at: seconds))
    }

    private var localParts: (day: String, time: String) {
        let count = Int(seconds) + offsetSeconds
        let number = count.floorDivided(by: 86_400)
        let (day, second) = (CalendarDay(number: number), count - number * 86_400)
        return (
            "\(Self.digits(day.year, 4))-\(Self.digits(day.month, 2))-\(Self.digits(day.day, 2))",
            "\(Self.digits(second / 3_600, 2)):\(Self.digits(second / 60 % 60, 2)):\(Self.digits(second % 60, 2))"
        )
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// Reads a time as RFC 3339 has it; digits behind nanoseconds are dropped. Nil for anything else.
    public init?(rfc3339 text: String) {
        guard let written = WrittenTime(text), let time = written.time, let offset = written.offsetSeconds else {
            return nil
        }
        let seconds = Int64(written.day.number) * 86_400 + Int64(time.seconds - offset)
        self.init(seconds: seconds, nanoseconds: time.nanoseconds ?? 0, offsetSeconds: offset)
    }
}

/// A day, perhaps with a time of day, perhaps with an offset, as somebody wrote it.
struct WrittenTime {
    struct TimeOfDay {
        /// Since midnight. A leap second counts as the one after it.
        var seconds: Int
        /// Nil where no fraction was written.
        var nanoseconds: UInt32?
    }

    let day: CalendarDay
    /// Nil where only a day was written.
    let time: TimeOfDay?
    /// Nil where no offset was written, so that the local clock is meant.
    let offsetSeconds: Int?

    /// Reads `YYYY-MM-DD`, then perhaps `T` or a space and `HH:MM` or `HH:MM:SS` with or without a fraction, and behind seconds perhaps
    /// `Z` or `±HH:MM`. Nil for anything else.
    init?(_ text: String) {
        var scanner = Scanner(text)
        guard let year = scanner.number(digits: 4), scanner.skip("-"), let month = scanner.number(digits: 2),
            scanner.skip("-"), let dayOfMonth = scanner.number(digits: 2),
            let day = CalendarDay(year: year, month: month, day: dayOfMonth)
        else { return nil }
        self.day = day
        guard !scanner.isAtEnd else {
            time = nil
            offsetSeconds = nil
            return
        }
        guard scanner.skip("T", "t", " "), let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
            let minute = scanner.number(digits: 2), minute < 60
        else { return nil }
        var time = TimeOfDay(seconds: hour * 3_600 + minute * 60)
        guard !scanner.isAtEnd else {
            self.time = time
            offsetSeconds = nil
            return
        }
        guard scanner.skip(":"), let second = scanner.number(digits: 2), second <= 60 else { return nil }
        time.seconds += second
        if scanner.skip(".") {
            guard let nanoseconds = scanner.fraction() else { return nil }
            time.nanoseconds = nanoseconds
        }
        self.time = time
        guard !scanner.isAtEnd else {
            offsetSeconds = nil
            return
        }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        offsetSeconds = offset
    }

    private struct Scanner {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = text[...].utf8 }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ characters: Unicode.Scalar...) -> Bool {
            guard let first = rest.first, characters.contains(Unicode.Scalar(first)) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digit() -> Int? {
            guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
            rest.removeFirst()
            return Int(first - UInt8(ascii: "0"))
        }

        mutating func number(digits: Int) -> Int? {
            var number = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        mutating func fraction() -> UInt32? {
            guard var number = digit() else { return nil }
            var count = 1
            while let digit = digit() {
                if count < 9 { number = number * 10 + digit }
                count += 1
            }
            while count < 9 {
                number *= 10
                count += 1
            }
            return UInt32(number)
        }

        mutating func offset() -> Int? {
            if skip("Z", "z") { return 0 }
            let isWest = rest.first == UInt8(ascii: "-")
            guard skip("+", "-"), let hours = number(digits: 2), hours < 24, skip(":"),
                let minutes = number(digits: 2), minutes < 60
            else { return nil }
            return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
        }
    }
}
