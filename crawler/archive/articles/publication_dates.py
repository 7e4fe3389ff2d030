"""When an article was published: every found date is stored, the most trusted one is shown."""

import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from crawler.items import Capture, FoundDate
from crawler.language.dates import local_date, parse_iso

# In order of trust (docs/cms-vnpt.md, "Article page").
TRUST = ("page", "listing", "box", "rss", "file-name")

# A page can announce tomorrow. A date further ahead is wrong: a typing error, or a year of the Buddhist era (543 more).
MOST_DAYS_AHEAD = 2
# No portal is older. An empty date field shows as 01/01/0001, 1900 or 1970.
FIRST_DAY = date(1990, 1, 1)


def is_possible(on: date, *, captured_at: str, zone: ZoneInfo) -> bool:
    """Return whether a page that was captured at a time (ISO 8601, UTC) can have been published on a day.

    >>> [is_possible(date(year, 5, 4), captured_at="2025-05-03T18:00:00Z", zone=ZoneInfo("Asia/Ho_Chi_Minh"))
    ...  for year in (1970, 2025, 2026, 2568)]
    [False, True, False, False]
    """
    return FIRST_DAY <= on <= local_date(parse_iso(captured_at), zone) + timedelta(days=MOST_DAYS_AHEAD)


def choose_page_date(dates: Iterable[FoundDate], *, captured_at: str, zone: ZoneInfo, rules: int) -> str | None:
    """Return the first date that a page shows of itself, by rules 2 the first that can be. None without one."""
    shown = (found.on for found in dates if found.source == "page")
    if rules >= 2:
        shown = (on for on in shown if is_possible(on, captured_at=captured_at, zone=zone))
    on = next(shown, None)
    return on.isoformat() if on else None


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
    connection: sqlite3.Connection, article_id: int, *, zone: ZoneInfo, rules: int
) -> tuple[str | None, str | None, str | None]:
    """Choose (published_on, published_at, published_from): the latest date of the most trusted source.

    Dates in file names are upload dates. The newest one that is not later than the day we first saw the
    article counts. By rules 2, a date that cannot be is not chosen. All None if none is left.
    """
    first = connection.execute("select first_seen_at from articles where id = ?", (article_id,)).fetchone()
    seen_on = local_date(parse_iso(first["first_seen_at"]), zone).isoformat()
    rows = connection.execute(
        """select d.published_on, d.published_at, d.published_from, c.fetched_at
           from article_dates d join captures c on c.id = d.capture_id
           where d.article_id = ? order by d.capture_id desc, d.rowid desc""",
        (article_id,),
    ).fetchall()
    if rules >= 2:
        rows = [
            row
            for row in rows
            if is_possible(date.fromisoformat(row["published_on"]), captured_at=row["fetched_at"], zone=zone)
        ]
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
