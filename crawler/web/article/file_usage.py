"""The pages that list every article with a picture or file, in any of its versions."""

import sqlite3
from dataclasses import dataclass, field

from datasette.utils.asgi import Response

from crawler.archive.attachment_texts import read_doubts
from crawler.language.numbers import whole_number
from crawler.web.article.queries import FileFact, read_file_facts
from crawler.web.attachment.queries import Replacement, read_replacements
from crawler.web.captures.stored_bytes import StoredFile, read_attachment_name, read_attachment_row, read_image_row
from crawler.web.cards import PAGE_ARTICLES, Card, read_cards
from crawler.web.request import SiteRequest

# At most this many references to a file are read for a page: each revision of an article is one.
_MOST_REFERENCES = 500
# Of each kind of facts; the table `attachment_facts` has all.
_MOST_FACTS = 200
_FACT_KINDS = ("document", "sum", "date")


@dataclass(frozen=True, slots=True)
class Use:
    """An article with a file: its caption or label there, and the versions that have it."""

    card: Card
    caption_or_label: str | None
    numbers: tuple[int, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Reference:
    article_id: int
    number: int
    caption_or_label: str | None
    current: int


@dataclass(frozen=True, slots=True)
class _About:
    """What a page says of its file: of an attachment its name, and doubts and facts of its text; size of a picture."""

    name: str = ""
    doubts: tuple[str, ...] = ()
    width: int | None = None
    height: int | None = None
    facts: dict[str, tuple[FileFact, ...]] = field(default_factory=dict)
    replacements: tuple[Replacement, ...] = ()


async def show_picture_use(request: SiteRequest) -> Response:
    """Show the articles with a picture."""
    sha256 = request.variable("sha256").lower()
    stored = await request.read(lambda connection: read_image_row(connection, sha256))
    return await _show(request, stored, kind="image", source=("revision_images", "image_sha256", "caption"))


async def show_file_use(request: SiteRequest) -> Response:
    """Show the articles that offer a file."""
    sha256 = request.variable("sha256").lower()
    stored = await request.read(lambda connection: read_attachment_row(connection, sha256))
    return await _show(
        request, stored, kind="attachment", source=("revision_attachments", "attachment_sha256", "label")
    )


async def _show(
    request: SiteRequest, stored: StoredFile | None, *, kind: str, source: tuple[str, str, str]
) -> Response:
    if stored is None:
        return await request.render_message("not_found", status=404)
    before = whole_number(request.argument("before"))

    def work(connection: sqlite3.Connection) -> tuple[list[Use], int | None, _About]:
        uses, next_before = read_uses(connection, stored.sha256, source=source, before=before)
        return uses, next_before, _read_about(connection, stored.sha256, kind=kind, uses=uses)

    uses, next_before, about = await request.read(work)
    return await request.render(
        "usage.html",
        stored=stored,
        kind=kind,
        uses=uses,
        name=about.name,
        width=about.width,
        height=about.height,
        doubts=about.doubts,
        facts=about.facts,
        replacements=about.replacements,
        next_before=next_before,
        is_first=before is None,
    )


def _read_about(connection: sqlite3.Connection, sha256: str, *, kind: str, uses: list[Use]) -> _About:
    if kind == "attachment":
        return _About(
            name=read_attachment_name(connection, sha256),
            doubts=read_doubts(connection, sha256),
            replacements=tuple(read_replacements(connection, sha256, article_ids=[use.card.id for use in uses])),
            facts={kind: read_file_facts(connection, sha256, kind=kind, most=_MOST_FACTS) for kind in _FACT_KINDS},
        )
    size = connection.execute("select width, height from images where sha256 = ?", (sha256,)).fetchone()
    return _About(width=size[0], height=size[1]) if size else _About()


def read_uses(
    connection: sqlite3.Connection, sha256: str, *, source: tuple[str, str, str], before: int | None
) -> tuple[list[Use], int | None]:
    """Read a page of the articles with a file, the latest id first, and the cursor of the next page.

    Args:
        connection: to the archive.
        sha256: of the file.
        source: the table of references, its column of digests, and its column of captions or labels.
        before: only articles with a lower id.
    """
    table, column, words = source
    rows = connection.execute(
        f"""select f.article_id, f.number, f.{words}, a.revision from {table} f join articles a on a.id = f.article_id
            where f.{column} = ? and f.article_id < ? order by f.article_id desc, f.number desc limit ?""",  # noqa: S608
        (sha256, before if before is not None else 2**62, _MOST_REFERENCES),
    ).fetchall()
    by_article: dict[int, list[_Reference]] = {}
    for row in rows:
        by_article.setdefault(row[0], []).append(_Reference(*row))
    ids = list(by_article)[:PAGE_ARTICLES]
    cards = read_cards(connection, ids)
    uses = [_use(cards[article_id], by_article[article_id]) for article_id in ids if article_id in cards]
    has_more = len(by_article) > len(ids) or len(rows) == _MOST_REFERENCES
    return uses, ids[-1] if ids and has_more else None


def _use(card: Card, references: list[_Reference]) -> Use:
    newest = references[0]
    numbers = tuple(sorted({one.number for one in references}))
    return Use(card, newest.caption_or_label, numbers, newest.number == newest.current)
