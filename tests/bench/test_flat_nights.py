"""A night costs as much in a large archive as in a small one, but for the looks that are due.

The statements of a whole night are traced: SQLite's instructions are counted, so that no other program disturbs it.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bench.growth import crawl, grow
from crawler.archive.database import open_for_reading, open_for_writing
from crawler.archive.withheld.overlay import Overlay
from crawler.replica import Replica
from tests.support.crawling import ROOT

HELD = 3000
# Of SQLite's instructions. What is left are searches in trees that are deeper, and the count of the held articles.
MOST = 1.25
# Hundreds of instructions that a statement may take more, each time it runs. To read the rows of a table takes three or
# more a row, so 90; the largest of those that are bounded (the newest rows of a list) takes 40.
MOST_MORE = 60
# Tables with rows for each article, address or answer.
GROWING = (
    "articles", "article_urls", "article_dates", "article_events", "revision_rows", "captures", "frontier",
    "listing_rows", "mentions", "images", "attachments", "files", "file_looks", "revision_images",
    "revision_attachments", "last_looks", "page_claims", "article_facts",
)  # fmt: skip
# These indexes hold few rows (articles in doubt, those that are gone, rows that left their listings), or are read only
# to their first row.
FEW = ("articles_suspect", "articles_missed", "articles_gone", "listing_rows_gone", "articles_first_seen")
# Statements that read the rows of a portal up to a bound.
STOPS = re.compile(r"\blimit [0-9]")


@dataclass(frozen=True)
class Traced:
    """The statements of a night: how often each ran, its instructions in hundreds, and one with its values."""

    archive: Path
    requests: int
    statements: Mapping[str, tuple[int, int, str]]

    @property
    def work(self) -> int:
        return sum(work for _, work, _ in self.statements.values())


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Traced, Traced]]:
    """Give the same night of a small archive, and of one that holds many copies of its articles."""
    small, large = (tmp_path_factory.mktemp(name) for name in ("small", "large"))
    with Replica(articles=150, night=1) as portal:
        for night in (1, 2, 3):
            crawl(portal, small, night=night)
        shutil.copytree(small, large, dirs_exist_ok=True)
        grow(large / "archive.db", articles=HELD, night=date(2025, 6, 5))
        yield _trace(portal, small), _trace(portal, large)


def _trace(portal: Replica, folder: Path) -> Traced:
    traced = folder / "traced"
    traced.mkdir()
    tracer = f"{ROOT / 'tests/support/tracing'}:{ROOT}"
    cost = crawl(portal, folder, night=4, extra={"PYTHONPATH": tracer, "TRACED_STATEMENTS": str(traced)})
    found: dict[str, tuple[int, int, str]] = {}
    for file in traced.iterdir():
        for name, (runs, work, example) in json.loads(file.read_text(encoding="utf-8")).items():
            before = found.get(name, (0, 0, example))
            found[name] = (before[0] + runs, before[1] + work, example)
    return Traced(folder / "archive.db", cost.requests, found)


def test_a_night_asks_and_works_as_much_in_a_large_archive(nights: tuple[Traced, Traced]) -> None:
    small, large = nights
    assert large.requests == small.requests
    more = {name: (small.statements.get(name, (0, 0, ""))[1], one[1]) for name, one in large.statements.items()}
    worst = sorted(more.items(), key=lambda one: one[1][0] - one[1][1])[:3]
    assert large.work <= MOST * small.work, worst


def test_no_statement_of_a_night_reads_all_rows_of_a_portal(nights: tuple[Traced, Traced]) -> None:
    small, large = nights
    dear = [
        (more, name)
        for name, (runs, work, _) in large.statements.items()
        if runs and (more := (work - small.statements.get(name, (0, 0, ""))[1]) / runs) > MOST_MORE
    ]
    assert dear == []


def test_no_statement_of_a_night_reads_a_table_that_grows(nights: tuple[Traced, Traced]) -> None:
    _, large = nights
    scans = []
    with closing(open_for_reading(large.archive)) as connection:
        for _, _, statement in large.statements.values():
            if re.match(r"\s*(select|with|update|delete|insert)", statement) and "temp." not in statement:
                plan = [row[3] for row in connection.execute(f"explain query plan {statement}")]
                scans += [(line, statement[:200]) for line in plan if _reads_a_table(line, statement)]
    assert len(large.statements) > 100
    assert scans == []


def _reads_a_table(line: str, statement: str) -> bool:
    """Tell whether a line of a plan reads all rows of a growing table, or of a portal in it, by name or alias."""
    of_portal = r"SEARCH (\w+) USING (?:COVERING )?INDEX (\w+) \(portal=\?\)$"
    scan = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", line)
    if not STOPS.search(statement):
        scan = scan or re.match(of_portal, line)
    if scan is None or scan[2] in FEW:
        return False
    return any(scan[1] == table or re.search(rf"\b{table} (?:as )?{scan[1]}\b", statement) for table in GROWING)


def test_a_withholding_works_as_much_in_a_large_archive(nights: tuple[Traced, Traced], tmp_path: Path) -> None:
    works = []
    for number, night in enumerate(nights):
        archive = shutil.copytree(night.archive.parent, tmp_path / str(number)) / "archive.db"
        with closing(open_for_writing(archive)) as connection, closing(Overlay(connection, archive)) as overlay:
            with overlay.restored():
                pass
            counted = [0]
            connection.set_progress_handler(lambda counted=counted: counted.__setitem__(0, counted[0] + 1), 10)
            with overlay.restored():
                connection.execute(
                    """insert into withholdings (id, kind, what, reason, by, withheld_at)
                       values (1, 'article', 5, 'r', 'b', '')"""
                )
            assert connection.execute("select 1 from articles where id = 5").fetchone() is None
            works.append(counted[0])
    assert works[1] <= MOST * works[0], works
