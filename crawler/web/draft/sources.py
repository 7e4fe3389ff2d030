"""What the draft guard reads: versions of articles with their texts, and which articles a claim may come from.

All of it is bounded: this many articles of a search, versions of an article, and old versions of the archive.
"""

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf
from typing import TypeVar

from crawler.archive.articles.derived import OF_WORKBOOKS
from crawler.language.claims.matching import Text, make_text
from crawler.language.claims.quantities import Quantity, find_quantities, find_stated
from crawler.language.money.sums import Sum
from crawler.language.money.table_sums import find_in_html, find_table_sums
from crawler.language.numbers import LARGEST
from crawler.language.tables.text_lines import read_lined_tables
from crawler.language.text import find_document_numbers, fold
from crawler.web.article.standing import STANDING_COLUMNS, Standing
from crawler.web.cards import make_record

# The articles that a search for a phrase gives, and those that a few words of it point to.
_MOST_HELD, _MOST_NEAR = 20, 8
# The old versions of one article, and of all articles, that are read, the newest first.
_MOST_VERSIONS, MOST_PAST = 25, 3000
_FILE_CHARACTERS, _NUMBER_CHARACTERS, _MOST_STATED = 200_000, 60_000, 400
# The words of a phrase that is searched for, of a piece that points to an article, and the number of such pieces.
_PHRASE_WORDS, _PIECE_WORDS, _MOST_PIECES, _MOST_ROWS = 12, 4, 12, 40
_WORD = re.compile(r"[^\W_]+")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part of a version: a field (`title`, `summary`, `body`, `captions`, `byline`), or the text of a file.

    `is_doubtful`: the text was recognised by OCR, or may be wrong for another reason.
    """

    place: str
    text: Text
    sha256: str | None = None
    label: str | None = None
    is_doubtful: bool = False
    # The sums in its tables, at their places in `text`.
    stated: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DraftSource:
    """One version of an article with its texts. `revision` is the number of the current one. Times are UTC."""

    article_id: int
    number: int
    revision: int
    title: str
    url: str
    portal_title: str
    timezone: str
    state: str
    seen_at: str
    confirmed_at: str
    removed_at: str | None
    published_on: str | None
    standing: Standing
    parts: tuple[SourcePart, ...]

    @property
    def is_current(self) -> bool:
        """Whether it is the article's current version."""
        return self.number == self.revision


@dataclass(frozen=True, slots=True)
class PastText:
    """The words of an old version, folded, one space around each, and the documents that it cites."""

    article_id: int
    number: int
    words: str
    documents: frozenset[str]


class OutOfTimeError(Exception):
    """Raised when the time for a draft is over, between two texts."""


@dataclass(slots=True)
class Library:
    """What was read for one draft; each version once. `pointed` says by which kind of claim an article is meant.

    `end` is when the time for the draft is over, by `time.monotonic`.
    """

    end: float = inf
    sources: dict[tuple[int, int | None], DraftSource | None] = field(default_factory=dict)
    past: tuple[PastText, ...] | None = None
    is_past_cut: bool = False
    pointed: dict[int, str] = field(default_factory=dict)
    numbers: dict[int, tuple[Quantity, ...]] = field(default_factory=dict)


def in_time(library: Library, things: Iterable[T]) -> Iterator[T]:
    """Yield things as long as there is time for the draft.

    Raises:
        OutOfTimeError: if there is none left.
    """
    for thing in things:
        if time.monotonic() > library.end:
            raise OutOfTimeError
        yield thing


_SOURCE_SQL = f"""select a.id as article_id, r.number, a.revision,
      iif(r.number = a.revision, a.title, r.title) as title, a.url, p.title as portal_title,
      p.timezone, a.state, r.seen_at, r.confirmed_at, a.removed_at,
      coalesce(r.published_on, a.published_on) as published_on, a.last_seen_at, {STANDING_COLUMNS},
      iif(r.number = a.revision, a.summary, r.summary) as summary, iif(r.number = a.revision, a.body, r.body) as body,
      iif(r.number = a.revision, a.body_html, r.body_html) as html,
      iif(r.number = a.revision, a.byline, r.byline) as byline,
      (select group_concat(i.caption, char(10)) from revision_images i
       where i.article_id = a.id and i.number = r.number) as captions
    from articles a join revisions r on r.article_id = a.id and r.number = coalesce(:number, a.revision)
    join portals p on p.name = a.portal where a.id = :id"""  # noqa: S608 - names of ours
_FILES_SQL = f"""select f.attachment_sha256, f.label, substr(x.text, 1, {_FILE_CHARACTERS}),
      x.is_ocr or x.doubts is not null, x.method from revision_attachments f
    join attachment_texts x on x.attachment_sha256 = f.attachment_sha256
    where f.article_id = ? and f.number = ? and x.text is not null order by f.position limit 10"""  # noqa: S608
