"""What the reader of attachments reads: a file with its text, the articles that offer it, and what it replaced."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from crawler.archive.attachment_texts import parse_doubts, unit_of
from crawler.web.captures.stored_bytes import read_attachment_name
from crawler.web.cards import Card, make_record, read_cards

_MOST_ARTICLES = 5
_MOST_REFERENCES = 400
# Of all versions of one article, for what replaced what.
_MOST_FILES = 2000


@dataclass(frozen=True, slots=True)
class FileText:
    """An attachment with what was read of it, and the address and time of its first capture (None without one).

    `is_read` is False until a reader tried it. `text` is "" if it has none: then `reason` says why. `starts` are the
    places where its pages, sheets, slides or files begin.
    """

    sha256: str
    name: str
    media_type: str
    size_bytes: int
    capture_id: int
    url: str | None
    fetched_at: str | None
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
        """What its pages are, by `unit_of`."""
        return unit_of(self.method)


@dataclass(frozen=True, slots=True)
class Offers:
    """The articles that offer a file, newest first, at most some; and the timezone of the first one's portal."""

    cards: tuple[Card, ...]
    has_more: bool


def read_file_text(connection: sqlite3.Connection, sha256: str) -> FileText | None:
    """Read an attachment with its text; None if the archive has none with this digest."""
    row = connection.execute(
        """select t.sha256, t.media_type, t.size_bytes, t.capture_id, c.url, c.fetched_at,
             x.attachment_sha256 is not null as is_read, coalesce(x.text, '') as text, x.method,
             coalesce(x.is_ocr, 0) as is_ocr, x.reason, x.detail, x.pages,
             coalesce(x.is_cut, 0) as is_cut, x.doubts, x.page_starts
           from attachments t left join attachment_texts x on x.attachment_sha256 = t.sha256
             left join captures c on c.id = t.capture_id where t.sha256 = ?""",
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


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file that took the place of another: their digests, the article, and its version that has the later one."""

    before: str
    after: str
    article_id: int
    number: int


def read_replacements(connection: sqlite3.Connection, sha256: str, *, article_ids: Sequence[int]) -> list[Replacement]:
    """Read which files a file replaced in articles, and which replaced it; each pair once."""
    found: dict[tuple[str, str], Replacement] = {}
    for article_id in article_ids:
        rows = connection.execute(
            """select number, url, attachment_sha256 from revision_attachments
               where article_id = ? and attachment_sha256 is not null order by number, position limit ?""",
            (article_id, _MOST_FILES),
        ).fetchall()
        versions = {number: [(row[1], row[2]) for row in of] for number, of in groupby(rows, key=lambda row: row[0])}
        for first, second in pairwise(versions):
            for before, after in _pair(versions[first], versions[second]) if second == first + 1 else ():
                if sha256 in (before, after):
                    found.setdefault((before, after), Replacement(before, after, article_id, second))
    return list(found.values())


def _pair(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Pair the files that replaced each other: by address, the others by their place if as many came as went."""
    kept = {digest for _, digest in before} & {digest for _, digest in after}
    gone = [file for file in before if file[1] not in kept]
    come = [file for file in after if file[1] not in kept]
    by_url = dict(gone)
    for url, digest in come:
        if url in by_url:
            yield by_url[url], digest
    urls = {url for url, _ in come} & by_url.keys()
    lone_gone, lone_come = ([digest for url, digest in files if url not in urls] for files in (gone, come))
    if len(lone_gone) == len(lone_come):
        yield from zip(lone_gone, lone_come, strict=True)


def read_pairs(connection: sqlite3.Connection, pairs: Sequence[tuple[str, str]]) -> list[tuple[FileText, FileText]]:
    """Read pairs of files by digest; a pair of which one is not in the archive is left out."""
    read = ((read_file_text(connection, before), read_file_text(connection, after)) for before, after in pairs)
    return [(before, after) for before, after in read if before is not None and after is not None]
