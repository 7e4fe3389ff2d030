"""The rows that an archive's database has now: they keep the reading of pages that today's reader refuses."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from crawler.addresses import classify
from crawler.archive.database import open_for_copying
from crawler.archive.withheld.open_whole import cover
from crawler.archive.withholdings import read_active
from crawler.errors import ArchiveUnusableError, WrongUseError
from crawler.items import Address, Article, AttachmentRef, FoundDate, ImageRef
from crawler.profile import Profile


@dataclass(frozen=True, slots=True)
class FormerReading:
    """The earlier reading of a page: the article, the addresses that led to it, and the version of the reader."""

    article: Article
    addresses: tuple[Address, ...]
    reader: int | None


class FormerRows:
    """Finds earlier readings of pages in a database. If the database cannot be read, it finds None."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._opened: sqlite3.Connection | None = None
        self._is_tried = False

    def close(self) -> None:
        """Close the database."""
        if self._opened is not None:
            self._opened.close()

    def find(self, record_id: str, article_id: int, *, asked: str, profile: Profile) -> FormerReading | None:
        """Return the earlier reading of a WARC record's page; None if it was not a look at the article."""
        with suppress(sqlite3.Error):  # a damaged database is not evidence
            connection = self._open()
            if connection is not None:
                return _find(connection, record_id, article_id=article_id, asked=asked, profile=profile)
        return None

    def file_names(self) -> list[str]:
        """Name the WARC files that the rows name, in order."""
        with suppress(sqlite3.Error):
            connection = self._open()
            if connection is not None:
                return [row[0] for row in connection.execute("select name from warc_files order by serial")]
        return []

    def _open(self) -> sqlite3.Connection | None:
        """Open the database when it is first needed, also one of an older version."""
        if not self._is_tried:
            self._is_tried = True
            with suppress(ArchiveUnusableError, WrongUseError):
                self._opened = open_for_copying(self._archive)
                with suppress(sqlite3.Error):  # an older version has no withholdings
                    if read_active(self._opened):
                        cover(self._opened, self._archive)
        return self._opened


def _find(
    connection: sqlite3.Connection, record_id: str, *, article_id: int, asked: str, profile: Profile
) -> FormerReading | None:
    capture = connection.execute(
        "select id, url, fetched_at from captures where record_id = ?", (record_id,)
    ).fetchone()
    row = connection.execute(
        """select a.*, c.title as category from articles a left join categories c on c.id = a.category_id
           where a.id = coalesce((select article_id from article_redirects where id = ?1), ?1)""",
        (article_id,),
    ).fetchone()
    if capture is None or row is None:
        return None
    # The revision that this page made, else the revision that was current when the page was fetched.
    revision = connection.execute(
        """select * from revisions where article_id = ?1 and (capture_id = ?2 or seen_at <= ?3)
           order by capture_id = ?2 desc, iif(capture_id = ?2, number, -number) limit 1""",
        (row["id"], capture["id"], capture["fetched_at"]),
    ).fetchone()
    addresses = _addresses(connection, row["id"], capture=capture, asked=asked, profile=profile)
    if revision is None or not addresses:
        return None
    article = _article(connection, row, revision=revision, capture_id=capture["id"], address=addresses[-1])
    return FormerReading(article, addresses, revision["reader"] if "reader" in revision.keys() else None)  # noqa: SIM118


def _addresses(
    connection: sqlite3.Connection, article_id: int, *, capture: sqlite3.Row, asked: str, profile: Profile
) -> tuple[Address, ...]:
    """Return the addresses that led to a page, the requested one first, as far as the rows know them."""
    rows = connection.execute("select url, first_capture_id from article_urls where article_id = ?", (article_id,))
    known = {row["url"]: row["first_capture_id"] for row in rows.fetchall()}
    urls = dict.fromkeys([asked, capture["url"], *(url for url, first in known.items() if first == capture["id"])])
    found = (classify(url, profile) for url in urls)
    return tuple({one.url: one for one in found if one is not None and one.is_article}.values())


def _article(
    connection: sqlite3.Connection, row: sqlite3.Row, *, revision: sqlite3.Row, capture_id: int, address: Address
) -> Article:
    of_page = row["summary_from"] == "page"
    return Article(
        title=revision["title"],
        summary=revision["summary"] if of_page else None,
        body=revision["body"],
        body_html=revision["body_html"],
        byline=revision["byline"],
        source=revision["source"],
        dates=_dates(connection, row["id"], capture_id=capture_id),
        images=tuple(ImageRef(*one) for one in _files(connection, revision, columns="images, url, caption")),
        attachments=tuple(
            AttachmentRef(*one) for one in _files(connection, revision, columns="attachments, url, label")
        ),
        category_slug=address.category_slug,
        category_title=row["category"],
    )


def _files(connection: sqlite3.Connection, revision: sqlite3.Row, *, columns: str) -> Sequence[tuple[str, str | None]]:
    table, url, words = columns.split(", ")
    rows = connection.execute(
        f"select {url}, {words} from revision_{table} where article_id = ? and number = ? order by position",  # noqa: S608
        (revision["article_id"], revision["number"]),
    )
    return [tuple(row) for row in rows.fetchall()]


def _dates(connection: sqlite3.Connection, article_id: int, *, capture_id: int) -> tuple[FoundDate, ...]:
    rows = connection.execute(
        """select published_on, published_at, published_from from article_dates
           where article_id = ? and capture_id = ? and url is null order by rowid""",
        (article_id, capture_id),
    )
    return tuple(
        FoundDate(date.fromisoformat(on), source, datetime.fromisoformat(at) if at else None)
        for on, at, source in rows.fetchall()
    )
