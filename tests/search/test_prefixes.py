"""Expanded prefixes: the same hits as FTS5's own prefix search, but faster."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from crawler.archive.articles.search_index import index_articles, unindex_articles
from crawler.search import rewriting
from crawler.search.counts import count_hits
from crawler.search.hits import search_articles
from crawler.search.rewriting import rewrite
from crawler.search.sql import NO_FILTERS, Filters, write_source
from crawler.search.tiers import search_by_tier
from tests.support.search_index import open_index, put

TEXT = (
    "truyền truyện truyen trường trưởng thành thanh thạnh Thanh2 nghị nghĩa nghiệp nghỉ ngành 100km² 2013 2014 20/10 "
    "xã đường Đăk Lắk facebook nghị⁵ e-mail"
)
ASKED = (
    "truy*", "Tru*", "tha* nghi*", "title:ngh*", "-thanh* truyền", "2013*", "201*", "100*", "nghi* OR fac*", "xyz*",
    '"ngành" tru*', "caption:tha*", "đươ*", "tê-*", "thanh* -thanh2*", "dak*",
)  # fmt: skip


def native(connection: sqlite3.Connection, text: str, filters: Filters = NO_FILTERS) -> list[int]:
    source = write_source(text, filters)
    rows = connection.execute(f"select a.id from {source.sql} order by articles_fts.rowid desc", source.parameters)
    return [row[0] for row in rows]


def spelled(connection: sqlite3.Connection, text: str, filters: Filters = NO_FILTERS) -> list[int]:
    return [hit.article_id for hit in search_articles(connection, text, filters=filters, limit=100).hits]


@pytest.fixture
def filled() -> Iterator[sqlite3.Connection]:
    rng = random.Random(5)
    with closing(open_index()) as connection:
        for number in range(1, 61):
            body, title, captions = (" ".join(rng.sample(TEXT.split(), k=size)) for size in (4, 2, 1))
            put(connection, number, body, title=title, captions=captions, byline=rng.choice(("Thanh Trúc", "Lê Thạch")))
        yield connection


@pytest.mark.parametrize("text", ASKED)
def test_a_prefix_spelled_out_finds_what_the_index_finds_itself(filled: sqlite3.Connection, text: str) -> None:
    assert spelled(filled, text) == native(filled, text)
    ordered = [hit.article_id for hit in search_by_tier(filled, text, limit=100).hits]
    assert sorted(ordered, reverse=True) == native(filled, text)
    assert count_hits(filled, text, filters=NO_FILTERS).count == len(ordered)
    by_author = Filters(byline="thanh truc")
    assert spelled(filled, text, by_author) == native(filled, text, by_author)


def test_a_prefix_becomes_words_unless_there_are_too_many(
    filled: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_source("truy*", NO_FILTERS)
    wanted = str(rewrite(filled, source).parameters["spelled"])
    assert wanted == '{title summary body captions byline files} : ("truyen")'
    monkeypatch.setattr(rewriting, "MOST_WORDS", 2)
    assert str(rewrite(filled, write_source("ngh*", NO_FILTERS)).parameters["spelled"]).endswith('"ngh" *')
    assert spelled(filled, "ngh*") == native(filled, "ngh*")
    plain = write_source("truyền", NO_FILTERS)
    assert rewrite(filled, plain) is plain


def test_a_word_is_found_only_while_the_index_has_it(filled: sqlite3.Connection) -> None:
    assert spelled(filled, "quych*") == []
    row = put(filled, 99, "quychuan moi")
    assert spelled(filled, "quych*") == [99]
    unindex_articles(filled, [row])
    assert spelled(filled, "quych*") == []
    index_articles(filled, [row])
    assert spelled(filled, "quych*") == [99]


@pytest.mark.parametrize("length", [10_920, 10_921, 10_922, 20_000])
def test_a_word_that_the_index_cut_within_a_letter_is_found_by_its_beginning(length: int) -> None:
    # FTS5 cuts a word at 32,768 bytes; each of these letters has three.
    with closing(open_index()) as connection:
        put(connection, 1, "tru" + "한" * length)
        put(connection, 2, "trung")
        assert spelled(connection, "tru*") == native(connection, "tru*") == [2, 1]
