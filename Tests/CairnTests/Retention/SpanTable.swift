/// Spans counted back from the newest snapshot.
let spanTable = """
    # what lies within a span of the newest is kept, and its end is outside
    > within=2d
    2026-01-01 11:59:59 +00:00 : -
    2026-01-01 12:00:00 +00:00 : -
    2026-01-01 12:00:01 +00:00 : within 2d
    2026-01-03 12:00:00 +00:00 : within 2d

    # the newest counts, not the clock on the wall: old snapshots do not go by themselves
    > within=1d
    2001-01-01 06:00 +00:00 : within 1d
    2001-01-01 12:00 +00:00 : within 1d

    # hours
    > within=3h
    2026-01-01 08:59 +00:00 : -
    2026-01-01 09:01 +00:00 : within 3h
    2026-01-01 12:00 +00:00 : within 3h

    # a month back is the same day of the month before
    > within=1m
    2026-02-10 12:00 +00:00 : -
    2026-02-10 12:01 +00:00 : within 1m
    2026-03-10 12:00 +00:00 : within 1m

    # a month back from the 31st is the last day of a month that is too short
    > within=1m
    2026-02-28 12:00 +00:00 : -
    2026-02-28 12:01 +00:00 : within 1m
    2026-03-31 12:00 +00:00 : within 1m

    # a year back from a leap day is the last of February
    > within=1y
    2023-02-28 12:00 +00:00 : -
    2023-02-28 12:01 +00:00 : within 1y
    2024-02-29 12:00 +00:00 : within 1y

    # a year back over a leap day
    > within=1y
    2023-03-01 12:00 +00:00 : -
    2023-03-02 12:00 +00:00 : within 1y
    2024-03-01 12:00 +00:00 : within 1y

    # years, months, days and hours, in this order
    > within=1y1m1d1h
    2024-11-29 10:59 +00:00 : -
    2024-11-29 11:01 +00:00 : within 1y1m1d1h
    2025-12-30 12:00 +00:00 : within 1y1m1d1h

    # days are counted on the clock of the newest: where others were put forward meanwhile does not matter
    > within=1d
    2026-03-28 11:30 +01:00 : within 1d
    2026-03-28 10:30 +01:00 : -
    2026-03-29 12:00 +02:00 : within 1d

    # days are counted on the clock of the newest: where others were put back meanwhile does not matter
    > within=1d
    2026-10-24 12:30 +02:00 : -
    2026-10-24 13:30 +02:00 : within 1d
    2026-10-25 12:00 +01:00 : within 1d

    # a span of no time is no rule
    > within=0h last=1
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 : last snapshot (room for 0 more)

    # the newest of each hour within a day
    > within-hourly=1d
    2026-01-01 08:00 +00:00 : -
    2026-01-02 08:00 +00:00 : -
    2026-01-02 08:10 +00:00 : -
    2026-01-02 08:20 +00:00 : hourly within 1d
    2026-01-02 12:00 +00:00 : hourly within 1d

    # the newest of each day within a week
    > within-daily=7d
    2026-01-01 12:00 +00:00 : -
    2026-01-02 13:00 +00:00 : -
    2026-01-02 14:00 +00:00 : daily within 7d
    2026-01-09 06:00 +00:00 : -
    2026-01-09 12:00 +00:00 : daily within 7d

    # the oldest is kept where it lies within the span
    > within-daily=7d
    2026-01-02 13:00 +00:00 : oldest daily within 7d
    2026-01-02 13:30 +00:00 : -
    2026-01-02 14:00 +00:00 : daily within 7d
    2026-01-09 12:00 +00:00 : daily within 7d

    # the newest of each week within two months
    > within-weekly=2m
    2025-12-10 12:00 +00:00 : -
    2025-12-29 12:00 +00:00 : -
    2026-01-04 12:00 +00:00 : weekly within 2m
    2026-02-15 12:00 +00:00 : weekly within 2m

    # the newest of each month within a year
    > within-monthly=1y
    2025-02-15 12:00 +00:00 : -
    2025-02-16 12:00 +00:00 : -
    2025-02-20 12:00 +00:00 : monthly within 1y
    2026-02-15 12:00 +00:00 : monthly within 1y

    # the newest of each year within five
    > within-yearly=5y
    2021-05-05 12:00 +00:00 : -
    2021-05-06 12:00 +00:00 : yearly within 5y
    2026-01-01 12:00 +00:00 : -
    2026-05-05 12:00 +00:00 : yearly within 5y

    # spans and counts side by side
    > within=2h within-daily=3d last=1 monthly=2
    2026-01-31 12:00 +00:00 : monthly snapshot (room for 0 more)
    2026-02-01 09:00 +00:00 : -
    2026-02-03 09:00 +00:00 : daily within 3d
    2026-02-04 10:30 +00:00 : within 2h
    2026-02-04 12:00 +00:00 : within 2h + last snapshot (room for 0 more) + monthly snapshot (room for 1 more) + daily within 3d

    # a span longer than time
    > within=99999999y
    0001-01-02 12:00 +00:00 : within 99999999y
    2026-02-04 12:00 +00:00 : within 99999999y
    """
