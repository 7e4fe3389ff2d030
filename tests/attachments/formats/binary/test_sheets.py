"""Binary workbooks: every cell as its format shows it, every sheet, and what stands outside of cells."""

import struct
from datetime import date, datetime, time
from io import BytesIO

import olefile
import pytest
import xlwt

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.binary.sheet_records import read_loose_texts
from crawler.attachments.formats.cells.shown import show_number, strip_header_codes
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.readers import read_document
from crawler.attachments.formats.structure.storages import pack_storage
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni
from tests.support.attachments.package_files import WORD, write_package
from tests.support.attachments.word_files import write_word_streams


def read(data: bytes) -> TextReading:
    return read_document(data, "so.xls", recogniser=Recogniser(()))


def save(book: xlwt.Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def style(code: str = "General", font: str = "Arial") -> xlwt.XFStyle:
    made = xlwt.XFStyle()
    made.num_format_str = code
    made.font.name = font
    return made


def lines(data: bytes) -> list[str]:
    text = read(data).text
    assert text is not None
    return text.splitlines()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("dd/mm/yyyy", "02/09/2023"), ("d/m/yy", "2/9/23 (02/09/2023)"), ("m/d/yyyy;@", "2/9/2023 (02/09/2023)"),
        ("[$-42A]dd mmmm yyyy", "02 Tháng 09 2023 (02/09/2023)"), ("yyyy\\-mm\\-dd;@", "02/09/2023"),
        ("[$-1010000]dddd d", "Saturday 2 (02/09/2023)"), ("[$-42A]dddd, d/m", "Thứ Bảy, 2/9 (02/09/2023)"),
        ('"Ngày "dd" tháng "mm" năm "yyyy', "Ngày 02 tháng 09 năm 2023 (02/09/2023)"),
        ("d-mmm", "2-Sep (02/09/2023)"), ("mmm-yy", "Sep-23 (09/2023)"), ("mmmmm", "S (02/09/2023)"),
        ("mmmm yyyy", "September 2023 (09/2023)"), ("yy", "23 (2023)"), ("hh:mm dd/mm/yyyy", "02/09/2023 00:00"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_1904", [False, True])
def test_a_date_is_shown_as_its_format_and_in_full(code: str, shown: str, is_1904: bool) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = is_1904
    book.add_sheet("Tờ").write(0, 0, date(2023, 9, 2), style(code))
    assert lines(save(book)) == ["Tờ", shown]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.3125, "h:mm", "7:30"), (0.8125, "h:mm AM/PM", "7:30 PM"), (0.0, "h AM/PM", "12 AM"),
        (1.5, "[h]:mm", "36:00"), (1.5, "[mm]:ss", "2160:00"), (0.5012345, "mm:ss.0", "01:46.7"),
        (45171.3125, "d/m/yyyy h:mm", "2/9/2023 7:30 (02/09/2023)"), (0.99999999, "hh:mm:ss", "00:00:00"),
    ],
)  # fmt: skip
def test_a_time_is_shown_as_its_format_does(value: float, code: str, shown: str) -> None:
    assert show_number(value, code) == shown


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (-19.9, '#,##0 "đồng và" .00 "xu"', "-19 đồng và .90 xu"), (5, '0 "kg" .0', "5 kg .0"),
        (2.5, "# ?/?", "2 1/2"), (0.75, "?/?", "3/4"), (-1.05, "# ??/??", "-1 1/20"), (3, "# ?/?", "3"),
        (0.97, "# ??/100", "97/100"), (0.5, "0 ?/2", "0 1/2"), (1e300, "# ?/?", "1e+300"), (0.25, '# ?/?" ha"', "1/4"),
    ],
)  # fmt: skip
def test_a_number_is_shown_as_a_fraction(value: float, code: str, shown: str) -> None:
    assert show_number(value, code) == shown


def test_values_are_shown_as_their_formats_do() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Tờ")
    values = [
        (datetime(2023, 9, 2, 7, 30), "dd/mm/yyyy hh:mm", "02/09/2023 07:30"),  # noqa: DTZ001
        (time(7, 30), "h:mm", "7:30"),
        (date(2023, 9, 2), "mm/yyyy", "09/2023"), (0.154, "0.0%", "15.4%"), (15000000, "#,##0", "15,000,000"),
        (3.3000000000000003, "General", "3.3"), (7, "000", "007"), (True, "General", "TRUE"),
        (1.5, '0.0 "Day"', "1.5 Day"),
        (1.5, "[h]:mm", "36:00"), (123456789012, "0", "123456789012"), (1e-7, "General", "1e-07"),
    ]  # fmt: skip
    for row, (value, code, _) in enumerate(values):
        sheet.write(row, 0, value, style(code))
    assert lines(save(book))[1:] == [shown for _, _, shown in values]


