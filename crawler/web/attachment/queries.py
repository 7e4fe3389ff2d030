"""What the reader of attachments reads: a file with its text, the articles that offer it, and what it replaced."""

import json
import sqlite3
from dataclasses import dataclass

from crawler.archive.attachment_texts import parse_doubts
from crawler.web.captures.stored_bytes import read_attachment_name
from crawler.web.cards import Card, make_record, read_cards

_MOST_ARTICLES = 5
_MOST_REFERENCES = 400


@dataclass(frozen=True, slots=True)
class FileText:
    """An attachment with what was read of it.

    `is_read` is False until a reader tried it. `text` is "" if it has none: then `reason` says why. `starts` are the
    places where its pages, sheets, slides or files begin.
    """

    sha256: str
    name: str
    media_type: str
    size_bytes: int
    capture_id: int
    is_read: bool
    text: str
    method: str | None
    is_ocr: bool
    reason: str | None
    detail: str | None
    pages: int | None
    is_cut: bool
    doubts: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def kind(self) -> str:
        """What its pages are: `page`, `sheet`, `slide`, `file` of an archive, or `section` of a text without pages."""
        return _KINDS.get((self.method or "pdf").partition("+")[0], "section")


_KINDS = {
    "pdf": "page", "ocr": "page", "xlsx": "sheet", "xls": "sheet", "pptx": "slide", "ppt": "slide", "archive": "file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offers:
    """The articles that offer a file, newest first, at most some; and the timezone of the first one's portal."""

    cards: tuple[Card, ...]
    has_more: bool


def read_file_text(connection: sqlite3.Connection, sha256: str) -> FileText | None:
    """Read an attachment with its text; None if the archive has none with this digest."""
    row = connection.execute(
        """select t.sha256, t.media_type, t.size_bytes, t.capture_id, x.attachment_sha256 is not null as is_read,
             coalesce(x.text, '') as text, x.method, coalesce(x.is_ocr, 0) as is_ocr, x.reason, x.detail, x.pages,
             coalesce(x.is_cut, 0) as is_cut, x.doubts, x.page_starts
           from attachments t left join attachment_texts x on x.attachment_sha256 = t.sha256 where t.sha256 = ?""",
        (sha256,),
    ).fetchone()
    if row is None:
        return None
    return make_record(
        FileText,
        row,
        name=read_attachment_name(connection, sha256),
        is_read=bool(row["is_read"]),
        is_ocr=bool(row["is_ocr"]),
        is_cut=bool(row["is_cut"]),
        doubts=parse_doubts(row["doubts"]),
        starts=tuple(json.loads(row["page_starts"] or "[]")),
    )


def read_offers(connection: sqlite3.Connection, sha256: str) -> Offers:
    """Read which articles offer a file, in any of their versions."""
    rows = connection.execute(
        """select article_id from revision_attachments where attachment_sha256 = ? order by article_id desc limit ?""",
        (sha256, _MOST_REFERENCES),
    ).fetchall()
    ids = list(dict.fromkeys(int(row[0]) for row in rows))
    cards = read_cards(connection, ids[:_MOST_ARTICLES])
    newest = tuple(cards[one] for one in ids[:_MOST_ARTICLES] if one in cards)
    return Offers(newest, len(ids) > _MOST_ARTICLES or len(rows) == _MOST_REFERENCES)
