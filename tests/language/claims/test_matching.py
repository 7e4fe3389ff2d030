"""What counts as the same words, and how near ones differ."""

import pytest

from crawler.language.claims.matching import find_near, find_passage, make_text

TEXT = "Ông Páo nói: “Bà con Séo Mý Tỷ – những người ở lại – rất 'vui'... vì đã có nước, có hoà bình”. Hết."


@pytest.mark.parametrize(
    "quotation",
    [
        "Bà con Séo Mý Tỷ - những người ở lại — rất ‘vui’… vì đã có nước",
        "Bà  con\u00a0Séo Mý Tỷ",
        "Ba\u0300 con Se\u0301o My\u0301 Ty\u0309",
        "Bà con Séo Mý Tỷ,",
        "Bà con Séo Mý Tỷ […] vì đã có nước",
        'nói: "Bà con',
    ],
)
def test_kinds_of_marks_dashes_and_spaces_do_not_count(quotation: str) -> None:
    assert find_passage(make_text(TEXT), quotation) is not None


@pytest.mark.parametrize(
    ("quotation", "difference"),
    [
        ("bà con Séo Mý Tỷ", "case"),
        ("vì đã có nước, có hòa bình", "tone-place"),
        ("vì đã có nước có hoà bình", "punctuation"),
        ("Ba con Séo Mý Tỷ", "marks"),
        ("vì đã có điện, có hoà bình", "words"),
        ("con Séo Mý T", "words"),  # not a part of a word
        ("có nước … Bà con", None),  # in another order
    ],
)
def test_a_near_match_says_what_differs_and_is_no_match(quotation: str, difference: str | None) -> None:
    text = make_text(TEXT)
    assert find_passage(text, quotation) is None
    near = find_near(text, quotation)
    assert (near.difference if near and difference else None) == difference


def test_words_repeated_without_end_are_given_up() -> None:
    assert find_near(make_text("a " * 50_000), "a b " * 200) is None
