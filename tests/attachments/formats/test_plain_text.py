"""A text file gives its letters whatever its encoding is, and one bad byte spoils one letter."""

import unicodedata
from collections.abc import Callable

import pytest

from crawler.attachments.formats.encodings import decode_text
from crawler.attachments.formats.plain_text import read_plain
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni

TEXT = "Ủy ban nhân dân xã Tả Van thông báo lịch tiếp dân năm 2023.\nKế hoạch số 12/KH-UBND\n" * 4
TONES = "\u0300\u0301\u0303\u0309\u0323"


def windows(text: str) -> bytes:
    """Encode as Vietnamese Windows does: a vowel with its form, then its tone."""
    out = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in TONES)
        form = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        out += (form + tone).encode("cp1258")
    return out


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_a_text_is_decoded_with_and_without_its_mark(encoding: str) -> None:
    for text in (TEXT, TEXT.upper(), TEXT.replace("\n", "\r\n"), "Tả Van"):
        decoded = decode_text(text.encode(encoding))
        assert (decoded.text, decoded.bad) == (text, 0)


@pytest.mark.parametrize("at", [0, 30, 97, 200])
@pytest.mark.parametrize("bad", [b"\xff", b"\xe1\xbb", b"\x80"])
def test_a_bad_byte_spoils_one_letter_of_a_text_in_utf_8(at: int, bad: bytes) -> None:
    whole = TEXT.encode()
    at = len(whole[:at].decode("utf-8", "ignore").encode())
    decoded = decode_text(whole[:at] + bad + whole[at:])
    assert decoded.text.replace("\ufffd", "") == TEXT
    assert (decoded.encoding, decoded.bad) == ("utf-8", 1)


def test_a_text_that_was_cut_within_a_letter_is_still_utf_8() -> None:
    whole = TEXT.encode()
    for end in (5, 6, 50, 51, 52):
        shown = decode_text(whole[:end]).text.rstrip("\ufffd")
        assert TEXT.startswith(shown)
        assert decode_text(whole[end : end + 120]).text.strip("\ufffd") in TEXT


def test_a_text_in_the_vietnamese_code_page_is_composed() -> None:
    for text in (TEXT, "Số 1", "Đường"):
        assert read_plain(windows(text)).text == text.strip()


@pytest.mark.parametrize("encode", [to_tcvn3, to_vni])
def test_a_text_of_bytes_in_legacy_letters_is_decoded(encode: Callable[[str], str]) -> None:
    text = (
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;\nTheo đề nghị của Giám đốc Sở Y tế,\n"
        "trưởng phòng được cử người dự họp lúc 8 giờ, thư ký khoẻ"
    )
    assert read_plain(encode(text).encode("latin-1")).text == text
    assert read_plain(encode(text).encode()).text == text


def test_lines_in_another_encoding_are_decoded_by_themselves() -> None:
    assert read_plain(TEXT.encode() + windows(TEXT)).text == (TEXT * 2).strip()
    assert read_plain(TEXT.encode() * 9 + windows(TEXT)).text == (TEXT * 10).strip()


def test_marks_zeros_and_the_end_sign_within_a_text_are_left_out() -> None:
    joined = TEXT.encode() + b"\xef\xbb\xbf" + TEXT.encode() + b"\x1a"
    assert decode_text(joined).text == TEXT * 2
    assert decode_text(TEXT.encode().replace(b" ", b"\0 ", 3)).text == TEXT
    assert decode_text(TEXT.encode("utf-16-le") + b"A").text.rstrip("\ufffd") == TEXT


def test_pages_and_mixed_ends_of_lines() -> None:
    reading = read_plain("một\rhai\r\nba\n\nbốn\f\nTrang hai".encode())
    assert (reading.text, reading.pages) == ("một\nhai\nba\nbốn\n\nTrang hai", 2)
    assert read_plain("Xã;Số hộ\r\nTả Van;512".encode()).text == "Xã;Số hộ\nTả Van;512"


def test_damage_is_told() -> None:
    assert read_plain(TEXT.encode()).detail is None
    assert read_plain(TEXT.encode() + b"\xff").detail == "1 letters are damaged"
    assert read_plain(bytes(range(32)) * 200).reason == "unknown-kind"


