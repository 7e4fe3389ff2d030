"""The pages of the site beside a table page of a bare Datasette, while a crawl writes: the ratio is bounded."""

from pathlib import Path

import pytest

from bench.questions import ARTICLE, SEARCH
from bench.reading import compare_orders, make_library, measure

# Enough for every bound on the work of a page to be reached: counts, ranked hits, a portal's years.
ARTICLES = 8000


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("library") / "made" / "archive.db"
    make_library(made, ARTICLES)
    return made


@pytest.mark.slow
def test_search_by_tier_takes_not_many_times_what_newest_first_takes(archive: Path) -> None:
    assert compare_orders(archive, rounds=8) < 2.5


@pytest.mark.slow
def test_search_and_article_pages_take_no_longer_than_a_table_page(archive: Path) -> None:
    measured = measure(archive, rounds=6, pages_a_second=2)
    # By medians of pages that take turns: the 95th percentile of so few is that of the machine's other work.
    assert measured.middle_ratio(SEARCH) < 1.5, measured.kinds
    assert measured.middle_ratio(ARTICLE) < 1.0, measured.kinds
    slow = {kind: spread.middle / measured.table.middle for kind, spread in measured.kinds.items()}
    # No kind of page is out of all proportion; the CSV file has a thousand rows.
    assert {kind: ratio for kind, ratio in slow.items() if ratio > 5 and "Datasette" not in kind[1]} == {}