_PAST_SQL = """select o.article_id, o.number, coalesce(o.title, '') || char(10) || coalesce(o.summary, '') || char(10)
      || coalesce(o.body, '') || char(10) || coalesce((select group_concat(substr(x.text, 1, 20000), char(10))
        from revision_attachments f join attachment_texts x on x.attachment_sha256 = f.attachment_sha256
        where f.article_id = o.article_id and f.number = o.number and not exists (
          select 1 from article_attachments n where n.article_id = f.article_id
          and n.attachment_sha256 = f.attachment_sha256)), '')
      || char(10) || coalesce((select group_concat(i.caption, char(10)) from revision_images i
        where i.article_id = o.article_id and i.number = o.number), '')
    from revisions r join revisions o on o.article_id = r.article_id and o.number = r.number - 1
    where r.number > 1 order by r.seen_at desc, r.article_id desc limit ?"""
_FOUND_SQL = """select a.id from articles_fts cross join articles a on a.sort_key = +articles_fts.rowid
    where articles_fts match ? order by articles_fts.rowid desc limit ?"""
_WITH_SUM_SQL = """select s.article_id, s.number from (
      select article_id, number from revision_sums where dong = :dong
      union select r.article_id, r.number from attachment_facts f
      join revision_attachments r on r.attachment_sha256 = f.attachment_sha256 where f.dong = :dong) s
    join articles a on a.id = s.article_id order by s.number = a.revision desc, s.article_id desc, s.number desc
    limit :limit"""
_CITING_SQL = """select article_id from article_documents where number = :number
    union select f.article_id from attachment_facts x
      join article_attachments f on f.attachment_sha256 = x.attachment_sha256
      where x.kind = 'document' and x.value = :number
    union select f.article_id from attachment_facts x
      join revision_attachments f on f.attachment_sha256 = x.attachment_sha256
      where x.kind = 'document' and x.value = :number
    order by 1 desc limit :limit"""


def read_source(
    connection: sqlite3.Connection, library: Library, *, article_id: int, number: int | None = None
) -> DraftSource | None:
    """Read a version of an article, by default the current one; None if there is none."""
    key = (article_id, number)
    if key not in library.sources:
        library.sources[key] = _read_source(connection, article_id, number=number)
    return library.sources[key]


def _read_source(connection: sqlite3.Connection, article_id: int, *, number: int | None) -> DraftSource | None:
    row = connection.execute(_SOURCE_SQL, {"id": article_id, "number": number}).fetchone()
    if row is None:
        return None
    fields = ("title", "summary", "body", "captions", "byline")
    parts = [SourcePart(name, make_text(row[name])) for name in fields if row[name]]
    stated = _place(row["body"], find_in_html(row["html"], row["body"]))
    parts = [replace(part, stated=stated) if part.place == "body" else part for part in parts]
    files = connection.execute(_FILES_SQL, (article_id, row["number"])).fetchall()
    parts += [
        SourcePart(
            "file", make_text(text), sha256, label, bool(doubt), _find_in_file(text, is_sheet=method in OF_WORKBOOKS)
        )
        for sha256, label, text, doubt, method in files
    ]
    return make_record(DraftSource, row, parts=tuple(parts), standing=make_record(Standing, row))


def _find_in_file(text: str, *, is_sheet: bool) -> tuple[Quantity, ...]:
    text = text[:_NUMBER_CHARACTERS]
    return _place(text, find_table_sums(read_lined_tables(text, is_sheet=is_sheet), is_sheet=is_sheet))


def _place(text: str, sums: Iterable[Sum]) -> tuple[Quantity, ...]:
    """Return the first sums of a text's tables, at their places in its normal form (`make_text`)."""
    found = sorted(find_stated(text, sums), key=lambda one: one.start)[:_MOST_STATED]
    placed, shown, behind = [], 0, 0
    for one in found:
        between = make_text(text[behind : one.start]).shown
        shown += len(between) + (1 if between else 0)
        size = len(make_text(text[one.start : one.end]).shown)
        placed.append(replace(one, start=shown, end=shown + size))
        shown, behind = shown + size + 1, one.end + 1
    return tuple(placed)


def find_numbers(library: Library, part: SourcePart) -> tuple[Quantity, ...]:
    """Find the numbers of a part that `library` holds, once."""
    if id(part) not in library.numbers:
        library.numbers[id(part)] = (*part.stated, *find_quantities(part.text.shown[:_NUMBER_CHARACTERS]))
    return library.numbers[id(part)]


def read_older(connection: sqlite3.Connection, library: Library, *, article_id: int) -> list[DraftSource]:
    """Read the versions of an article before the current one, the newest first."""
    rows = connection.execute(
        """select r.number from revisions r join articles a on a.id = r.article_id
           where r.article_id = ? and r.number < a.revision order by r.number desc limit ?""",
        (article_id, _MOST_VERSIONS),
    ).fetchall()
    found = (read_source(connection, library, article_id=article_id, number=int(row[0])) for row in rows)
    return [source for source in found if source is not None]


