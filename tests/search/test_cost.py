"""What the order of tiers costs beside one query for all words: a ratio of CPU times that may not grow."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta

import pytest

from crawler.archive.articles import search_index
from crawler.archive.articles.search_index import SearchRow, open_twin, open_twin_of_texts, reindex_all
from crawler.language.query.expressions import NEAR_PHRASES, build_steps
from crawler.search import few, lookahead
from crawler.search.counts import count_hits
from crawler.search.hits import search_articles
from crawler.search.lookahead import NEAR, PHRASES, Lookahead
from crawler.search.rewriting import leave_out_unknown
from crawler.search.sql import NO_FILTERS
from crawler.search.tiers import search_by_tier
from tests.support.processes.cpu_time import least_seconds
from tests.support.search_index import open_index, put

WORDS = "triển buổi ban tổ số tuy đồng dân họp bàn xã huyện làm ruộng nương đường cầu trường lớp học".split()  # noqa: SIM905
ASKED, OTHERS = WORDS[:8], WORDS[8:]
RARE = (
    ("Vùng trời quạnh quẽ mịt mù", "Tin."), ("Tin", "Trời quạnh quẽ mịt mù."), ("Tin", "Trời quạnh quẽ và mịt mù."),
    ("Tin", "Quạnh hiu, quẽ lại mịt thật mù."), ("Quạnh", "Quẽ. " + "Nội dung khác. " * 30 + "Mịt mù."),
    ("Tin", "Quanh que mit mu."), ("Quành què", "Mít mú."),
)  # fmt: skip


def write_body(rng: random.Random) -> str:
    """Write all the words that are asked for, far apart, and some of them as pairs."""
    starts = rng.sample(range(8), 8)
    parts = [" ".join(ASKED[start : start + rng.randint(1, 2)]) for start in starts]
    return "".join(f"{part} {' '.join(rng.choices(OTHERS, k=24))} " for part in parts)


@pytest.fixture(scope="module")
def large() -> Iterator[sqlite3.Connection]:
    rng = random.Random(5)
    with pytest.MonkeyPatch.context() as patch, closing(open_index()) as connection:
        patch.setattr(search_index, "PAIRED_FROM", 1)
        for number in range(1, 3001):
            title = " ".join(rng.choices(OTHERS, k=6))
            put(connection, number, write_body(rng), title=title, on=date(2014, 1, 1) + timedelta(number))
        reindex_all(connection)
        yield connection


@pytest.mark.parametrize(("count", "most"), [(1, 1.6), (2, 1.6), (8, 2.7)])
def test_tiers_cost_not_many_times_what_newest_first_costs(large: sqlite3.Connection, count: int, most: float) -> None:
    text = " ".join(ASKED[:count])

    def by_date() -> None:
        search_articles(large, text)
        count_hits(large, text, filters=NO_FILTERS)

    def by_tier() -> None:
        page = search_by_tier(large, text)
        count_hits(large, text, filters=NO_FILTERS, newest=page.newest)

    assert least_seconds(by_tier) < most * least_seconds(by_date)


def test_the_words_of_a_phrase_are_not_compared_where_a_pair_is_missing(large: sqlite3.Connection) -> None:
    ahead = Lookahead(large, " ".join(ASKED), NO_FILTERS)
    assert ahead.find_candidates(PHRASES, known=[]) == []
    assert ahead.find_candidates(NEAR, known=[]) == []


def test_few_articles_are_searched_as_the_large_index_is(
    large: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same search in an index of their own and in the large one, the hits and tiers are equal."""
    for number, (title, body) in enumerate(RARE, start=4001):
        put(large, number, body, title=title, on=date(2025, 1, 1) + timedelta(number))
    for text in (
        "quạnh quẽ",
        "quạnh quẽ mịt mù",
        "quanh que mit mu",
        "quạnh que",
        '"quạnh quẽ" -hiu',
        "title:quạnh quẽ",
        "quạnh quẽ mịt mù -hiu",
    ):
        found = search_by_tier(large, text)
        with monkeypatch.context() as patch:
            patch.setattr(lookahead, "count_as_few", lambda _connection: -1)
            assert [(hit.article_id, hit.tier) for hit in search_by_tier(large, text).hits] == [
                (hit.article_id, hit.tier) for hit in found.hits
            ]
        assert found.hits
        assert all("\1" in hit.title + hit.snippet for hit in found.hits)


def test_few_articles_are_indexed_in_the_forms_that_the_words_have(
    large: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(large, 6001, "Lác đác bên sông.", title="Tin", on=date(2025, 5, 1))
    indexed = list[list[str]]()

    def note(rows: list[SearchRow], *, forms: list[str]) -> sqlite3.Connection:
        indexed.append(forms)
        return open_twin(rows, forms=forms)

    monkeypatch.setattr(few, "open_twin", note)
    for text in ("lác đác", "lac dac", "lác dac"):
        assert [hit.article_id for hit in search_by_tier(large, text).hits] == [6001]
    assert indexed == [["toned"], ["folded"], ["folded", "toned"]]


def test_no_more_hits_are_marked_than_the_page_has_room_for(large: sqlite3.Connection) -> None:
    for number in range(5001, 5031):
        put(large, number, "Cành lơ thơ rồi tơ liễu.", title="Tin", on=date(2025, 3, 1) + timedelta(number - 5000))
    asked = list[str]()
    large.set_trace_callback(asked.append)
    page = search_by_tier(large, "lơ thơ tơ liễu", limit=3)
    large.set_trace_callback(None)
    marked = [int(sql.rsplit("limit ", 1)[1]) for sql in asked if "highlight(" in sql]
    assert [hit.tier for hit in page.hits] == [NEAR_PHRASES] * 3
    assert marked == [4]


def test_near_each_other_is_looked_for_by_one_spelling_of_each_word() -> None:
    """Among articles that have all words as typed. The index would look up twice as many."""
    first = next(step for step in build_steps("xã họp ban tổ") if step.tier == NEAR_PHRASES)
    assert first.wider.startswith('(NEAR("xa" "hop" "ban" "to", 16) OR ')
    assert "⁶" in first.own


def test_few_articles_are_not_asked_for_joined_names_that_they_lack() -> None:
    with closing(open_twin_of_texts({"body": "Xã họp ở Sapa."})) as twin:
        assert leave_out_unknown(twin, '("xa hop" OR "xahop" OR "sapa")') == '("xa hop" OR "sapa")'
