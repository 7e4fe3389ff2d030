"""An archive that holds many articles of a portal that can still be crawled: what a night costs as an archive grows.

`grow(archive, articles=N)` copies the articles of a crawled archive until it holds N: with addresses, captures, dates,
events, revisions, files, plans, and rows of frontier and listings. The copies are old and not due, so that the next
night of the same portal has the same work as without them. Their texts are cut short, and their captures point to the
records of what they are copies of. So `verify` and `rebuild` have nothing to say of such an archive.

`python -m bench.growth [--sizes N ...] [--walks]` crawls the replica, lets copies of its archive grow, and prints what
the next night of each costs. With `--walks` the listings of the replica then name the copies, too, and a second night
reads all of them to their ends.
"""

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from crawler.archive.articles.search_index import make_sort_key, reindex_all
from crawler.archive.database import open_for_reading, open_for_writing
from crawler.archive.withheld.address_words import search_new_texts
from crawler.replica import Replica
from crawler.replica.content.compose import CATEGORIES
from crawler.replica.content.model import OlderRow
from crawler.replica.portal import TomlValue

FIRST_NIGHT = datetime.fromisoformat("2025-06-01T18:30:00+00:00")
# Articles are published from this day on: so old that a crawl fetches them again most rarely.
OLD_DAY, OLD_DAYS = date(2008, 1, 1), 4000
TEXT_LETTERS = 150
SIZES = (10_000, 100_000, 1_000_000)
# Of the replica: a night on which nothing leaves a listing, so that none is read to its end.
MEASURED_NIGHT = 4
MOST = 1.25

_CAPTURES = ("capture_id", "first_capture_id", "last_capture_id", "found_in", "control_id")
_IS_OF = "article_id in (select id from temp.base_articles)"
_IS_ADDRESS = "url in (select url from temp.base_article_urls)"
_IS_FILE = "url in (select url from main.files)"
# The tables that copies have rows in, with the condition of the rows that are copied. Each may name those before it.
_TABLES = {
    "articles": "state = 'live' and listed and id not in (select article_id from main.misses)",
    "article_urls": _IS_OF,
    **dict.fromkeys(("article_dates", "article_events", "revision_rows", "last_looks"), _IS_OF),
    **dict.fromkeys(("revision_images", "revision_attachments", "revision_sums"), _IS_OF),
    **dict.fromkeys(("article_facts", "article_documents", "page_claims"), _IS_OF),
    **dict.fromkeys(("images", "attachments", "files", "file_looks"), "true"),
    "listing_rows": _IS_ADDRESS,
    "mentions": f"place = 'listing' and {_IS_ADDRESS}",
    "frontier": f"state = 'done' and ({_IS_ADDRESS} or {_IS_FILE})",
    "captures": """id in (select capture_id from temp.base_articles union select capture_id from temp.base_revision_rows
      union select first_capture_id from temp.base_article_urls union select capture_id from temp.base_files)""",
}  # fmt: skip


def grow(archive: Path, *, articles: int, night: date) -> int:
    """Copy the articles of a crawled archive until it holds `articles`. No copy is due on `night` or soon after.

    Return an id between those of its own articles and those of the copies.
    """
    with closing(open_for_writing(archive)) as connection:
        for pragma in ("synchronous = off", "cache_size = -1000000", "foreign_keys = off", "journal_mode = memory"):
            connection.execute(f"pragma {pragma}")
        connection.execute("begin immediate")
        copier = _Copier(connection, articles=articles, night=night)
        copier.copy_all()
        search_new_texts(connection)
        reindex_all(connection)
        connection.execute("commit")
        connection.execute("pragma journal_mode = wal")
    return copier.first_id


