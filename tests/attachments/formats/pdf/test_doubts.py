"""Doubts of PDF files: none on a right text, and one on what nobody read or confirms."""

import textwrap
from collections.abc import Collection

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pdf.document import read_pdf
from crawler.attachments.formats.pdf.second_reader import settle
from crawler.attachments.formats.system_tools import OCR
from crawler.attachments.judgement import judge
from crawler.replica.content import scans
from tests.support.attachments.pdf_files import Page, make_pdf
from tests.support.attachments.tools import NEEDS_OCR
from tests.support.texts.spoilt import ENGLISH, NEWS, SPOILT

LINES = tuple(textwrap.wrap(NEWS, 90))
CODES = tuple(textwrap.wrap(SPOILT["the codes of glyphs"][0](NEWS), 90))
# A size below zero turns letters on their heads and the line back; the page is turned for it.
ON_ITS_HEAD = "1 0 0 1 0 0 Tm /F1 -11 Tf -14 TL 1 0 0 1 555 52"
# A white picture as large as the page.
PICTURE = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 /F /AHx ID ff> EI Q"


def read(*pages: Page, tools: Collection[str] = ()) -> TextReading:
    return judge(read_pdf(make_pdf(pages), Recogniser(tools)))


def test_pages_with_a_heading_alone_have_no_doubt_if_they_show_nothing_else() -> None:
    reading = read(*(Page((f"Phụ lục {number}",)) for number in range(1, 5)), Page(()))
    assert (reading.doubts, reading.detail) == ((), None)


@NEEDS_OCR
def test_a_scan_whose_picture_shows_no_letters_is_doubtful_though_other_pages_have_many() -> None:
    blank = judge(read_pdf(scans.write_scan(("",)), Recogniser((OCR,))))
    assert blank.reason == "no-text"
    marked = judge(read_pdf(scans.write_scan((".",) * 9), Recogniser((OCR,))))
    assert marked.text is None or marked.doubts == ("few-letters",)


def test_wrong_letters_that_no_program_could_check_are_no_unread_page() -> None:
    reading = read(Page(LINES), Page(CODES))
    assert reading.doubts == ("garbled-pages",)
    assert reading.detail == "pages with wrong letters that were not recognised: 1"
    assert (reading.lacks, reading.is_cut) == (OCR, False)


def test_letters_on_their_heads_by_the_size_of_their_font_are_read_in_order() -> None:
    reading = read(Page(LINES, matrix=ON_ITS_HEAD, keys="/Rotate 180"))
    assert (reading.text or "").split() == NEWS.split()


@pytest.mark.parametrize(
    ("text", "second"),
    [
        (f"{NEWS} kinh-phi phan-bo hang-nam", f"{NEWS} kinhphi phanbo hangnam"),
        (NEWS, f"{NEWS} \u2b50 \u25a1 \u2606"),
        (f"{NEWS} הממשלה, تقرير.", f"{NEWS} \u202bהממשלה\u202c, \u202bتقرير\u202c."),
        ("\ufffd" * 200, ENGLISH),
    ],
)
def test_hyphens_signs_and_unknown_letters_dispute_no_word(text: str, second: str) -> None:
    settled = settle(text, second)
    assert not settled.is_disputed
    assert settled.missed < 0.01


def test_the_other_readers_letters_are_disputed_unless_its_words_are_right() -> None:
    assert settle("\ufffd" * 200, "4X\\HW GLQK " * 20).missed == 1
    assert settle(ENGLISH, NEWS).is_disputed


@NEEDS_OCR
def test_letters_are_not_replaced_by_a_picture_that_shows_hardly_any() -> None:
    # Korean letters in a table are no words, and Helvetica has none of them.
    table = tuple("ㅀ ㅐ ㅠ ㅰ ㆀ ㄱ ㅁ ㅑ ㅡ ㅱ ㆁ ㄲ ㅂ ㅒ ㅢ ㅲ ㆂ ㄳ ㅃ ㅓ" for _ in range(2))
    shown = tuple(" " * len(line) if number else f"{'Bang chu cai':{len(line)}}" for number, line in enumerate(table))
    reading = read(Page(table, shown=shown), tools=(OCR,))
    assert table[0] in (reading.text or "")
    assert reading.doubts == ("garbled",)


def test_words_parted_in_pieces_that_could_be_words_are_taken_from_the_other_reader() -> None:
    whole = "the increment statement adds one to the loop variable part of a short declaration of languages "
    parted = "the incre ment st atement adds one to the lo op var iable par t of a sh ort declarati on of langu ages "
    assert settle(parted * 9, whole * 9).is_second
    assert not settle(whole * 9, parted * 9).is_second


def test_words_that_the_edge_of_the_page_cuts_for_the_other_reader_are_none_that_lack() -> None:
    rows = [f"{number:02} Hộ số{number:02} số tiền {number}.500.000 đồng ghi chú dòng" for number in range(1, 30)]
    assert settle("\n".join(rows), "\n".join(row[:-2] for row in rows)).missed == 0
    assert settle("\n".join(rows), "\n".join(f"{row} mới" for row in rows)).missed > 0.05


def test_a_word_that_only_the_other_reader_cuts_into_pieces_is_none_that_lacks() -> None:
    whole = "\n".join(f"rotation of page {number}: width and colour of the line" for number in range(20))
    cut = whole.replace("rotation", "ro tat io n")
    assert settle(f"{whole}\nPhụ lục kèm theo", f"{cut}\nsố 12/QĐ-UBND").missed < 0.08


def test_a_scan_with_many_signatures_is_a_scan_and_a_page_of_text_on_a_picture_is_none() -> None:
    signature = ("Signed by: Office of the People, Province of Lao", "Time of signing: 14/08/2025 10:11:12 +07:00")
    signed = read(Page(signature * 6, before=PICTURE, matrix="0.4 0 0 0.4 40 790"))
    assert signed.doubts == ("pages-unread",)
    assert read(Page(LINES * 2, before=PICTURE)).doubts == ()
