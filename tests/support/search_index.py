"""A database with nothing but the search index and the columns that it reads."""

import sqlite3
from datetime import date
from importlib import resources

from crawler.archive.articles.search_index import (
    CREATE_FILES_SEARCH_SQL,
    CREATE_PAIRS_SEARCH_SQL,
    SearchRow,
    index_articles,
    make_sort_key,
    read_search_row,
    register_functions,
)
from crawler.search.hits import search_articles

ARTICLES_SQL = """create table articles (id integer primary key, sort_key integer not null unique,
    portal text, url text, title text, summary text, body text, captions text, byline text,
    published_on text, category_id integer, revision integer not null default 1, removed_at text);
    create table attachments (sha256 text primary key);
    create table revision_attachments (article_id integer, number integer, position integer,
    attachment_sha256 text, url text, label text);
    create table revision_images (article_id integer, number integer, image_sha256 text);
    create view article_attachments as select t.* from revision_attachments t
    join articles a on a.id = t.article_id and a.revision = t.number;"""


def open_index() -> sqlite3.Connection:
    """Make the database in memory."""
    connection = sqlite3.connect(":memory:")
    first_index = (resources.files("crawler.archive") / "migrations" / "m0003_search.sql").read_text(encoding="utf-8")
    connection.executescript(ARTICLES_SQL + first_index + CREATE_FILES_SEARCH_SQL + CREATE_PAIRS_SEARCH_SQL)
    for column in ("doubts", "page_starts"):
        connection.execute(f"alter table attachment_texts add column {column} text")
    register_functions(connection)
    return connection


def put(
    connection: sqlite3.Connection,
    number: int,
    body: str,
    *,
    title: str = "",
    on: date = date(2026, 8, 28),
    captions: str | None = None,
    byline: str | None = None,
    portal: str = "sapa",
) -> SearchRow:
    """Store an article and index it."""
    key = make_sort_key(on, number)
    connection.execute(
        "insert into articles (id, sort_key, portal, url, title, body, captions, byline, published_on)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, key, portal, f"https://x.vn/{number}", title, body, captions, byline, on.isoformat()),
    )
    row = read_search_row(connection, number)
    index_articles(connection, [row])
    return row


def put_file(connection: sqlite3.Connection, number: int, text: str) -> None:
    """Store the text of a file of an article that `put` then indexes with it."""
    digest = f"{number:064x}"
    connection.execute("insert into attachments values (?)", (digest,))
    connection.execute(
        "insert into revision_attachments values (?, 1, 0, ?, ?, null)", (number, digest, f"https://x.vn/{number}.pdf")
    )
    connection.execute(
        """insert into attachment_texts (attachment_sha256, text, is_ocr, is_cut, characters, version)
           values (?, ?, 0, 0, ?, 1)""",
        (digest, text, len(text)),
    )


def find(connection: sqlite3.Connection, query: str) -> list[int]:
    """Give the ids of the articles that a query finds, in the order of a page."""
    return [hit.article_id for hit in search_articles(connection, query).hits]
