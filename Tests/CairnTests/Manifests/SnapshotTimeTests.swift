import Testing

@testable import Cairn

@Suite("Times of snapshots")
struct SnapshotTimeTests {
    @Test(
        "times are written exactly, before 1970 too, and read again",
        arguments: [
            (0, 0, 0, "1970-01-01T00:00:00.000000000+00:00"),
            (1_795_262_709, 123_456_789, 3_600, "2026-11-21T13:05:09.123456789+01:00"),
            (-1, 999_999_999, 0, "1969-12-31T23:59:59.999999999+00:00"),
            (951_782_400, 1, -34_200, "2000-02-28T14:30:00.000000001-09:30"),
            (951_868_799, 0, 0, "2000-02-29T23:59:59.000000000+00:00"),
            (-2_203_891_200, 0, 0, "1900-03-01T00:00:00.000000000+00:00"),
            (-62_135_596_800, 0, 0, "0001-01-01T00:00:00.000000000+00:00"),
            (253_402_214_399, 0, 86_340, "9999-12-31T23:58:59.000000000+23:59"),
        ])
    func written(_ seconds: Int64, _ nanoseconds: UInt32, _ offset: Int, _ text: String) {
        let time = SnapshotTime(seconds: seconds, nanoseconds: nanoseconds, offsetSeconds: offset)
        #expect(time.rfc3339 == text)
        #expect(SnapshotTime(rfc3339: text) == time)
    }

    @Test("the days of eight hundred years come one after the other")
    func days() {
        var previous = CalendarDay(number: -146_098)
        for number in -146_097...146_097 {
            let day = CalendarDay(number: number)
            let follows =
                day.day == previous.day + 1 && (day.month, day.year) == (previous.month, previous.year)
                || day.day == 1 && previous.day >= 28
                    && (day.year, day.month)
                        == (previous.month == 12 ? (previous.year + 1, 1) : (previous.year, previous.month + 1))
            guard day.number == number, follows, CalendarDay(year: day.year, month: day.month, day: day.day) == day
            else {
                Issue.record("\(previous) \(day)")
                return
            }
            previous = day
        }
    }

    @Test("shorter and longer forms of RFC 3339 are read")
    func forms() {
        let time = SnapshotTime(seconds: 1_795_266_309, nanoseconds: 500_000_000)
        for text in ["2026-11-21T13:05:09.5Z", "2026-11-21t13:05:09.50000000099z", "2026-11-21 13:05:09.5-00:00"] {
            #expect(SnapshotTime(rfc3339: text) == time, "\(text)")
        }
        #expect(SnapshotTime(rfc3339: "2016-12-31T23:59:60Z")?.rfc3339 == "2017-01-01T00:00:00.000000000+00:00")
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "2026-11-21", "2026-11-21T13:05Z", "2026-11-21T13:05:09", "2026-11-31T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T13:60:00Z",
            "2026-11-21T13:05:61Z", "2026-11-21T13:05:09.Z", "2026-11-21T13:05:09+1:00", "2026-11-21T13:05:09+01:60",
            "2026-11-21T13:05:09+24:00", "2026-11-21T13:05:09Zx", "+026-11-21T13:05:09Z", "2026-1１-21T13:05:09Z",
        ])
    func refused(_ text: String) { #expect(SnapshotTime(rfc3339: text) == nil) }

    @Test("what cannot be written becomes the nearest that can")
    func limits() {
        for seconds in [Int64.min, .max] {
            for offset in [Int.min, -86_399, 1_172, 86_399, .max] {
                let time = SnapshotTime(seconds: seconds, nanoseconds: .max, offsetSeconds: offset)
                #expect(SnapshotTime(rfc3339: time.rfc3339) == time, "\(time)")
            }
        }
        // Amsterdam until 1937: 19 minutes and 32 seconds.
        #expect(SnapshotTime(seconds: 0, offsetSeconds: 1_172).rfc3339 == "1970-01-01T00:20:00.000000000+00:20")
    }

    @Test("the order is that of moments, wherever their clocks hung")
    func order() {
        let early = TestManifests.time("2026-01-01T12:00:00+05:00")
        let late = TestManifests.time("2026-01-01T08:00:00Z")
        #expect(early < late && early.isEarlier(than: late) && !late.isEarlier(than: early))
        let same = TestManifests.time("2026-01-01T07:00:00Z")
        #expect(!same.isEarlier(than: early) && !early.isEarlier(than: same) && same != early)
    }
}

@Suite("Times of snapshots on a clock that is put forward and back")
struct LocalTimeTests {
    /// Berlin's clock: in summer, from the last Sunday of March to that of October, two hours ahead, else one.
    static let berlin = LocalTime { seconds in
        let year = CalendarDay(number: Int(seconds.floorDivided(by: 86_400))).year
        func change(_ month: Int) -> Int64 {
            let last = CalendarDay(year: year, month: month, day: 31)!.number
            // 1970-01-01, day 0, was a Thursday.
            let sunday = last - (last + 4 - (last + 4).floorDivided(by: 7) * 7)
            return Int64(sunday) * 86_400 + 3_600
        }
        return seconds >= change(3) && seconds < change(10) ? 7_200 : 3_600
    }

