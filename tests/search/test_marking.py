"""What a search marks in a text: the same words that the index finds."""

import pytest

from crawler.search.marking import mark_texts

TEXT = "Đường Má Tra bị sạt lở. Ủy ban nhân dân xã họp ngày 15/8/2018 về Quyết định 1175/QĐ‑UBND."


def marked(text: str, typed: str, field: str = "files") -> tuple[str | None, list[str]]:
    found = mark_texts({field: text}, typed)
    return found.how, [text[start:end] for start, end in found.texts[field].spans]


@pytest.mark.parametrize(
    ("typed", "how", "words"),
    [
        ("sat lo", "phrase", ["sạt lở"]),
        ("SẠT LỞ", "phrase", ["sạt lở"]),
        ("sat duong", "near", ["Đường", "sạt"]),
        ("sat khong-co", "words", ["sạt"]),
        ("sạt lơ", "words", ["sạt"]),
        ("sat -duong", "phrase", ["sạt"]),
        ('"ma tra"', "phrase", ["Má Tra"]),
        ("tra*", "phrase", ["Tra"]),
        ("UBND xa", "phrase", ["Ủy ban nhân dân xã"]),
        ("2018-08-15", "phrase", ["15/8/2018"]),
        ("1175/QD-UBND", "phrase", ["1175/QĐ‑UBND"]),
        ("tep:sat", "phrase", ["sạt"]),
        ("title:sat", None, []),
        ("khong-he-co", None, []),
    ],
)
def test_a_search_marks_what_it_finds(typed: str, how: str | None, words: list[str]) -> None:
    assert marked(TEXT, typed) == (how, words)


@pytest.mark.parametrize(
    "typed", ["", "*", '"', "\x00", "OR", "-sat", "'); drop table texts; --", "a" * 5000, "\1\2 ☃"]
)
def test_no_search_makes_it_fail(typed: str) -> None:
    assert marked(TEXT, typed)[1] == []


def test_a_search_of_a_field_marks_only_that_field() -> None:
    found = mark_texts({"title": "Sạt lở", "body": "Sạt lở đất"}, "title:sat")
    assert (found.texts["title"].spans, found.texts["body"].spans) == (((0, 3),), ())
