"""The faults of a query, and its parts."""

import pytest

from crawler.language.query.expressions import MATCH_NOTHING, build_fts_query, split_query
from crawler.language.query.faults import find_faults
from crawler.language.query.items import MAX_QUERY_CHARACTERS


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", []),
        ("sạt lở Sa Pa", []),
        ('"sạt lở" -mưa title:bão truy* 25-NQ/TW', []),
        ("bão OR lũ", []),
        ("Sa Pa - Lào Cai: tin 12/5", []),
        ("https://sapa.laocai.gov.vn/a", []),
        ("ngày 03/6/2013 lúc 10:30", []),
        ("TIN: bão", []),
        ('"sạt lở', ["unclosed-quote"]),
        ("“sạt lở” bão”", ["unclosed-quote"]),
        ('""', ["empty-phrase"]),
        ('bão "  "', ["empty-phrase"]),
        ("tr*", ["short-prefix"]),
        ("đ* bão", ["short-prefix"]),
        ("*", ["stray-star"]),
        ("*bão", ["stray-star"]),
        ("title:", ["empty-field"]),
        ("bão title:", ["empty-field"]),
        ("title: bão", []),
        ("tilte:bão", ["unknown-field"]),
        ("-bão", ["only-excluded"]),
        ('-bão -"mưa to"', ["only-excluded"]),
        ("OR bão", ["loose-or"]),
        ("bão OR", ["loose-or"]),
        ("bão OR OR lũ", ["loose-or"]),
        ("bão OR -lũ", ["loose-or"]),
        ("bão NOT mưa", ["not-operator"]),
        ("NEAR(bão mưa)", ["not-operator"]),
        ("bão " * 49, ["cut"]),
        ("a" * (MAX_QUERY_CHARACTERS + 1), ["cut"]),
        ('"sạt tr*', ["unclosed-quote", "short-prefix"]),
    ],
)
def test_faults_are_named_and_nothing_else(query: str, kinds: list[str]) -> None:
    assert [fault.kind for fault in find_faults(query)] == kinds


def test_a_fault_shows_the_piece_that_it_is_in() -> None:
    assert find_faults('bão "sạt lở')[0].piece == '"sạt lở'
    assert find_faults("bão tr* lũ")[0].piece == "tr*"
    assert find_faults("bão tilte:lũ")[0].piece == "tilte:"


@pytest.mark.parametrize(
    ("alias", "field"),
    [
        ("caption", "captions"),
        ("CAPTION", "captions"),
        ("file", "files"),
        ("tieude", "title"),
        ("tacgia", "byline"),
        ("tep", "files"),
    ],
)
def test_fields_have_other_names_too(alias: str, field: str) -> None:
    assert build_fts_query(f"{alias}:bao") == build_fts_query(f"{field}:bao") != build_fts_query("bao")


def test_a_space_after_the_colon_changes_nothing() -> None:
    assert build_fts_query("title: bão") == build_fts_query("title:bão")
    assert build_fts_query('title: "bão lũ" x') == build_fts_query('title:"bão lũ" x')


def test_parts_are_as_typed_and_have_their_own_queries() -> None:
    parts = split_query('bão OR "Sa Pa" -title:lũ truy* 25-NQ/TW')
    assert [part.typed for part in parts] == ["bão", '"Sa Pa"', "-title:lũ", "truy*", "25-NQ/TW"]
    assert [part.is_excluded for part in parts] == [False, False, True, False, False]
    assert [part.is_word for part in parts] == [True, False, True, False, False]
    assert parts[0].fts == build_fts_query("bão")
    assert parts[2].fts == build_fts_query("title:lũ")
    assert split_query("OR")[0].fts == build_fts_query("OR") != MATCH_NOTHING
    assert split_query('* "" -') == ()