class _Copier:
    """Copies the rows of a portal's articles with new ids and addresses."""

    def __init__(self, connection: sqlite3.Connection, *, articles: int, night: date) -> None:
        self._connection = connection
        self._night = night
        for table, condition in _TABLES.items():
            connection.execute(f"create temp table base_{table} as select * from main.{table} where {condition}")
        held, copied = (
            connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("main.articles", "base_articles")
        )
        self.first_id: int = 1 + connection.execute("select max(id) from articles").fetchone()[0]
        self._articles = self.first_id
        self._captures = 1 + connection.execute("select max(id) from captures").fetchone()[0]
        sources = connection.execute(
            "select distinct source_id from article_urls where source_id is not null and kind = 'article' order by 1"
        )
        self._sources = {row[0]: place for place, row in enumerate(sources)}
        self._copies = max(0, (articles - held) // copied)
        connection.execute("create temp table copies (k integer primary key)")
        connection.executemany("insert into copies values (?)", [(k,) for k in range(1, self._copies + 1)])
        connection.create_function("copy_url", 2, self._copy_url, deterministic=True)
        connection.create_function("copy_source", 2, self._copy_source, deterministic=True)
        connection.create_function("sort_key_of", 2, _sort_key_of)

    def copy_all(self) -> None:
        """Copy the rows of every table. The indexes are made after them: each in one sorted pass."""
        indexes = self._drop_indexes()
        self._copy_rows()
        for index in indexes:
            self._connection.execute(index)

    def _drop_indexes(self) -> list[str]:
        """Drop the indexes of all tables. Return the SQL that makes them, in their order: it decides between equals."""
        found = self._connection.execute(
            f"""select name, sql from main.sqlite_master where type = 'index' and sql is not null
                and tbl_name in ({", ".join("?" * len(_TABLES))}) order by rowid""",
            list(_TABLES),
        ).fetchall()
        for name, _ in found:
            self._connection.execute(f"drop index main.{name}")
        return [sql for _, sql in found]

    def _copy_rows(self) -> None:
        for table in _TABLES:
            columns = [(row[1], row[5]) for row in self._connection.execute(f"pragma main.table_info({table})")]
            named = {name: self._value_of(table, name) for name, _ in columns}
            kept = [name for name, value in named.items() if value]
            self._connection.execute(
                f"""insert into main.{table} ({", ".join(kept)})
                    select {", ".join(named[name] for name in kept)} from copies cross join base_{table}"""
            )

    def _value_of(self, table: str, column: str) -> str:
        """Return the SQL of a copy's value; "" for an id that the database gives."""
        if (table, column) in (("articles", "id"), ("last_looks", "article_id")) or column == "article_id":
            return f"{column} + k * {self._articles}"
        if (table, column) == ("captures", "id") or column in _CAPTURES:
            return f"{column} + k * {self._captures}"
        if column == "id":
            return ""
        if column == "url":
            return "copy_url(url, k)"
        if column == "source_id":
            return "copy_source(source_id, k)"
        if column == "record_id":
            return "substr(record_id, 1, 9) || printf('%08x', k) || substr(record_id, 18)"
        if column in ("image_sha256", "attachment_sha256", "payload_sha256", "join_sha256", "sha256"):
            return f"printf('%08x', k) || substr({column}, 9)"
        return self._text_of(table, column)

    def _text_of(self, table: str, column: str) -> str:
        night = self._night.isoformat()
        if column in ("title_key", "number") and table in ("article_facts", "article_documents"):
            return f"{column} || ' ' || k"
        if column in ("title", "title_slug") and table in ("articles", "revision_rows", "article_urls"):
            return f"{column} || ' ' || k" if column == "title" else f"{column} || '-' || k"
        if column in ("body", "body_html", "summary") and table in ("articles", "revision_rows"):
            return f"substr({column}, 1, {TEXT_LETTERS})"
        old = f"date('{OLD_DAY}', '+' || ((k * 31) % {OLD_DAYS}) || ' days')"
        if column in ("published_on", "first_seen_on") and table in ("articles", "revision_rows", "article_dates"):
            return f"iif({column} is null, null, {old})"
        if table == "article_facts" and column in ("year", "event_on"):
            value = f"substr({old}, 1, 4)" if column == "year" else f"date({old}, '-' || (k % 45) || ' days')"
            return f"iif({column} is null, null, {value})"
        if table == "articles" and column == "sort_key":
            return f"sort_key_of(iif(published_on is null, null, {old}), id + k * {self._articles})"
        if table == "articles" and column in ("looked_on", "seen_on"):
            return f"date('{night}', '-1 days')"
        if table == "file_looks" and column == "due_on":
            return f"date('{night}', '+300 days')"
        return {"thumbnail": "null", "published_at": "null"}.get(column, column)

    def _copy_url(self, url: str | None, k: int) -> str | None:
        if url is None:
            return None
        article = re.fullmatch(r"(.*)-(\d+)", url)
        if article and article[2] in self._sources:
            return f"{article[1]}-{k}-{self._copy_source(article[2], k)}"
        old = re.fullmatch(r"(.*(?:/\d+){3}/)(\d+)(/[^/]+/[^/]+)", url)
        if old:
            return f"{old[1]}{int(old[2]) + k * 1_000_000}{old[3]}"
        folder, _, name = url.rpartition("/")
        return f"{folder}/{k}-{name}"

    def _copy_source(self, source: str | None, k: int) -> str | None:
        place = self._sources.get(source or "")
        return source if place is None else str(2_000_000 + k * len(self._sources) + place)


def _sort_key_of(on: str | None, article_id: int) -> int:
    return make_sort_key(date.fromisoformat(on) if on else None, article_id)


@dataclass(frozen=True, slots=True)
class NightCost:
    """What a night cost: requests, wall time, CPU time of all its processes, both in seconds."""

    requests: int
    wall: float
    cpu: float


def continue_listings(portal: Replica, archive: Path, *, first_id: int) -> None:
    """Let the listings of the replica name the copies in an archive, below their own articles.

    Args:
        first_id: as `grow` gives it.
    """
    with closing(open_for_reading(archive)) as connection:
        listings = [(one.slug, f"{portal.base_url}{one.slug}") for one in CATEGORIES]
        portal.continue_listings(
            {slug: list(_read_copies(connection, portal, listing, first_id)) for slug, listing in listings}
        )


def _read_copies(connection: sqlite3.Connection, portal: Replica, listing: str, first_id: int) -> Iterator[OlderRow]:
    found = connection.execute(
        """select r.url, m.title, m.published_on from listing_rows r
             join article_urls u on u.portal = r.portal and u.url = r.url join articles a on a.id = u.article_id
             left join mentions m on m.portal = r.portal and m.url = r.url and m.place = 'listing'
           where r.listing = ? and r.listed and a.id >= ? order by a.id desc""",
        (listing, first_id),
    )
    for url, title, on in found:
        yield OlderRow(f"/{url.removeprefix(portal.base_url)}", title or "", datetime.fromisoformat(on or "2008-01-01"))


def crawl(
    portal: Replica, folder: Path, *, night: int, extra: dict[str, str] | None = None,
    relook: dict[str, TomlValue] | None = None,
) -> NightCost:  # fmt: skip
    """Crawl the replica at a night into `folder`/archive.db. `relook` are keys of that table of the profile."""
    portal.night = night
    portal.forget_requests()
    profile = folder / "replica.toml"
    limits: dict[str, TomlValue] = {"disk_reserve_bytes": 0, "listing_pages": 1_000_000}
    relook = {"then_every_days": 100_000_000, **(relook or {})}
    profile.write_text(portal.profile_toml(limits=limits, relook=relook), encoding="utf-8")
    now = FIRST_NIGHT + timedelta(days=night - 1)
    line = [sys.executable, "-m", "crawler", "crawl", "--portal", str(profile), "--archive", str(folder / "archive.db")]
    environment = {
        **os.environ,
        "PORTAL_ARCHIVE_TEXTS_MINUTES": "0",
        "PORTAL_ARCHIVE_NOW": now.isoformat(),
        **(extra or {}),
    }
    began = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, text=True) as child:
        assert child.stderr is not None
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3, 4):
        raise SystemExit(f"the crawl failed:\n{errors}")
    return NightCost(len(portal.requests), time.perf_counter() - began, usage.ru_utime + usage.ru_stime)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure nights of archives of several sizes. Return 1 if the largest takes more than `MOST` of the smallest.

    Of the night on which all listings are read to their ends, this is said of each of its requests.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--walks", action="store_true", help="also measure nights that read all listings to their ends")
    given = parser.parse_args(argv)
    costs, walks = [], []
    with tempfile.TemporaryDirectory() as name, Replica(articles=150, night=1) as portal:
        first = Path(name) / "first"
        first.mkdir()
        for night in range(1, MEASURED_NIGHT):
            crawl(portal, first, night=night)
        for size in given.sizes:
            folder = Path(shutil.copytree(first, Path(name) / str(size)))
            after = (FIRST_NIGHT + timedelta(days=MEASURED_NIGHT)).date()
            first_id = grow(folder / "archive.db", articles=size, night=after)
            costs.append(crawl(portal, folder, night=MEASURED_NIGHT))
            print(f"{size} articles: {costs[-1]}", flush=True)
            if given.walks:
                continue_listings(portal, folder / "archive.db", first_id=first_id)
                walks.append(crawl(portal, folder, night=MEASURED_NIGHT + 1, relook={"walk_listings_every_days": 1}))
                print(f"{size} articles, listings read to their ends: {walks[-1]}", flush=True)
                portal.continue_listings({})
            shutil.rmtree(folder)
    ratios = [costs[-1].requests / costs[0].requests, costs[-1].cpu / costs[0].cpu]
    print(f"from the first to the last: requests {ratios[0]:.2f}, CPU {ratios[1]:.2f}")
    if walks:
        ratios.append(walks[-1].cpu / walks[-1].requests / (walks[0].cpu / walks[0].requests))
        print(f"CPU of a request, listings read to their ends: {ratios[2]:.2f}")
    return int(max(ratios) > MOST)


if __name__ == "__main__":
    sys.exit(main())
