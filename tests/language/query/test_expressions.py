"""The queries of the tiers: what they find together, and in which order."""

import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from crawler.language.query.expressions import build_fts_query, build_phrase_query, build_steps
from tests.support.search_index import open_index, put

WORDS = ["thu", "hồi", "đất", "sạt", "lở", "Sa", "Pa", "UBND", "xã", "Tả", "Van", "m2", "2023", "10", "km"]
ASKED = (
    "thu hoi dat", "sạt lở", "Sa Pa", "UBND xã Tả Van", "Tả van", "bão -lở", "thu OR lở", '"thu hồi" đất', "title:sạt",
    "10 km", "xã 2023", "thu hoi dat sat lo sa pa xa ta van km", "đất 2/2023", "thu* hồi", "2/9/2023", "1234/QĐ-UBND",
)  # fmt: skip


@pytest.fixture(scope="module")
def filled() -> Iterator[sqlite3.Connection]:
    rng = random.Random(3)
    with closing(open_index()) as connection:
        for number in range(1, 151):
            title, body = (" ".join(rng.choices(WORDS, k=size)) for size in (4, 14))
            put(connection, number, body, title=title)
        yield connection


def find(connection: sqlite3.Connection, fts: str) -> set[int]:
    return {row[0] for row in connection.execute("select rowid from articles_fts where articles_fts match ?", (fts,))}


@pytest.mark.parametrize("text", ASKED)
def test_steps_find_every_hit_once(filled: sqlite3.Connection, text: str) -> None:
    steps = build_steps(text)
    near = set().union(*(find(filled, step.own) for step in steps if step.tier in (4, 5)))
    # `search.sql.bound_tier` leaves those near each other out of the tiers of words apart.
    found = [find(filled, step.fts) - (near if step.tier >= 6 else set()) for step in steps]
    for one, other in itertools.combinations(found, 2):
        assert not one & other
    assert set().union(*found) == find(filled, build_fts_query(text))
    closer: set[int] = set()
    for step, hits in zip(steps, found, strict=True):
        assert hits == find(filled, step.own) - closer
        closer |= hits
    phrases = set().union(*(hits for step, hits in zip(steps, found, strict=True) if step.tier <= 3))
    assert phrases == find(filled, build_phrase_query(text))


@pytest.mark.parametrize("text", ASKED)
def test_what_is_asked_first_finds_at_least_what_it_stands_for(filled: sqlite3.Connection, text: str) -> None:
    steps = build_steps(text)
    near = [find(filled, step.own) for step in steps if step.tier in (4, 5)]
    for step in steps:
        if step.wider:
            assert find(filled, step.wider) >= set().union(*near)
            assert find(filled, step.beyond) == find(filled, build_fts_query(text)) - find(filled, step.wider)
            assert find(filled, step.halves) >= find(filled, step.own)
        if step.tier in (4, 5):
            assert find(filled, step.apart) == find(filled, build_fts_query(text)) - find(filled, step.own)
        if step.tier == 6:
            assert find(filled, step.apart) == find(filled, build_fts_query(text)) - set().union(*near)


def test_a_query_without_a_filter_of_columns_finds_no_other_spelling(filled: sqlite3.Connection) -> None:
    """Toned columns write a final y as i, so that a filter is needed there."""
    put(filled, 900, "Trang web bit.ly và tivi.", title="Liên kết")
    put(filled, 901, "Xã Mường Hum ba li.", title="Đo đạc")
    assert len(find(filled, build_fts_query("bit ly"))) == 1
    assert find(filled, build_phrase_query("ba li")) == find(filled, '{body} : "ba li"')
    assert ":" in build_phrase_query("ba li")
    assert ":" not in build_phrase_query("ba la")
    assert ":" not in build_phrase_query("mường")
