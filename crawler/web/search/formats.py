"""A search for programs: JSON, CSV, an Atom feed, and the SQL that gives the same hits."""

import csv
import io
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from datasette.utils.asgi import Response

from crawler.language.csv_cells import escape_cell
from crawler.language.text import normalize_text
from crawler.search.counts import Counts
from crawler.search.hits import HitFile, SearchHit
from crawler.search.prefixes import spell_prefixes_out
from crawler.search.sql import Statement
from crawler.web.atom import Entry, Feed, name_forever, send_feed
from crawler.web.formatting import show_marks
from crawler.web.request import PAGE_CACHE, SiteRequest, make_absolute
from crawler.web.search.answer import (
    Found,
    SearchAnswer,
    answer_question,
    find_followed,
    latest_change,
    look_up_category,
    read_category_titles,
    write_statement,
)
from crawler.web.search.question import Question, read_question

CSV_ROWS, FEED_ENTRIES = 1000, 50
_SQL_ROWS = 20
_CSV_COLUMNS = (
    "id, url, title, published_on, published_from, portal, category, byline, state, first_seen_at, changed_at, "
    "removed_at, revision, word_count"
)
_SELECTED = """a.id, a.url, a.title, a.published_on, a.published_from, a.portal,
    (select coalesce(c.title, c.slug) from categories c where c.id = a.category_id), a.byline, a.state,
    a.first_seen_at, a.changed_at, a.removed_at, a.revision, a.word_count"""
_SHOWN = "a.id, a.sort_key, a.published_on, a.title, a.url, a.state"


async def send_json(request: SiteRequest) -> Response:
    """Answer a search as JSON, one page."""
    question = read_question(request)
    answer = await request.read(lambda connection: answer_question(connection, question))
    ids = [key for key, _ in answer.counts.categories] if answer.counts else []
    titles = await request.read(lambda connection: read_category_titles(connection, ids))
    statement = make_statement(answer.question)
    closeness = answer.closeness
    body = {
        "question": question.parameters(),
        "not_understood": list(question.refused),
        "faults": [{"kind": fault.kind, "piece": fault.piece} for fault in answer.faults],
        "count": max(answer.counts.count, len(answer.found)) if answer.counts else 0,
        "count_is_capped": bool(answer.counts and answer.counts.is_capped),
        "closeness": asdict(closeness) if closeness else None,
        "other_names": [asdict(offer) for offer in answer.offers],
        "hits": [_show_hit(request, found) for found in answer.found],
        "next": _next_page(request, answer),
        "by_time": _show_spans(answer.counts),
        "undated": answer.counts.undated if answer.counts else 0,
        "by_category": [
            {"id": key, "title": titles.get(key), "count": count}
            for key, count in (answer.counts.categories if answer.counts else ())
        ],
        "sql": statement.sql,
        "sql_parameters": statement.parameters,
    }
    return Response.json(body, headers={"cache-control": PAGE_CACHE})


def _next_page(request: SiteRequest, answer: SearchAnswer) -> str | None:
    if answer.next_page is None:
        return None
    path = request.link("/search.json", **answer.question.parameters(before=answer.next_page))
    return make_absolute(request, path)


def _show_spans(counts: Counts | None) -> list[dict[str, object]]:
    spans = counts.spans if counts else ()
    return [
        {
            "since": span.since.isoformat(),
            "until": span.until.isoformat(),
            "count": span.count,
            "count_is_capped": span.is_capped,
        }
        for span in spans
    ]


def _show_hit(request: SiteRequest, found: Found) -> dict[str, object]:
    hit, card = found.hit, found.card
    file = hit.file
    return {
        "id": hit.article_id,
        "title": card.title,
        "page": make_absolute(request, request.link(f"/article/{hit.article_id}")),
        "url": hit.url,
        "published_on": hit.published_on,
        "published_from": card.published_from,
        "first_seen_at": card.first_seen_at,
        "state": card.state,
        "portal": card.portal,
        "category": card.category,
        "snippet": strip_marks(hit.snippet),
        "snippet_html": str(show_marks(hit.snippet)),
        "tier": hit.tier or None,
        "found_in": hit.place if has_marks(hit.title + hit.snippet) else None,
        "file": _describe_file(file) if file else None,
    }


def strip_marks(marked: str) -> str:
    """Remove the marks around hits."""
    return marked.replace("\1", "").replace("\2", "")


def has_marks(marked: str) -> bool:
    """Whether a text contains a marked hit."""
    return "\1" in marked


async def send_csv(request: SiteRequest) -> Response:
    """Answer a search as CSV, up to CSV_ROWS hits; `bom=1` lets Excel read it as UTF-8."""
    asked = read_question(request)

    def work(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
        question = look_up_category(connection, asked)
        statement = spell_prefixes_out(connection, write_statement(question, columns=_SELECTED, limit=CSV_ROWS))
        return [tuple(row) for row in connection.execute(statement.sql, statement.parameters)]

    out = io.StringIO()
    writer = csv.writer(out)
    columns = _CSV_COLUMNS.split(", ")
    writer.writerow([*columns, "page"])
    for row in await request.read(work):
        page = make_absolute(request, request.link(f"/article/{row[0]}"))
        writer.writerow([*map(escape_cell, row), page])
    text = ("\ufeff" if request.argument("bom") == "1" else "") + out.getvalue()
    headers = {"cache-control": PAGE_CACHE, "content-disposition": 'attachment; filename="search.csv"'}
    return Response(text, headers=headers, content_type="text/csv; charset=utf-8")


async def send_atom(request: SiteRequest) -> Response:
    """Answer a search as an Atom feed: the newest FEED_ENTRIES hits, and hits that were found lately."""
    asked = read_question(request)

    def work(connection: sqlite3.Connection) -> tuple[list[Entry], str | None]:
        question = look_up_category(connection, asked)
        hits = find_followed(connection, question, limit=FEED_ENTRIES)
        return read_entries(request, connection, hits=hits), latest_change(connection)

    entries, changed_at = await request.read(work)
    name = asked.text or request.say("all_articles")
    parameters = asked.parameters(sort="")
    feed = Feed(
        id=name_forever("search", urlencode(sorted(parameters.items()))),
        title=request.say("feed_of_search", query=name[:200]),
        subtitle=request.say("site_name"),
        address=make_absolute(request, request.link("/search.atom", **parameters)),
        page=make_absolute(request, request.link("/search", **parameters)),
        author=request.say("site_name"),
        language="vi",
        updated=changed_at,
        entries=entries,
    )
    return send_feed(feed, cache=PAGE_CACHE)


def read_entries(request: SiteRequest, connection: sqlite3.Connection, *, hits: Sequence[SearchHit]) -> list[Entry]:
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
        found[article_id] = Entry(
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


def make_statement(question: Question) -> Statement:
    """Make the SQL of a page of hits."""
    return write_statement(question, columns=_SHOWN, limit=_SQL_ROWS)


def _describe_file(file: HitFile) -> dict[str, object]:
    return {
        "sha256": file.sha256,
        "url": file.url,
        "label": file.label,
        "is_ocr": file.is_ocr,
        "doubts": list(file.doubts),
    }