@pytest.mark.parametrize("encode", [to_tcvn3, to_vni])
def test_dashes_and_quotes_between_legacy_letters_are_kept(encode: Callable[[str], str]) -> None:
    text = "Kế hoạch giai đoạn 2010–2015 của huyện Sa Pa được duyệt … “thư mời” của người dự họp\n"
    data = encode(text * 3).encode("cp1252")
    assert (read_plain(data).text or "") == (text * 3).strip()


def test_a_text_that_was_encoded_twice_is_read_as_it_was_written() -> None:
    twice = TEXT.encode().decode("latin-1").encode()
    assert read_plain(twice).text == TEXT.rstrip("\n")


def test_letters_that_a_web_program_wrote_as_numbers_are_shown() -> None:
    numbered = TEXT.encode("ascii", "xmlcharrefreplace") + b"&#55296; &#38;"
    assert read_plain(numbered).text == TEXT + "&#55296; &#38;"
    named = TEXT.replace("à", "&agrave;").replace("ã", "&atilde;").encode("ascii", "xmlcharrefreplace")
    assert read_plain(named + b"&ycirc; &amp;").text == TEXT + "&ycirc; &amp;"


@pytest.mark.parametrize("encode", [to_tcvn3, to_vni])
def test_a_byte_that_is_no_letter_does_not_hide_the_legacy_letters_of_its_line(encode: Callable[[str], str]) -> None:
    text = "của người dân được trưởng phòng cử dự họp, theo đề nghị của Sở Y tế ngày 19 tháng 6"
    read = read_plain(b"\x9d " + encode(text).encode("latin-1"))
    assert read.text == f"\ufffd {text}"


def test_a_mark_of_utf_8_before_another_encoding_does_not_count() -> None:
    assert read_plain(b"\xef\xbb\xbf" + windows(TEXT)).text == TEXT.strip()
    legacy = to_tcvn3("Căn cứ Luật Tổ chức chính quyền địa phương của trưởng phòng").encode("latin-1")
    assert read_plain(b"\xef\xbb\xbf" + legacy).text == "Căn cứ Luật Tổ chức chính quyền địa phương của trưởng phòng"


def test_text_of_western_windows_is_not_read_as_vietnamese() -> None:
    assert decode_text("Sở ý kiến: xã ý, hãy ghi".encode("cp1252", "xmlcharrefreplace")).text.endswith("xã ý, hãy ghi")

    assert decode_text("Lý Láo Sử".encode("cp1252", "xmlcharrefreplace") + b" &#432;").text.startswith("Lý Láo")


def test_a_bad_byte_within_a_letter_of_a_short_line_does_not_hide_the_others() -> None:
    for line in ("Trần Quốc Tuấn", "Giàng Thị Dính\nThào Thị Xử\n"):
        assert read_plain(
            line.encode().replace("ầ".encode(), b"\xe1\xba\xff\xa7").replace("ị".encode(), b"\xe1\xba\xff\xa7")
        ).text == line.strip().replace("ầ", "\ufffd" * 3).replace("ị", "\ufffd" * 3)


def test_marks_behind_their_letters_are_read_as_their_letters() -> None:
    old = "So^' 12/QDD-UBND: ddu+o+.c su+. ddo^`ng y' cu?a nga`nh gia'o du.c. Tru+o+?ng tho^n Va`ng A Su'a!\n"
    assert read_plain(old.encode()).text == (
        "Số 12/QĐ-UBND: được sự đồng ý của ngành giáo dục. Trưởng thôn Vàng A Súa!"
    )
    code = "a^b, o^p, e^x, a^2, u+v and other plain English words that say what is meant by them"
    assert read_plain(code.encode()).text == code


def test_a_text_that_lost_every_horned_u_is_doubted() -> None:
    text = "Sáng ngày ba mươi tháng mười một, tại hội trường trung tâm, được sự đồng ý của người đứng đầu"
    assert read_plain(to_tcvn3(text).encode("latin-1")).doubts == ()
    assert read_plain(to_tcvn3(text).replace("\u00ad", "-").encode("latin-1")).doubts == ()
    lost = read_plain(to_tcvn3(text).replace("\u00ad", "").encode("latin-1"))
    assert lost.doubts == ("legacy-letters",)
    assert "hội trường trung tâm, được" in (lost.text or "")
    assert read_plain(to_vni(text).encode("latin-1")).doubts == ()