def test_days_around_the_false_leap_day() -> None:
    assert [show_number(day, "dd/mm/yyyy") for day in (1, 59, 61)] == ["01/01/1900", "28/02/1900", "01/03/1900"]
    assert show_number(-5, "d/m/yyyy") == "-5"


def test_an_empty_day_is_shown_as_a_day_that_never_was() -> None:
    shown = [show_number(0.25, code) for code in ("dd/mm/yyyy hh:mm", "d-mmm-yy", "yyyy", "h:mm")]
    assert shown == ["00/01/1900 06:00", "0-Jan-00 (00/01/1900)", "1900", "6:00"]
    assert show_number(0, "dd/mm/yyyy", is_1904=True) == "01/01/1904"


def test_numbers_that_are_too_large_for_a_date_are_shown_plain() -> None:
    assert show_number(1e300, "d/m/yyyy") == "1e+300"


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (1250.5, "#,##0.00", "1,250.50"), (22406.8930159, '#,##0.00_);[Red](#,##0.00)', "22,406.89"),
        (0.125, "0.00", "0.13"),
        (12345678.9, '#,##0 "đồng"', "12,345,679 đồng"), (15e6, "_-* #,##0\\ _₫_-;-* #,##0", "15,000,000"),
        (-0.001, "0.0", "0.0"),
        (1e300, "0.00", "1e+300"), (0.285, "0%", "29%"), (3.14159, "#,##0.0#", "3.14"), (2.5, "?/", "2.5/"),
        (15.5, '0.0"%"', "15.5%"), (45, '"TB"-000', "TB-045"), (605, '00"/"00', "06/05"),
        (15, "0\\%", "15%"), (0.5, "0.0 %", "50.0%"), (5000, "0,", "5"),
        (1.5e6, '0.0,,"M"', "1.5M"), (1234.5, "General", "1234.5"), (1234.5, "@", "1234.5"),
        (7.5, "[$$-409]#,##0.00", "$7.50"), (12.5, "[$USD-409]", "12.5USD"),
        (0, 'dd/mm/yyyy;dd/mm/yyyy;_-* ""??_-;_-@_-', "0"), (0, '_-* #,##0.00_-;"";_-* #,##0_-;_-@_-', "0"),
        (-3, "0.0;(0.00)", "-3.00"), (5, '0" (; là số)";-0.0', "5 (; là số)"), (5, "[>3]0.0;0.00;0", "5.0"),
        (2, "[>3]0.0;0.00;0", "2.00"),
        (0, "[=0]?;[<4.1][hh]:mm:ss;[hh]:mm", "0"), (1, "[=0]?;[<4.1][hh]:mm:ss;[hh]:mm", "24:00:00"),
        (1, "[=..]0", "1"),
        (0, ";;;", "0"),
        (45171.5, "yyyy/m/d h:mm:ss", "2023/9/2 12:00:00 (02/09/2023)"),
        (45171.5, "dd/mm/yy h:mm", "02/09/23 12:00 (02/09/2023)"),
        (-15e6, '_-* #,##0\\ "₫"_-;\\-* #,##0\\ "₫"_-;_-* "-"\\ "₫"_-;_-@_-', "-15,000,000 ₫"),
        (0, '_-* #,##0\\ "₫"_-;\\-* #,##0\\ "₫"_-;_-* "-"\\ "₫"_-;_-@_-', "0"), (1.5e6, '#,##0"đ"', "1,500,000đ"),
        (912345678, "0000\\ 000\\ 000", "0912 345 678"), (5551234, "###-####", "555-1234"),
        (912345678, "0### ### ###", "0912 345 678"), (912345678, "0#########", "0912345678"),
        (1.5e6, "0.0E+00", "1.5E+06"), (15_250_000, "0.00E+00", "1.53E+07"), (-1.5e-300, "0.0E+00", "-1.5E-300"),
        (3.14159e300, "0.00E+00", "3.14E+300"),
        (12_345, "##0.0E+0", "12.3E+3"), (0, "##0.0E+0", "0.0E+0"),
        (1, '"Có";"Có";"Không"', "Có"), (0, '"Có";"Có";"Không"', "Không"), (-5, '[Red]($#,##0)', "-$5"),
        (0.125, "0." + 40 * "0", "0.125" + 27 * "0"), (9e14, "#,##0." + 40 * "#", "900,000,000,000,000"),
        (1234, "# ##0", "1 234"), (1234567, "# ##0", "1234 567"), (3, '"Số "General', "Số 3"),
        (987654321.5, "0." + 30 * "0", "987654321.5" + 29 * "0"),
        (1.5, "0." + 20 * "0" + "E+0", "1.5" + 19 * "0" + "E+0"),
        (float("inf"), "0.0", "inf"), (0.052, "+0.0%;-0.0%;0%", "+5.2%"), (-0.052, "+0.0%;-0.0%;0%", "-5.2%"),
        (84912345678, '"+"0', "+84912345678"), (12345, '"Km"0+000', "Km12+345"),
    ],
)  # fmt: skip
def test_a_number_has_the_places_that_its_format_shows(value: float, code: str, shown: str) -> None:
    assert show_number(value, code) == shown


