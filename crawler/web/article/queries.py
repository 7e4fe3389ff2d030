"""What the page of an article reads: the article, one version of it, its neighbours, and who shares its files."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.archive.articles.search_index import FIRST_DATED
from crawler.archive.attachment_texts import parse_doubts, unit_of
from crawler.language.money.sums import is_bare
from crawler.language.text import find_document_numbers
from crawler.web.article.standing import STANDING_COLUMNS, Standing
from crawler.web.cards import CARD_COLUMNS, CARD_TABLES, Card, PortalCard, make_record, read_cards

# An article's page names at most this many articles that share a picture or file; the file's page names all.
MOST_SHARING = 5
# At most this many references to a file are read to find them: a portal's seal is in thousands of articles.
_MOST_REFERENCES = 400
_MOST_DOCUMENTS = 30


@dataclass(frozen=True, slots=True)
class PageImage:
    """A picture of an article; `sha256` is None until its bytes are fetched."""

    url: str
    sha256: str | None
    caption: str | None
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class FileFact:
    """A document number, sum or date in a file's text: in one spelling, as the text has it, and its page.

    `value` is None for a sum that can be read in two ways, `page` (from 1) where the file has no pages, `dong` for what
    is not a sum in đồng. `unit` says what the pages are, by `attachment_texts.unit_of`.
    """

    value: str | None
    said: str
    page: int | None
    dong: int | None
    unit: str

    @property
    def is_bare(self) -> bool:
        """Whether it is the sum of a table's cell, without the unit in its head."""
        return self.dong is not None and is_bare(self.said)


@dataclass(frozen=True, slots=True)
class PageAttachment:
    """A file that an article offers; `sha256` is None until its bytes are fetched.

    `has_text` is None until its text is extracted; `reason` says why there is no text, `doubts` why it may be wrong
    (codes of `attachment_texts.DOUBTS`). `checked_at` is when an answer
    last gave or confirmed the bytes under this address; `error` is why the last one did not. `documents` are the
    documents that the text cites, the first of them.
    """

    url: str
    sha256: str | None
    label: str | None
    media_type: str | None
    size_bytes: int | None
    has_text: bool | None
    is_ocr: bool
    reason: str | None
    checked_at: str | None = None
    error: str | None = None
    doubts: tuple[str, ...] = ()
    documents: tuple[FileFact, ...] = ()