    @Test("now is later than this test, on any clock")
    func now() {
        for offset in [0, 19_800, -34_200] {
            let time = SnapshotTime.now(in: .fixed(offset))
            #expect(time.seconds > 1_780_000_000 && time.offsetSeconds == offset)
        }
        let machine = SnapshotTime.now()
        #expect(machine.offsetSeconds == LocalTime.machine.offsetSeconds(at: machine.seconds))
    }

    @Test(
        "local times mean what the clock on the wall shows, also where it is put forward or back",
        arguments: [
            ("2026-01-15 10:00", "2026-01-15T09:00:00Z", "2026-01-15T09:00:00.999999999Z"),
            ("2026-07-15 10:00:30", "2026-07-15T08:00:30Z", "2026-07-15T08:00:30.999999999Z"),
            // 02:30 never was on that day.
            ("2026-03-29 02:30", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00.999999999Z"),
            // 02:30 was twice on that day.
            ("2026-10-25 02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00.999999999Z"),
            // Days of 23 and of 25 hours.
            ("2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999999Z"),
            ("2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999999Z"),
            ("1965-02-01", "1965-01-31T23:00:00Z", "1965-02-01T22:59:59.999999999Z"),
        ])
    func local(_ text: String, _ start: String, _ end: String) throws {
        for (edge, moment) in [(TimeExpression.Edge.start, start), (.end, end)] {
            let time = try #require(TimeExpression.parse(text, edge, in: Self.berlin))
            let expected = TestManifests.time(moment)
            #expect(time.seconds == expected.seconds && time.nanoseconds == expected.nanoseconds, "\(time.rfc3339)")
            #expect(time.offsetSeconds == Self.berlin.offsetSeconds(at: time.seconds))
        }
    }

    @Test(
        "how long ago is counted on the calendar",
        arguments: [
            ("2026-03-31T12:00:00+02:00", "1m", "2026-02-28T12:00:00.000000000+01:00"),
            ("2024-03-31T12:00:00+02:00", "1m", "2024-02-29T12:00:00.000000000+01:00"),
            ("2024-02-29T12:00:00+01:00", "1y", "2023-02-28T12:00:00.000000000+01:00"),
            ("2026-01-15T12:00:00+01:00", "1y5m7d2h", "2024-08-08T10:00:00.000000000+02:00"),
            // A day ago the clock showed the same, 23 hours ago; a day's hours are another matter.
            ("2026-03-29T12:00:00+02:00", "1d", "2026-03-28T12:00:00.000000000+01:00"),
            ("2026-03-29T12:00:00+02:00", "24h", "2026-03-28T11:00:00.000000000+01:00"),
            ("2026-01-15T12:00:00+01:00", "0h", "2026-01-15T12:00:00.000000000+01:00"),
            ("1970-01-01T01:00:00+01:00", "2d", "1969-12-30T01:00:00.000000000+01:00"),
            ("2026-01-15T12:00:00+01:00", "99999999y", "0000-01-02T01:00:00.000000000+01:00"),
        ])
    func ago(_ now: String, _ span: String, _ then: String) throws {
        let time = try #require(TimeExpression.parse(span, .end, now: TestManifests.time(now), in: Self.berlin))
        #expect(time.rfc3339 == then)
    }
}

@Suite("Times that people name")
struct TimeExpressionTests {
    @Test("RFC 3339 keeps its offset, and a second without a fraction is the whole second")
    func exact() throws {
        let text = "2026-11-21T13:05:09+01:00"
        let start = try #require(TimeExpression.parse(text, .start, in: .fixed(0)))
        let end = try #require(TimeExpression.parse(text, .end, in: .fixed(0)))
        #expect(start.rfc3339 == "2026-11-21T13:05:09.000000000+01:00")
        #expect(end.rfc3339 == "2026-11-21T13:05:09.999999999+01:00")
        let exact = try #require(TimeExpression.parse("2026-11-21T13:05:09.5Z", .end, in: .fixed(0)))
        #expect(exact.rfc3339 == "2026-11-21T13:05:09.500000000+00:00")
    }

    @Test("a span is read in any order, each unit once, and written shortest")
    func spans() {
        #expect(CalendarSpan("1y5m7d2h")?.description == "1y5m7d2h")
        #expect(CalendarSpan("2h01y")?.description == "1y2h")
        #expect(CalendarSpan("0d")?.description == "0h")
        for bad in ["", "1", "d", "1w", "1d2d", "-1d", "1.5d", "1 d", "999999999999999999999y", "1d2", "٣d"] {
            #expect(CalendarSpan(bad) == nil, "\(bad)")
            #expect(TimeExpression.parse(bad, .end) == nil, "\(bad)")
        }
    }

    @Test(
        "what is no time is refused",
        arguments: ["yesterday", "2026", "2026-11", "2026-11-21 13", "2026-02-30", "13:05"])
    func refused(_ text: String) { #expect(TimeExpression.parse(text, .start) == nil) }
}
