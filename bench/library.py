"""A large synthetic archive for measuring: articles of the replica's prose, written directly into the tables.

It has no WARC records: the measured pages read the database only. The same number and seed give the same archive.
"""

import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

from crawler.archive.articles.derived import refill
from crawler.archive.articles.search_index import make_sort_key, reindex_all
from crawler.archive.database import open_for_writing
from crawler.archive.withheld.address_words import search_new_texts
from crawler.language.dates import to_iso_utc
from crawler.replica.content import topics, vocabulary
from crawler.replica.content.prose import Writer

PORTAL, ORIGIN = "sapa", "https://sapa.example.vn"
CATEGORIES = (
    "tin-tuc-su-kien", "thong-bao", "van-hoa-xa-hoi", "kinh-te", "xay-dung-dang", "an-ninh-quoc-phong", "giao-duc",
    "y-te", "du-lich", "nong-nghiep", "cai-cach-hanh-chinh", "lich-tiep-cong-dan",
)  # fmt: skip
FIRST_DAY = date(2014, 1, 1)
DAYS = 4500
NIGHTS = 400
PARAGRAPHS = 6000
CHUNK = 2000

# The texts of a revision that its article's row has.
_IN_ARTICLE = (None,) * 7

_TOPICS = list(topics.ALL.values())


@dataclass(frozen=True, slots=True)
class Stock:
    """The texts of which articles are made."""

    titles: list[str]
    leads: list[str]
    paragraphs: list[str]
    captions: list[str]


def build_library(path: Path, articles: int, *, seed: int = 1) -> None:
    """Make an archive of that many articles at `path`, with search index and derived facts."""
    rng = random.Random(seed)
    stock = make_stock(rng)
    connection = open_for_writing(path)
    try:
        connection.execute("pragma synchronous = off")
        connection.execute("pragma cache_size = -262144")
        connection.execute("pragma foreign_keys = off")
        connection.execute("begin immediate")
        _put_frame(connection, articles)
        writer = _Rows(connection, rng, stock=stock, articles=articles)
        numbers: Iterator[int] = iter(range(1, articles + 1))
        while chunk := list(islice(numbers, CHUNK)):
            for number in chunk:
                writer.add(number)
            writer.flush()
        search_new_texts(connection)
        reindex_all(connection)
        refill(connection)
        connection.execute("commit")
        connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()


def make_stock(rng: random.Random) -> Stock:
    writers = [Writer(topic, rng) for topic in _TOPICS for _ in range(20)]

    def fresh() -> Writer:
        writer = rng.choice(writers)
        writer.values.clear()
        return writer

    return Stock(
        titles=[fresh().title() for _ in range(4000)],
        leads=[fresh().lead() for _ in range(3000)],
        paragraphs=[fresh().paragraph(2, 4) for _ in range(PARAGRAPHS)],
        captions=[fresh().caption() for _ in range(2000)],
    )


def _put_frame(connection: sqlite3.Connection, articles: int) -> None:
    connection.execute(
        """insert into portals (name, title, base_url, timezone, cms, profile, utc_offset)
           values (?, 'Thị xã Sa Pa', ?, 'Asia/Ho_Chi_Minh', 'vnpt', '{}', '+07:00')""",
        (PORTAL, f"{ORIGIN}/"),
    )
    connection.executemany(
        "insert into categories values (?, ?, ?, ?, ?)",
        [
            (number, PORTAL, slug, slug.replace("-", " ").capitalize(), f"{ORIGIN}/{slug}")
            for number, slug in enumerate(CATEGORIES, 1)
        ],
    )
    first = datetime(2025, 1, 1, 18, 30, tzinfo=UTC)
    connection.executemany(
        """insert into crawls (id, portal, started_at, finished_at, outcome, requests, articles_new, in_ledger)
           values (?, ?, ?, ?, ?, ?, ?, 1)""",
        [
            (
                number, PORTAL, _utc(first + timedelta(days=number)), _utc(first + timedelta(days=number, hours=1)),
                "partial" if number % 9 == 0 else "complete", 200, articles // NIGHTS,
            )
            for number in range(1, NIGHTS + 1)
        ],
    )  # fmt: skip
    connection.executemany(
        """insert into crawl_errors (crawl_id, url, at, kind, message) values (?, ?, ?, 'timeout', 'no answer')""",
        [
            (number, f"{ORIGIN}/tin-tuc-su-kien/bai-{number}", _utc(first + timedelta(days=number)))
            for number in range(9, NIGHTS, 9)
        ],
    )
    connection.execute("insert into warc_files (name, serial, size_bytes, closed) values ('bench.warc.gz', 1, 1, 1)")


