"""When an article was published: every found date is stored, the most trusted one is shown."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from crawler.items import Capture, FoundDate
from crawler.language.dates import local_date, parse_iso
from crawler.profile import Profile

# In order of trust (docs/cms-vnpt.md, "Article page").
TRUST = ("page", "listing", "box", "rss", "file-name")

# A page can announce tomorrow. A date further ahead is wrong: a typing error, or a year of the Buddhist era (543 more).
MOST_DAYS_AHEAD = 2
# No portal is older. An empty date field shows as 01/01/0001, 1900 or 1970.
FIRST_DAY = date(1990, 1, 1)

# `published_on`, `published_at` and `published_from` of an article.
ChosenDate = tuple[str | None, str | None, str | None]
_INSERT_DATE = "insert into article_dates values (?, ?, ?, ?, ?, ?)"


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
    for row in _mentioned_dates(connection, portal, url=url):
        found_date = (row["published_on"], row["published_at"], row["place"])
        _put_date(connection, article_id, found_date=found_date, url=url, capture_id=row["capture_id"])


def _mentioned_dates(connection: sqlite3.Connection, portal: str, *, url: str) -> list[sqlite3.Row]:
    return connection.execute(
        """select place, published_on, published_at, capture_id,
             (select fetched_at from captures where id = capture_id) as fetched_at from mentions
           where portal = ? and url = ? and published_on is not null order by capture_id""",
        (portal, url),
    ).fetchall()


def chosen_date(connection: sqlite3.Connection, article_id: int, *, zone: ZoneInfo, rules: int) -> ChosenDate:
    """Choose the latest date of the most trusted source.

    Dates in file names are upload dates. The newest one that is not later than the day we first saw the
    article counts. By rules 2, a date that cannot be is not chosen. All None if none is left.
    """
    first = connection.execute("select first_seen_at from articles where id = ?", (article_id,)).fetchone()
    rows = connection.execute(
        """select d.published_on, d.published_at, d.published_from, c.fetched_at
           from article_dates d join captures c on c.id = d.capture_id
           where d.article_id = ? order by d.capture_id desc, d.rowid desc""",
        (article_id,),
    ).fetchall()
    return _choose([tuple(row) for row in rows], first_seen_at=first["first_seen_at"], zone=zone, rules=rules)


def _choose(
    rows: Sequence[tuple[str, str | None, str, str]], *, first_seen_at: str, zone: ZoneInfo, rules: int
) -> ChosenDate:
    """Choose among (on, at, source, time of the capture), latest first."""
    if rules >= 2:
        rows = [row for row in rows if is_possible(date.fromisoformat(row[0]), captured_at=row[3], zone=zone)]
    for source in TRUST[:-1]:
        for on, at, found_in, _ in rows:
            if found_in == source:
                return on, at, source
    seen_on = local_date(parse_iso(first_seen_at), zone).isoformat()
    uploads = [on for on, _, found_in, _ in rows if found_in == TRUST[-1] and on <= seen_on]
    return (max(uploads), None, TRUST[-1]) if uploads else (None, None, None)


@dataclass(frozen=True, slots=True)
class FirstDates:
    """The dates of a new article before it has a row: (on, at, source, url, capture) of each, and the chosen one."""

    rows: tuple[tuple[str, str | None, str, str | None, int], ...]
    chosen: ChosenDate


def read_first_dates(
    connection: sqlite3.Connection, profile: Profile, *, dates: Iterable[FoundDate], urls: Iterable[str],
    capture: Capture, rules: int,
) -> FirstDates:  # fmt: skip
    """Return the dates that `put_dates` and `put_mentioned_dates` would store for a new article. Read-only."""
    found: list[tuple[str, str | None, str, str | None, int]] = []
    seen_at = {capture.id: capture.fetched_at}
    last: dict[tuple[str, str | None], tuple[str, str | None]] = {}
    for one in dates:
        on, at = one.on.isoformat(), one.at.isoformat() if one.at else None
        place = (one.source, on if one.source == TRUST[-1] else None)
        if last.get(place) != (on, at):
            found.append((on, at, one.source, None, capture.id))
        last[place] = (on, at)
    for url in urls:
        for row in _mentioned_dates(connection, profile.name, url=url):
            found.append((row["published_on"], row["published_at"], row["place"], url, row["capture_id"]))
            seen_at[row["capture_id"]] = row["fetched_at"]
    latest = sorted(enumerate(found), key=lambda numbered: (numbered[1][4], numbered[0]), reverse=True)
    chosen = _choose(
        [(on, at, source, seen_at[capture_id]) for _, (on, at, source, _, capture_id) in latest],
        first_seen_at=capture.fetched_at, zone=profile.zone, rules=rules,
    )  # fmt: skip
    return FirstDates(tuple(found), chosen)


def put_first_dates(connection: sqlite3.Connection, article_id: int, *, found: FirstDates) -> None:
    """Store the dates of a new article."""
    connection.executemany(_INSERT_DATE, [(article_id, *row) for row in found.rows])


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
        connection.execute(_INSERT_DATE, (article_id, on, at, source, url, capture_id))