def test_texts_have_the_words_that_their_format_puts_around_them() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Tờ")
    for row, code in enumerate(('"Xã "@', '0;-0;0;@" (mới)"', "_(* #,##0_);_(@_)", "@", '"Xã "0')):
        sheet.write(row, 0, "Tả Van", style(code))
    assert lines(save(book)) == ["Tờ", "Xã Tả Van", "Tả Van (mới)", "Tả Van", "Tả Van", "Tả Van"]


def test_formulas_errors_and_hidden_sheets_are_read() -> None:
    book = xlwt.Workbook()
    book.add_sheet("Một").write(0, 0, "a\nb")
    hidden = book.add_sheet("Kín")
    hidden.write(3, 5, "mật")
    hidden.visibility = 2
    reading = read(save(book))
    assert reading.text == "Một\na\nb\n\nKín\nmật"
    assert reading.detail == "hidden sheets, read too: Kín"
    assert (reading.pages, reading.page_starts) == (2, (0, 9))


def test_formulas_that_no_program_has_counted_are_doubtful() -> None:
    no_letters = b"\x03\0\0\0\0\0\xff\xff\x02\0"  # result and flags
    book = xlwt.Workbook()
    sheet = book.add_sheet("Tờ")
    for row in range(4):
        sheet.write(row, 0, row + 1)
        sheet.write(row, 1, xlwt.Formula(f"A{row + 1}*2"))
    uncounted = save(book).replace(no_letters[:-2] + b"\0\0", no_letters)
    assert uncounted.count(no_letters) == 4
    zeros = uncounted.replace(no_letters, bytes(8) + b"\x02\0")
    for data in (uncounted, zeros):
        assert (read(data).detail, read(data).doubts) == ("formulas without a result: 4", ("structure",))
    half = zeros.replace(bytes(8) + b"\x02\0", struct.pack("<dH", 2.0, 2), 2)  # Excel 5 has counted them
    assert (read(half).detail, read(half).doubts) == (None, ())


def test_cells_in_legacy_fonts_are_decoded_by_font_and_by_run() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S1")
    sheet.write(0, 0, to_tcvn3("cộng hoà"), style(font=".VnTimeH"))
    sheet.write(0, 1, to_vni("xã hội"), style(font="VNI-Times"))
    sheet.write(1, 0, to_tcvn3("người"), style(font=".VnTime"))
    sheet.write(1, 1, "Ủy ban Lào Cai", style(font=".VnTime"))
    old = xlwt.Font()
    old.name = ".VnArial"
    sheet.write_rich_text(2, 0, (("Số 5: ", xlwt.Font()), (to_tcvn3("điều chỉnh"), old)), style())
    assert lines(save(book))[1:] == ["CỘNG HOÀ xã hội", "người Ủy ban Lào Cai", "Số 5: điều chỉnh"]


def test_the_name_of_a_sheet_is_in_the_letters_of_its_cells() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet(to_tcvn3("Danh sách cử tri"))
    for row, name in enumerate(("Lưỡng Văn Thưởng", "Vàng A Chư")):
        sheet.write(row, 0, to_tcvn3(name), style(font=".VnTime"))
    assert lines(save(book)) == ["Danh sách cử tri", "Lưỡng Văn Thưởng", "Vàng A Chư"]


def test_a_million_formatted_empty_cells_cost_little() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S1")
    sheet.write(0, 0, "đầu")
    sheet.write(65_535, 255, "cuối")
    assert lines(save(book)) == ["S1", "đầu", "cuối"]


def biff(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def test_text_boxes_titles_headers_are_read_once() -> None:
    box = "Hộp chữ\rdòng hai"
    stream = b"".join([
        biff(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)),
        biff(0x01B6, bytes(10) + struct.pack("<HHI", len(box), 16, 0)),
        biff(0x003C, b"\x01" + box[:4].encode("utf-16-le")),
        biff(0x003C, b"\x01" + box[4:].encode("utf-16-le")),
        biff(0x003C, bytes(16)),
        biff(0x100D, b"\0\0" + bytes([7]) + b"\x00Revenue"),
        biff(0x0014, struct.pack("<H", 8) + b"\x00&CHeader"),
        biff(0x0014, struct.pack("<H", 8) + b"\x00&CHeader"),
    ])  # fmt: skip
    assert read_loose_texts(write_compound({"Workbook": stream})) == ["Hộp chữ\ndòng hai", "Revenue", "Header"]


