"""Binary Word documents: their letters in their fonts, rows of tables, and what the programs of the system add."""

import struct
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.binary import office
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.readers import read_document
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni
from tests.support.attachments.package_files import WORD, write_package
from tests.support.attachments.tools import TOOLS, put_antiword
from tests.support.attachments.word_files import ListLevel, OldPart, Part, write_word, write_word_6, write_word_streams
from tests.support.processes.cpu_time import is_linear, least_seconds

LINES = "Số: 4321/QĐ-UBND\nQuyết định thu hồi đất của hộ ông Giàng A Lử\nĐiều 1. Số tiền 12.500.000 đồng\n"
needs_word = pytest.mark.skipif(not {"antiword", "catdoc"} & TOOLS, reason="neither antiword nor catdoc is installed")


def read(data: bytes, folder: Path, tools: frozenset[str] = frozenset()) -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_document(data, "so.doc", recogniser=Recogniser(tools), path=path)


@pytest.mark.parametrize("tools", [frozenset(), TOOLS])
def test_a_document_is_read_with_and_without_programs(tmp_path: Path, tools: frozenset[str]) -> None:
    reading = read(write_word(LINES), tmp_path, tools)
    assert reading.text == LINES.strip()
    assert (reading.method, reading.doubts, reading.lacks) == ("doc", (), None)
    assert "olefile" in (reading.tool or "")


def test_a_document_that_was_cut_is_doubtful(tmp_path: Path) -> None:
    data = bytearray(write_word(LINES))
    entry = data.index("WordDocument\0".encode("utf-16-le"))
    # Its entry says that the stream goes on behind the end of the file.
    struct.pack_into("<I", data, entry + 120, 1_000_000)
    reading = read(bytes(data), tmp_path)
    assert (reading.text, reading.doubts, reading.is_cut) == (LINES.strip(), ("structure",), True)


@pytest.mark.parametrize("is_narrow", [False, True])
def test_legacy_letters_are_decoded_by_the_font_of_a_run_or_of_its_style(tmp_path: Path, is_narrow: bool) -> None:
    parts = [
        Part(to_tcvn3("trưởng phòng được cử\n"), is_narrow=is_narrow),
        Part(to_vni("người "), "VNI-Times", is_narrow=is_narrow),
        Part("Số 5 ", "Arial", is_narrow=False), Part(to_tcvn3("cộng hoà"), ".VnTimeH", is_narrow=is_narrow),
    ]  # fmt: skip
    assert read(write_word(parts, font=".VnTime"), tmp_path).text == "trưởng phòng được cử\nngười Số 5 CỘNG HOÀ"


def test_the_horn_of_one_short_word_is_kept(tmp_path: Path) -> None:
    for horn in ("\u00ad", "\x1f"):
        # Programs that read a document of another kind write it as Word's optional hyphen.
        assert read(write_word([Part(f"th{horn}, t{horn}, d{horn}íi", ".VnTime")]), tmp_path).text == "thư, tư, dưới"
    assert read(write_word([Part("th\x1fơng mại", "Arial")]), tmp_path).text == "thơng mại"


def test_a_row_of_a_table_is_a_line_and_no_cell_is_lost(tmp_path: Path) -> None:
    rows = [
        [Part(f"{number}\x07Hộ số {number}\x07\x07{number * 1000}\x07"), Part("\x07", is_row_end=True)]
        for number in range(1, 9)
    ]
    reading = read(write_word([part for row in rows for part in row]), tmp_path, TOOLS)
    assert reading.text == "\n".join(f"{number} Hộ số {number} {number * 1000}" for number in range(1, 9))


def test_codes_of_fields_are_left_out_and_deleted_text_stands_at_the_end(tmp_path: Path) -> None:
    parts = [
        Part("Xem \x13 HYPERLINK \"http://x.vn\" \x14trang \x13 REF a \x14hai\x15\x15 và \x13 TC ẩn \x15ba"),
        Part(" cũ", is_deleted=True), Part("\x0cSố: 123/QĐ\x1eUBND\x0bhết"),
    ]  # fmt: skip
    reading = read(write_word(parts), tmp_path)
    assert reading.text == "Xem trang hai và ba\n\nSố: 123/QĐ-UBND\nhết\n[-cũ-]"
    assert (reading.page_starts, reading.detail) == ((0, 21), NOTE_ON_DELETED)