def _utc(at: datetime) -> str:
    return to_iso_utc(at)


class _Rows:
    """Collects the rows of articles, and writes them chunk by chunk."""

    def __init__(self, connection: sqlite3.Connection, rng: random.Random, *, stock: Stock, articles: int) -> None:
        self._connection, self._rng, self._stock, self._articles = connection, rng, stock, articles
        self._rows: dict[str, list[tuple[object, ...]]] = {}
        self._capture_id = 0
        self._images = max(articles * 3 // 2, 50)
        self._drawn: set[int] = set()
        bylines = [f"{rng.choice(vocabulary.SURNAMES)} {rng.choice(vocabulary.GIVEN)}" for _ in range(300)]
        self._bylines: list[str | None] = [*bylines, *[None] * 100]

    def add(self, number: int) -> None:
        """Make one article with its addresses, dates, events, revisions and pictures."""
        rng, stock = self._rng, self._stock
        day = FIRST_DAY + timedelta(days=number * DAYS // self._articles)
        crawl_id = 1 + number * (NIGHTS - 1) // self._articles
        seen = datetime(2025, 1, 1, 18, 40, tzinfo=UTC) + timedelta(days=crawl_id)
        category = rng.choice((1, 1, 1, *range(1, len(CATEGORIES) + 1)))
        slug = f"bai-{number}"
        url = f"{ORIGIN}/{CATEGORIES[category - 1]}/{slug}-{1_000_000 + number}"
        title = rng.choice(stock.titles)
        paragraphs = [rng.choice(stock.leads), *rng.choices(stock.paragraphs, k=rng.randint(2, 7))]
        source = "none" if number % 40 == 0 else "file-name" if number % 17 == 0 else "page"
        on = None if source == "none" else day.isoformat()
        byline = rng.choice(self._bylines)
        revised, gone = number % 12 == 0, number % 90 == 0
        captions = self._add_pictures(number, 2 if revised else 1, at=seen, crawl_id=crawl_id)
        first_capture = self._add_capture(url, seen, crawl_id=crawl_id)
        last_capture = first_capture
        body = "\n\n".join(paragraphs)
        html = "".join(f"<p>{text}</p>" for text in paragraphs)
        digest = sha256(body.encode()).hexdigest()
        # The text of a current revision is in its article's row.
        texts = (title, paragraphs[0], body, html, byline, None, on) if revised else _IN_ARTICLE
        self._put("revision_rows", number, 1, _utc(seen), _utc(seen + timedelta(days=3)),
                  digest, None, None, first_capture, None, *texts)  # fmt: skip
        self._event(number, seen, kind="found", capture_id=first_capture)
        if revised:
            paragraphs[-1] += f" Kinh phí {number % 900 + 10} triệu đồng."
            body = "\n\n".join(paragraphs)
            html = "".join(f"<p>{text}</p>" for text in paragraphs)
            digest = sha256(body.encode()).hexdigest()
            later = seen + timedelta(days=5)
            last_capture = self._add_capture(url, later, crawl_id=min(crawl_id + 5, NIGHTS))
            self._put("revision_rows", number, 2, _utc(later), _utc(later), digest,
                      json.dumps(["body"]), json.dumps(["number", "text"]), last_capture, None,
                      *_IN_ARTICLE)  # fmt: skip
            self._event(number, later, kind="revised", capture_id=last_capture, detail="body")
        if gone:
            self._remove(number, seen + timedelta(days=9), capture_id=last_capture)
        sort_day = date.fromisoformat(on) if on else None
        self._put(
            "articles", number, make_sort_key(sort_day, number), PORTAL, url, str(1_000_000 + number), category, title,
            paragraphs[0], body, html, byline, None, on, None, None if source == "none" else source, _utc(seen),
            _utc(seen + timedelta(days=8)), _utc(seen + timedelta(days=5)) if revised else None,
            _utc(seen + timedelta(days=9)) if gone else None, "removed" if gone else "live", 0 if gone else 1,
            2 if revised else 1, len(body.split()), "\n".join(captions) or None, digest, "page", digest,
            seen.date().isoformat(), seen.date().isoformat(), seen.date().isoformat(), crawl_id, last_capture,
        )  # fmt: skip
        self._put("article_urls", PORTAL, url, number, "article", str(1_000_000 + number), slug, first_capture)
        if on:
            self._put("article_dates", number, on, None, source, None, first_capture)
        self._put("frontier", PORTAL, url, "article", "done", 1, 10, _utc(seen), None, 1, _utc(seen), crawl_id, None, 0,
                  None)  # fmt: skip
        self._put("listing_rows", PORTAL, f"{ORIGIN}/{CATEGORIES[category - 1]}", url, crawl_id, NIGHTS, first_capture,
                  0 if gone else 1)  # fmt: skip

    def _add_capture(self, url: str, at: datetime, *, crawl_id: int) -> int:
        self._capture_id += 1
        number = self._capture_id
        self._put("captures", number, f"urn:uuid:{number:032x}", crawl_id, url, "GET", None, _utc(at), 200, "text/html",
                  f"{number:064x}", "bench.warc.gz", number, 1, "response", None)  # fmt: skip
        return number

    def _remove(self, number: int, missed: datetime, *, capture_id: int) -> None:
        """Add three misses on nights in a row, and the removal that they make certain."""
        for night in range(3):
            at = missed + timedelta(days=night)
            self._put("misses", number, at.date().isoformat(), _utc(at), "http-404", capture_id, 1)
        self._event(
            number, missed + timedelta(days=2), kind="removed", capture_id=capture_id, detail="missed on 3 nights"
        )

    def _event(self, number: int, at: datetime, *, kind: str, capture_id: int, detail: str | None = None) -> None:
        self._put("article_events", None, number, _utc(at), kind, capture_id, detail)

    def _add_pictures(self, number: int, revisions: int, *, at: datetime, crawl_id: int) -> list[str]:
        captions = []
        for position in range(self._rng.choice((0, 1, 1, 2, 3))):
            # One picture in twenty is one of 40 that many articles share; the others are in one or two articles.
            drawn = self._rng.randrange(40) if self._rng.random() < 0.05 else self._rng.randrange(40, self._images)
            digest = f"{drawn:064x}"
            url = f"https://storage.example.vn/lci/{drawn}.jpg"
            if drawn not in self._drawn:
                self._drawn.add(drawn)
                capture_id = self._add_capture(url, at, crawl_id=crawl_id)
                self._put("images", digest, "image/jpeg", 1200, 800, 150_000, None, capture_id)
                self._put("files", PORTAL, url, "image", digest, capture_id, _utc(at), None)
            caption = self._rng.choice(self._stock.captions)
            captions.append(caption)
            for revision in range(1, revisions + 1):
                self._put("revision_images", number, revision, position, digest, url, caption)
        return captions

    def _put(self, table: str, *values: object) -> None:
        self._rows.setdefault(table, []).append(values)

    def flush(self) -> None:
        """Write the collected rows; columns that a later migration appended stay null."""
        for table, rows in self._rows.items():
            columns = [row[1] for row in self._connection.execute(f"pragma table_info({table})")][: len(rows[0])]
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)
        self._rows.clear()
