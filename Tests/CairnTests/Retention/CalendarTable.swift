/// Clocks, daylight saving, leap days and weeks.
let calendarTable = """
    # a day is a day on the clock where the snapshot was taken
    > daily=2
    2026-01-01 23:30 -08:00 : daily snapshot (room for 0 more)
    2026-01-02 00:30 -08:00 : -
    2026-01-02 10:00 -08:00 : daily snapshot (room for 1 more)

    # two clocks in one repository: one moment may lie in two days
    > daily=3
    2026-01-01 20:00 -05:00 : daily snapshot (room for 1 more)
    2026-01-02 02:00 +00:00 : daily snapshot (room for 2 more)

    # two clocks in one repository: one date at two places is one day
    > daily=2
    2026-01-02 01:00 +09:00 : oldest daily snapshot (room for 0 more)
    2026-01-02 23:00 -08:00 : daily snapshot (room for 1 more)

    # days of two clocks may come in turns, and each turn counts
    > daily=3
    2026-01-01 22:00 -05:00 : -
    2026-01-02 04:00 +00:00 : daily snapshot (room for 0 more)
    2026-01-01 23:30 -05:00 : daily snapshot (room for 1 more)
    2026-01-02 05:00 +00:00 : daily snapshot (room for 2 more)

    # moments decide what is newer, not what the clocks show
    > last=1
    2026-01-02 08:00 +09:00 : -
    2026-01-01 23:30 +00:00 : last snapshot (room for 0 more)

    # an offset of half an hour moves the hour
    > hourly=2
    2026-01-01 12:10 +05:30 : -
    2026-01-01 12:50 +05:30 : hourly snapshot (room for 0 more)
    2026-01-01 13:10 +05:30 : hourly snapshot (room for 1 more)

    # months and years are those of the snapshot's own clock
    > monthly=1 yearly=1
    2025-12-31 23:59 -01:00 : -
    2026-01-01 00:59 +00:00 : monthly snapshot (room for 0 more) + yearly snapshot (room for 0 more)

    # the clock is put forward: the hour that is missing is no hour
    > hourly=2
    2026-03-29 00:30 +01:00 : -
    2026-03-29 01:30 +01:00 : hourly snapshot (room for 0 more)
    2026-03-29 03:30 +02:00 : hourly snapshot (room for 1 more)

    # the clock is put back: the hour that comes twice is one
    > hourly=2
    2026-10-25 01:30 +02:00 : hourly snapshot (room for 0 more)
    2026-10-25 02:30 +02:00 : -
    2026-10-25 02:30 +01:00 : hourly snapshot (room for 1 more)

    # the clock is put back at midnight: the day goes on
    > daily=2
    2026-11-01 12:00 -04:00 : -
    2026-11-01 23:50 -04:00 : -
    2026-11-01 23:10 -05:00 : daily snapshot (room for 0 more)
    2026-11-02 08:00 -05:00 : daily snapshot (room for 1 more)

    # a day of 23 hours is a day
    > daily=2
    2026-03-28 23:50 +01:00 : -
    2026-03-29 00:10 +01:00 : -
    2026-03-29 23:50 +02:00 : daily snapshot (room for 0 more)
    2026-03-30 00:10 +02:00 : daily snapshot (room for 1 more)

    # a leap day is a day of its own
    > daily=2
    2024-02-28 12:00 +00:00 : -
    2024-02-29 12:00 +00:00 : daily snapshot (room for 0 more)
    2024-03-01 12:00 +00:00 : daily snapshot (room for 1 more)

    # a leap day belongs to February
    > monthly=2
    2024-02-29 23:59 +00:00 : monthly snapshot (room for 0 more)
    2024-03-01 00:00 +00:00 : monthly snapshot (room for 1 more)

    # the year 2000 had a leap day
    > daily=3
    2000-02-28 12:00 +00:00 : daily snapshot (room for 0 more)
    2000-02-29 12:00 +00:00 : daily snapshot (room for 1 more)
    2000-03-01 12:00 +00:00 : daily snapshot (room for 2 more)

    # a week ends on Sunday
    > weekly=2
    2026-01-04 23:59 +00:00 : weekly snapshot (room for 0 more)
    2026-01-05 00:00 +00:00 : -
    2026-01-11 23:59 +00:00 : weekly snapshot (room for 1 more)

    # week 1 of 2026 begins in December 2025
    > weekly=2
    2025-12-28 12:00 +00:00 : weekly snapshot (room for 0 more)
    2025-12-29 12:00 +00:00 : -
    2025-12-31 12:00 +00:00 : -
    2026-01-04 12:00 +00:00 : weekly snapshot (room for 1 more)

    # week 53 of 2020 ends in January 2021
    > weekly=3
    2020-12-27 12:00 +00:00 : weekly snapshot (room for 0 more)
    2020-12-28 12:00 +00:00 : -
    2020-12-31 12:00 +00:00 : -
    2021-01-03 12:00 +00:00 : weekly snapshot (room for 1 more)
    2021-01-04 12:00 +00:00 : weekly snapshot (room for 2 more)

    # the same week of another year is another week
    > weekly=2
    2025-03-12 12:00 +00:00 : weekly snapshot (room for 0 more)
    2026-03-11 12:00 +00:00 : weekly snapshot (room for 1 more)

    # a week is one of the snapshot's own clock
    > weekly=2
    2026-01-04 23:30 -03:00 : weekly snapshot (room for 0 more)
    2026-01-05 02:45 +00:00 : weekly snapshot (room for 1 more)

    # days before 1970 are days too
    > daily=2 weekly=1
    1969-12-28 12:00 +00:00 : -
    1969-12-29 00:00 +00:00 : -
    1969-12-31 23:00 +00:00 : daily snapshot (room for 0 more)
    1970-01-01 01:00 +00:00 : daily snapshot (room for 1 more) + weekly snapshot (room for 0 more)
    """
