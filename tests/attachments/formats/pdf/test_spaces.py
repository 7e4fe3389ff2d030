"""Words and lines of a PDF page where PDFium parts or joins them otherwise than the page shows them."""

import pytest

from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pdf.document import read_pdf
from crawler.attachments.formats.pdf.second_reader import SecondReader, settle
from crawler.attachments.formats.system_tools import PDF_READER
from tests.support.attachments.pdf_files import Page, make_pdf
from tests.support.attachments.tools import NEEDS_POPPLER

_TURNS = {0: "1 0 0 1 {x} {y}", 90: "0 1 -1 0 {u} {x}", 180: "-1 0 0 -1 {w} {u}", 270: "0 -1 1 0 {y} {w}"}


def read(*drawn: tuple[str, float, float], turn: int = 0, scales: tuple[float, ...] = ()) -> str:
    """Read a page on which these texts are drawn, each at its x and y, 11 points high times its scale."""
    places = []
    for number, (_, x, y) in enumerate(drawn):
        factor = scales[number] if scales else 1
        a, b, c, d, e, f = _TURNS[turn].format(x=x, y=y, u=842 - y, w=595 - x).split()
        places.append(" ".join([*(f"{float(one) * factor}" for one in (a, b, c, d)), e, f]))
    page = Page(tuple(text for text, *_ in drawn), places=tuple(places), box="0 0 842 842", keys=f"/Rotate {turn}")
    return read_pdf(make_pdf([page]), Recogniser(())).text or ""


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_numbers_along_an_axis_are_not_joined(turn: int) -> None:
    axis = [(number, 40.0, 700.0 - 40 * row) for row, number in enumerate("86420")]
    assert read(*axis, turn=turn).split() == list("86420")


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_column_of_single_digits_is_not_one_number(turn: int) -> None:
    column = [(number, 40.0, 700.0 - 16 * row) for row, number in enumerate("12345")]
    assert read(*column, turn=turn).split() == list("12345")


def test_fields_that_lie_over_each_other_are_two_words() -> None:
    assert read(("Ngày 12/3/2024", 40, 700), ("Ngày 15/4/2024", 100, 700)).split().count("Ngày") == 2


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_raised_letter_ends_no_line(turn: int) -> None:
    shown = [("Diện tích 100 m", 40.0, 700.0), ("2", 115.8, 704.0), ("trong đó", 123.5, 700.0)]
    assert read(*shown, turn=turn, scales=(1, 0.6, 1)) == "Diện tích 100 m2 trong đó"
    assert read(("x", 40, 700), ("2", 45.8, 704), ("y", 49.5, 700), turn=turn, scales=(1, 0.6, 1)) == "x2y"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_narrow_space_between_words_is_kept_and_one_within_a_number_is_none(turn: int) -> None:
    assert read(("his", 40, 700), ("wife", 55.5, 700), turn=turn) == "his wife"
    assert read(("his", 40, 700), ("wife", 54.5, 700), turn=turn) == "hiswife"
    assert read(("100", 40, 700), ("200", 59.8, 700), turn=turn) == "100200"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_raised_number_of_a_footnote_is_not_part_of_the_number_before(turn: int) -> None:
    shown = [("Dieu 5", 40.0, 700.0), ("1", 72.2, 704.0), (". Pham vi", 76.0, 700.0)]
    assert read(*shown, turn=turn, scales=(1, 0.6, 1)) == "Dieu 5 1. Pham vi"
    assert read(("12", 40, 704), ("Nghi quyet", 48, 700), turn=turn, scales=(0.6, 1)) == "12 Nghi quyet"


def test_a_digit_beside_a_smaller_one_on_its_line_is_one_number() -> None:
    assert read(("1", 40, 700), ("25", 46.2, 700), scales=(1, 0.7)) == "125"
    # The boxes of some fonts are as high as their letters: old figures hang below the line, and others seem raised.
    assert read(("1", 40, 700), ("25", 46.2, 700), scales=(1, 0.1)) == "125"
    assert read(("1", 40, 700), ("st", 46.2, 704), scales=(1, 0.6)) == "1st"


def test_digits_that_are_drawn_far_apart_are_not_one_number() -> None:
    page = Page(("4746",), places=("40 700",), before="14 Tc")
    assert (read_pdf(make_pdf([page]), Recogniser(())).text or "").split() == list("4746")


def test_a_vowel_that_stands_alone_is_a_word() -> None:
    assert read(("a", 40, 700), ("clarinet", 47.5, 700)) == "a clarinet"
    assert read(("tram", 40, 700), ("y", 63.4, 700), ("te", 70.8, 700)) == "tram y te"


def test_lines_have_the_better_spaces_of_two_readers_each() -> None:
    first = "The Metropoli s Towe r of the company\nthe container lines limited\n" + "chủ tịch xã báo cáo\n" * 9
    second = "The Metropolis Tower of the company\nthe co n tainer l ines limite d\n" + "chủ tịch xã báo cáo\n" * 9
    settled = settle(first, second)
    assert settled.text.splitlines()[:2] == ["The Metropolis Tower of the company", "the container lines limited"]
    assert settled.missed == 0


@NEEDS_POPPLER
def test_marks_of_direction_between_words_are_a_space() -> None:
    line = "\u0641\u064a\u0631 R \u0641\u064a\u0631"
    data = make_pdf([Page((line,), shown=("a" * len(line),))])
    words = SecondReader(data, (PDF_READER,)).read_page(0).translate(dict.fromkeys(range(0x202A, 0x202F))).split()
    assert words == [line[2::-1], "R", line[2::-1]]


def test_words_that_both_readers_split_otherwise_are_disputed() -> None:
    first = "The Metropoli s Towe r\n" + "America n President Lines , Lt d\n" * 20
    second = "The Metropolis Tower\n" + "A m e r i c a n Pre sident Lines, L t d\n" * 20
    settled = settle(first, second)
    assert settled.text.startswith("The Metropolis Tower\n")
    assert settled.missed > 0.3


def test_an_annotation_over_a_line_cuts_none_of_its_words() -> None:
    page = Page(
        ("Danh muc cong trinh",), places=("40 700",), annotations=("/Subtype /Stamp /Rect [40 690 200 715]",),
        appearance="BT /F1 18 Tf 5 10 Td (Da duyet) Tj ET",
    )  # fmt: skip
    text = read_pdf(make_pdf([page]), Recogniser(())).text or ""
    assert text.splitlines() == ["Danh muc cong trinh", "Da duyet"]
