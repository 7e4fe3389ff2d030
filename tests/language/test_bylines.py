"""Bylines as persons with units: which spellings are one person, and which stay apart."""

import pytest

from crawler.language.bylines import Author, join_persons, read_authors


def joined(*bylines: str) -> list[set[str]]:
    return [{one.name for one, _ in person.spellings} for person in join_persons(dict.fromkeys(bylines, 1))]


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("Sùng Seo Quý", [("Sùng Seo Quý", None)]),
        ("Bài, ảnh: Sùng Seo Quý (Trung tâm VH,TT-TT Sa Pa)", [("Sùng Seo Quý", "Trung tâm VH,TT-TT Sa Pa")]),
        ("Tác giả: Vàng A Páo – Thu Hà", [("Vàng A Páo", None), ("Thu Hà", None)]),
        ("Lê An và Mai Hoa (TTXVN)", [("Lê An", "TTXVN"), ("Mai Hoa", "TTXVN")]),
        ("SùngSeo Quý", [("Sùng Seo Quý", None)]),
        ("Lê An, Phòng Nội vụ", [("Lê An", "Phòng Nội vụ")]),
        ("Phòng Văn hóa và Thông tin", []),
        ("", []),
        ("a\\1b, \\", []),
    ],
)
def test_a_byline_is_persons_and_units(byline: str, expected: list[tuple[str, str | None]]) -> None:
    assert read_authors(byline) == tuple(Author(*one) for one in expected)


@pytest.mark.parametrize(
    "other",
    [
        "SÙNG SEO QUÝ", "Sùng Seo Qúy", "Sùng Seo Quí", "Sung Seo Quy", "Sùng  Seo Quý.", "S.S. Quý",
        "S. S. Quý", "Tin, ảnh: Sùng Seo Quý", "Sùng Seo Quý (Trung tâm VH)",
    ],
)  # fmt: skip
def test_spellings_of_one_person_are_joined(other: str) -> None:
    assert len(joined("Sùng Seo Quý", other, "Giàng A Sử", "Lê Quý")) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Văn Hòa", "Nguyễn Văn Hoa"),
        ("Lan Anh", "Lân Ánh (Phòng Nội vụ)"),
        ("Mai Lan Anh", "Mai Lân Anh"),
        ("Lê Hương (Phòng Nội vụ)", "Lê Hương (Đài truyền thanh)"),
        ("L. Hương", "Lê Thị Hương"),
        ("Thu Hà", "Thu Hà Giang"),
    ],
)
def test_names_without_evidence_stay_apart(one: str, other: str) -> None:
    assert len(joined(one, other)) == 2


def test_what_could_be_two_persons_is_neither() -> None:
    assert len(joined("Sùng Seo Quý", "Sủng Séo Quỳ", "Sung Seo Quy")) == 3
    assert len(joined("Sùng Seo Quý", "Sần Seo Quý", "S.S. Quý")) == 3
    assert len(joined("Lê Hương (Phòng Nội vụ)", "Lê Hương (Đài truyền thanh)", "Lê Hương")) == 3


def test_a_person_says_spellings_unit_bylines_and_why() -> None:
    bylines = {"SÙNG SEO QUÝ": 5, "Sùng Seo Quý (Trung tâm VH)": 2, "Sung Seo Quy": 1, "Lê An - S.S. Quý": 1}
    person, _ = join_persons(bylines)
    assert (person.name, person.unit, person.articles) == ("Sùng Seo Quý", "Trung tâm VH", 9)
    assert person.bylines == frozenset(bylines)
    assert person.reasons == {"unit", "marks", "initials"}
    assert person.spellings[0][0].name == "SÙNG SEO QUÝ"


def test_typing_slips_of_a_unit_are_one_unit() -> None:
    assert len(joined("Hồng Hải (Trng tâm VH,TT-TT Sa Pa)", "Hồng Hải (Trung tâm VH, TT-TT Sa Pa)")) == 1


def test_a_person_is_named_as_most_bylines_do_with_a_unit_or_without() -> None:
    bylines = {"Sùng Seo Quí": 3, "Sùng Seo Quý": 2, "Sùng Seo Quý (Trung tâm VH)": 2}
    (person,) = join_persons(bylines)
    assert person.name == "Sùng Seo Quý"
