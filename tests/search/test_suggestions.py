"""Suggestions for a search without hits: each of them finds something."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest

from crawler.archive.database import open_for_reading
from crawler.search.sql import NO_FILTERS, Filters
from crawler.search.suggestions import HINT_SECONDS, Suggestion, Suggestions, find_suggestions
from tests.support.build import Clock, Night, article, new_address, on_page


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    archive = tmp_path_factory.mktemp("hints") / "archive.db"
    with Night(archive, Clock()) as night:
        for number, body in enumerate(("sạt lở đất ở Tả Van", "thông báo tuyển dụng", "sạt lở và mưa"), 1):
            night.put(article("Tin", body, dates=(on_page(f"2024-06-0{number}"),)), new_address(number))
    with closing(open_for_reading(archive)) as connection:
        yield connection


def hint(connection: sqlite3.Connection, text: str, filters: Filters = NO_FILTERS) -> Suggestions:
    return find_suggestions(connection, text, filters=filters)


def test_a_missing_word_is_named_and_left_out(reading: sqlite3.Connection) -> None:
    hints = hint(reading, "sạt lở xyzzy -mưa")
    assert hints.missing == ("xyzzy",)
    assert hints.fewer == (Suggestion("sạt lở -mưa", 1),)
    assert hints.spellings == ()


def test_words_that_never_occur_together_are_left_out_in_turn(reading: sqlite3.Connection) -> None:
    hints = hint(reading, "sạt dụng mưa")
    assert hints.missing == ()
    assert Suggestion("sạt mưa", 1) in hints.fewer
    assert all(suggestion.count for suggestion in hints.fewer)


def test_a_wrong_tone_leads_to_the_search_without_marks(reading: sqlite3.Connection) -> None:
    assert hint(reading, "sạt lỡ").unmarked == Suggestion("sat lo", 2)
    assert hint(reading, "xyzzý").unmarked is None


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("thong baao", "thong bao"),
        ("thông baos", "thông báo"),
        ("thong bao1", "thong báo"),
        ("tuyne dụng", "tuyen dụng"),
        ("tuyn", "tuyen"),
        ("xyzzy tuyeen dung", "tuyen dung"),
    ],
)
def test_a_close_spelling_is_suggested(reading: sqlite3.Connection, text: str, spelling: str) -> None:
    assert hint(reading, text).spellings[0] == Suggestion(spelling, 1)


def test_words_beside_or_are_suggested_as_phrases(reading: sqlite3.Connection) -> None:
    assert hint(reading, "thông báo OR sạt lở").spellings[0] == Suggestion('"thông báo" OR "sạt lở"', 3)


def test_filters_without_results_are_named(reading: sqlite3.Connection) -> None:
    hints = hint(reading, "sạt lở", Filters(since=date(2025, 1, 1)))
    assert hints.unfiltered == Suggestion("sạt lở", 2)
    assert (hints.missing, hints.fewer) == ((), ())
    assert hint(reading, "xyzzy", Filters(portal="x")).unfiltered is None


@pytest.mark.parametrize("text", ["", "*", '"', "a" * 2000, "abcdefgh " * 200, "-x", "đ" * 500, "\x00\ud800", "🎉"])
def test_every_string_is_parsed_and_quickly(reading: sqlite3.Connection, text: str) -> None:
    import time

    began = time.monotonic()
    hint(reading, text, Filters(portal="sapa"))
    assert time.monotonic() - began < HINT_SECONDS + 2


def test_a_word_with_wrong_marks_is_not_taken_for_another_word(reading: sqlite3.Connection) -> None:
    """ "sat" with a wrong mark brought searches for other letters, before the one without marks."""
    hints = hint(reading, "sắt lở đất")
    assert hints.unmarked == Suggestion("sat lo dat", 1)
    assert hints.spellings == ()
    assert [one.text for one in hint(reading, "sắt lở đấtt").spellings] == ["sat lở dat"]
