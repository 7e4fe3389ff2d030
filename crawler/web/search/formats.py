"""A search for programs: JSON, CSV, and the SQL that gives the same hits."""

import csv
import io
import sqlite3
from dataclasses import asdict

from datasette.utils.asgi import Response

from crawler.language.csv_cells import escape_cell
from crawler.search.counts import Counts
from crawler.search.hits import HitFile
from crawler.search.rewriting import rewrite
from crawler.search.sql import Statement
from crawler.web.formatting import show_marks
from crawler.web.request import PAGE_CACHE, SiteRequest, make_absolute
from crawler.web.search.answer import (
    Found,
    SearchAnswer,
    answer_question,
    look_up_category,
    read_category_titles,
    write_statement,
)
from crawler.web.search.question import Question, read_question

CSV_ROWS = 1000
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
        "phrase_count": answer.phrase_count,
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
        "sum": {"said": found.sum.said, "file_sha256": found.sum.sha256} if found.sum else None,
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
        statement = rewrite(connection, write_statement(question, columns=_SELECTED, limit=CSV_ROWS))
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
        "page": file.page,
    }