def test_a_word_in_which_a_field_ends_is_one_word(tmp_path: Path) -> None:
    parts = [Part('\x13 HYPERLINK "http://www.sueddeutsche.de/" \x14http://www.sueddeuts\x15che.de/\n')]
    reading = read(write_word(parts), tmp_path, TOOLS)
    assert (reading.text, reading.doubts) == ("http://www.sueddeutsche.de/", ())


def test_hidden_text_stands_at_the_end_but_what_gives_the_text_its_shape_stays(tmp_path: Path) -> None:
    parts = [
        Part("Số: 5/TB"), Part(" ẩn 7 tỷ", is_hidden=True), Part("\n"), Part("\x13", is_hidden=True),
        Part(" XE a ", is_hidden=True), Part("\x15", is_hidden=True), Part("hết"), Part(" ô\x07", is_hidden=True),
    ]  # fmt: skip
    reading = read(write_word(parts), tmp_path)
    assert (reading.text, reading.detail) == ("Số: 5/TB\nhết ô\n[-ẩn 7 tỷ-]", NOTE_ON_HIDDEN)
    parts = [Part("một"), Part("ẩn\n", is_hidden=True), Part("hai\n")]
    assert read(write_word(parts), tmp_path).text == "một\nhai\n[-ẩn-]"


CHAPTERS = (
    ListLevel("Chương \0.", style=1), ListLevel("Điều \1.", counts_anew=False), ListLevel("\1.\2"),
    ListLevel("\3)", style=4, start=2), *[ListLevel("·", style=23)] * 5,
)  # fmt: skip


def test_fields_show_a_text_in_their_code_and_a_result_but_for_those_that_keep_a_value(tmp_path: Path) -> None:
    nested = "\x13 IF \x13 MACROBUTTON a [bỏ]\x15 = 1 \x14có\x15"
    kept = '\x13 SET a "b" \x14b\x15\x13 EQ \\f(1,2) \x15'
    data = write_word(
        f"{kept} Họ tên: \x13 MACROBUTTON NoMacro [điền \x13PAGE\x143\x15 chữ]\x15.\r{nested}\r\x13 PAGE \x15hết\r"
    )
    assert (read(data, tmp_path).text or "").splitlines() == ["1/2 Họ tên: [điền 3 chữ].", "có", "hết"]


def test_paragraphs_of_lists_have_their_numbers(tmp_path: Path) -> None:
    rows = [
        ("Quy định chung\n", 1, 0), ("Phạm vi\n", 1, 1), ("Đối tượng\n", 1, 1), ("khoản\n", 1, 2), ("điểm\n", 1, 3),
        ("chấm\n", 1, 4), ("Tổ chức\n", 1, 0), ("Hiệu lực\n", 1, 1), ("khoản\n", 1, 2), ("đơn\n", 2, 0),
        ("lại\n", 3, 0), ("không\n", 0, 0),
    ]  # fmt: skip
    parts = [Part(text, in_list=number, depth=depth) for text, number, depth in rows]
    # A paragraph has several looks, a changed one may be deleted, and a stretch of one look may hold several.
    parts += [Part("cũ\n", is_deleted=True, in_list=2), Part("hai ", in_list=2), Part("mảnh\nba\n", "Arial", in_list=2)]
    data = write_word(parts, lists=[CHAPTERS, [ListLevel("-\0-")]], restart=(0, 7))
    assert (read(data, tmp_path).text or "").splitlines() == [
        "Chương I. Quy định chung", "Điều 1. Phạm vi", "Điều 2. Đối tượng", "2.1 khoản", "b) điểm", "chấm",
        "Chương II. Tổ chức", "Điều 3. Hiệu lực", "3.1 khoản", "-1- đơn", "Chương VII. lại", "không", "-2- hai mảnh",
        "-3- ba", "[-cũ-]",
    ]  # fmt: skip


def test_the_label_of_a_list_in_legacy_letters_is_decoded(tmp_path: Path) -> None:
    data = write_word(
        [Part(to_tcvn3("Hiệu lực thi hành\n"), in_list=1)], font=".VnTime", lists=[[ListLevel(to_tcvn3("Điều \0."))]]
    )
    assert read(data, tmp_path).text == "Điều 1. Hiệu lực thi hành"


def test_a_cut_table_of_lists_costs_no_text(tmp_path: Path) -> None:
    data = write_word([Part("Phạm vi điều chỉnh\n", in_list=1)], lists=[CHAPTERS])
    at = data.index("Chương".encode("utf-16-le"))
    spoilt = data[:at] + b"\xff" * 600 + data[at + 600 :]
    assert "Phạm vi điều chỉnh" in (read(spoilt, tmp_path).text or "")


