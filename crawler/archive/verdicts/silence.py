"""Silence of a portal: it publishes nothing for longer than in its past."""

import sqlite3
from datetime import date
from itertools import pairwise
from statistics import median

from crawler.sentences import Sentence, say

# This many pauses must be known to call one unusual.
FROM_PAUSES = 10
# A pause is unusual past twice the longest, four times the usual, and two weeks (Tết empties most portals).
LEAST_DAYS = 14
# After this many more days a silence is the portal's normal state: it was reported for weeks and would hide other
# doubts.
NEW_RHYTHM_DAYS = 60
# One search in the index for each day, instead of one for each article.
_NEXT_DAY = """select first_seen_on from articles indexed by articles_first_seen where portal = :portal and {after}
  order by first_seen_on limit 1"""


def find_silence(connection: sqlite3.Connection, portal: str, *, night: str) -> Sentence | None:
    """Return a sentence if a portal has been silent for far longer than ever before; None otherwise.

    After `NEW_RHYTHM_DAYS` more days it is None again.
    """
    rows = connection.execute(
        f"""with recursive days (day) as (
             select ({_NEXT_DAY.format(after="true")}) union all
             select ({_NEXT_DAY.format(after="first_seen_on > day")}) from days where day is not null)
           select day from days where day is not null order by 1""",  # noqa: S608 - ours
        {"portal": portal},
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