def find_holding(connection: sqlite3.Connection, text: str) -> list[int]:
    """Find articles whose current texts have the first words of a text side by side, with or without marks."""
    words = split_words(text)[:_PHRASE_WORDS]
    return _search(connection, words, limit=_MOST_HELD) if words else []


def find_near_words(
    connection: sqlite3.Connection, text: str, *, least: int = 1, piece_words: int = _PIECE_WORDS
) -> list[int]:
    """Find the articles whose current texts hold most pieces of a text, the best first; rare pieces weigh more.

    Args:
        connection: to the archive.
        text: any text.
        least: an article must hold this many pieces, or all if there are fewer.
        piece_words: the words of a piece.
    """
    weights: dict[int, float] = {}
    counts: dict[int, int] = {}
    pieces = cut_pieces(text, size=piece_words)
    for piece in pieces:
        found = _search(connection, piece, limit=_MOST_ROWS)
        for article_id in found:
            weights[article_id] = weights.get(article_id, 0) + 1 / len(found)
            counts[article_id] = counts.get(article_id, 0) + 1
    enough = [article_id for article_id, count in counts.items() if count >= min(least, len(pieces))]
    return sorted(enough, key=lambda article_id: (-counts[article_id], -weights[article_id]))[:_MOST_NEAR]


def cut_pieces(text: str, *, size: int = _PIECE_WORDS) -> list[list[str]]:
    """Cut the words of a text into pieces of `size` words, evenly spread; they may overlap. At most _MOST_PIECES.

    >>> cut_pieces("một hai ba bốn năm sáu")
    [['mot', 'hai', 'ba', 'bon'], ['ba', 'bon', 'nam', 'sau']]
    """
    words = split_words(text)
    if len(words) <= size:
        return [words] if words else []
    last = len(words) - size
    count = min(_MOST_PIECES, -(-last // (size // 2)) + 1)
    starts = dict.fromkeys(round(last * place / max(1, count - 1)) for place in range(count))
    return [words[start : start + size] for start in starts]


def split_words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _WORD.findall(fold(text))


def _search(connection: sqlite3.Connection, words: Sequence[str], *, limit: int) -> list[int]:
    # Words alone, in quotation marks: nothing of the draft can be syntax of the index.
    match = f'{{title summary body captions byline files}} : "{" ".join(words)}"'
    return [int(row[0]) for row in connection.execute(_FOUND_SQL, (match, limit))]


def read_past(connection: sqlite3.Connection, library: Library) -> tuple[PastText, ...]:
    """Read the words of the old versions that were replaced last, MOST_PAST at most. They are in no index."""
    if library.past is None:
        rows = connection.execute(_PAST_SQL, (MOST_PAST + 1,)).fetchall()
        library.is_past_cut = len(rows) > MOST_PAST
        library.past = tuple(
            PastText(article_id, number, f" {' '.join(split_words(text))} ", frozenset(find_document_numbers(text)))
            for article_id, number, text in in_time(library, rows[:MOST_PAST])
        )
    return library.past


def find_in_past(connection: sqlite3.Connection, library: Library, *, words: Iterable[str]) -> list[tuple[int, int]]:
    """Find the old versions with these words side by side: ids of articles and numbers of revisions."""
    wanted = f" {' '.join(words)} "
    found = ((one.article_id, one.number) for one in read_past(connection, library) if wanted in one.words)
    return list(found)[:_MOST_HELD]


def find_near_in_past(connection: sqlite3.Connection, library: Library, *, text: str) -> list[tuple[int, int]]:
    """Find the old versions that hold most pieces of a text, at least half of them: ids and numbers of revisions."""
    pieces = [f" {' '.join(piece)} " for piece in cut_pieces(text)]
    counts = {
        (one.article_id, one.number): sum(piece in one.words for piece in pieces)
        for one in in_time(library, read_past(connection, library))
    }
    best = sorted((key for key, count in counts.items() if 2 * count >= len(pieces)), key=lambda key: -counts[key])
    return best[:_MOST_NEAR] if pieces else []


def find_with_sum(connection: sqlite3.Connection, asked: Quantity) -> list[tuple[int, int]]:
    """Find the versions that say a sum of money, themselves or in a file, current ones first: ids and numbers."""
    if asked.kind != "sum" or asked.unit != "đồng" or not isinstance(asked.value, Fraction):
        return []
    dong = round(asked.value)
    rows = connection.execute(_WITH_SUM_SQL, {"dong": dong, "limit": _MOST_ROWS}) if dong <= LARGEST else ()
    return [(int(row[0]), int(row[1])) for row in rows]


def find_citing(connection: sqlite3.Connection, number: str) -> list[int]:
    """Find the articles that cite a document, themselves or in a file of any of their versions."""
    rows = connection.execute(_CITING_SQL, {"number": number, "limit": _MOST_HELD})
    return [int(row[0]) for row in rows]


def find_citing_in_past(connection: sqlite3.Connection, library: Library, *, number: str) -> list[int]:
    """Find the articles that cited a document in a version that was replaced."""
    return [one.article_id for one in read_past(connection, library) if number in one.documents][:_MOST_HELD]
