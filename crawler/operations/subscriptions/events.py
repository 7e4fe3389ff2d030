"""What happened to articles, as the archive has it: new, changed, removed and back. What is withheld is not in it."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.items import EventKind
from crawler.language.dates import local_date, parse_iso
from crawler.operations.health.problems import HOME_ZONE
from crawler.search.followed import read_first_ends

# A text of a file can be read some nights after its article was found: so far back events are looked at again.
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ArticleEvent:
    """Something that happened to an article; `number` is the revision that an edit made.

    `article_id` and the fields after it are of the article as it is now.
    """

    kind: str
    at: str
    article_id: int
    sort_key: int
    title: str
    url: str
    state: str
    portal: str
    category_id: int | None
    number: int | None = None

    @property
    def key(self) -> str:
        """What identifies it, also in a rebuilt archive."""
        return f"{self.kind}:{self.article_id}:{self.at}"


def read_events(connection: sqlite3.Connection, *, since: str) -> list[ArticleEvent]:
    """Read the events from a time on, oldest first.

    What the first run of a portal found is not news, nor is what was found again when two articles proved one.
    """
    rows = connection.execute(
        """select e.kind, e.at, e.article_id, a.sort_key, a.title, a.url, a.state, a.portal, a.category_id,
             (select min(r.number) from revisions r where r.article_id = e.article_id and r.seen_at = e.at
                and r.number > 1 and e.kind = 'revised'),
             exists (select 1 from article_events f
               where f.article_id = e.article_id and f.kind = 'found' and f.at < e.at)
           from article_events e join articles a on a.id = e.article_id
           where e.at >= ? and e.kind in ('found', 'revised', 'removed', 'returned') order by e.at, e.id""",
        (since,),
    ).fetchall()
    ends = read_first_ends(connection)
    found = []
    for *fields, is_again in rows:
        event = ArticleEvent(*fields)
        end = ends.get(event.portal)
        if event.kind == EventKind.FOUND and (end is None or event.at <= end or is_again):
            continue
        found.append(event)
    return found


def find_start(connection: sqlite3.Connection, *, every: str) -> str | None:
    """Return the time from which a new subscription gets news.

    It is the start of the last night, or of the week that it ends.

    None if there was no run.
    """
    rows = connection.execute(
        """select c.started_at, p.timezone from crawls c join portals p on p.name = c.portal
           order by c.started_at desc limit 1000"""
    ).fetchall()
    if not rows:
        return None
    nights = [(_night_of(at, zone), str(at)) for at, zone in rows]
    first = nights[0][0] - timedelta(days=6 if every == "week" else 0)
    return min(at for night, at in nights if night >= first)


def _night_of(at: str, timezone: str) -> datetime:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = HOME_ZONE
    return datetime.combine(local_date(parse_iso(at), zone), datetime.min.time())
