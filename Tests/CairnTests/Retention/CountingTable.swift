/// Rules that count, and their mixtures.
let countingTable = """
    # the newest are kept
    > last=2
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 : last snapshot (room for 1 more)

    # more are asked for than there are
    > last=5
    2026-01-01 12:00 +00:00 : last snapshot (room for 3 more)
    2026-01-02 12:00 +00:00 : last snapshot (room for 4 more)

    # all of them, without an end
    > last=unlimited
    2026-01-01 12:00 +00:00 : last snapshot
    2026-01-02 12:00 +00:00 : last snapshot

    # of snapshots of one moment the one with the greater id is the newer
    > last=1
    2026-01-01 12:00 +00:00 : -
    2026-01-01 12:00 +00:00 : -
    2026-01-01 12:00 +00:00 : last snapshot (room for 0 more)

    # of snapshots of one moment one stands for the day, and the other, as the oldest, for what is left
    > daily=2
    2026-01-01 12:00 +00:00 : oldest daily snapshot (room for 0 more)
    2026-01-01 12:00 +00:00 : daily snapshot (room for 1 more)

    # a single snapshot is the newest of its day, not the oldest
    > daily=3
    2026-01-01 12:00 +00:00 : daily snapshot (room for 2 more)

    # the newest of each hour
    > hourly=2
    2026-01-01 10:59 +00:00 : -
    2026-01-01 11:00 +00:00 : -
    2026-01-01 11:59 +00:00 : hourly snapshot (room for 0 more)
    2026-01-01 12:00 +00:00 : -
    2026-01-01 12:30 +00:00 : hourly snapshot (room for 1 more)

    # hours without a snapshot cost no count
    > hourly=3
    2026-01-01 01:00 +00:00 : hourly snapshot (room for 0 more)
    2026-01-03 01:00 +00:00 : hourly snapshot (room for 1 more)
    2026-01-07 01:00 +00:00 : hourly snapshot (room for 2 more)

    # the same hour of another day is another hour
    > hourly=2
    2026-01-01 12:10 +00:00 : -
    2026-01-02 12:10 +00:00 : hourly snapshot (room for 0 more)
    2026-01-03 12:10 +00:00 : hourly snapshot (room for 1 more)

    # the newest of each day
    > daily=2
    2026-01-01 12:00 +00:00 : -
    2026-01-02 06:00 +00:00 : -
    2026-01-02 18:00 +00:00 : daily snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 : daily snapshot (room for 1 more)

    # days without a snapshot cost no count
    > daily=2
    2025-06-01 12:00 +00:00 : -
    2025-07-01 12:00 +00:00 : daily snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 : daily snapshot (room for 1 more)

    # a rule that has counts left keeps the oldest
    > daily=5
    2026-01-01 06:00 +00:00 : oldest daily snapshot (room for 2 more)
    2026-01-01 07:00 +00:00 : -
    2026-01-01 08:00 +00:00 : daily snapshot (room for 3 more)
    2026-01-02 08:00 +00:00 : daily snapshot (room for 4 more)

    # a rule that has none left does not
    > daily=2
    2026-01-01 06:00 +00:00 : -
    2026-01-01 08:00 +00:00 : daily snapshot (room for 0 more)
    2026-01-02 08:00 +00:00 : daily snapshot (room for 1 more)

    # the oldest that begins a day of its own is a daily one like any other
    > daily=3
    2026-01-01 08:00 +00:00 : daily snapshot (room for 0 more)
    2026-01-02 08:00 +00:00 : daily snapshot (room for 1 more)
    2026-01-03 08:00 +00:00 : daily snapshot (room for 2 more)

    # without an end the oldest is kept too
    > daily=unlimited
    2026-01-01 06:00 +00:00 : oldest daily snapshot
    2026-01-01 07:00 +00:00 : -
    2026-01-01 08:00 +00:00 : daily snapshot
    2026-01-02 08:00 +00:00 : daily snapshot

    # the newest of each month
    > monthly=2
    2025-11-30 12:00 +00:00 : -
    2025-12-01 12:00 +00:00 : -
    2025-12-31 12:00 +00:00 : monthly snapshot (room for 0 more)
    2026-01-01 12:00 +00:00 : monthly snapshot (room for 1 more)

    # the same month of another year is another month
    > monthly=3
    2024-05-09 12:00 +00:00 : monthly snapshot (room for 0 more)
    2025-05-09 12:00 +00:00 : monthly snapshot (room for 1 more)
    2026-05-09 12:00 +00:00 : monthly snapshot (room for 2 more)

    # the newest of each year, and the oldest
    > yearly=10
    2023-02-01 12:00 +00:00 : oldest yearly snapshot (room for 6 more)
    2023-03-01 12:00 +00:00 : yearly snapshot (room for 7 more)
    2024-12-31 23:59 +00:00 : yearly snapshot (room for 8 more)
    2026-01-01 00:00 +00:00 : -
    2026-07-01 12:00 +00:00 : yearly snapshot (room for 9 more)

    # a rule of none is no rule
    > last=1 daily=0 monthly=0
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 : last snapshot (room for 0 more)

    # each rule counts for itself, and all reasons are told
    > last=1 hourly=2 daily=2 monthly=1
    2026-01-01 12:00 +00:00 : -
    2026-01-02 10:00 +00:00 : daily snapshot (room for 0 more)
    2026-01-03 11:10 +00:00 : -
    2026-01-03 11:20 +00:00 : hourly snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 : last snapshot (room for 0 more) + hourly snapshot (room for 1 more) + daily snapshot (room for 1 more) + monthly snapshot (room for 0 more)

    # days, weeks, a year: what each keeps of the others
    > daily=3 weekly=3 yearly=1
    2026-03-01 12:00 +00:00 : weekly snapshot (room for 0 more)
    2026-03-07 12:00 +00:00 : -
    2026-03-08 12:00 +00:00 : daily snapshot (room for 0 more) + weekly snapshot (room for 1 more)
    2026-03-09 12:00 +00:00 : daily snapshot (room for 1 more)
    2026-03-10 12:00 +00:00 : daily snapshot (room for 2 more) + weekly snapshot (room for 2 more) + yearly snapshot (room for 0 more)

    # one rule's counts are spent, and the other keeps the oldest
    > last=2 yearly=3
    2026-01-01 12:00 +00:00 : oldest yearly snapshot (room for 1 more)
    2026-01-02 12:00 +00:00 : -
    2026-01-03 12:00 +00:00 : last snapshot (room for 0 more)
    2026-01-04 12:00 +00:00 : last snapshot (room for 1 more) + yearly snapshot (room for 2 more)

    # a thousandth of a thousandth of a second is newer
    > last=1
    2026-01-01 12:00:00.000000001 +00:00 : last snapshot (room for 0 more)
    2026-01-01 12:00:00.000000000 +00:00 : -
    """
