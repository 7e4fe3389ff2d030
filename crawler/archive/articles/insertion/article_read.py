"""A page that was read as an article: all that decides how it is stored, and what storing it did."""

from dataclasses import dataclass
from enum import StrEnum

from crawler.archive.articles.changes import Change
from crawler.items import Address, Article, Capture
from crawler.page_marks import PageMarks


class ArticleChange(StrEnum):
    """What storing a reading did to the row of its article."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ArticlePut:
    """What storing an article's reading did, and to which article."""

    article_id: int
    change: ArticleChange


@dataclass(frozen=True, slots=True)
class Match:
    """The held article that a page belongs to (None: a new one), and the digest that joins its two addresses."""

    article_id: int | None
    join_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRead:
    """A page that was read as an article, and all that decides how it is stored.

    Attributes:
        article: the reading.
        marks: what the page shows beside the article.
        match: the result of `match_article` for this page.
        change: the result of `preview_article` for this page, None if it was not compared.
        addresses: every article address that leads to the page, the requested one first; at least one.
        capture: the page's capture.
        night: the night of the capture's run, on which a new article is first seen.
        rules: the version of the rules of the capture's run.
        reader: the version of the reader that made the reading (`revisions.reader`).
        wanted_id: the id of the article in the ledger: of the row that the page belongs to, or of a new row.
        floor: a new row without `wanted_id` gets an id above this and above all others.
    """

    article: Article
    marks: PageMarks
    match: Match
    change: Change | None
    addresses: tuple[Address, ...]
    capture: Capture
    night: str
    rules: int
    reader: int | None = None
    wanted_id: int | None = None
    floor: int = 0