@pytest.mark.parametrize("tools", [frozenset(), TOOLS])
def test_documents_that_are_set_in_a_document_are_read_behind_it(tmp_path: Path, tools: frozenset[str]) -> None:
    held = write_package("word/document.xml", {"word/document.xml": f"<w:p {WORD}><w:r><w:t>Biểu 2</w:t></w:r></w:p>"})
    streams = write_word_streams(LINES) | {"ObjectPool/_1/Package": held}
    assert read(write_compound(streams), tmp_path, tools).text == f"{LINES}Biểu 2"


def test_a_locked_document_is_encrypted(tmp_path: Path) -> None:
    assert read(write_word(LINES, flags=0x0100), tmp_path, TOOLS).reason == "encrypted"


def test_a_damaged_document_without_a_program_says_what_it_lacks(tmp_path: Path) -> None:
    reading = read(write_compound({"WordDocument": bytes(900)}), tmp_path)
    assert (reading.reason, reading.lacks) == ("no-tool", "catdoc")


def test_a_document_of_word_6_keeps_the_horn_of_its_legacy_letters(tmp_path: Path) -> None:
    text = "Trưởng phòng được cử người dự họp về việc thu hồi đất\x07thư mời\x07\x07hết"
    data = write_word([Part(to_tcvn3(text), is_narrow=True)])
    at = data.index(b"\xec\xa5\xc1\x00")
    flags = struct.unpack_from("<H", data, at + 10)[0] & ~0x1000  # of letters of two bytes
    data = data[:at] + b"\xdc\xa5\x68\x00" + data[at + 4 : at + 10] + struct.pack("<H", flags) + data[at + 12 :]
    reading = read(data, tmp_path)
    assert reading.text == "Trưởng phòng được cử người dự họp về việc thu hồi đất thư mời\nhết"


OLD_FONTS = [("Times New Roman", 0), (".VnTime", 0), ("VNI-Times", 0), ("Times New Roman CE", 238), ("Arial", 163)]
OLD_PARTS = [
    OldPart("Pièce \r".encode("cp1252")),
    OldPart(to_tcvn3("trưởng phòng được cử\r").encode("latin-1"), 1),
    OldPart(to_vni("thị xã\r").encode("latin-1"), 2),
    OldPart("Łódź\r".encode("cp1250"), 3), OldPart("bỏ đi".encode("cp1258", "ignore"), is_deleted=True),
    OldPart(b"\xd0i\xea\xcc\xf5ng 1\x072\x07", 4), OldPart(b"\x07", is_row_end=True),
]  # fmt: skip


def test_letters_of_word_6_are_those_of_their_fonts(tmp_path: Path) -> None:
    lines = ["Pièce", "trưởng phòng được cử", "thị xã", "Łódź", "Điềơng 1 2", "[-b ði-]"]
    assert (read(write_word_6(OLD_PARTS, OLD_FONTS), tmp_path).text or "").splitlines() == lines
    # A document that was saved quickly has its text in pieces.
    order = [1, 0, 4, 3, 2, 5, 6]
    text = read(write_word_6(OLD_PARTS, OLD_FONTS, order=order), tmp_path).text or ""
    assert text.splitlines() == [lines[1], lines[0], lines[3], lines[2], *lines[4:]]


@pytest.mark.parametrize("order", [None, [1, 0]])
def test_a_document_of_word_95_of_asia_has_letters_of_two_bytes(order: list[int] | None, tmp_path: Path) -> None:
    parts = [OldPart("Quyết định thu hồi đất\r".encode("utf-16-le")), OldPart("Nơi nhận\r".encode("utf-16-le"), 1)]
    text = read(write_word_6(parts, OLD_FONTS, order=order, width=2), tmp_path).text or ""
    lines = ["Quyết định thu hồi đất", "Nơi nhận"]
    assert text.splitlines() == (lines if order is None else lines[::-1])


def test_every_cut_of_a_document_of_word_6_ends_in_a_reason_or_a_text(tmp_path: Path) -> None:
    data = write_word_6(OLD_PARTS, OLD_FONTS, order=[1, 0, 2, 3, 4, 5, 6])
    for size in range(0, len(data), 97):
        reading = read(data[:size].ljust(len(data), b"\xff"), tmp_path)
        assert reading.text or reading.reason, size


