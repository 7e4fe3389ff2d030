"""PDF files: every word that a page shows, and no word that it does not."""

import os
import textwrap
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pdf import document
from crawler.attachments.formats.pdf.document import read_pdf
from crawler.attachments.formats.pdf.second_reader import Settled, settle
from crawler.attachments.formats.system_tools import OCR, PDF_READER
from crawler.attachments.judgement import judge
from crawler.language.text import find_document_numbers
from crawler.replica.content import scans
from tests.support.attachments.pdf_files import Page, add_xfa, lock_pdf, make_pdf
from tests.support.attachments.tools import NEEDS_OCR, NEEDS_POPPLER
from tests.support.texts.spoilt import ENGLISH, FRENCH, NEWS, SPOILT, write_in_tcvn3

LINES = tuple(textwrap.wrap(NEWS, 90))
# A table: the number of a household, its name, people, and a cross.
TICKS = "\n".join(f"{number} Hộ {name} {number} x" for number, name in enumerate("ABCDEGH", 1))


def read(*pages: Page, tools: Collection[str] = ()) -> TextReading:
    return judge(read_pdf(make_pdf(pages), Recogniser(tools)))


def words(reading: TextReading) -> list[str]:
    return (reading.text or "").split()


@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90, 450])
@pytest.mark.parametrize("box", ["0 0 595 842", "0 0 842 595", "-300 -200 542 642", "1000 2000 1842 2842"])
def test_every_word_of_a_turned_or_shifted_page_is_read(turn: int, box: str) -> None:
    left, bottom, right, top = map(int, box.split())
    upward, downward = f"0 1 -1 0 {left + 40} {bottom + 20}", f"0 -1 1 0 {right - 40} {top - 20}"
    for matrix in (f"1 0 0 1 {left + 20} {top - 30}", upward, f"-1 0 0 -1 {right - 20} {bottom + 30}", downward):
        reading = read(Page(LINES, keys=f"/Rotate {turn}", box=box, matrix=matrix))
        assert words(reading) == NEWS.split()
        assert reading.doubts == ()


def test_words_beyond_a_crop_box_that_is_smaller_than_the_page_are_read() -> None:
    assert words(read(Page(LINES, keys="/CropBox [100 100 300 800]"))) == NEWS.split()


@pytest.mark.parametrize("hyphen", ["-", "\u00ad", "\u2010", "\u2011"])
def test_a_hyphen_at_the_end_of_a_line_stays(hyphen: str) -> None:
    lines = ("Căn cứ Quyết định số 1234/QĐ-", "UBND ngày 3 và Nghị quyết số 25-", "NQ/TW, giai đoạn 2021-", "2025")
    text = read(Page(tuple(line.replace("-", hyphen) for line in lines))).text or ""
    for number in ("1234/QĐ-UBND", "25-NQ/TW", "2021-2025"):
        assert number in text
    assert find_document_numbers(text) == ("1234/QĐ-UBND", "25-NQ/TW")


def test_a_number_parted_at_its_slash_is_joined_and_a_dash_is_no_hyphen() -> None:
    text = read(Page(("Thông tư số 12/2023/", "TT-BTC của Bộ Tài chính -", "Kho bạc Nhà nước"))).text
    assert text == "Thông tư số 12/2023/TT-BTC của Bộ Tài chính -\nKho bạc Nhà nước"


def test_forms_and_annotations_are_read_once_and_hidden_ones_not() -> None:
    reading = read(
        Page(
            ("Đơn đề nghị",),
            annotations=(
                "/Subtype /Widget /FT /Tx /T (a) /V (Giang A Pao) /Rect [40 600 300 620]",
                "/Subtype /FreeText /Contents (Da nhan ngay 5) /Rect [40 500 300 520]",
                "/Subtype /Widget /FT /Tx /T (b) /V (Bi an) /F 2 /Rect [40 400 300 420]",
                "/Subtype /Widget /FT /Tx /Ff 8192 /T (c) /V (mat khau) /Rect [40 450 300 470]",
                "/Subtype /Link /Contents (Lien ket) /Rect [40 300 300 320]",
            ),
        )
    )
    assert (reading.text or "").split("\n") == ["Đơn đề nghị", "Giang A Pao", "Da nhan ngay 5"]


