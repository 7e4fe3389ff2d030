"""Articles without a date: in no year, no filter of days, last in every list, and in a place of their own."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from crawler.archive.articles.derived import refill
from crawler.archive.articles.search_index import reindex_all
from crawler.archive.database import open_for_reading, open_for_writing
from crawler.search.counts import count_hits
from crawler.search.hits import list_articles, search_articles
from crawler.search.sql import NO_FILTERS, Filters
from crawler.web.news.home_queries import read_latest
from tests.support.build import Clock, Night, article, new_address, on_page

DATED = {1: "2024-06-01", 3: "2023-05-02"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make an archive of four articles: 1 and 3 have a date, 2 and 4 none."""
    with Night(tmp_path / "archive.db", Clock()) as night:
        for number in range(1, 5):
            dates = (on_page(DATED[number]),) if number in DATED else ()
            night.put(
                article(f"Tin bão {number}", "Sáng 30/5, bão đến.", dates=dates), new_address(number, f"tin-{number}")
            )
    return tmp_path / "archive.db"


@pytest.fixture
def reading(archive: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_for_reading(archive)) as connection:
        yield connection


@pytest.mark.parametrize("text", ["bão", ""])
def test_no_year_and_no_day_has_them_but_a_place_of_their_own(reading: sqlite3.Connection, text: str) -> None:
    counts = count_hits(reading, text, filters=NO_FILTERS)
    assert (counts.count, counts.undated) == (4, 2)
    assert [(span.since.year, span.count) for span in counts.spans] == [(2023, 1), (2024, 1)]

    def find(filters: Filters) -> list[int]:
        page = search_articles(reading, text, filters=filters) if text else list_articles(reading, filters=filters)
        return [hit.article_id for hit in page.hits]

    assert find(NO_FILTERS) == [1, 3, 4, 2]
    assert find(Filters(until=date(2030, 1, 1))) == [1, 3]
    assert find(Filters(since=date(1, 1, 1))) == [1, 3]
    assert find(Filters(is_undated=True)) == [4, 2]
    undated = count_hits(reading, text, filters=Filters(is_undated=True))
    assert (undated.count, undated.spans) == (2, ())
    assert count_hits(reading, text, filters=Filters(until=date(2030, 1, 1))).undated == 0


def test_beyond_the_limit_they_are_counted_too(reading: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.search.counts.COUNT_LIMIT", 1)
    counts = count_hits(reading, "bão", filters=NO_FILTERS)
    assert (counts.count, counts.is_capped, counts.undated) == (1, True, 2)
    assert [(span.since.year, span.count) for span in counts.spans] == [(2023, 1), (2024, 1)]


def test_they_lead_no_list_of_the_newest(reading: sqlite3.Connection) -> None:
    assert [card.id for card in read_latest(reading)] == [1, 3, 4, 2]


def test_an_archive_without_any_date_is_searched_and_counted(tmp_path: Path) -> None:
    with Night(tmp_path / "archive.db", Clock()) as night:
        night.put(article("Tin bão", "Bão đến."), new_address(1, "tin-1"))
    with closing(open_for_reading(tmp_path / "archive.db")) as connection:
        counts = count_hits(connection, "bão", filters=NO_FILTERS)
        assert (counts.count, counts.spans, counts.undated) == (1, (), 1)


def test_an_older_archive_is_migrated_to_what_a_new_one_holds(archive: Path) -> None:
    sql = "select id, sort_key from articles order by id"
    facts = "select article_id, event_on from article_facts order by article_id"
    with closing(open_for_writing(archive)) as connection:
        new = (connection.execute(sql).fetchall(), connection.execute(facts).fetchall())
        days = "julianday(first_seen_on) - 1721424.5"
        connection.execute(f"update articles set sort_key = (cast({days} as integer) << 32) | id where sort_key = id")
        connection.execute("update article_facts set event_on = '2026-05-30' where article_id in (2, 4)")
        reindex_all(connection)
        connection.execute("delete from _sqlite_migrations where name = 'm0030_undated'")
        connection.commit()
        assert [hit.article_id for hit in search_articles(connection, "bão").hits] == [4, 2, 1, 3]
    with closing(open_for_writing(archive)) as connection:
        assert (connection.execute(sql).fetchall(), connection.execute(facts).fetchall()) == new
        assert [hit.article_id for hit in search_articles(connection, "bão").hits] == [1, 3, 4, 2]
        refill(connection)
        assert connection.execute(facts).fetchall() == new[1]
        assert [row[1] for row in new[1]] == ["2024-05-30", None, None, None]
