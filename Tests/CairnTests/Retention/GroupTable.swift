/// Tags, groups, and what no policy forgets.
let groupTable = """
    # a tag keeps, however many there are
    > tag=keep allow-last
    2026-01-01 12:00 +00:00 tags=keep : has tags keep
    2026-01-02 12:00 +00:00 tags=keep,other : has tags keep
    2026-01-03 12:00 +00:00 tags=other : -
    2026-01-04 12:00 +00:00 : -

    # of one list all tags must be there
    > tag=a,b allow-last
    2026-01-01 12:00 +00:00 tags=a : -
    2026-01-02 12:00 +00:00 tags=a,b,c : has tags a, b
    2026-01-03 12:00 +00:00 tags=b : -

    # of several lists one is enough, and all that fit are told
    > tag=a tag=b,c
    2026-01-01 12:00 +00:00 tags=a : has tags a
    2026-01-02 12:00 +00:00 tags=b,c : has tags b, c
    2026-01-03 12:00 +00:00 tags=a,b,c : has tags a + has tags b, c

    # the empty list means snapshots without tags
    > tag= allow-last
    2026-01-01 12:00 +00:00 : has no tags
    2026-01-02 12:00 +00:00 tags=a : -

    # tags cost no count
    > last=1 tag=a
    2026-01-01 12:00 +00:00 tags=a : has tags a
    2026-01-02 12:00 +00:00 : -
    2026-01-03 12:00 +00:00 tags=a : has tags a + last snapshot (room for 0 more)

    # each source is judged for itself
    > last=1
    2026-01-01 12:00 +00:00 host=amber : -
    2026-01-02 12:00 +00:00 host=basalt : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 host=amber : last snapshot (room for 0 more)
    2026-01-04 12:00 +00:00 host=amber paths=/etc : last snapshot (room for 0 more)

    # paths in another order are the same
    > last=1
    2026-01-01 12:00 +00:00 paths=/b,/a : -
    2026-01-02 12:00 +00:00 paths=/a,/b : last snapshot (room for 0 more)

    # by host alone
    > last=1 group=host
    2026-01-01 12:00 +00:00 host=basalt : last snapshot (room for 0 more)
    2026-01-02 12:00 +00:00 host=amber paths=/etc : last complete snapshot of its source
    2026-01-03 12:00 +00:00 host=amber : last snapshot (room for 0 more)

    # by paths alone
    > last=1 group=paths allow-last
    2026-01-01 12:00 +00:00 host=amber : -
    2026-01-02 12:00 +00:00 host=basalt : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 host=amber paths=/etc : last snapshot (room for 0 more)

    # by tags alone: all of them
    > last=1 group=tags
    2026-01-01 12:00 +00:00 tags=a : -
    2026-01-02 12:00 +00:00 tags=a,b : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 tags=a : last snapshot (room for 0 more)
    2026-01-04 12:00 +00:00 : last snapshot (room for 0 more)

    # by host and tags
    > last=1 group=host,tags
    2026-01-01 12:00 +00:00 host=amber tags=a : -
    2026-01-02 12:00 +00:00 host=basalt tags=a : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 host=amber tags=a : last snapshot (room for 0 more)

    # all in one group
    > last=2 group= allow-last
    2026-01-01 12:00 +00:00 host=amber : -
    2026-01-02 12:00 +00:00 host=basalt : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 paths=/etc : last snapshot (room for 1 more)

    # a span is counted from the newest of the group
    > within=1d
    2026-01-01 06:00 +00:00 host=amber : within 1d
    2026-01-01 12:00 +00:00 host=amber : within 1d
    2026-06-01 06:00 +00:00 host=basalt : -
    2026-06-03 12:00 +00:00 host=basalt : within 1d

    # the oldest is the oldest of the group
    > daily=2
    2026-01-01 06:00 +00:00 host=amber : oldest daily snapshot (room for 0 more)
    2026-01-01 12:00 +00:00 host=amber : daily snapshot (room for 1 more)
    2025-01-01 06:00 +00:00 host=basalt : oldest daily snapshot (room for 0 more)
    2025-01-01 12:00 +00:00 host=basalt : daily snapshot (room for 1 more)

    # incomplete snapshots count as others do, and the last complete one stays
    > last=2
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 : last complete snapshot of its source
    2026-01-03 12:00 +00:00 incomplete : -
    2026-01-04 12:00 +00:00 incomplete : last snapshot (room for 0 more)
    2026-01-05 12:00 +00:00 incomplete : last snapshot (room for 1 more)

    # where a rule keeps the last complete one, that is the reason
    > last=2
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 incomplete : last snapshot (room for 1 more)

    # the last complete one can go if that is allowed
    > last=1 allow-last
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 incomplete : last snapshot (room for 0 more)

    # where none is complete the newest stays
    > tag=keep
    2026-01-01 12:00 +00:00 incomplete : -
    2026-01-02 12:00 +00:00 incomplete : last snapshot of its source

    # where a rule keeps the newest of those that are not complete, that is the reason
    > last=1
    2026-01-01 12:00 +00:00 incomplete : -
    2026-01-02 12:00 +00:00 incomplete : last snapshot (room for 0 more)

    # the newest of those that are not complete can go if that is allowed
    > tag=keep allow-last
    2026-01-01 12:00 +00:00 incomplete tags=keep : has tags keep
    2026-01-02 12:00 +00:00 incomplete : -

    # beside a complete one, be it the oldest, none stays that is not
    > tag=keep
    2026-01-01 12:00 +00:00 : last complete snapshot of its source
    2026-01-02 12:00 +00:00 incomplete : -
    2026-01-03 12:00 +00:00 host=basalt incomplete : last snapshot of its source

    # a complete one that is not asked about is enough
    > tag=keep
    2026-01-01 12:00 +00:00 outside : outside
    2026-01-02 12:00 +00:00 incomplete : -

    # a policy that keeps nothing of a source leaves its last complete one
    > tag=keep
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 : last complete snapshot of its source

    # the last complete one is sought in the whole repository, not only among those that were asked about
    > tag=keep
    2026-01-01 12:00 +00:00 tags=a : -
    2026-01-02 12:00 +00:00 tags=a : -
    2026-01-03 12:00 +00:00 outside : outside

    # one that is not asked about counts for no rule
    > last=1
    2026-01-01 12:00 +00:00 : -
    2026-01-02 12:00 +00:00 : last snapshot (room for 0 more)
    2026-01-03 12:00 +00:00 outside : outside

    # the sources of a group keep their last complete ones each
    > last=1 group=
    2026-01-01 12:00 +00:00 host=amber : -
    2026-01-02 12:00 +00:00 host=amber : last complete snapshot of its source
    2026-01-03 12:00 +00:00 host=amber incomplete : -
    2026-01-04 12:00 +00:00 host=basalt : last complete snapshot of its source
    2026-01-05 12:00 +00:00 host=basalt paths=/etc : last snapshot (room for 0 more)
    """