def test_documents_that_are_set_on_a_sheet_are_read_too() -> None:
    inner, outer = xlwt.Workbook(), xlwt.Workbook()
    inner.add_sheet("Phụ lục").write(0, 0, "Nậm Cang 412")
    outer.add_sheet("Tờ").write(0, 0, "Biểu 1")
    own, other = (_stream(save(book)) for book in (outer, inner))
    held = write_package(
        "word/document.xml", {"word/document.xml": f"<w:p {WORD}><w:r><w:t>Tờ trình</w:t></w:r></w:p>"}
    )
    locked = write_compound({"EncryptedPackage": b"x"})
    streams = {"Workbook": own, "MBD01/Workbook": other, "MBD02/Package": held, "MBD03/Package": locked}
    streams |= {f"MBD04/{name}": part for name, part in write_word_streams("Thông báo số 9\n").items()}
    streams |= {"MBD04/Small": b"x", "MBD05/\x01Ole10Native": _draw_icon("ghi-chu.txt", "Ghi chú".encode())}
    streams["MBD06/package"] = held  # as Kingsoft names it
    reading = read(write_compound(streams))
    assert reading.text == "Tờ\nBiểu 1\n\nPhụ lục\nNậm Cang 412\n\nTờ trình\n\nThông báo số 9\n\nGhi chú\n\nTờ trình"
    assert reading.detail == "documents within, not read: MBD03 (encrypted)"
    assert (reading.pages, reading.pages_read) == (6, 6)


def test_a_storage_is_packed_with_streams_of_every_size() -> None:
    streams = {f"s{size}": bytes([size % 251 + 1]) * size for size in (0, 1, 511, 512, 513, 4095, 4096, 90_000)}
    with olefile.OleFileIO(BytesIO(pack_storage(streams) or b"")) as compound:
        assert {name: compound.openstream(name).read().rstrip(b"\0") for name in streams} == streams
    assert pack_storage({"large": bytes(8 * 1024**2)}) is None


def _draw_icon(name: str, data: bytes) -> bytes:
    path = b"C:\\" + name.encode() + b"\0"
    head = b"\x02\0" + name.encode() + b"\0" + path + b"\0\0\x03\0" + struct.pack("<I", len(path)) + path
    stored = head + struct.pack("<I", len(data)) + data
    return struct.pack("<I", len(stored)) + stored


def _stream(data: bytes) -> bytes:
    with olefile.OleFileIO(BytesIO(data)) as compound:
        return compound.openstream("Workbook").read()


def test_a_damaged_note_costs_no_cell() -> None:
    book = xlwt.Workbook()
    book.add_sheet("S1").write(0, 0, "Thu ngân sách")
    stream = olefile.OleFileIO(BytesIO(save(book))).openstream("Workbook").read()
    # The place of a note, an author of two letters, and four bytes that should not be there.
    note = biff(0x001C, struct.pack("<4HHB", 0, 0, 0, 1, 2, 0) + b"VP" + bytes(4))
    assert lines(write_compound({"Workbook": stream[:-4] + note + stream[-4:]})) == ["S1", "Thu ngân sách"]


def test_a_table_of_strings_that_says_too_many_costs_no_cell() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S1")
    shown = [f"Thu ngân sách của xã thứ {number}" for number in range(400)]  # more than a record holds
    for number, text in enumerate(shown):
        sheet.write(number, 0, text)
    bold = style().font
    sheet.write_rich_text(len(shown), 0, (("Chi ", bold), ("thường xuyên", style(font="Times").font)))
    stream = bytearray(_stream(save(book)))
    table = stream.index(struct.pack("<H", 0x00FC))
    while struct.unpack_from("<I", stream, table + 8)[0] != len(shown) + 1:
        table = stream.index(struct.pack("<H", 0x00FC), table + 1)
    struct.pack_into("<I", stream, table + 8, len(shown) + 4)
    assert lines(write_compound({"Workbook": bytes(stream)})) == ["S1", *shown, "Chi thường xuyên"]


def test_codes_of_headers_are_removed() -> None:
    assert strip_header_codes('&L&"Arial,Bold"&14&KFF0000Sở &D&CTrang &P') == "Sở Trang"


def test_a_locked_workbook_is_encrypted_and_a_damaged_one_broken() -> None:
    book = xlwt.Workbook()
    book.add_sheet("S1").write(0, 0, "chữ")
    data = save(book)
    bof = data.index(struct.pack("<HHH", 0x0809, 16, 0x0600)) + 20
    locked = data[:bof] + biff(0x002F, bytes(6)) + data[bof + 10 :]
    assert read(locked).reason == "encrypted"
    assert read(data[:600]).reason == "broken"
    assert read(write_compound({"Workbook": b"\xff" * 900})).reason == "broken"
