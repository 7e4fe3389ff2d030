"""What a search costs in an index over many archives, compared with one archive of as many articles.

`python -m bench.union [--archives N] [--articles N] [--questions N] [--keep FOLDER]` makes N archives of this many
articles each (`bench.library`), reads them into an index as `serve --archives` does, and makes one archive with as many
articles as all of them together. Then it asks both the same searches in turn. It prints the CPU time that the index
took to make, and of hits and counts the median and the 95th percentile in ms. `--keep` keeps the archives.
"""

import argparse
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import parse_qs, urlsplit

from bench.library import PORTAL, build_library
from bench.questions import SEARCH, Asker
from crawler.archive.database import open_for_reading
from crawler.fleet.folder import FleetFolder
from crawler.search.counts import count_hits
from crawler.search.sql import Filters
from crawler.search.tiers import search_by_tier
from crawler.union.follow import follow
from crawler.union.ids import PUBLIC_KEY_BITS
from crawler.union.index import INDEX_NAME, open_index
from crawler.union.members import read_members

# The tables that name the portal.
_NAMED = (("portals", "name"), ("categories", "portal"), ("articles", "portal"), ("article_urls", "portal"))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.union")
    parser.add_argument("--archives", type=int, default=60)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        one = folder / "one" / "archive.db"
        if not one.exists():
            one.parent.mkdir(parents=True)
            build_library(one, options.archives * options.articles)
        many = FleetFolder(folder / "many")
        make_archives(many, options.archives, articles=options.articles)
        began = time.process_time()
        read_all(many)
        total = options.archives * options.articles
        print(f"{options.archives} archives, {total} articles: read in {time.process_time() - began:.0f} s of CPU")
        compare(one, many.state / INDEX_NAME, questions=options.questions)
    return 0


def make_archives(fleet: FleetFolder, count: int, *, articles: int) -> None:
    """Make one archive, and copy it under the names of other portals; those that are there stay."""
    with tempfile.TemporaryDirectory() as temporary:
        pattern = Path(temporary) / "archive.db"
        for number in range(count):
            archive = fleet.archive_of(f"p{number}")
            if archive.exists():
                continue
            if not pattern.exists():
                build_library(pattern, articles)
            archive.parent.mkdir(parents=True)
            shutil.copy(pattern, archive)
            with closing(sqlite3.connect(archive)) as connection, connection:
                for table, column in _NAMED:
                    connection.execute(f"update {table} set {column} = ? where {column} = ?", (f"p{number}", PORTAL))


def read_all(fleet: FleetFolder) -> None:
    """Read all archives into the index."""
    with closing(open_index(fleet.state / INDEX_NAME)) as index:
        while follow(index, read_members(fleet.path), now=datetime.now(UTC)):
            pass


def compare(one: Path, index: Path, *, questions: int) -> None:
    """Ask both the same searches in turn, and print what they cost."""
    asker = Asker(one, random.Random(1))
    asked = [one for _ in range(questions) for one in asker.ask_round() if one.group == SEARCH][:questions]
    texts = [parse_qs(urlsplit(question.path).query).get("q", [""])[0] for question in asked]
    spent: dict[str, list[float]] = {"one archive": [], "index over all": []}
    with closing(open_for_reading(one)) as single, closing(open_for_reading(index)) as union:
        for text in filter(None, texts):
            spent["one archive"].append(_time_search(single, text, filters=Filters()))
            spent["index over all"].append(_time_search(union, text, filters=Filters(key_bits=PUBLIC_KEY_BITS)))
    for name, times in spent.items():
        print(f"  {name}: p50 {median(times):.1f} ms, p95 {quantiles(times, n=20)[-1]:.1f} ms of {len(times)} searches")


def _time_search(connection: sqlite3.Connection, text: str, *, filters: Filters) -> float:
    """Search and count as the site does. Return the CPU time in milliseconds."""
    began = time.process_time()
    with suppress(sqlite3.OperationalError):
        page = search_by_tier(connection, text, filters=filters)
        count_hits(connection, text, filters=filters, newest=page.newest)
    return 1000 * (time.process_time() - began)


if __name__ == "__main__":
    sys.exit(main())
