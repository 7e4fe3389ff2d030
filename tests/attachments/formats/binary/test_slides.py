"""Binary presentations: the slides as they are shown, without the placeholders of masters."""

import struct

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.binary.office import read_ppt
from crawler.attachments.formats.binary.slide_objects import unpack_object
from crawler.attachments.formats.binary.slide_styles import number_paragraphs
from crawler.attachments.formats.ocr import Recogniser
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.legacy_letters import to_tcvn3
from tests.support.attachments.metafiles import emf_font, emf_text, write_emf
from tests.support.attachments.presentations import (
    Slide,
    further_styles,
    numbered_style,
    record,
    text_atom,
    write_presentation,
)

SLIDES = [
    Slide(
        ["Báo cáo giám sát", "Kết quả năm 2023\nTồn tại"], ["Số: 12/BC-HĐND"], notes="Nói chậm", comment="Sửa số liệu"
    ),
    Slide(["Recommendations", "Budget 2024"]),
]


def read(data: bytes) -> TextReading:
    return read_ppt(data, Recogniser(()), read=lambda within, _: TextReading(within.decode(), "xls"))


def test_slides_are_read_in_order_with_notes_and_without_masters() -> None:
    reading = read(write_presentation(SLIDES))
    assert reading.text == (
        "Số: 12/BC-HĐND\nBáo cáo giám sát\nKết quả năm 2023\nTồn tại\nSửa số liệu\nNói chậm"
        "\n\nRecommendations\nBudget 2024"
    )
    assert (reading.method, reading.pages, len(reading.page_starts)) == ("ppt", 2, 2)


def test_slides_of_a_file_that_was_cut_are_doubtful() -> None:
    data = bytearray(write_presentation(SLIDES))
    entry = data.index("PowerPoint Document\0".encode("utf-16-le"))
    # Its entry says that the stream goes on behind the end of the file.
    struct.pack_into("<I", data, entry + 120, 1_000_000)
    reading = read(bytes(data))
    assert "Số: 12/BC-HĐND" in (reading.text or "")
    assert (reading.doubts, reading.is_cut) == (("structure",), True)


def test_slides_have_the_texts_of_their_master_and_the_footer_of_all() -> None:
    slides = [Slide(["Một"], shows_master=True), Slide(["Hai"], footer="Riêng", shows_master=True), Slide(["Ba"])]
    text = read(write_presentation(slides, on_master="Sở Nội vụ", footer="Lào Cai 2024")).text
    assert (text or "").split("\n\n") == ["Một\nSở Nội vụ\nLào Cai 2024", "Riêng\nHai\nSở Nội vụ", "Ba\nLào Cai 2024"]


def test_a_slide_has_its_number_where_its_text_or_its_footer_shows_it() -> None:
    slides = [Slide(boxes=["Trang *"], number_at=6), Slide(["Hai *"], footer="Sở Y tế", footer_flags=0x28)]
    assert read(write_presentation(slides, first_number=4)).text == "Trang 4\n\nSở Y tế\n5\nHai *"


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_document_that_is_set_on_a_slide_is_read_with_it(is_packed: bool) -> None:
    within = write_compound({"Workbook": b"x"})
    slides = [Slide(["Một"]), Slide(["Hai"], object=within)]
    data = write_presentation(slides, packs_objects=is_packed)
    reading = read_ppt(data, Recogniser(()), read=lambda held, name: TextReading(f"{name}: {held == within}", "xls"))
    assert reading.text == "Một\n\nHai\nslide 2: True"
    unread = read_ppt(data, Recogniser(()), read=lambda *_: TextReading(reason="encrypted"))
    assert (unread.text, unread.detail) == ("Một\n\nHai", "documents within, not read: slide 2 (encrypted)")


