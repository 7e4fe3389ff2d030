"""The reader: one page of an attachment's text, with the words of a search marked."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datasette.utils.asgi import Response

from crawler.archive.page_pictures.store import Drawn, read_drawn, read_picture
from crawler.language.numbers import whole_number
from crawler.search.marking import How, mark_texts
from crawler.search.snippets import MarkedText, put_marks
from crawler.web.attachment.pages import Leaf, cut_leaves, find_leaves
from crawler.web.attachment.queries import FileText, Offers, Replacement, read_file_text, read_offers, read_replacements
from crawler.web.captures.file_views import is_held
from crawler.web.captures.stored_bytes import read_attachment_row
from crawler.web.request import PAGE_CACHE, SiteRequest, make_absolute
from crawler.web.security_headers import material_headers
from crawler.web.served_files import thumbnail_type

# Pages with hits that a page of the reader names.
_MOST_NAMED = 200
_MOST_QUERY_CHARACTERS = 2000
_MOST_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class LeafLink:
    """A leaf of the file as the reader links to it: its name (of a file in an archive), and the hits in it."""

    leaf: Leaf
    name: str | None
    hits: int


@dataclass(frozen=True, slots=True)
class ReaderPage:
    """A page of the reader. `found` are the leaves with hits; `wrong` is the requested page if it does not exist."""

    file: FileText
    offers: Offers
    replacements: tuple[Replacement, ...]
    leaf: Leaf
    name: str | None
    shown: str
    drawn: Drawn | None
    pages: int
    before: Leaf | None
    after: Leaf | None
    how: How | None
    found: tuple[LeafLink, ...]
    contents: tuple[LeafLink, ...]
    wrong: str

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the picture of the page; None if it was not drawn."""
        return self.drawn.sizes.get(self.leaf.page) if self.drawn else None


async def show_reader(request: SiteRequest) -> Response:
    """Show a page of an attachment: of `page` and `part`, else the first with what `q` finds."""
    sha256 = request.variable("sha256").lower()
    query = request.argument("q")[:_MOST_QUERY_CHARACTERS]
    asked = request.argument("page"), request.argument("part")
    drawn = await request.read(lambda _: read_drawn(Path(request.database.path), sha256))
    reading = await request.read(lambda connection: _read(connection, sha256, query=query, asked=asked, drawn=drawn))
    if reading is None:
        return await request.render_message("not_found", status=404)
    address = f"{request.path(f'/attachment/{sha256}/read')}?page={reading.leaf.page}"
    return await request.render(
        "reader.html", reading=reading, file=reading.file, query=query, cited=make_absolute(request, address)
    )


async def send_picture(request: SiteRequest) -> Response:
    """Send the picture of a page of an attachment, as it was drawn beside the crawl; 404 if it was not."""
    sha256, page = request.variable("sha256").lower(), int(request.variable("number"))
    # The store may hold pictures for a moment longer than the archive holds the file.
    stored = await request.read(lambda connection: read_attachment_row(connection, sha256))
    picture = await request.read(lambda _: read_picture(Path(request.database.path), sha256, page=page))
    if stored is None or picture is None:
        return await request.render_message("not_found", status=404)
    headers = material_headers(hashlib.sha256(picture).hexdigest(), cache=PAGE_CACHE)
    if is_held(request, headers["etag"]):
        return Response(b"", status=304, headers=headers)
    return Response(picture, headers=headers, content_type=thumbnail_type(picture))


def _read(
    connection: sqlite3.Connection, sha256: str, *, query: str, asked: tuple[str, str], drawn: Drawn | None
) -> ReaderPage | None:
    file = read_file_text(connection, sha256)
    if file is None:
        return None
    pages = max(file.pages or 0, *drawn.sizes, 0) if drawn else file.pages or 0
    leaves = cut_leaves(file.text, file.starts, pages=pages if file.kind == "page" else 0)
    marking = mark_texts({"files": file.text}, query) if query and file.text else None
    spans = marking.texts["files"].spans if marking else ()
    hits = Counter(find_leaves(leaves, (start for start, _ in spans)))
    place, wrong = _choose(leaves, hits, asked=asked)
    leaf = leaves[place]
    names = _name_leaves(file, leaves)
    offers = read_offers(connection, sha256)
    return ReaderPage(
        file,
        offers,
        tuple(read_replacements(connection, sha256, article_ids=[card.id for card in offers.cards])),
        leaf,
        names.get(place),
        _cut_shown(file.text, leaf, spans=spans),
        drawn,
        leaves[-1].page,
        leaves[place - 1] if place else None,
        leaves[place + 1] if place + 1 < len(leaves) else None,
        marking.how if marking else None,
        tuple(LeafLink(leaves[number], names.get(number), hits[number]) for number in sorted(hits)[:_MOST_NAMED]),
        tuple(LeafLink(leaves[number], name, hits[number]) for number, name in list(names.items())[:_MOST_NAMED]),
        wrong,
    )


def _choose(leaves: Sequence[Leaf], hits: Counter[int], *, asked: tuple[str, str]) -> tuple[int, str]:
    """Choose the leaf that was asked for; without one, the first that has a hit. Give the page that does not exist."""
    page, part = (whole_number(one, at_most=10**9) for one in asked)
    of_page = [number for number, leaf in enumerate(leaves) if leaf.page == page]
    if not of_page:
        return min(hits, default=0), asked[0]
    if part is not None:
        of_part = [number for number in of_page if leaves[number].part == part]
        return (of_part or of_page)[0], "" if of_part else f"{page}.{part}"
    return next((number for number in of_page if hits[number]), of_page[0]), ""


def _name_leaves(file: FileText, leaves: Sequence[Leaf]) -> dict[int, str]:
    """Name the files of an archive: each begins with its name."""
    if file.kind != "file":
        return {}
    return {
        number: file.text[leaf.start : leaf.end].partition("\n")[0][:_MOST_NAME_CHARACTERS]
        for number, leaf in enumerate(leaves)
        if leaf.part == 1
    }


def _cut_shown(text: str, leaf: Leaf, *, spans: Sequence[tuple[int, int]]) -> str:
    """Cut a leaf out of a text, with char(1) and char(2) around what was found."""
    inside = tuple(
        (max(start, leaf.start) - leaf.start, min(end, leaf.end) - leaf.start)
        for start, end in spans
        if start < leaf.end and end > leaf.start
    )
    return put_marks(MarkedText(text[leaf.start : leaf.end], inside)).strip("\n")
