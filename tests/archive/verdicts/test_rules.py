"""A run is judged by the rules of its time."""

from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.verdicts.rules import RULES, rules_of
from crawler.archive.warc.ledger import CrawlStarted, parse_entries, render_entries
from tests.support.build import make_archive

_ENTRY = b'{"do": "crawl-started", "crawl_id": 1, "at": "x", "profile": "{}", "full": false}'


def test_an_entry_of_an_older_version_has_rules_1() -> None:
    old = b'{"format": "portal-archive-ledger/1", "entries": [' + _ENTRY + b"]}"
    assert parse_entries(old) == [CrawlStarted(1, "x", "{}", full=False, rules=1)]


def test_an_entry_says_the_rules_of_its_run() -> None:
    new = CrawlStarted(2, "x", "{}", full=False, rules=RULES)
    assert parse_entries(render_entries([new])) == [new]


def test_a_run_keeps_the_rules_it_began_with(tmp_path: Path) -> None:
    connection = open_for_reading(make_archive(tmp_path))
    connection.row_factory = None
    assert rules_of(connection, 1) == RULES