def test_the_words_of_metafiles_and_word_art_are_read_with_their_slide() -> None:
    chart = write_emf(emf_font("Arial"), emf_text("Thu 48213", 0, 0))
    slides = [Slide(["Một"]), Slide(["Hai"], metafile=chart), Slide(["Ba"], word_art="Chào mừng")]
    assert read(write_presentation(slides)).text == "Một\n\nHai\nThu 48213\n\nBa\nChào mừng"
    # As a chart of another program looks, beside what was read of the chart itself.
    same = Slide(["Hai"], metafile=chart, object=write_compound({"Workbook": b"x"}))
    reading = read_ppt(write_presentation([same]), Recogniser(()), read=lambda *_: TextReading("Thu 48213", "xls"))
    assert reading.text == "Hai\nThu 48213"


def test_a_damaged_object_on_a_slide_has_no_text() -> None:
    assert [unpack_object(data, instance=1) for data in (b"", b"\5\0\0\0abc", b"\xff" * 8)] == [b"", b"", b""]


def test_the_list_of_slides_gives_the_order() -> None:
    text = read(write_presentation(SLIDES, order=(1, 0))).text
    assert text is not None
    assert text.index("Budget") < text.index("Báo cáo")


def test_runs_in_a_legacy_font_are_decoded_by_it() -> None:
    text = to_tcvn3("thông báo") + " Unicode"
    slide = Slide(boxes=[text], runs=[(len("thông báo"), 1)])
    assert read(write_presentation([slide], fonts=("Arial", ".VnTimeH"))).text == "THÔNG BÁO Unicode"


def without_directory(slides: list[Slide]) -> bytes:
    return write_presentation(slides).replace(struct.pack("<HHI", 0, 0x1772, 0)[:4], b"\0\0\xff\x17")


def test_a_presentation_without_its_directory_gives_the_texts_it_holds() -> None:
    text = read(without_directory(SLIDES)).text
    assert text is not None
    assert "Kết quả năm 2023" in text
    assert "Master" not in text


def test_a_presentation_with_a_password_is_encrypted() -> None:
    user = record(0x0FF6, struct.pack("<III", 20, 0xF3D1C4DF, 0) + bytes(8))
    data = write_compound({"PowerPoint Document": text_atom("x"), "Current User": user})
    assert read(data).reason == "encrypted"


@pytest.mark.parametrize("damage", [b"", b"\xff" * 5000, record(0x03E8, record(0x0FF0, b"\xff" * 30, 0, 15), 0, 15)])
def test_a_damaged_presentation_is_broken_or_empty(damage: bytes) -> None:
    assert read(write_compound({"PowerPoint Document": damage})).reason in ("broken", "no-text")


def test_every_cut_of_a_presentation_ends_in_a_reason_or_a_text() -> None:
    data = write_presentation([Slide(["Tiêu đề"], ["Số: 1"], runs=[(2, 0)])], fonts=("Arial",))
    for end in range(0, len(data), 211):
        reading = read(data[:end])
        assert reading.text or reading.reason


def test_the_star_in_place_of_the_date_of_the_day_is_no_text() -> None:
    dated = Slide(boxes=["In ngày *"], date_at=8)
    assert read(write_presentation([dated, Slide(boxes=["*"], date_at=0)])).text == "In ngày"
    assert read(write_presentation([Slide(boxes=["*"], date_at=0)])).reason == "no-text"
    assert read(without_directory([Slide(boxes=["*"], date_at=0)])).reason == "no-text"


def test_paragraphs_have_the_numbers_that_the_slide_shows() -> None:
    numbered = ((3, 4), (9, 1), (3, 4), None, (7, 1))
    text = "bốn\nchữ\nnăm\nkhông\nmột trang *"
    shown = "4. bốn\na) chữ\n5. năm\nkhông\nI. một trang 1"
    in_box = Slide(boxes=[text], numbered=numbered, number_at=text.index("*"))
    in_list = Slide([text.replace("*", "2")], numbered=numbered)
    assert read(write_presentation([in_box, in_list])).text == f"{shown}\n\n{shown[:-1]}2"


def test_damaged_further_styles_number_nothing() -> None:
    styles = numbered_style("một\nhai")[8:]
    further = further_styles([(3, 1), (3, 1)])[8:]
    assert number_paragraphs("một\nhai", styles, further=further) == {0: "1. ", 4: "1. "}
    for end in range(len(further)):
        assert set(number_paragraphs("một\nhai", styles[: end or None], further=further[:end])) <= {0, 4}
