"""Metafiles: the words that they draw, as they stand on the page."""

import gzip
import struct

from crawler.attachments.formats.metafiles.reader import read_metafiles
from crawler.attachments.formats.pages import decode_page
from tests.support.attachments.legacy_letters import to_tcvn3
from tests.support.attachments.metafiles import emf_font, emf_record, emf_text, plus_comment, write_emf, write_wmf
from tests.support.processes.cpu_time import is_linear, least_seconds


def words(*pictures: bytes, said: str = "") -> str:
    return decode_page(read_metafiles(pictures, said=said)).strip()


def test_pieces_of_a_line_are_joined_by_their_places() -> None:
    picture = write_emf(
        emf_font("Arial"), emf_text("Thu ng", 0, 100), emf_text("ân", 60, 100), emf_text("sách", 110, 101),
        emf_text("2024", 0, 140),
    )  # fmt: skip
    assert words(picture) == "Thu ngân sách\n2024"


def test_a_text_that_is_drawn_twice_to_look_bold_is_read_once() -> None:
    assert words(write_emf(emf_font("Arial"), emf_text("Điều 1", 0, 100), emf_text("Điều 1", 1, 100))) == "Điều 1"


def test_places_follow_the_transforms_before_them() -> None:
    shift = [emf_record(35, struct.pack("<6f", 1, 0, 0, 1, 0, 50 * row)) for row in range(3)]
    restored = emf_record(33, b"") + shift[2] + emf_record(34, struct.pack("<i", -1))
    picture = write_emf(
        emf_font("Arial"), shift[0], emf_text("một", 0, 0), shift[1], emf_text("hai", 0, 0), restored,
        emf_text("ba", 40, 0), emf_record(36, struct.pack("<6fI", 1, 0, 0, 1, 0, 90, 3)), emf_text("bốn", 60, 0),
    )  # fmt: skip
    assert words(picture) == "một\nhai ba\nbốn"


def test_letters_of_legacy_fonts_are_decoded_by_font_and_character_set() -> None:
    tcvn3 = to_tcvn3("trưởng phòng")
    assert words(write_emf(emf_font(".VnTime"), emf_text(tcvn3, 0, 0))) == "trưởng phòng"
    assert words(write_wmf([(tcvn3, 0, 0)], font=b".VnTime", codec="latin-1")) == "trưởng phòng"
    assert words(write_wmf([("công việc".replace("ệ", "ê\u0323"), 0, 0)], charset=163, codec="cp1258")) == "công việc"


def test_numbers_of_glyphs_and_bullets_are_no_words() -> None:
    bullet = emf_text("\uf0b7", 0, 0)
    assert words(write_emf(emf_font("Arial"), emf_text("xyz", 0, 0, flags=0x10), bullet, emf_text("Số", 20, 0))) == "Số"


def test_a_picture_with_commands_of_gdi_plus_alone_is_read_by_them() -> None:
    plus = plus_comment(("Biểu đồ", 0, 0), ("Năm 2024", 0, 60))
    assert words(write_emf(plus)) == "Biểu đồ\nNăm 2024"
    assert words(write_emf(plus, emf_font("Arial"), emf_text("Biểu", 0, 0))) == "Biểu"


def test_what_the_document_says_itself_is_not_said_again() -> None:
    table = write_wmf([("15.000.000", 0, 0), ("VND", 200, 0)])
    chart = write_wmf([("Tong 48213", 0, 0)])
    assert words(table, chart, chart, said="Thu 15.000.000 VND") == "Tong 48213"


def test_charts_that_differ_in_a_word_are_all_read_and_the_same_one_once() -> None:
    axis = [emf_text(str(number), 0, 40 * number) for number in range(10)]
    charts = [write_emf(emf_font("Arial"), *axis, emf_text(title, 0, 400)) for title in ("Thu", "Chi", "Thu")]
    numbers = "\n".join(map(str, range(10)))
    assert words(*charts) == f"{numbers}\nThu\n\n{numbers}\nChi"


def test_hundreds_of_pictures_in_a_long_document_are_read_in_linear_time() -> None:
    def seconds(count: int) -> float:
        formulas = [write_wmf([(f"x{number} y", 0, 0)]) for number in range(count)]
        return least_seconds(lambda: read_metafiles(formulas, said="một hai ba " * 40 * count))

    assert is_linear(seconds, 250)


def test_packed_metafiles_are_read_and_others_passed_over() -> None:
    chart = write_emf(emf_font("Arial"), emf_text("Quý 1", 0, 0))
    assert words(gzip.compress(chart), b"\x89PNG\r\n", b"", gzip.compress(chart)[:-30]) == "Quý 1"


def test_every_cut_of_a_metafile_gives_what_stands_before_it() -> None:
    emf = write_emf(emf_font("Arial"), emf_text("Một", 0, 0), emf_text("hai", 0, 50), plus_comment(("ba", 0, 0)))
    wmf = write_wmf([("Mot", 0, 0), ("hai", 0, 50)])
    for whole in (emf, wmf):
        assert all(words(whole).startswith(words(whole[:end])) or end < len(whole) for end in range(len(whole)))
        assert words(whole[: len(whole) // 2]) in ("", "Một", "Mot", "M", "Một\nhai")
