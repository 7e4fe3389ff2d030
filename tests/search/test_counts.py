"""Counts by period and category: exact up to a limit, marked as capped above it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest

from crawler.archive.database import open_for_reading
from crawler.search import counts as tally_module
from crawler.search.counts import Counts, PeriodCount, count_hits
from crawler.search.sql import NO_FILTERS, Filters
from tests.support.build import Clock, Night, article, new_address, on_page


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Read an archive of 24 articles, one a month from January 2022; every third in another category."""
    archive = tmp_path_factory.mktemp("tally") / "archive.db"
    with Night(archive, Clock()) as night:
        for number in range(24):
            day = f"{2022 + number // 12}-{number % 12 + 1:02}-15"
            slug = "tin-tuc" if number % 3 else "thong-bao"
            said = article(f"Tin {number}", "bão" if number % 2 else "lũ", dates=(on_page(day),), category_slug=slug)
            night.put(said, new_address(number, f"tin-{number}", slug))
    with closing(open_for_reading(archive)) as connection:
        yield connection


def years(tally: Counts) -> dict[int, int]:
    return {span.since.year: span.count for span in tally.spans}


@pytest.mark.parametrize(("text", "by_year"), [("bão", {2022: 6, 2023: 6}), ("", {2022: 12, 2023: 12})])
def test_hits_are_counted_by_year_and_category(reading: sqlite3.Connection, text: str, by_year: dict[int, int]) -> None:
    tally = count_hits(reading, text, filters=NO_FILTERS)
    assert (years(tally), tally.count, tally.is_capped) == (by_year, sum(by_year.values()), False)
    assert sum(count for _, count in tally.categories) == tally.count
    assert [count for _, count in tally.categories] == sorted((c for _, c in tally.categories), reverse=True)
    assert tally.spans[0] == PeriodCount(date(2022, 1, 1), date(2022, 12, 31), by_year[2022])


def test_one_year_is_counted_by_month_within_its_filter(reading: sqlite3.Connection) -> None:
    autumn = Filters(since=date(2023, 9, 10), until=date(2023, 11, 30))
    tally = count_hits(reading, "", filters=autumn)
    assert tally.spans == (
        PeriodCount(date(2023, 9, 10), date(2023, 9, 30), 1),
        PeriodCount(date(2023, 10, 1), date(2023, 10, 31), 1),
        PeriodCount(date(2023, 11, 1), date(2023, 11, 30), 1),
    )


@pytest.mark.parametrize("text", ["", "bão OR lũ"])
def test_beyond_the_limit_each_year_is_still_counted(
    reading: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(tally_module, "COUNT_LIMIT", 5)
    tally = count_hits(reading, text, filters=NO_FILTERS)
    assert (tally.count, tally.is_capped) == (5, True)
    assert years(tally) == {2022: 12, 2023: 12}
    assert not any(span.is_capped for span in tally.spans)
    assert sum(count for _, count in tally.categories) == 5
    late = count_hits(reading, text, filters=Filters(since=date(2023, 10, 1)))
    assert (late.count, late.is_capped, years(late)) == (3, False, {2023: 3})


def test_years_are_counted_in_no_order_and_by_one_query(
    reading: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first, FTS5 reads each page of the index forward and then back: half as much again."""
    monkeypatch.setattr(tally_module, "COUNT_LIMIT", 5)
    asked = list[str]()
    reading.set_trace_callback(asked.append)
    tally = count_hits(reading, "bão OR lũ", filters=NO_FILTERS)
    reading.set_trace_callback(None)
    counting = [sql for sql in asked if "count(*) from (select" in sql]
    assert years(tally) == {2022: 12, 2023: 12}
    assert len(counting) == 3  # two years, and the undated
    assert not [sql for sql in counting if "order by" in sql]


def test_equal_categories_are_in_the_order_of_their_newest_articles(reading: sqlite3.Connection) -> None:
    spring = Filters(since=date(2022, 4, 1), until=date(2022, 5, 31))
    (first, _), (second, _) = count_hits(reading, "", filters=spring).categories
    slugs = [
        reading.execute("select slug from categories where id = ?", (one,)).fetchone()[0] for one in (first, second)
    ]
    assert slugs == ["tin-tuc", "thong-bao"]


def test_a_year_above_the_limit_is_capped(reading: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COUNT_LIMIT", "SPAN_LIMIT", "FILTERED_SPAN_LIMIT"):
        monkeypatch.setattr(tally_module, name, 5)
    for filters in (NO_FILTERS, Filters(portal="sapa")):
        tally = count_hits(reading, "bão OR lũ", filters=filters)
        assert [(span.count, span.is_capped) for span in tally.spans] == [(5, True), (5, True)]
    (category,) = reading.execute("select id from categories where slug = 'thong-bao'").fetchone()
    tally = count_hits(reading, "bão OR lũ", filters=Filters(categories=(category,)))
    assert (tally.count, tally.is_capped) == (1, True)


def test_a_capped_search_with_a_prefix_is_not_counted_year_by_year(
    reading: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert years(count_hits(reading, "bao* OR lũ OR tin*", filters=NO_FILTERS)) == {2022: 12, 2023: 12}
    monkeypatch.setattr(tally_module, "COUNT_LIMIT", 5)
    assert count_hits(reading, "bao* OR lũ OR tin*", filters=NO_FILTERS).spans == ()


def test_nothing_found_counts_nothing(reading: sqlite3.Connection) -> None:
    assert count_hits(reading, "xyzzy", filters=NO_FILTERS) == Counts(0, (), ())
    assert count_hits(reading, "", filters=Filters(since=date(2030, 1, 1))) == Counts(0, (), ())
    assert count_hits(reading, "", filters=Filters(since=date(2023, 1, 1), until=date(2022, 1, 1))) == Counts(0, (), ())
