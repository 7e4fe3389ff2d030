"""Scans in binary Office files and workbooks: found in the records of drawings, recognised where there is no text."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import olefile
import pytest
import xlwt
from PIL import Image, ImageDraw, ImageFont

from crawler.attachments.formats.binary.blips import find_metafiles, find_pictures
from crawler.attachments.formats.ocr import OCR, Recogniser
from crawler.attachments.formats.readers import read_document
from crawler.attachments.worker import read_text
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.metafiles import emf_font, emf_text, write_emf
from tests.support.attachments.package_files import write_package
from tests.support.attachments.tools import NEEDS_OCR, TOOLS, put_antiword
from tests.support.attachments.word_files import write_word_streams


def scan(text: str, kind: str = "PNG") -> bytes:
    image = Image.new("L", (1200, 400), "white")
    image.paste(Image.effect_noise((1200, 60), 30), (0, 340))
    ImageDraw.Draw(image).text((60, 120), text, fill="black", font=ImageFont.load_default(72))
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def blip(picture: bytes, *, kind: int = 0xF01E, digests: int = 1) -> bytes:
    body = bytes(16 * digests + 1) + picture
    return struct.pack("<HHI", 0x6E00, kind, len(body)) + body


def records(drawing: bytes) -> bytes:
    """Write a workbook's globals with a drawing that goes on in other records, as a long one does."""
    pieces = [drawing[at : at + 8000] for at in range(0, len(drawing), 8000)]
    heads = (struct.pack("<HH", 0x00EB if not place else 0x003C, len(piece)) for place, piece in enumerate(pieces))
    body = b"".join(head + piece for head, piece in zip(heads, pieces, strict=True))
    return struct.pack("<HHHH", 0x0809, 16, 0x0600, 5) + bytes(12) + body + struct.pack("<HH", 0x000A, 0)


def test_pictures_are_found_in_every_kind_of_file_and_seals_are_not() -> None:
    png, jpeg, seal = scan("THONG BAO"), scan("KE HOACH", "JPEG"), b"\x89PNG\r\n\x1a\n" + bytes(400)
    drawing = b"\0\0\x1e\xf0 dropped" + blip(png) + blip(seal) + blip(jpeg, kind=0xF01D, digests=2) + blip(png)
    assert find_pictures(write_compound({"WordDocument": bytes(600), "Data": drawing})) == [png, jpeg]
    assert find_pictures(write_compound({"PowerPoint Document": b"x" * 600, "Pictures": drawing})) == [png, jpeg]
    assert find_pictures(write_compound({"Workbook": records(drawing)})) == [png, jpeg]
    assert find_pictures(write_compound({"WordDocument": blip(png)[:-9]})) == []
    assert find_pictures(b"no compound file") == []


def test_the_words_of_metafiles_in_a_document_are_read_behind_its_text() -> None:
    chart = write_emf(emf_font("Arial"), emf_text("Thu 48213", 0, 0))
    packed = zlib.compress(chart)
    body = bytes(16) + struct.pack("<I24xIBB", len(chart), len(packed), 0, 0xFE) + packed
    plain = bytes(32) + struct.pack("<I24xIBB", len(chart), len(chart), 0xFE, 0xFE) + chart
    for instance, content in ((0x3D4, body), (0x3D5, plain)):
        drawing = b"\0" * 9 + struct.pack("<HHI", instance << 4, 0xF01A, len(content)) + content
        data = write_compound({**write_word_streams("Số: 12\n"), "Data": drawing})
        assert read_document(data, "a.doc", recogniser=Recogniser(())).text == "Số: 12\nThu 48213"
        assert list(find_metafiles(data)) == [chart]
        assert list(find_metafiles(data[:-600])) in ([], [b""], [chart])