@pytest.mark.parametrize("kind", ["Link", "Stamp /Contents (Da ky)"])
def test_a_page_with_annotations_keeps_the_fonts_of_the_node_above_it(kind: str) -> None:
    marks = (f"/Subtype /{kind} /Rect [40 300 300 320]",)
    reading = read(Page(("Quyết định thu hồi đất", "của hộ ông"), annotations=marks, inherits_font=True))
    assert (reading.text or "").split("\n")[:2] == ["Quyết định thu hồi đất", "của hộ ông"]


def test_the_name_of_a_font_tells_its_letters() -> None:
    old = write_in_tcvn3("bộ trưởng, người được hưởng")
    reading = read(Page((old,), font=".VnTime", is_mapped=False), Page(LINES))
    assert (reading.text or "").startswith("bộ trưởng, người được hưởng\n\nSáng ngày")
    assert read(Page((write_in_tcvn3("quyết định"),), font=".VnTimeH", is_mapped=False)).text == "QUYẾT ĐỊNH"


@pytest.mark.parametrize("bits", [40, 128])
def test_a_file_that_its_owner_locked_is_read_and_one_that_asks_for_a_password_is_encrypted(bits: int) -> None:
    pages = [Page(LINES), Page(("Trang hai của quyết định",))]
    locked = lock_pdf(pages, password=b"", bits=bits)
    assert b"beginbfchar" in make_pdf(pages)
    assert b"beginbfchar" not in locked
    owned = read_pdf(locked, Recogniser(()))
    assert words(owned) == [*NEWS.split(), "Trang", "hai", "của", "quyết", "định"]
    asked = read_pdf(lock_pdf(pages, password=b"mat khau", bits=bits), Recogniser(()))
    assert (asked.text, asked.reason, asked.lacks) == (None, "encrypted", None)


@pytest.mark.parametrize("how", ["a font without Unicode", "the codes of glyphs", "marks lost"])
def test_wrong_letters_are_a_doubt_where_they_cannot_be_recognised(how: str) -> None:
    reading = read(Page(tuple(textwrap.wrap(SPOILT[how][0](NEWS), 90))))
    assert SPOILT[how][1] in reading.doubts
    assert (reading.lacks, reading.is_ocr) == (OCR, False)


@NEEDS_OCR
def test_letters_that_the_page_does_not_show_are_recognised_from_its_picture() -> None:
    shown = tuple(textwrap.wrap(ENGLISH, 80))
    wrong = tuple("".join(chr(0xE000 + ord(letter)) if letter != " " else " " for letter in line) for line in shown)
    reading = read(Page(wrong, shown=shown), Page(LINES), tools=(OCR,))
    assert "annual report on land use" in " ".join(words(reading))
    assert NEWS in " ".join(words(reading))
    assert (reading.method, reading.is_ocr, reading.doubts) == ("pdf+ocr", True, ("wrong-layer",))
    assert reading.detail == "pages with wrong letters, recognised from their picture: 1"


@NEEDS_OCR
def test_letters_that_are_better_than_their_picture_stay() -> None:
    # The picture shows Helvetica, which has no Vietnamese letters.
    reading = read(Page(tuple(textwrap.wrap(SPOILT["marks lost"][0](NEWS), 90))), tools=(OCR,))
    assert (reading.method, reading.is_ocr) == ("pdf", False)
    assert reading.doubts == ("marks-lost",)


