"""Letters that a PDF file does not tell: said in the text, doubtful, and never taken for signs that it shows."""

from dataclasses import replace

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pdf.document import read_pdf
from crawler.attachments.formats.pdf.second_reader import Settled, settle
from crawler.attachments.judgement import judge
from tests.support.attachments.pdf_files import Page, make_glyph_pdf, make_pdf
from tests.support.texts.spoilt import ENGLISH, NEWS

HEADING = ("quyetdinhpheduyet", "kinhphisoban", "nhandantinh", "laocai")
LINES = tuple(ENGLISH[start : start + 80] for start in range(0, len(ENGLISH), 80))
UNKNOWN = "\ufffd"


def read(*, shift: int, lines: tuple[str, ...] = LINES) -> TextReading:
    return judge(read_pdf(make_glyph_pdf(HEADING, lines, shift=shift), Recogniser(())))


def test_glyphs_without_a_letter_are_unknown_letters_and_the_text_is_doubtful() -> None:
    reading = read(shift=96)
    text = (reading.text or "").replace("’", "'")
    assert text.replace("\n", " ").endswith(" ".join(LINES))
    assert text.count(UNKNOWN) > 30
    assert "garbled" in reading.doubts
    assert all(sign.isprintable() or sign == "\n" for sign in text)


def test_a_long_text_with_one_such_heading_is_doubtful_too() -> None:
    assert "garbled" in read(shift=96, lines=LINES * 15).doubts


def test_a_file_of_unknown_letters_alone_has_no_text() -> None:
    assert read(shift=96, lines=()).reason == "no-tool"


@pytest.mark.parametrize("times", [1, 4])
def test_numbers_of_glyphs_that_happen_to_be_letters_make_the_text_doubtful(times: int) -> None:
    # The glyphs of most fonts have the order of ASCII: "Quyet dinh" becomes "4X\\HW GLQK".
    heading = ("Quyetdinh pheduyet", "kinhphi cua Uyban", "nhandan tinh Laocai")
    reading = judge(read_pdf(make_glyph_pdf(heading, LINES * times, shift=29), Recogniser(())))
    assert "garbled" in reading.doubts


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        # It left out the letters that it does not know either.
        (NEWS, Settled(f"{UNKNOWN * 6} {UNKNOWN * 5} {NEWS}")),
        ("Phê duyệt kinh phí " + NEWS, Settled("Phê duyệt kinh phí " + NEWS, is_second=True)),
    ],
)
def test_the_other_reader_is_taken_where_it_knows_the_letters(second: str, expected: Settled) -> None:
    text = f"{UNKNOWN * 6} {UNKNOWN * 5} {NEWS}"
    assert replace(settle(text, second), missed=0.0).text == expected.text


def test_the_other_reader_is_taken_where_nothing_else_is_known() -> None:
    settled = settle(f"{UNKNOWN} {UNKNOWN} {UNKNOWN} {UNKNOWN} Ý", "ffi fi ffl ff Th")
    assert (settled.is_second, settled.is_disputed) == (True, True)


def test_the_other_reader_is_taken_where_only_the_spaces_are_unknown_and_the_letters_wrong() -> None:
    wrong = UNKNOWN.join("".join(chr(ord(one) - 29) for one in word) for word in ENGLISH.split())
    assert settle(wrong, ENGLISH).is_second


def test_a_sign_that_the_file_calls_nothing_is_unknown_and_not_left_out() -> None:
    page = Page(("Relazione dell\x00impresa",), shown=("Relazione dell'impresa",))
    reading = judge(read_pdf(make_pdf([page]), Recogniser(())))
    assert reading.text == f"Relazione dell{UNKNOWN}impresa"
