"""An index with pairs of words gives the same pages, counts and marks as one without, for less work."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta

import pytest

from crawler.archive.articles import search_index
from crawler.archive.articles.search_index import (
    has_pairs,
    index_articles,
    lacks_pairs,
    read_search_row,
    reindex_all,
    unindex_articles,
)
from crawler.search import rewriting
from crawler.search.counts import count_hits
from crawler.search.hits import SearchHit, search_articles
from crawler.search.rewriting import read_newest
from crawler.search.sql import NO_FILTERS, PHRASES_SQL, Filters
from crawler.search.tiers import search_by_tier
from tests.support.processes.cpu_time import least_seconds
from tests.support.search_index import open_index, put, put_file

# With words in which tokenizers may differ: raised digits, y and i, a private letter, a mark that parts, a long s.
TEXT = (
    "sạt lở sát lo sat đất thu hồi thư hỏi hói Sa Pa Sapa H'Mông Hmông lý lí quy qui 100 m² m2 km 10km 15/8/2018 "
    "2018-08-15 1.500 triệu tỷ 1175/TB-UBND TBUBND UBND ủy ban nhân dân ngày tháng năm mưa \uf0b7 a\u0488b ſat й"
)
ASKED = (
    "sat lo", "sạt lở", "sạt lo", "lở sạt", "thu hoi dat", "thu hồi đất", '"thu hồi" -sạt', "title:sạt", "title:lo",
    'title:"thu hoi"', "sa pa", "Sapa", "lý lí", "ly quy", "qui lí", "100 m2", "100m²", "15/8/2018", "1.500 triệu",
    "1175/TBUBND", "1175/TB-UBND", "UBND", "ủy ban nhân dân", "H'Mông", "hmong sat", "sạt OR thu hồi", "sat* lở",
    "file:sạt", 'file:"sat lo"', "sạt lở thu hồi đất mưa", "ſat lo", "ngay thang nam", "й sat",
)  # fmt: skip


def fill(connection: sqlite3.Connection) -> None:
    rng, words = random.Random(3), TEXT.split()
    for number in range(1, 181):
        title, body, caption, file = (" ".join(rng.choices(words, k=size)) for size in (5, 24, 4, 12))
        if number % 5 == 0:
            put_file(connection, number, file)
        put(
            connection,
            number,
            body.replace("mưa", "mưa\n\n"),
            title=title,
            captions=caption,
            byline=rng.choice(("Lê Thu Hồi", "Thư Hỏi")),
            on=date(2024, 1, 1) + timedelta(days=number % 60),
        )


@pytest.fixture(scope="module")
def plain() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as connection:
        fill(connection)
        yield connection


@pytest.fixture
def paired(monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as connection:
        fill(connection)
        monkeypatch.setattr(search_index, "PAIRED_FROM", 180)
        assert lacks_pairs(connection)
        reindex_all(connection)
        assert has_pairs(connection)
        yield connection


def page_through(connection: sqlite3.Connection, text: str, filters: Filters) -> list[SearchHit]:
    hits: list[SearchHit] = []
    after = None
    while True:
        page = search_by_tier(connection, text, filters=filters, limit=20, after=after)
        hits += page.hits
        if page.next_before is None:
            return hits
        after = (page.next_step, page.next_before)


def test_pairs_change_no_page_no_count_and_no_mark(plain: sqlite3.Connection, paired: sqlite3.Connection) -> None:
    for text in ASKED:
        for filters in (NO_FILTERS, Filters(byline="thu hoi", since=date(2024, 1, 9))):
            of_plain, of_paired = (page_through(connection, text, filters) for connection in (plain, paired))
            # Where words stand near each other, FTS5 also marks words of forms that it compared in vain.
            assert [(hit.article_id, hit.tier) for hit in of_plain] == [(hit.article_id, hit.tier) for hit in of_paired]
            others = [
                (
                    search_articles(connection, text, filters=filters).hits,
                    search_articles(connection, text, filters=filters, query=PHRASES_SQL).hits,
                    count_hits(connection, text, filters=filters),
                )
                for connection in (plain, paired)
            ]
            assert others[0] == others[1], (text, filters)


def test_pairs_leave_the_index_with_their_article(paired: sqlite3.Connection) -> None:
    row = put(paired, 999, "Vùng trời quạnh quẽ", title="Chưa ai biết")
    words = "select count(*) from temp.words where term in ('ǁquanhǁque', 'ǂchuaǁai', 'ǂbiet')"
    paired.execute("create virtual table temp.words using fts5vocab(main, articles_fts, row)")
    assert paired.execute(words).fetchone()[0] == 3
    unindex_articles(paired, [row])
    assert paired.execute(words).fetchone()[0] == 0
    index_articles(paired, [row])
    unindex_articles(paired, [read_search_row(paired, number) for number in (*range(1, 181), 999)])
    assert paired.execute("select count(*) from temp.words").fetchone()[0] == 0


def test_an_archive_is_paired_when_it_is_large_and_again_for_other_pairs(
    plain: sqlite3.Connection, paired: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not lacks_pairs(plain) or search_index.PAIRED_FROM == 180
    assert not lacks_pairs(paired)
    monkeypatch.setattr(search_index, "PAIRS_VERSION", 2)
    assert lacks_pairs(paired)
    reindex_all(paired)
    assert has_pairs(paired)
    assert not lacks_pairs(paired)


def test_a_small_archive_with_high_ids_is_not_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids of a copy that goes on by itself jump."""
    monkeypatch.setattr(search_index, "PAIRED_FROM", 3)
    with closing(open_index()) as connection:
        for number in (1, 127_761_836):
            put(connection, number, "Mưa to.")
        assert not lacks_pairs(connection)
        reindex_all(connection)
        assert not has_pairs(connection)
        put(connection, 2, "Gió lớn.")
        assert lacks_pairs(connection)


def test_a_phrase_that_no_article_has_costs_little_with_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_index()) as connection:
        for number in range(1, 2001):
            put(connection, number, "mưa to gió lớn. " * 10 + "gió to")
        text = '"to mưa gió"'
        without = least_seconds(lambda: search_articles(connection, text))
        monkeypatch.setattr(search_index, "PAIRED_FROM", 1)
        reindex_all(connection)
        assert least_seconds(lambda: search_articles(connection, text)) < without / 2


@pytest.mark.parametrize(
    "days", [[7] * 60, [*range(30), *[900] * 30], [0, *range(4000, 4059)], [*[5] * 55, *range(3000, 3005)]]
)
def test_the_newest_are_the_same_in_whatever_order_they_are_read(
    monkeypatch: pytest.MonkeyPatch, days: list[int]
) -> None:
    """Also where the first of them tell nothing about how far the others reach, and where some have no date."""
    monkeypatch.setattr(rewriting, "_READ_FIRST", 3)
    with closing(open_index()) as connection:
        for number, day in enumerate(days, start=1):
            put(connection, number, "Mưa lớn." if number % 7 else "Nắng.", on=date(2010, 1, 1) + timedelta(day))
        connection.execute("update articles set sort_key = id where id in (1, 2)")
        reindex_all(connection)
        held = connection.execute("select sort_key from articles where body like 'Mưa%' order by sort_key desc")
        keys = [row[0] for row in held]
        for limit in (7, 12, 20, 40, 70):
            assert read_newest(connection, "mưa lớn", filters=NO_FILTERS, limit=limit) == keys[:limit]
