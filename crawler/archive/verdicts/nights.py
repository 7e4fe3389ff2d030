"""Nights: the date in the portal's zone on which a run began. All that the run fetches belongs to that night.

A run by rules 1 keeps its former nights: each capture belongs to the night of its own date.
"""

import sqlite3

from crawler.archive.verdicts.rules import rules_of
from crawler.language.dates import local_date, parse_iso
from crawler.profile import Profile


def night_of(profile: Profile, at: str) -> str:
    """Return the date of an instant in the portal's zone: the night of a run that began then."""
    return local_date(parse_iso(at), profile.zone).isoformat()


def night_of_run(connection: sqlite3.Connection, profile: Profile, *, crawl_id: int, at: str) -> str:
    """Return the night to which something belongs that a run did at an instant."""
    if rules_of(connection, crawl_id) > 1:
        row = connection.execute("select started_at from crawls where id = ?", (crawl_id,)).fetchone()
        at = row[0] if row else at
    return night_of(profile, at)
