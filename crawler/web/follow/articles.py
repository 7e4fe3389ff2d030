"""The feed of new articles, and that of a search: of words, a category, a document's number."""

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.language.text import normalize_text
from crawler.search.followed import Followed, FollowKey, list_newer, list_older
from crawler.search.hits import SearchHit, read_hits
from crawler.web.follow.atom import AtomEntry, name_forever
from crawler.web.follow.listing import EntryList
from crawler.web.request import SiteRequest, make_absolute
from crawler.web.search.answer import look_up_category
from crawler.web.search.formats import strip_marks
from crawler.web.search.question import Question

_KEY = re.compile(r"([0-9]{1,7})-([0-9]{1,18})", re.ASCII)


def list_articles(request: SiteRequest, asked: Question) -> EntryList[FollowKey]:
    """List the articles of a search, what was archived last first."""

    def follow(connection: sqlite3.Connection) -> Followed:
        question = look_up_category(connection, asked)
        return Followed(question.text, question.filters)

    def older(connection: sqlite3.Connection, place: FollowKey | None, *, limit: int) -> list[FollowKey]:
        return list_older(connection, follow(connection), before=place, limit=limit)

    def newer(connection: sqlite3.Connection, place: FollowKey, *, limit: int) -> list[FollowKey]:
        return list_newer(connection, follow(connection), after=place, limit=limit)

    def read(connection: sqlite3.Connection, keys: Sequence[FollowKey]) -> list[AtomEntry]:
        followed = follow(connection)
        hits = read_hits(connection, followed.text, filters=followed.filters, sort_keys=[key.sort_key for key in keys])
        return read_entries(request, connection, hits=hits)

    return EntryList(older, newer, read, parse_key)


def parse_key(text: str) -> FollowKey | None:
    """Parse a place in the list.

    >>> parse_key("739500-17"), parse_key("17")
    (FollowKey(day=739500, sort_key=17), None)
    """
    match = _KEY.fullmatch(text)
    return FollowKey(int(match[1]), int(match[2])) if match else None


def read_entries(request: SiteRequest, connection: sqlite3.Connection, *, hits: Sequence[SearchHit]) -> list[AtomEntry]:
    """Read hits as entries of a feed, in the same order."""
    ids = [hit.article_id for hit in hits]
    summaries = {hit.article_id: _summarise(request, hit) for hit in hits}
    marks = ",".join("?" * len(ids))
    rows = connection.execute(
        f"""select a.id, a.title, a.url, a.published_on, a.published_at, a.first_seen_at, a.changed_at, a.byline,
              a.portal, p.timezone, coalesce(c.title, c.slug) as category
            from articles a join portals p on p.name = a.portal left join categories c on c.id = a.category_id
            where a.id in ({marks})""",  # noqa: S608 - marks are ?
        ids,
    )
    found = {}
    for row in rows:
        on, article_id = row["published_on"], row["id"]
        found[article_id] = AtomEntry(
            id=name_forever("article", row["portal"], article_id, row["first_seen_at"]),
            title=normalize_text(row["title"]),
            updated=row["changed_at"] or row["first_seen_at"],
            published=row["published_at"] or (_start_of_day(on, row["timezone"]) if on else None),
            page=make_absolute(request, request.link(f"/article/{article_id}")),
            via=row["url"],
            summary=summaries[article_id],
            author=row["byline"] or "",
            category=row["category"] or "",
        )
    return [found[article_id] for article_id in ids if article_id in found]


def _summarise(request: SiteRequest, hit: SearchHit) -> str:
    """Return the words around a hit, and the doubts if they are of a doubtful text."""
    words = normalize_text(strip_marks(hit.snippet))
    if hit.file is None or not hit.file.doubts:
        return words
    why = "; ".join(request.say(f"doubt_{code}") for code in hit.file.doubts)
    return f"{words} [{request.say('text_doubtful')}: {why}]"


def _start_of_day(day: str, timezone: str) -> str | None:
    try:
        on = datetime.fromisoformat(day).date()
        return datetime.combine(on, time(), ZoneInfo(timezone)).isoformat()
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None
