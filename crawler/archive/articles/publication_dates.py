"""When an article was published: every found date is stored, the most trusted one is shown."""

import sqlite3
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from crawler.items import Capture, FoundDate
from crawler.language.dates import local_date, parse_iso

# In order of trust (docs/cms-vnpt.md, "Article page").
TRUST = ("page", "listing", "box", "rss", "file-name")


def put_dates(connection: sqlite3.Connection, article_id: int, *, dates: Iterable[FoundDate], capture: Capture) -> None:
    """Store the dates of a capture. A date that repeats the last one of its source is not stored again."""
    for found in dates:
        at = found.at.isoformat() if found.at else None
        _put_date(
            connection, article_id, found_date=(found.on.isoformat(), at, found.source), url=None, capture_id=capture.id
        )


def put_mentioned_dates(connection: sqlite3.Connection, portal: str, *, url: str, article_id: int) -> None:
    """Store the dates that other pages show beside one of the article's addresses."""
    rows = connection.execute(
        """select place, published_on, published_at, capture_id from mentions
           where portal = ? and url = ? and published_on is not null order by capture_id""",
        (portal, url),
    ).fetchall()
    for row in rows:
        found_date = (row["published_on"], row["published_at"], row["place"])
        _put_date(connection, article_id, found_date=found_date, url=url, capture_id=row["capture_id"])


def chosen_date(
    connection: sqlite3.Connection, article_id: int, *, zone: ZoneInfo
) -> tuple[str | None, str | None, str | None]:
    """Choose (published_on, published_at, published_from): the latest date of the most trusted source.

    Dates in file names are upload dates. The newest one that is not later than the day we first saw the
    article counts.
    """
    first = connection.execute("select first_seen_at from articles where id = ?", (article_id,)).fetchone()
    seen_on = local_date(parse_iso(first["first_seen_at"]), zone).isoformat()
    rows = connection.execute(
        """select published_on, published_at, published_from from article_dates
           where article_id = ? order by capture_id desc, rowid desc""",
        (article_id,),
    ).fetchall()
    for source in TRUST[:-1]:
        for row in rows:
            if row["published_from"] == source:
                return row["published_on"], row["published_at"], source
    uploads = [row["published_on"] for row in rows if row["published_from"] == TRUST[-1]]
    uploads = [on for on in uploads if on <= seen_on]
    return (max(uploads), None, TRUST[-1]) if uploads else (None, None, None)


def _put_date(
    connection: sqlite3.Connection,
    article_id: int,
    *,
    found_date: tuple[str, str | None, str],
    url: str | None,
    capture_id: int,
) -> None:
    """Store a date (on, at, source) unless it repeats the last one of this source beside this address."""
    on, at, source = found_date
    # The files of an article may have different dates. All of them are stored.
    same_day = "and published_on = ?4" if source == TRUST[-1] else "and ?4 is not null"
    last = connection.execute(
        f"""select published_on, published_at from article_dates
            where article_id = ?1 and published_from = ?2 and url is ?3 {same_day}
            order by capture_id desc, rowid desc limit 1""",  # noqa: S608 - one of the two above
        (article_id, source, url, on),
    ).fetchone()
    if last is None or tuple(last) != (on, at):
        connection.execute(
            "insert into article_dates values (?, ?, ?, ?, ?, ?)", (article_id, on, at, source, url, capture_id)
        )