@pytest.mark.parametrize("said", [NEWS, "Céng hoµ x· héi"])
def test_a_second_reader_is_asked_about_wrong_letters_and_believed_if_it_is_better(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    program, calls = tmp_path / "pdftotext", tmp_path / "calls"
    (tmp_path / "said").write_text(f"not asked for\f{said}\f")
    program.write_text(f"#!/bin/sh\ncat > /dev/null\necho >> {calls}\ncat {tmp_path}/said\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    wrong = tuple(textwrap.wrap(SPOILT["the codes of glyphs"][0](NEWS), 90))
    reading = read(Page(LINES), Page(wrong), Page(wrong), tools=("pdftotext",))
    assert calls.read_text() == "\n"
    assert ("pdftotext" in (reading.tool or "")) == (said == NEWS)
    assert "readers-differ" not in reading.doubts
    assert {"garbled", "garbled-pages"} & set(reading.doubts)
    assert words(reading)[: len(NEWS.split())] == NEWS.split()
    assert ((reading.text or "").split("\n\n")[1].replace("\n", " ") == NEWS) == (said == NEWS)


def test_pages_beyond_a_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [Page((f"Trang số {number} của kế hoạch năm 2026",)) for number in range(1, 6)]
    monkeypatch.setattr(document, "MAX_PAGES", 3)
    reading = read(*pages)
    assert (reading.pages, reading.pages_read, reading.is_cut) == (5, 3, True)
    assert reading.detail == "pages read: 3 of 5"
    assert reading.doubts == ("pages-unread",)
    monkeypatch.setattr(document, "_LETTERS_SECONDS", -1)
    assert (read(*pages).pages_read, read(*pages).reason) == (0, "no-text")


def test_scanned_pages_that_were_not_recognised_are_not_counted_as_read() -> None:
    reading = read_pdf(scans.write_scan(("CONG VAN",)), Recogniser((OCR,), pages=0))
    assert (reading.pages, reading.pages_read) == (1, 0)


def test_each_page_has_its_place_in_the_text() -> None:
    reading = read(Page(("Trang một",)), Page(()), Page(("Trang ba",)))
    assert reading.page_starts == (0, 11, 11)
    assert (reading.text or "")[11:] == "Trang ba"


LEFT = ("Cột trái một", "cột trái hai", "cột trái ba")
RIGHT = ("Cột phải một", "cột phải hai", "cột phải ba")


def test_columns_are_read_one_after_the_other() -> None:
    # As programs write them: a column, then the next.
    places = tuple(f"{left} {790 - 14 * line}" for left in (40, 320) for line in range(3))
    assert words(read(Page(LEFT + RIGHT, places=places))) == " ".join(LEFT + RIGHT).split()


def test_cells_that_are_drawn_row_by_row_are_read_row_by_row() -> None:
    rows = tuple(cell for pair in zip(LEFT, RIGHT, strict=True) for cell in pair)
    places = tuple(f"{left} {790 - 14 * line}" for line in range(3) for left in (40, 320))
    text = read(Page(rows, places=places)).text or ""
    assert text.split("\n") == [f"{one} {other}" for one, other in zip(LEFT, RIGHT, strict=True)]


# How a letter is drawn whose line runs to the right, upward, to the left (upside down), downward: matrix and step.
RIGHTWARD, UPWARD, LEFTWARD, DOWNWARD = "1 0 0 1", "0 1 -1 0", "-1 0 0 -1", "0 -1 1 0"
STEPS = {RIGHTWARD: (1, 0), UPWARD: (0, 1), LEFTWARD: (-1, 0), DOWNWARD: (0, -1)}


def draw_apart(line: str, matrix: str, *, x: float, y: float, step: float = 6.2) -> list[tuple[str, str]]:
    """Place each letter of a line by itself, as many programs do."""
    across, up = STEPS[matrix]
    places = ((letter, x + across * step * at, y + up * step * at) for at, letter in enumerate(line) if letter != " ")
    return [(letter, f"{matrix} {left} {bottom}") for letter, left, bottom in places]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("matrix", [UPWARD, LEFTWARD, DOWNWARD])
def test_heads_that_run_another_way_than_the_page_are_read_as_words(matrix: str, turn: int) -> None:
    heads = ("2024 5075 166", "nganh 38 02")
    letters = [
        one for at, head in enumerate(heads) for one in draw_apart(head, matrix, x=300 + 40 * at, y=300 + 40 * at)
    ]
    level = [(line, f"40 {790 - 14 * at}") for at, line in enumerate(LINES)]
    shown, places = zip(*level, *letters, strict=True)
    reading = read(Page(shown, places=places, keys=f"/Rotate {turn}"))
    text = " ".join(words(reading))
    assert text.startswith(NEWS)
    assert sorted(text.removeprefix(NEWS).split()) == sorted(" ".join(heads).split())
    assert all(head in text for head in heads)


@pytest.mark.parametrize("mark", ["3", "27", "415"])
def test_marks_of_a_few_letters_upside_down_are_not_lost(mark: str) -> None:
    upward = ("Bieu so nganh 38", f"{UPWARD} 300 300")
    marks = [(mark, f"{LEFTWARD} {560 - 60 * at} {400 - 50 * at}") for at in range(4)]
    shown, places = zip(("Trang", "40 790"), upward, *marks, strict=True)
    assert sorted(words(read(Page(shown, places=places)))) == sorted(["Trang", *upward[0].split(), *[mark] * 4])


@pytest.mark.parametrize("matrix", [RIGHTWARD, UPWARD, LEFTWARD, DOWNWARD])
def test_numbers_that_are_drawn_digit_by_digit_are_not_turned_round(matrix: str) -> None:
    numbers = "150 320 642 708 915 246 530 118 274 639"
    shown, places = zip(*draw_apart(numbers, matrix, x=300, y=400), strict=True)
    assert words(read(Page(shown, places=places))) == numbers.split()


@pytest.mark.parametrize("offset", [0.0, 0.2, 0.4])
def test_letters_that_are_drawn_twice_to_look_bold_are_read_once(offset: float) -> None:
    line = "so hop quan 1122 nganh xoong"
    letters = draw_apart(line, RIGHTWARD, x=40, y=700)
    again = draw_apart(line, RIGHTWARD, x=40 + offset, y=700)
    shown, places = zip(*(one for pair in zip(letters, again, strict=True) for one in pair), strict=True)
    assert words(read(Page(shown, places=places))) == line.split()


HEBREW = "שלום לכולם זהו דוח שנתי של המחוז על השימוש בקרקע וביערות בשנה האחרונה"


@pytest.mark.parametrize(
    ("text", "second", "expected"),
    [
        (NEWS, NEWS.upper(), Settled(NEWS)),
        (NEWS, "", Settled(NEWS)),
        (NEWS, NEWS[:100], Settled(NEWS)),
        (NEWS + " Chữ ký số", NEWS, Settled(NEWS + " Chữ ký số")),
        # Only words that are right need no other reader.
        ("", NEWS, Settled(NEWS, is_second=True)),
        ("", "Lýchd 8s§", Settled("Lýchd 8s§", is_second=True, is_disputed=True)),
        # Spaces alone.
        (NEWS.replace(" các ", "các "), NEWS, Settled(NEWS, is_second=True)),
        (NEWS, NEWS.replace(" các ", "các "), Settled(NEWS)),
        (NEWS, NEWS.replace("ban", "b a n").replace("thôn", "th ôn"), Settled(NEWS)),
        (TICKS, TICKS.replace(" x", "x"), Settled(TICKS)),
        # The order of letters in a line.
        (HEBREW[::-1], HEBREW, Settled(HEBREW, is_second=True)),
        # Other letters.
        (SPOILT["the codes of glyphs"][0](ENGLISH), ENGLISH, Settled(ENGLISH, is_second=True)),
        (ENGLISH, SPOILT["every letter the next one"][0](ENGLISH), Settled(ENGLISH)),
        (ENGLISH, FRENCH, Settled(ENGLISH, is_disputed=True)),
        # The other one did not read the page.
        (ENGLISH, "Q " * 60 + ENGLISH[100:150], Settled(ENGLISH)),
        # Legacy letters: read by the names of the fonts, and not.
        (NEWS, write_in_tcvn3(NEWS), Settled(NEWS)),
    ],
)
def test_two_readers_are_settled(text: str, second: str, expected: Settled) -> None:
    assert replace(settle(text, second), missed=0.0) == expected


@pytest.mark.parametrize(
    ("text", "second", "missed"),
    [
        (NEWS, NEWS.upper(), 0),
        # Letters of a turned line one by one: the other reader is plainly wrong.
        (NEWS, " ".join(NEWS), 0),
        # Nobody knows which spaces are right.
        ("ab ba abba " * 20, "abba baba " * 20, 0.5),
        (NEWS, NEWS + " Chữ ký số" * 10, 0.2),
        (ENGLISH, FRENCH, 0.9),
    ],
)
def test_words_of_the_other_reader_that_are_not_in_the_text_are_counted(text: str, second: str, missed: float) -> None:
    assert settle(text, second).missed == pytest.approx(missed, abs=0.1)


def test_a_header_without_its_dash_is_that_of_a_pdf_file() -> None:
    data = make_pdf([Page(LINES)]).replace(b"%PDF-1.7\n", b"%PDF1.7\n%\xe2\xe3\xcf\xd3\n", 1)
    assert find_kind(data, "a.pdf") == "pdf"


@NEEDS_POPPLER
def test_a_page_that_two_readers_part_into_other_words_is_doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "settle", lambda text, _: Settled(text, missed=0.05))
    assert read(Page(LINES), tools={PDF_READER}).doubts == ("readers-differ",)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[: whole.index(b"xref\n")],
        lambda whole: whole[: whole.index(b"/Root") - 5],
        lambda whole: whole.replace(b"%PDF-1.7", b"%\xe2\xe3\xcf"),
        lambda whole: whole.replace(b"/Root 1 0 R", b""),
    ],
)
def test_a_file_without_its_end_or_its_beginning_is_repaired_and_doubtful(damage: Callable[[bytes], bytes]) -> None:
    whole = make_pdf([Page(LINES), Page(("Trang hai của quyết định",))])
    assert find_kind(damage(whole), "a.pdf") == "pdf"
    reading = judge(read_pdf(damage(whole), Recogniser(())))
    assert words(reading) == [*NEWS.split(), "Trang", "hai", "của", "quyết", "định"]
    assert (reading.doubts, reading.detail) == (("structure",), "a damaged PDF, repaired")


