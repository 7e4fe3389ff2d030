"""A portal's own rhythm: how long it usually publishes nothing."""

import sqlite3
from datetime import date
from itertools import pairwise
from statistics import median

from crawler.sentences import Sentence, say

# So many pauses must be known before one is called unusual.
FROM_PAUSES = 10
# A pause is unusual past twice the longest, four times the usual, and two weeks (Tết empties most portals).
LEAST_DAYS = 14
# An unusual silence that lasts so many days more is the portal's rhythm: it was said for weeks, and would hide any
# other doubt.
NEW_RHYTHM_DAYS = 60


def find_silence(connection: sqlite3.Connection, portal: str, *, night: str) -> Sentence | None:
    """Say if a portal has published nothing for far longer than it ever did, None otherwise.

    Once that has lasted for months it is no news, and None again.
    """
    rows = connection.execute(
        "select distinct first_seen_on as day from articles where portal = ? order by 1", (portal,)
    ).fetchall()
    days = [date.fromisoformat(row["day"]) for row in rows]
    pauses = [(later - earlier).days for earlier, later in pairwise(days)]
    if len(pauses) < FROM_PAUSES:
        return None
    silent = (date.fromisoformat(night) - days[-1]).days
    longest_usual = max(LEAST_DAYS, 2 * max(pauses), 4 * median(pauses))
    if not longest_usual < silent <= longest_usual + NEW_RHYTHM_DAYS:
        return None
    return say("silent", days=silent, longest=max(pauses))
