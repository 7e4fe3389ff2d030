"""Check the ids of captures: they increase by one, in the order of their records. An altered id leaves a gap."""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from crawler.archive.warc.finding import Finding


def check_order(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Report the captures whose ids were altered. Yield nothing if no id is missing, except ids that a jump skipped.

    A rebuild may number records in a different order from that in the files, but leaves no gap. Call only if each
    record has a row, because a missing row leaves a gap too.
    """
    # Read the table, not a view over it: a view shows a withheld row under its former id.
    numbers = connection.execute("select id from main.captures where id > 0 order by id")
    above = [row[0] for row in connection.execute("select capture_above from history where capture_above is not null")]
    gaps = [
        (one, other)
        for one, other in pairwise([0, *(row[0] for row in numbers)])
        if other != one + 1 and not any(one <= jump < other for jump in above)
    ]
    if not gaps:
        return
    rows = connection.execute(
        """select c.id from main.captures c left join warc_files w on w.name = c.warc_file
           order by w.serial, c.warc_offset"""
    )
    ids = [row[0] for row in rows]
    kept = _longest_rise([number for number in ids if number > 0])
    odd = [number for number in ids if number not in kept] or [other for _, other in gaps]
    former = str(gaps[0][0] + 1) if len(odd) == 1 else None
    for number in odd if len(odd) <= len(gaps) else [other for _, other in gaps]:
        said = f"capture {number}: id is not the one that the order of the records gives"
        yield Finding("row", said, table="captures", key=str(number), former_key=former)


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Return the members of the longest increasing subsequence of different numbers.

    >>> sorted(_longest_rise([1, 2, 99, 3, 4]))
    [1, 2, 3, 4]
    """
    ends: list[int] = []  # the smallest end of a subsequence of each length, and its place
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_right(ends, number)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1], places[length : length + 1] = [number], [place]
    found = set()
    place = places[-1] if places else -1
    while place >= 0:
        found.add(numbers[place])
        place = before[place]
    return found