def test_the_words_of_metafiles_in_a_workbook_are_read_behind_its_cells() -> None:
    out = BytesIO()
    book = xlwt.Workbook()
    book.add_sheet("Biểu").write(0, 0, "Chi 300")
    book.save(out)
    with olefile.OleFileIO(out) as compound:
        cells = compound.openstream("Workbook").read()
    cells = cells[: cells.rindex(b"\x0a\0\0\0") + 4]  # without what fills it up
    drawing = b""
    for text in ("Thu 48213", "Biểu Chi 300"):
        drawn = write_emf(emf_font("Arial"), emf_text(text, 0, 0))
        body = bytes(16) + struct.pack("<I24xIBB", len(drawn), len(drawn), 0xFE, 0xFE) + drawn
        drawing += struct.pack("<HHI", 0x3D4 << 4, 0xF01A, len(body)) + body
    data = write_compound({"Workbook": cells + struct.pack("<HH", 0x00EB, len(drawing)) + drawing})
    assert read_document(data, "a.xls", recogniser=Recogniser(())).text == "Biểu\nChi 300\n\nThu 48213"


@pytest.mark.skipif("antiword" not in TOOLS, reason="antiword is not installed")
def test_words_of_metafiles_make_no_reader_differ(tmp_path: Path) -> None:
    chart = write_emf(
        emf_font("Arial"), *(emf_text(f"Thu {number} dong ke hoach", 0, 40 * number) for number in range(9))
    )
    body = bytes(16) + struct.pack("<I24xIBB", len(chart), len(chart), 0xFE, 0xFE) + chart
    drawing = struct.pack("<HHI", 0x3D4 << 4, 0xF01A, len(body)) + body
    path = tmp_path / "file"
    path.write_bytes(write_compound({**write_word_streams("So 12 ke hoach thu chi\n"), "Data": drawing}))
    reading = read_text(path, "a.doc", tools=TOOLS)
    assert "Thu 8 dong" in (reading.text or "")
    assert "readers-differ" not in reading.doubts
    path.write_bytes(write_compound({**write_word_streams("\x01\n"), "Data": drawing}))
    alone = read_text(path, "a.doc", tools=TOOLS)
    assert (alone.text or "").startswith("Thu 0 dong")
    assert "readers-differ" not in alone.doubts


def test_the_words_of_metafiles_follow_the_text_of_a_program_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_antiword(tmp_path, monkeypatch, said="Quyết định thu hồi đất của hộ dân xã Tả Van")
    chart = write_emf(emf_font("Arial"), emf_text("Thu 48213", 0, 0))
    body = bytes(16) + struct.pack("<I24xIBB", len(chart), len(chart), 0xFE, 0xFE) + chart
    drawing = struct.pack("<HHI", 0x3D4 << 4, 0xF01A, len(body)) + body
    data = write_compound({**write_word_streams("\u1234x\ua9c1 " * 200), "Data": drawing})
    reading = read_document(data, "a.doc", recogniser=Recogniser(("antiword",)))
    assert (reading.tool, reading.text) == ("antiword", "Quyết định thu hồi đất của hộ dân xã Tả Van\nThu 48213")


@NEEDS_OCR
@pytest.mark.parametrize("name", ["a.doc", "a.ppt", "a.xls", "a.xlsx"])
def test_a_document_of_scans_alone_is_recognised(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(_document_of(scan("THONG BAO 48213"), name))
    reading = read_text(path, name, tools=TOOLS)
    assert "48213" in (reading.text or "")
    assert (reading.is_ocr, reading.method) == (True, "ocr")
    without = read_text(path, name, tools=())
    assert without.lacks == OCR


def _document_of(picture: bytes, name: str) -> bytes:
    if name == "a.doc":
        return write_compound({**write_word_streams("\n"), "Data": blip(picture)})
    if name == "a.ppt":
        return write_compound({"PowerPoint Document": bytes(600), "Pictures": blip(picture)})
    if name == "a.xls":
        return write_compound({"Workbook": records(blip(picture))})
    sheet = "<worksheet><sheetData/></worksheet>"
    book = (
        '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Sheet1" r:id="s"/></sheets></workbook>'
    )
    return write_package(
        "xl/workbook.xml",
        {"xl/workbook.xml": book, "xl/s.xml": sheet, "xl/d.xml": "<d/>", "xl/media/a.png": picture},
        names={
            "xl/workbook.xml": {"s": ("worksheet", "s.xml")}, "xl/s.xml": {"d": ("drawing", "d.xml")},
            "xl/d.xml": {"i": ("image", "media/a.png")},
        },
    )  # fmt: skip