def test_a_file_of_which_only_the_first_bytes_came_is_broken() -> None:
    whole = make_pdf([Page(LINES)])
    assert (
        read_pdf(whole[:9], Recogniser(())).reason
        == read_pdf(b"%PDF-1.7\n" + b"x" * 999, Recogniser(())).reason
        == "broken"
    )


@NEEDS_POPPLER
def test_two_readers_that_agree_leave_no_doubt() -> None:
    assert read(Page(LINES), Page(("Phụ lục I",)), tools=(PDF_READER,)).doubts == ()


def test_a_ligature_of_equal_letters_is_read_whole() -> None:
    assert words(read(Page(("di\ufb00erent o\ufb03ce, attach coffee",)))) == [
        "different",
        "office,",
        "attach",
        "coffee",
    ]


def test_a_form_in_xfa_gives_its_words_and_values_with_a_doubt() -> None:
    packets = {
        "template": "<template><draw><value><text>Họ và tên</text></value></draw><script>x = 1</script></template>",
        "datasets": "<datasets><data><form1><name>Giàng A Páo</name><year/></form1></data></datasets>",
        "config": "<config><text>không phải chữ</text></config>",
    }
    notice = Page(("Please wait. If this message is not replaced, your viewer cannot show it.",))
    plain, damaged = make_pdf([notice]), {**packets, "template": "<template><text>"}
    assert words(judge(read_pdf(add_xfa(plain, packets), Recogniser(()))))[-6:] == [
        "Họ",
        "và",
        "tên",
        "Giàng",
        "A",
        "Páo",
    ]
    assert words(judge(read_pdf(add_xfa(plain, damaged), Recogniser(()))))[-3:] == ["Giàng", "A", "Páo"]
    assert judge(read_pdf(add_xfa(plain, packets), Recogniser(()))).doubts == ("structure",)
    assert judge(read_pdf(plain, Recogniser(()))).doubts == ()


def test_lines_from_top_to_bottom_of_a_missing_font_are_read_or_doubtful() -> None:
    shown = b"BT /F1 12 Tf 300 700 Td <3042304430463048304a> Tj ET BT /F2 12 Tf 40 700 Td (Trang 1) Tj ET"
    font = "/Type /Font /Subtype /CIDFontType0 /BaseFont /Khongco /CIDSystemInfo "
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R /F2 7 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Khongco /Encoding /UniJIS-UTF16-V /DescendantFonts [6 0 R] >>",
        f"<< {font} << /Registry (Adobe) /Ordering (Japan1) /Supplement 4 >> /DW 1000 >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    data = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % pair for pair in enumerate(objects, 1))
    reading = judge(read_pdf(data + b"trailer\n<< /Root 1 0 R /Size 8 >>\n%%EOF\n", Recogniser(())))
    assert "Trang 1" in (reading.text or "")
    assert "あいうえお" in (reading.text or "") or "structure" in reading.doubts
