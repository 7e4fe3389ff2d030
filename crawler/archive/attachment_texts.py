"""The texts of attachments: which are still to be read, and storing them together with the search index."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crawler.archive.articles.derived import put_attachment_facts
from crawler.archive.articles.search_index import index_articles, is_waiting, read_search_row, unindex_articles
from crawler.archive.row_digests.row_ledger import note_text
from crawler.archive.transaction import transaction
from crawler.archive.warc.answers import read_answer
from crawler.archive.warc.captures import as_capture
from crawler.archive.withheld.overlay import Overlay
from crawler.body import Body, sha256_of
from crawler.errors import WarcError
from crawler.media.payload import open_payload

# Raise it when the readers of files give another text for any file: every file is then read again.
TEXT_READER_VERSION = 2
# Why a text may be wrong or not whole:
DOUBTS = (
    "garbled",  # many of its words can be no words
    "garbled-pages",  # so are those of single pages
    "marks-lost",  # Vietnamese words lost their marks
    "letters-apart",  # its letters are separated by spaces
    "few-letters",  # its pages gave fewer letters than a page of text has
    "pages-unread",  # pages were not read, or show pictures that gave no text
    "structure",  # the file promises more than it gave: cells, paragraphs, files within
    "readers-differ",  # two readers read it differently
    "wrong-layer",  # what the file says is not what it shows: the text is recognised from its picture
    "unsure-letters",  # the program that recognised a picture says that it is not sure of what it read
    "legacy-letters",  # it lost letters of before Unicode, which were guessed
)


# What the pages of a text are, by the method that read it; other texts have no pages, but may have sections.
_UNITS = {
    "pdf": "page", "xps": "page", "ocr": "page", "xlsx": "sheet", "xls": "sheet", "pptx": "slide", "ppt": "slide",
    "archive": "file",
}  # fmt: skip
_HELD_COLUMNS = (
    "text", "method", "is_ocr", "reason", "detail", "tool", "lacks", "pages", "pages_read", "is_cut", "quality",
    "doubts", "page_starts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextReading:
    """The result of reading a file: its text, or the reason why it has none.

    Args:
        text: lines end with a line feed, pages are separated by a blank line; None without a text.
        method: such as `pdf`, `docx`, `ocr`, `pdf+ocr`; None without a text.
        is_ocr: whether a part was recognised from a picture.
        reason: why there is no text, in one word; None with a text.
        detail: more about the reason, or about the missing part of the text.
        tool: program or library that read it, with its version.
        lacks: program that is missing on this machine and would have read more.
        pages: number of pages, sheets or slides; None if the file has none, or their number is unknown.
        pages_read: how many of them were read.
        is_cut: whether the text was cut at the limit.
        quality: the share of words that seem right, 0 to 1; None without a text, or if it has too few words.
        doubts: why the text may be wrong or not whole, of `DOUBTS`.
        page_starts: where each page, sheet or slide begins in the text; () if the file has none.
    """

    text: str | None = None
    method: str | None = None
    is_ocr: bool = False
    reason: str | None = None
    detail: str | None = None
    tool: str | None = None
    lacks: str | None = None
    pages: int | None = None
    pages_read: int | None = None
    is_cut: bool = False
    quality: float | None = None
    doubts: tuple[str, ...] = ()
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldText:
    """What is held of an attachment: a reading, and the version of the reader that made it.

    `tried` is the version of the newest reader whose text was worse, so that this one was kept; None if none was.
    """

    reading: TextReading
    version: int
    tried: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """An attachment to read: its digest, size, media type, and the file name in its address."""

    sha256: str
    size_bytes: int
    media_type: str
    capture_id: int
    name: str


def find_unread(
    connection: sqlite3.Connection, *, version: int, tools: Collection[str], again: bool = False
) -> list[Unread]:
    """Find the public attachments that were never read, or that can be read better now.

    First those that were never read, then those of the oldest reader, each oldest first.

    Args:
        connection: to an archive.
        version: of the reader; files that an older one read are due again.
        tools: programs of this machine; files that lacked one of them are due again.
        again: whether files without a text are due again.
    """
    return _find_unread(connection, "true", version=version, tools=tools, again=again)


def find_unread_withheld(
    whole: sqlite3.Connection, *, version: int, tools: Collection[str], again: bool = False
) -> list[Unread]:
    """Find the withheld attachments to read, as `find_unread`; `whole` is a connection of `open_whole`."""
    withheld = "not exists (select 1 from main.attachments m where m.sha256 = t.sha256)"
    return _find_unread(whole, withheld, version=version, tools=tools, again=again)


def _find_unread(
    connection: sqlite3.Connection, condition: str, *, version: int, tools: Collection[str], again: bool
) -> list[Unread]:
    have = sorted(tools)
    rows = connection.execute(
        f"""select t.sha256, t.size_bytes, t.media_type, t.capture_id,
              (select url from revision_attachments r where r.attachment_sha256 = t.sha256
               order by article_id, number, position limit 1) as url
            from attachments t left join attachment_texts x on x.attachment_sha256 = t.sha256
            where {condition} and (x.attachment_sha256 is null or coalesce(x.tried, x.version) < ?
              or x.lacks in ({", ".join("?" * len(have))}) or (? and x.text is null))
            order by x.attachment_sha256 is not null, coalesce(x.tried, x.version), t.capture_id, t.sha256""",  # noqa: S608 - marks are ?, the condition ours
        (version, *have, again),
    )
    return [
        Unread(sha256, size_bytes, media_type, capture_id, name_in_address(url))
        for sha256, size_bytes, media_type, capture_id, url in rows.fetchall()
    ]


def read_attachment(connection: sqlite3.Connection, folder: Path, *, unread: Unread, max_bytes: int) -> Body:
    """Read an attachment from its capture in the WARC files of a folder.

    Raises:
        WarcError: if the record is missing or damaged, or the bytes have another digest.
        BadFileError: if the file is larger than `max_bytes`, or its content coding is broken.
    """
    row = connection.execute("select * from captures where id = ?", (unread.capture_id,)).fetchone()
    if row is None:
        raise WarcError(f"its capture {unread.capture_id} is missing")
    answer = read_answer(connection, folder, capture=as_capture(row))
    data = open_payload(answer, max_bytes=max_bytes)
    if sha256_of(data.chunks()) != unread.sha256:
        raise WarcError(f"capture {unread.capture_id} holds other bytes")
    return data


def read_held(whole: sqlite3.Connection, sha256: str) -> HeldText | None:
    """Read what is held of an attachment, also of a withheld one; `whole` is a connection of `open_whole`."""
    names = ", ".join(_HELD_COLUMNS)
    row = whole.execute(
        f"select {names}, version, tried from attachment_texts where attachment_sha256 = ?",  # noqa: S608 - our own names
        (sha256,),
    ).fetchone()
    if row is None:
        return None
    held = dict(zip(_HELD_COLUMNS, row, strict=False))
    held |= {name: bool(held[name]) for name in ("is_ocr", "is_cut")}
    held |= {name: tuple(json.loads(held[name] or "[]")) for name in ("doubts", "page_starts")}
    return HeldText(TextReading(**held), *row[-2:])


def put_text(connection: sqlite3.Connection, archive: Path, *, sha256: str, held: HeldText) -> None:
    """Store the reading of an attachment, and update its facts and the search index, in one transaction.

    The text of a withheld attachment goes to the withheld database. The caller holds the archive.

    Args:
        connection: to the archive.
        archive: its path.
        sha256: of the attachment.
        held: what is to be held of it from now on.

    Raises:
        ArchiveUnusableError: if the attachment is withheld and the withheld database cannot be used.
    """
    is_public = connection.execute("select 1 from attachments where sha256 = ?", (sha256,)).fetchone()
    if is_public:
        with transaction(connection):
            _put_public(connection, sha256, held=held)
    else:
        with closing(Overlay(connection, archive)) as overlay, overlay.restored():
            _write(connection, sha256, held=held)


def _put_public(connection: sqlite3.Connection, sha256: str, *, held: HeldText) -> None:
    known = connection.execute("select text from attachment_texts where attachment_sha256 = ?", (sha256,)).fetchone()
    if (known["text"] if known else None) == held.reading.text:
        _write(connection, sha256, held=held)
        return
    with reindexed(connection, sha256):
        _write(connection, sha256, held=held)


@contextmanager
def reindexed(connection: sqlite3.Connection, sha256: str) -> Iterator[None]:
    """Remove the articles that show an attachment from the index; add them again after the block changed its text.

    Use it in a transaction. It handles one article at a time, because all texts together can be large.
    """
    articles = [
        int(row[0])
        for row in connection.execute(
            """select distinct a.id from revision_attachments r
               join articles a on a.id = r.article_id and a.revision = r.number
               where r.attachment_sha256 = ? order by a.id""",
            (sha256,),
        )
        if not is_waiting(connection, int(row[0]))
    ]
    for article_id in articles:
        unindex_articles(connection, [read_search_row(connection, article_id)])
    yield
    for article_id in articles:
        index_articles(connection, [read_search_row(connection, article_id)])


def _write(connection: sqlite3.Connection, sha256: str, *, held: HeldText) -> None:
    reading = held.reading
    connection.execute(
        """insert into attachment_texts (attachment_sha256, text, method, is_ocr, reason, detail, tool, lacks, pages,
             pages_read, is_cut, characters, version, tried, quality, doubts, page_starts)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           on conflict (attachment_sha256) do update set text = excluded.text, method = excluded.method,
             is_ocr = excluded.is_ocr, reason = excluded.reason, detail = excluded.detail, tool = excluded.tool,
             lacks = excluded.lacks, pages = excluded.pages, pages_read = excluded.pages_read,
             is_cut = excluded.is_cut, characters = excluded.characters, version = excluded.version,
             tried = excluded.tried,
             quality = excluded.quality, doubts = excluded.doubts, page_starts = excluded.page_starts""",
        (
            sha256, reading.text, reading.method, int(reading.is_ocr), reading.reason, reading.detail, reading.tool,
            reading.lacks, reading.pages, reading.pages_read, int(reading.is_cut), len(reading.text or ""),
            held.version, held.tried, reading.quality, _to_json(reading.doubts), _to_json(reading.page_starts),
        ),
    )  # fmt: skip
    put_attachment_facts(connection, sha256)
    note_text(connection, sha256)


def read_doubts(connection: sqlite3.Connection, sha256: str) -> tuple[str, ...]:
    """Read why the text of an attachment may be wrong; () if it has no text, or no doubt."""
    row = connection.execute("select doubts from attachment_texts where attachment_sha256 = ?", (sha256,)).fetchone()
    return parse_doubts(row[0]) if row else ()


def unit_of(method: str | None) -> str:
    """Tell what the pages of a text are: `page`, `sheet`, `slide`, `file` of an archive, or `section`.

    Args:
        method: that of its `TextReading`; None for a file without a text.
    """
    return _UNITS.get((method or "pdf").partition("+")[0], "section")


def parse_doubts(stored: str | None) -> tuple[str, ...]:
    """Return the doubts in a value of `attachment_texts.doubts`."""
    return tuple(json.loads(stored)) if stored else ()


def _to_json(values: Sequence[object]) -> str | None:
    return json.dumps(values) if values else None


def name_in_address(url: str | None) -> str:
    """Return the file name in an address; "" if it has none."""
    try:
        return unquote(urlsplit(url or "").path.rpartition("/")[2], errors="replace")
    except ValueError:
        return ""
