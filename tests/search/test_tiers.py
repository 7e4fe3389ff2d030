"""The order of a search: tier by tier, newest first within each, page by page, with what is marked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta

import pytest

from crawler.search.hits import SearchHit
from crawler.search.sql import NO_FILTERS, Filters
from crawler.search.suggestions import offer_places
from crawler.search.tiers import search_by_tier
from tests.support.search_index import open_index, put

# Articles 1 to 8, the oldest first.
THU_HOI_DAT = (
    ("Quyết định thu hồi đất", "Nội dung."),
    ("Thông báo", "Về việc thu hồi đất của hộ."),
    ("Tin", "Thu hồi các thửa đất ở xã."),
    ("Tin", "Đã thu tiền, đất được hồi phục."),
    ("Tin", "Đất ở. " + "Nội dung khác. " * 30 + "Hội nghị thu ngân sách."),
    ("Hồi ký", "Thu hoạch. " + "Nội dung khác. " * 30 + "Đất nước."),
    ("Thông báo thu hồi đất", "Nội dung."),
    ("Tin", "Không có gì."),
)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as connection:
        yield connection


def fill(connection: sqlite3.Connection, articles: tuple[tuple[str, str], ...]) -> None:
    for number, (title, body) in enumerate(articles, start=1):
        put(connection, number, body, title=title, on=date(2024, 1, 1) + timedelta(days=number))


def page_through(
    connection: sqlite3.Connection, text: str, limit: int, filters: Filters = NO_FILTERS
) -> list[SearchHit]:
    hits: list[SearchHit] = []
    after = None
    while True:
        page = search_by_tier(connection, text, filters=filters, limit=limit, after=after)
        hits += page.hits
        if page.next_before is None:
            return hits
        assert len(page.hits) == limit
        after = (page.next_step, page.next_before)


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
@pytest.mark.parametrize("filters", [NO_FILTERS, Filters(since=date(2024, 1, 1))])
def test_the_closest_words_come_first_on_pages_of_any_length(
    connection: sqlite3.Connection, limit: int, filters: Filters
) -> None:
    fill(connection, THU_HOI_DAT)
    found = [(hit.article_id, hit.tier) for hit in page_through(connection, "thu hoi dat", limit, filters)]
    assert found == [(7, 1), (1, 1), (2, 2), (3, 4), (4, 5), (6, 6), (5, 6)]


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_words_as_typed_come_before_other_marks(connection: sqlite3.Connection, limit: int) -> None:
    fill(connection, (("Tin", "ở thôn Má Tra"), ("Tin", "Má trà trộn"), ("Má tra cứu", "x"), ("Mã trả", "Mã trả hàng")))
    assert [hit.article_id for hit in page_through(connection, "Má Tra", limit)] == [3, 1, 2]


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_an_article_comes_once_whatever_it_is_asked_with(connection: sqlite3.Connection, limit: int) -> None:
    fill(connection, THU_HOI_DAT)
    for text in (
        '"thu hồi" đất',
        "thu hồi -ký",
        "title:thu đất",
        "thu* hồi",
        "thu OR đất hồi",
        "thu hồi đất thu hồi đất",
    ):
        ids = [hit.article_id for hit in page_through(connection, text, limit)]
        assert len(ids) == len(set(ids)) > 0, text


def test_what_is_marked_is_what_matched(connection: sqlite3.Connection) -> None:
    fill(connection, THU_HOI_DAT)
    hits = {hit.article_id: hit for hit in search_by_tier(connection, "thu hoi dat").hits}
    assert hits[1].title == "Quyết định \1thu hồi đất\2"
    assert hits[2].snippet == "Về việc \1thu hồi đất\2 của hộ."
    assert hits[3].snippet == "\1Thu hồi\2 các thửa \1đất\2 ở xã."
    assert hits[4].snippet == "Đã \1thu\2 tiền, \1đất\2 được \1hồi\2 phục."
    put(connection, 9, "Khoản 1.500 triệu đồng, nhà 100 m², số 1175/TBUBND của UBND.")
    for text, marked in (
        ("1,5 tỷ", "\0011.500 triệu\2"),
        ("100m2", "\001100 m²\2"),
        ("1175/TB-UBND", "\0011175/TBUBND\2"),
        ("của ủy ban nhân dân", "\1của UBND\2"),
    ):
        assert marked in search_by_tier(connection, text).hits[0].snippet


def test_other_names_of_places_are_offered_and_not_merged(connection: sqlite3.Connection) -> None:
    fill(connection, (("Đắk Lắk", "x"), ("Tỉnh Đắc Lắc", "x"), ("Daklak", "x"), ("Yên Bái", "x")))
    assert 2 not in [hit.article_id for hit in search_by_tier(connection, "đắk lắk").hits]
    offered = [(offer.text, offer.count) for offer in offer_places(connection, "đắk lắk", filters=NO_FILTERS)]
    assert offered == [("Đắc Lắc", 1), ("Daklak", 2)]
    assert [offer.text for offer in offer_places(connection, "tỉnh lào cai", filters=NO_FILTERS)] == []
    assert [offer.text for offer in offer_places(connection, "lào cai", filters=NO_FILTERS)] == ["Yên Bái"]


@pytest.mark.parametrize("limit", [1, 2, 7, 20])
@pytest.mark.parametrize("filters", [NO_FILTERS, Filters(since=date(2024, 1, 1))])
def test_words_near_each_other_are_sought_among_the_newest_that_have_them(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, limit: int, filters: Filters
) -> None:
    """Every hit comes once, whatever the length of a page; an older one counts as apart."""
    near, apart = "Thu hồi các thửa đất.", "Đất ở. " + "Nội dung khác. " * 30 + "Hồi thu."
    fill(connection, tuple(("Tin", near if number % 3 == 1 else apart) for number in range(1, 13)))
    expected = {12: [10, 7, 4, 1], 6: [10, 7], 3: [10], 1: []}
    for reach, first in expected.items():
        for room in ("sql", "lookahead"):
            monkeypatch.setattr(f"crawler.search.{room}.NEAR_REACH", reach)
        found = [(hit.article_id, hit.tier) for hit in page_through(connection, "thu hoi dat", limit, filters)]
        others = [number for number in range(12, 0, -1) if number not in first]
        assert [number for number, _ in found] == first + others
        assert [tier for _, tier in found] == [4] * len(first) + [6] * len(others)
