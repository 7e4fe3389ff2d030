"""Binary workbooks (.xlsb): every cell as its format shows it, in its font, and what stands outside of cells."""

import struct
from collections.abc import Sequence

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.workbook import read_xlsx
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni
from tests.support.attachments.package_files import write_package

_NONE = struct.pack("<I", 0xFFFFFFFF)


def record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(body)
    while size >= 0x80:
        head, size = head + bytes([size & 0x7F | 0x80]), size >> 7
    return head + bytes([size]) + body


def wide(text: str) -> bytes:
    letters = text.encode("utf-16-le")
    return struct.pack("<I", len(letters) // 2) + letters


def rich(text: str, runs: Sequence[tuple[int, int]] = ()) -> bytes:
    cuts = struct.pack("<I", len(runs)) + b"".join(struct.pack("<HH", *run) for run in runs) if runs else b""
    return bytes([bool(runs)]) + wide(text) + cuts


def cell(kind: int, value: bytes, *, column: int = 0, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + value)


def row(*cells: bytes) -> bytes:
    return record(0, bytes(17)) + b"".join(cells)


def workbook(sheet: bytes, *, strings: Sequence[bytes] = (), is_1904: bool = False) -> bytes:
    book = record(153, struct.pack("<I", is_1904) + bytes(4)) + record(
        156, struct.pack("<II", 0, 1) + wide("r1") + wide("Danh sách")
    )
    book += record(156, struct.pack("<II", 1, 2) + wide("r2") + wide("Ẩn"))
    fonts = b"".join(record(43, bytes(21) + wide(name)) for name in ("Arial", ".VnTime", "VNI-Times"))
    formats = ((0, 0), (14, 0), (10, 0), (170, 0), (0, 1), (171, 0))
    styles = b"".join(record(47, struct.pack("<HHH", 0, *one) + bytes(10)) for one in formats)
    codes = ((170, "#,##0.00"), (171, '0;-0;0;"Xã "@'))
    looks = (
        b"".join(record(44, struct.pack("<H", number) + wide(code)) for number, code in codes)
        + fonts
        + record(626)
        + record(47, bytes(16))
    )
    return write_package(
        "xl/workbook.bin",
        {
            "xl/workbook.bin": book, "xl/styles.bin": looks + record(617) + styles + record(618),
            "xl/sharedStrings.bin": b"".join(record(19, one) for one in strings),
            "xl/worksheets/sheet1.bin": sheet, "xl/worksheets/sheet2.bin": row(cell(5, struct.pack("<d", 7.5))),
            "xl/comments1.bin": record(637, rich("Ghi chú")),
        },
        names={
            "xl/workbook.bin": {
                "r1": ("worksheet", "worksheets/sheet1.bin"), "r2": ("worksheet", "worksheets/sheet2.bin"),
                "s": ("styles", "styles.bin"), "t": ("sharedStrings", "sharedStrings.bin"),
            },
            "xl/worksheets/sheet1.bin": {"c": ("comments", "../comments1.bin")},
        },
    )  # fmt: skip


def read(data: bytes) -> TextReading:
    assert find_kind(data, "a.xlsb") == "xlsb"
    return read_xlsx(data, Recogniser(()), read=lambda _data, name: TextReading(name, "docx"))


def rk(value: int, *, is_hundredth: bool = False) -> bytes:
    return struct.pack("<i", value << 2 | 2 | is_hundredth)


def test_cells_are_shown_as_their_formats_show_them() -> None:
    sheet = row(
        cell(7, struct.pack("<I", 0)), cell(2, rk(45171), style=1), cell(5, struct.pack("<d", 0.154), style=2),
        cell(2, rk(-125050, is_hundredth=True), style=3), cell(1, b""),
    ) + row(
        cell(8, wide("công thức") + bytes(8)), cell(9, struct.pack("<dH", 15e6, 0)), cell(10, b"\1\0\0"),
        cell(3, b"\x07"), cell(6, wide("tại chỗ")), cell(62, rich("nhiều kiểu")),
        cell(2, struct.pack("<II", 0, 0)[:4]), cell(2, struct.pack("<d", 1.5)[4:]),
    ) + record(479, b"\0\0" + wide("&LSở Y tế&RTrang &P") + 5 * _NONE)  # fmt: skip
    reading = read(workbook(sheet, strings=[rich("Nguyễn Thị Hường")]))
    assert (reading.text or "").splitlines() == [
        "Danh sách", "Nguyễn Thị Hường 2/9/2023 (02/09/2023) 15.40% -1,250.50",
        "công thức 15000000 TRUE #DIV/0! tại chỗ nhiều kiểu 0 1.5", "Ghi chú", "Sở Y tế Trang", "", "Ẩn", "7.5",
    ]  # fmt: skip
    assert (reading.method, reading.pages, reading.detail) == ("xlsx", 2, "hidden sheets, read too: Ẩn")


def test_days_are_counted_from_1904_and_legacy_letters_decoded_by_font() -> None:
    text = to_tcvn3("được ") + to_vni("người ") + "Unicode"
    runs = [(len(to_tcvn3("được ")), 2), (len(to_tcvn3("được ") + to_vni("người ")), 0)]
    sheet = row(cell(2, rk(43709), style=1), cell(7, struct.pack("<I", 0), style=4))
    reading = read(workbook(sheet, strings=[rich(text, [(0, 1), *runs])], is_1904=True))
    assert "2/9/2023 (02/09/2023) được người Unicode" in (reading.text or "")


def test_texts_have_the_words_that_their_format_puts_around_them() -> None:
    texts = cell(6, wide("Tả Van"), style=5), cell(62, rich("Nậm Cang"), style=5), cell(8, wide("Hầu Thào"), style=5)
    assert (read(workbook(row(*texts))).text or "").splitlines()[1] == "Xã Tả Van Xã Nậm Cang Xã Hầu Thào"


@pytest.mark.parametrize("cut", [1, 7, 20])
def test_a_cut_sheet_gives_what_stands_before_with_a_doubt(cut: int) -> None:
    sheet = row(cell(6, wide("trước"))) + row(cell(6, wide("sau đó rất dài")))
    reading = read(workbook(sheet[:-cut]))
    assert "trước" in (reading.text or "")
    assert reading.doubts == ("structure",)
    assert "xl/worksheets/sheet1.bin" in (reading.detail or "")