def test_a_document_of_word_2_is_read_from_its_first_letter(tmp_path: Path) -> None:
    text = to_tcvn3("Trưởng phòng được cử\x07thư mời\x07\x07 \x13PAGE\x14 3\x15 hết").encode("latin-1")
    header = struct.pack("<4s6xH12xII", b"\xdb\xa5\x2d\x00", 0, 384, 384 + len(text)).ljust(384, b"\0")
    reading = read(header + text + bytes(200), tmp_path, TOOLS)
    assert reading.text == "Trưởng phòng được cử thư mời\n3 hết"
    assert reading.doubts == ()
    assert "structure" in read((header + text)[:-4], tmp_path).doubts
    assert read(header[:10] + b"\0\x01" + header[12:] + text, tmp_path).reason == "encrypted"
    assert read(header[:10] + b"\x04\0" + header[12:] + text, tmp_path).reason == "no-tool"  # saved in pieces


def test_codes_of_fields_are_no_words_of_a_program(tmp_path: Path) -> None:
    codes = 'HYPERLINK "http://a.vn/x?y=1" \\h  Trang tin, PAGEREF _Toc12 \\h 5, DOCPROPERTY "Số" \\* MERGEFORMAT 7'
    codes += ' SYMBOL 183 \\f "Symbol" \\s 10 \\h  Nơi nhận'
    codes += ' MERGEFIELD "Họ tên" \\* Upper «Họ tên» MERGEFIELD Xã «Xã» TIME \\@ "d/M/yyyy" 2/9/2024'
    shown = ["Trang", "tin,", "5,", "7", "Nơi", "nhận", "«Họ", "tên»", "«Xã»", "2/9/2024"]
    assert office.FIELD_CODE.sub("", codes).split() == shown


def test_codes_that_the_records_know_are_no_words_of_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_antiword(tmp_path, monkeypatch, said="Ten:   USERINITIALS  VP   FILLIN Ghi ten vao day  trang  NUMPAGES \\h  3")
    own = "Ten: \x13 USERINITIALS \x14VP\x15 \x13 FILLIN Ghi ten vao day \x15trang \x13 NUMPAGES \\h \x01\x143\x15\n"
    reading = read(write_word(own), tmp_path, frozenset({"antiword"}))
    assert (reading.text, reading.tool) == ("Ten: VP trang 3", office._RECORDS)


def test_what_a_program_says_of_a_file_is_not_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_antiword(tmp_path, monkeypatch, said="[Windows Write file. Some garbage expected] Xã Tả Van [pic] năm 2010")
    reading = read(b"\x31\xbe\0\0\0\xab" + bytes(200), tmp_path, frozenset({"antiword"}))
    assert reading.text == "Xã Tả Van năm 2010"


def test_a_long_gap_in_the_text_of_a_program_takes_no_square_of_the_time() -> None:
    def seconds(count: int) -> float:
        return least_seconds(lambda: office._strip_codes("a" + " " * count + "b", ["FORMTEXT"]))

    assert is_linear(seconds, 4_000)


@needs_word
def test_a_program_reads_what_the_records_do_not_give(tmp_path: Path) -> None:
    data = write_word("Céng hoµ x· héi chñ nghÜa ViÖt Nam\n§éc lËp - Tù do - H¹nh phóc\n" * 3)
    older = data.replace(b"\xec\xa5\xc1\x00", b"\xec\xa5\xc0\x00")
    reading = read(older, tmp_path, TOOLS)
    assert (reading.text or "").startswith("Cộng hoà xã hội chủ nghĩa Việt Nam")
    assert reading.tool in ("catdoc", "antiword")


def test_a_better_text_with_fewer_words_than_the_records_have_is_doubtful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_antiword(tmp_path, monkeypatch, said="Quyết định thu hồi đất của hộ dân xã Tả Van")
    cells = [Part("\u1234x\ua9c1\x07" * 200)]
    reading = read(write_word(cells), tmp_path, frozenset({"antiword"}))
    assert (reading.text, reading.tool) == ("Quyết định thu hồi đất của hộ dân xã Tả Van", "antiword")
    assert set(reading.doubts) == {"structure", "readers-differ"}


def test_every_cut_of_a_document_ends_in_a_reason_or_a_text(tmp_path: Path) -> None:
    data = write_word([Part(LINES * 5, "Arial"), Part("\x07", is_row_end=True)])
    for end in range(0, len(data), 307):
        reading = read(data[:end], tmp_path)
        assert reading.text or reading.reason