@dataclass(frozen=True, slots=True)
class DateRow:
    """A date of an article, and where it was found."""

    published_on: str
    published_at: str | None
    published_from: str
    capture_id: int


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An address under which an article was met."""

    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """What is the same for all versions of an article. `listed` is True while a listing names it."""

    card: Card
    portal: PortalCard
    published_at: str | None
    last_seen_at: str
    changed_at: str | None
    removed_at: str | None
    listed: bool
    revision: int
    word_count: int
    capture_id: int
    category_id: int | None
    category_slug: str | None
    dates: tuple[DateRow, ...]
    addresses: tuple[KnownAddress, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Version:
    """A revision of an article with its text.

    `changed` are the fields that differ from the revision before, `classes` the kinds of change.
    """

    number: int
    seen_at: str
    confirmed_at: str
    title: str
    summary: str | None
    body: str
    body_html: str
    byline: str | None
    source: str | None
    published_on: str | None
    content_sha256: str
    changed: tuple[str, ...]
    classes: tuple[str, ...]
    capture_id: int
    images: tuple[PageImage, ...]
    files: tuple[PageAttachment, ...]

    @property
    def documents(self) -> tuple[str, ...]:
        """The numbers of the documents that it cites, in order."""
        text = "\n".join(part for part in (self.title, self.summary, self.body) if part)
        return find_document_numbers(text)[:_MOST_DOCUMENTS]


@dataclass(frozen=True, slots=True)
class ArticleEvidence:
    """The capture that a version was read from."""

    capture_id: int
    url: str
    fetched_at: str
    status: int
    record_id: str
    payload_sha256: str
    warc_file: str
    warc_offset: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """Other articles with a file: the first of them, and whether there are more."""

    cards: tuple[Card, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class ArticleSurroundings:
    """The neighbours of an article in its category by date, and the articles that share its files, by digest."""

    newer: Card | None
    older: Card | None
    images: dict[str, Sharing]
    files: dict[str, Sharing]


_ARTICLE_COLUMNS = (
    "published_at", "last_seen_at", "changed_at", "removed_at", "listed", "revision", "word_count", "capture_id",
    "category_id",
)  # fmt: skip
_VERSION_COLUMNS = (
    "number", "seen_at", "confirmed_at", "title", "summary", "body", "body_html", "byline", "source", "published_on",
    "content_sha256", "capture_id",
)  # fmt: skip

_OWN_COLUMNS = ("title", "summary", "body", "body_html", "byline", "source", "content_sha256")


def read_article(connection: sqlite3.Connection, article_id: int) -> ArticlePage | None:
    """Read an article; None if there is no article with this id."""
    sql = f"""select {CARD_COLUMNS}, {", ".join(f"a.{name}" for name in _ARTICLE_COLUMNS)}, c.slug as category_slug,
          {STANDING_COLUMNS},
          p.base_url, p.rights_notice, p.rights_source
        from {CARD_TABLES} where a.id = ?"""  # noqa: S608 - names of ours
    row = connection.execute(sql, (article_id,)).fetchone()
    if row is None:
        return None
    return make_record(
        ArticlePage,
        row,
        card=make_record(Card, row),
        portal=make_record(PortalCard, row, name=row["portal"], title=row["portal_title"]),
        listed=bool(row["listed"]),
        dates=_read_dates(connection, article_id),
        addresses=_read_addresses(connection, article_id),
        standing=make_record(Standing, row),
    )


def read_version(connection: sqlite3.Connection, article_id: int, *, number: int) -> Version | None:
    """Read a revision of an article with its pictures and files; None if there is no such revision.

    The text of the current revision is read from the article's row.
    """
    own = (f"iif(a.revision = r.number, a.{name}, r.{name}) as {name}" for name in _OWN_COLUMNS)
    kept = (f"r.{name}" for name in _VERSION_COLUMNS if name not in _OWN_COLUMNS)
    row = connection.execute(
        f"""select {", ".join([*own, *kept])}, r.changed, r.classes from revisions r
            join articles a on a.id = r.article_id where r.article_id = ? and r.number = ?""",  # noqa: S608 - ours
        (article_id, number),
    ).fetchone()
    if row is None:
        return None
    return make_record(
        Version,
        row,
        changed=read_names(row["changed"]),
        classes=read_names(row["classes"]),
        images=_read_images(connection, article_id, number=number),
        files=read_files(connection, article_id, number=number),
    )


def read_names(text: str | None) -> tuple[str, ...]:
    """Parse a column that holds a JSON array of names, or null.

    >>> read_names('["body", "images"]'), read_names(None)
    (('body', 'images'), ())
    """
    return tuple(json.loads(text)) if text else ()


def read_redirect(connection: sqlite3.Connection, article_id: int) -> int | None:
    """Return the id of the article into which the one with this id was merged; None if it was not merged."""
    row = connection.execute("select article_id from article_redirects where id = ?", (article_id,)).fetchone()
    return int(row[0]) if row else None


def read_evidence(connection: sqlite3.Connection, capture_id: int) -> ArticleEvidence | None:
    """Read the capture that a version was read from; None if it does not exist (any more)."""
    row = connection.execute(
        """select id, url, fetched_at, status, record_id, payload_sha256, warc_file, warc_offset from captures
           where id = ?""",
        (capture_id,),
    ).fetchone()
    return ArticleEvidence(*row) if row else None


def read_articles_at(connection: sqlite3.Connection, portal: str, *, urls: Iterable[str]) -> dict[str, int]:
    """Find the articles of a portal that were met under these addresses, by address."""
    wanted = list(dict.fromkeys(urls))[:500]
    marks = ",".join("?" * len(wanted))
    sql = f"select url, article_id from article_urls where portal = ? and url in ({marks})"  # noqa: S608
    return {row[0]: int(row[1]) for row in connection.execute(sql, (portal, *wanted))}


def read_surroundings(connection: sqlite3.Connection, article: ArticlePage, *, version: Version) -> ArticleSurroundings:
    """Read the neighbours of an article, and the articles that share the files of a version."""
    own = article.card
    images = dict.fromkeys(image.sha256 for image in version.images if image.sha256)
    files = dict.fromkeys(file.sha256 for file in version.files if file.sha256)
    return ArticleSurroundings(
        _read_neighbour(connection, article, where="sort_key > ? order by sort_key"),
        _read_neighbour(connection, article, where="sort_key < ? order by sort_key desc"),
        _read_sharing(connection, own.id, table="revision_images", column="image_sha256", digests=images),
        _read_sharing(connection, own.id, table="revision_attachments", column="attachment_sha256", digests=files),
    )


def _read_neighbour(connection: sqlite3.Connection, article: ArticlePage, *, where: str) -> Card | None:
    # It is unknown between which others an article without a date was posted.
    if article.category_id is None or article.card.published_on is None:
        return None
    row = connection.execute(
        f"select id from articles where category_id = ? and sort_key >= {FIRST_DATED} and {where} limit 1",  # noqa: S608
        (article.category_id, article.card.sort_key),
    ).fetchone()
    return read_cards(connection, [row[0]]).get(row[0]) if row else None


def _read_sharing(
    connection: sqlite3.Connection, article_id: int, *, table: str, column: str, digests: Iterable[str]
) -> dict[str, Sharing]:
    """Find for each file the other articles with it, in any of their versions; a file without others is left out."""
    found: dict[str, Sharing] = {}
    for digest in digests:
        rows = connection.execute(
            f"select article_id from {table} where {column} = ? order by article_id desc limit ?",  # noqa: S608 - of the two above
            (digest, _MOST_REFERENCES),
        ).fetchall()
        others = sorted({int(row[0]) for row in rows} - {article_id}, reverse=True)
        cards = read_cards(connection, others[:MOST_SHARING])
        if cards:
            in_order = tuple(sorted(cards.values(), key=lambda card: -card.sort_key))
            found[digest] = Sharing(in_order, len(others) > MOST_SHARING or len(rows) == _MOST_REFERENCES)
    return found


def _read_images(connection: sqlite3.Connection, article_id: int, *, number: int) -> tuple[PageImage, ...]:
    sql = """select i.url, i.image_sha256, i.caption, m.width, m.height
        from revision_images i left join images m on m.sha256 = i.image_sha256
        where i.article_id = ? and i.number = ? order by i.position"""
    rows = connection.execute(sql, (article_id, number))
    return tuple(PageImage(*row) for row in rows)


def read_files(connection: sqlite3.Connection, article_id: int, *, number: int) -> tuple[PageAttachment, ...]:
    """Read the files of a revision, in their order."""
    sql = """select f.url, f.attachment_sha256 as sha256, f.label, t.media_type, t.size_bytes,
          iif(x.attachment_sha256 is null, null, x.text is not null) as has_text, coalesce(x.is_ocr, 0) as is_ocr,
          x.reason, l.checked_at, h.error, x.doubts
        from revision_attachments f join articles a on a.id = f.article_id
        left join files h on h.portal = a.portal and h.url = f.url and h.role = 'attachment'
          and h.sha256 = f.attachment_sha256
        left join file_looks l on l.portal = h.portal and l.url = h.url and l.role = h.role
        left join attachments t on t.sha256 = f.attachment_sha256
        left join attachment_texts x on x.attachment_sha256 = f.attachment_sha256
        where f.article_id = ? and f.number = ? order by f.position"""
    rows = connection.execute(sql, (article_id, number))
    has_text = {None: None, 0: False, 1: True}
    return tuple(
        make_record(
            PageAttachment,
            row,
            has_text=has_text[row["has_text"]],
            is_ocr=bool(row["is_ocr"]),
            doubts=parse_doubts(row["doubts"]),
            documents=read_file_facts(connection, row["sha256"], kind="document", most=_MOST_DOCUMENTS),
        )
        for row in rows
    )


def read_file_facts(
    connection: sqlite3.Connection, sha256: str | None, *, kind: str, most: int
) -> tuple[FileFact, ...]:
    """Read the facts of one kind (`document`, `sum`, `date`) in a file's text, at most this many, in its order."""
    rows = connection.execute(
        """select f.value, f.said, f.page, f.dong, t.method
           from attachment_facts f join attachment_texts t using (attachment_sha256)
           where f.attachment_sha256 = ? and f.kind = ? order by f.offset limit ?""",
        (sha256, kind, most),
    )
    return tuple(FileFact(row["value"], row["said"], row["page"], row["dong"], unit_of(row["method"])) for row in rows)


def _read_dates(connection: sqlite3.Connection, article_id: int) -> tuple[DateRow, ...]:
    sql = """select published_on, published_at, published_from, min(capture_id) from article_dates
        where article_id = ? group by 1, 2, 3 order by 1, 3 limit 20"""
    return tuple(DateRow(*row) for row in connection.execute(sql, (article_id,)))


def _read_addresses(connection: sqlite3.Connection, article_id: int) -> tuple[KnownAddress, ...]:
    sql = "select url, kind from article_urls where article_id = ? order by first_capture_id, url limit 50"
    return tuple(KnownAddress(*row) for row in connection.execute(sql, (article_id,)))
