"""Hostile pictures and attachments: pixel bombs, packed bombs, XML entities, recursion, odd names."""

import gzip
import io
import struct
import zipfile
import zlib
from urllib.parse import quote

from tests.support.hostile.answers import Ask, Catalogue, Hostile, Steps, whole
from tests.support.hostile.portal import png_chunk

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MEGABYTE = bytes(1_000_000)


def png(
    width: int, height: int, *, depth: int = 1, colour: int = 0, before: bytes = b"", rows: int | None = None
) -> bytes:
    """Return a PNG of zeros with any dimensions; with `rows`, only this many of its rows."""
    line = -(-width * depth * {0: 1, 2: 3, 3: 1, 6: 4}[colour] // 8) + 1
    packer = zlib.compressobj(9)
    left, parts = line * (height if rows is None else rows), []
    while left > 0:
        parts.append(packer.compress(_MEGABYTE[: min(left, len(_MEGABYTE))]))
        left -= len(_MEGABYTE)
    return (
        _SIGNATURE + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)) + before
        + png_chunk(b"IDAT", b"".join(parts) + packer.flush()) + png_chunk(b"IEND", b"")
    )  # fmt: skip


def _text_chunk() -> bytes:
    return png_chunk(b"zTXt", b"a\0\0" + zlib.compress(_MEGABYTE * 60, 9))


def _gif_frames(number: int) -> bytes:
    frame = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0"
    return b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff" + frame * number + b"\x3b"


def _tiff_bomb() -> bytes:
    tags = [
        (256, 4, 60000),
        (257, 4, 60000),
        (258, 3, 8),
        (259, 3, 8),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, 60000),
        (279, 4, 9),
    ]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + directory + struct.pack("<I", 8) + bytes(99)


def _file(data: bytes, kind: str, *lines: str | bytes, refused: tuple[str, ...] | None = None) -> Hostile:
    return Hostile(lambda _: whole(data, *lines, kind=f"Content-Type: {kind}"), refused)


def _made(make: object, kind: str) -> Hostile:
    """Return an answer whose bytes are made on request."""
    return Hostile(lambda _: whole(make(), kind=f"Content-Type: {kind}"))  # type: ignore[operator]


PICTURES: Catalogue = {
    "png-20000-square": _made(lambda: png(20_000, 20_000), "image/png"),
    "png-colours": _made(lambda: png(12_000, 12_000, depth=8, colour=2), "image/png"),
    "png-16-bits": _made(lambda: png(9_000, 9_000, depth=16, colour=6), "image/png"),
    "png-wide": _made(lambda: png(300_000_000, 1), "image/png"),
    "png-high": _made(lambda: png(1, 3_000_000), "image/png"),
    "png-says-2-31": _made(lambda: png(2**31 - 1, 2**31 - 1, rows=0), "image/png"),
    "png-zero": _made(lambda: png(0, 0, rows=0), "image/png"),
    "png-says-more": _made(lambda: png(20_000, 20_000, rows=1), "image/png"),
    "png-text": _made(lambda: png(8, 8, before=_text_chunk()), "image/png"),
    "png-texts": _made(lambda: png(8, 8, before=png_chunk(b"tEXt", b"a\0b") * 50_000), "image/png"),
    "png-cut": _made(lambda: png(99, 99)[:60], "image/png"),
    "png-chunk-length": _file(_SIGNATURE + b"\xff\xff\xff\xffIHDR", "image/png"),
    "gif-frames": _made(lambda: _gif_frames(20_000), "image/gif"),
    "gif-large": _made(lambda: _gif_frames(1), "image/gif"),
    "tiff": _made(_tiff_bomb, "image/tiff"),
    "tiff-circle": _file(b"II*\0\x08\0\0\0" + b"\0\0" + b"\x08\0\0\0", "image/tiff"),
    "bmp-large": _file(b"BM" + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, 2**31 - 1, -(2**31), 1, 1, 0, 0, 0, 0, 0, 0)
                       + bytes(99), "image/bmp"),
    "jpeg-large": _file(b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\3\1\x22\0\2\x11\1\3\x11\1\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0"
                        + bytes(999) + b"\xff\xd9", "image/jpeg"),
    "jpeg-markers": _file(b"\xff\xd8" + b"\xff\xe1\0\x04ab" * 100_000 + b"\xff\xd9", "image/jpeg"),
    "jpeg-cut": _file(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    "webp-large": _file(b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff" + bytes(40), "image/webp"),
    "webp-length": _file(b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff", "image/webp"),
    "ico-many": _file(b"\0\0\1\0\xff\xff" + bytes(16) * 65_535, "image/x-icon"),
    "svg-script": _file(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>', "image/svg+xml"),
    "svg-entities": _file(
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">' + b"".join(
            b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)) + b"]><svg>&j;</svg>", "image/svg+xml"),
    "avif-large": _file(
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0\0\0\x14ispe\0\0\0\0\0\0\xff\xff\0\0\xff\xff", "image/avif"),
    "empty": _file(b"", "image/png"),
    "page": _file(b"<html><script>alert(1)</script></html>", "image/png"),
    "psd": _file(b"8BPS\0\1" + bytes(6) + b"\0\3\xff\xff\xff\xff\xff\xff\xff\xff\0\x08\0\3", "image/vnd.adobe.photoshop"),
    "eps": _file(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999999 99999999\n(/etc/passwd) (r) file\n", "image/x-eps"),
    "fits": _file(b"SIMPLE  =                    T".ljust(80) + b"NAXIS   =  999999999".ljust(80), "image/fits"),
    "packed-bomb": Hostile(
        lambda _: whole(gzip.compress(_MEGABYTE * 60, 9), "Content-Encoding: gzip", kind="Content-Type: image/png")),
}  # fmt: skip


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as packed:
        for name, data in members.items():
            packed.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return made.getvalue()


def _nested_zip(depth: int) -> bytes:
    data = zipped({"x.txt": "chữ".encode()})
    for _ in range(depth):
        data = zipped({"x.zip": data})
    return data


def _billion_laughs(root: str) -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(10))
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><{root}>&a10;</{root}>'.encode()


_WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
_TYPES = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>"""
_RELS = b"""<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="%b"/>
</Relationships>"""


def docx(document: bytes, **more: bytes) -> bytes:
    """Return a Word file with this main part."""
    members = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS % b"word/document.xml",
        "word/document.xml": document,
    }
    return zipped({**members, **more})


_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
_BOOK = b"""<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="A" sheetId="1" r:id="a"/></sheets></workbook>"""
_BOOK_RELS = b"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""


def xlsx(sheet: bytes, **more: bytes) -> bytes:
    """Return a workbook with this sheet."""
    return zipped({
        "[Content_Types].xml": _TYPES, "_rels/.rels": _RELS % b"xl/workbook.xml", "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _BOOK_RELS, "xl/worksheets/sheet1.xml": sheet, **more,
    })  # fmt: skip


_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _cells(inner: str) -> bytes:
    return xlsx(_SHEET.format(inner).encode())


def _pdf(inner: bytes) -> bytes:
    return b"%PDF-1.7\n" + inner + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"


_CATALOG = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
OFFICE: Catalogue = {
    "bomb.zip": _made(lambda: zipped({"a.txt": _MEGABYTE * 300}), "application/zip"),
    "bomb-many.zip": _made(lambda: zipped({f"{n}.txt": b"x" for n in range(20_000)}), "application/zip"),
    "nested.zip": _made(lambda: _nested_zip(200), "application/zip"),
    "names.zip": _made(lambda: zipped({"../../../tmp/x.txt": b"x", "/etc/x": b"y", "C:\\x.txt": b"z", "con": b"",
                                       "a" * 5000: b"x", "a\nb": b"x", "\ud800".encode("utf-8", "replace").decode(): b"x"}),
                       "application/zip"),
    "cut.zip": _made(lambda: zipped({"a.txt": b"x" * 999})[:-30], "application/zip"),
    "laughs.docx": _made(lambda: docx(_billion_laughs("w:document")), _DOCX),
    "outer-entity.docx": _made(
        lambda: docx(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + _WORD.format("<w:p><w:r><w:t>&e;</w:t></w:r></w:p>").encode()), _DOCX),
    "nested.docx": _made(lambda: docx(_WORD.format("<w:p>" * 100_000).encode()), _DOCX),
    "nested-tables.docx": _made(lambda: docx(_WORD.format(
        "<w:tbl><w:tr><w:tc>" * 3_000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 3_000).encode()), _DOCX),
    "bomb.docx": _made(lambda: docx(_WORD.format("<w:p><w:r><w:t>chữ </w:t></w:r></w:p>" * 1_000_000).encode()), _DOCX),
    "one-text.docx": _made(lambda: docx(_WORD.format(f"<w:p><w:r><w:t>{'a' * 60_000_000}</w:t></w:r></w:p>").encode()), _DOCX),
    "attributes.docx": _made(lambda: docx(_WORD.format("<w:p " + " ".join(f'a{n}="b"' for n in range(99_999)) + "/>").encode()), _DOCX),
    "cut.docx": _made(lambda: docx(_WORD.format("<w:p/>").encode())[:-40], _DOCX),
    "broken-xml.docx": _made(lambda: docx(b"<w:document"), _DOCX),
    "laughs.xlsx": _made(lambda: xlsx(_billion_laughs("worksheet")), _XLSX),
    "dimensions.xlsx": _made(lambda: _cells(
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'), _XLSX),
    "columns.xlsx": _made(lambda: _cells("<sheetData>" + '<row><c r="XFD1"><v>1</v></c></row>' * 20_000 + "</sheetData>"), _XLSX),
    "cells.xlsx": _made(lambda: _cells("<sheetData>" + ("<row>" + "<c><v>1</v></c>" * 100 + "</row>") * 9_000 + "</sheetData>"), _XLSX),
    "numbers.xlsx": _made(lambda: _cells(
        f'<sheetData><row r="²"><c r="A٣" t="n"><v>{"9" * 9999}</v></c><c s="99999"><v>1e999</v></c></row></sheetData>'), _XLSX),
    "merged.xlsx": _made(lambda: _cells('<sheetData/><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), _XLSX),
    "dates.xlsx": _made(lambda: _cells('<sheetData><row><c t="d"><v>99999-99-99</v></c></row></sheetData>'), _XLSX),
    "braces.rtf": _file(b"{\\rtf1 " + b"{" * 200_000 + b"x", "application/rtf"),
    "pairs.rtf": _file(b"{\\rtf1 " + b"{}" * 500_000 + b"x}", "application/rtf"),
    "bin.rtf": _file(b"{\\rtf1 \\bin99999999999999999999 x}", "application/rtf"),
    "numbers.rtf": _file(b"{\\rtf1 \\u" + b"9" * 5000 + b" \\'zz \\u-99999 \\uc99999 x}", "application/rtf"),
    "words.rtf": _file(b"{\\rtf1 " + b"\\b" * 900_000 + b" x}", "application/rtf"),
    "pages.pdf": _file(_pdf(_CATALOG + b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj"), "application/pdf"),
    "count.pdf": _file(_pdf(_CATALOG + b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 999999999>>endobj\n3 0 obj<</Type/Page"
                            b"/MediaBox[0 0 9999999 9999999]/Parent 2 0 R>>endobj"), "application/pdf"),
    "nested.pdf": _file(_pdf(b"1 0 obj" + b"[" * 200_000), "application/pdf"),
    "stream-bomb.pdf": _made(lambda: _pdf(
        _CATALOG + b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]"
        b"/Contents 4 0 R>>endobj\n4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(b := zlib.compress(_MEGABYTE * 200, 9))
        + b + b"\nendstream endobj"), "application/pdf"),
    "cut.pdf": _file(b"%PDF-1.7\n1 0 obj", "application/pdf"),
    "ole.doc": _file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000, "application/msword"),
    "ole.xls": _file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + b"\x3e\0\3\0\xfe\xff\x09\0" + b"\0" * 5000, "application/vnd.ms-excel"),
    "ole.ppt": _file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + b"\xfe\xff\xff\xff" * 999, "application/vnd.ms-powerpoint"),
    "laughs.odt": _made(lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": _billion_laughs("x")}),
                        "application/vnd.oasis.opendocument.text"),
    "text.txt": _file(b"\0" * 3_000_000, "text/plain"),
    "lines.txt": _file(b"\n" * 3_000_000, "text/plain"),
    "page.html": _file(b"<html><script>alert(1)</script><p>x</p></html>", "text/html"),
    "nested.html": _file(b"<li><h1>" * 100_000, "application/msword"),
    "rar.rar": _file(b"Rar!\x1a\x07\x01\0" + b"\xff" * 999, "application/x-rar-compressed"),
    "seven.7z": _file(b"7z\xbc\xaf\x27\x1c\0\4" + b"\xff" * 999, "application/x-7z-compressed"),
}  # fmt: skip


def _named(disposition: str | bytes) -> Hostile:
    line = disposition if isinstance(disposition, bytes) else disposition.encode()
    data = _pdf(_CATALOG + f"% {zlib.crc32(line)}".encode())
    return Hostile(lambda _: whole(data, b"Content-Disposition: " + line, kind="Content-Type: application/pdf"), ())


def _slow(ask: Ask) -> Steps:
    return whole(b"busy", "Retry-After: 999999999999", first="HTTP/1.1 503 Busy")


_PLACE = {
    "traversal": "attachment; filename=\"../../../tmp/x.pdf\"", "absolute": "attachment; filename=\"/etc/cron.d/x\"",
    "backslash": "attachment; filename=\"..\\\\..\\\\x.exe\"", "long": f"attachment; filename=\"{'a' * 5000}.pdf\"",
    "con": "attachment; filename=con", "line": "attachment; filename=\"a%0d%0ab.pdf\"",
    "encoded": "attachment; filename*=utf-8''..%2f..%2fx%00.pdf", "charset": "attachment; filename*=zlib''%ff",
    "charset-undefined": "attachment; filename*=undefined''%ff", "continued": "attachment; filename*0=a; filename*99999999999=b",
    "word": "attachment; filename*=²''%zz; filename=\"=?idna?q?=ff?=\"", "page": "attachment; filename=\"<script>.html\"",
    "turned": "attachment; filename=\"\u202efdp.exe\"", "quotes": "attachment; filename=" + '"\\' * 20_000,
    "fields": "attachment" + "; a=b" * 20_000, "dot": "attachment; filename=\"..\"", "device": "attachment; filename=\"nul.pdf \"",
}  # fmt: skip
NAMES: Catalogue = {
    **{f"named-{name}.pdf": _named(line) for name, line in _PLACE.items()},
    "named-raw.pdf": _named(b'attachment; filename="\xed\xa0\x80\xff\x01.pdf"'),
    "a" * 3000 + ".pdf": _named("inline"),
    quote("../../x", safe="") + ".pdf": _named("inline"),
    "con.pdf": _named("inline"),
    quote("a\nb\0c") + ".pdf": _named("inline"),
    quote("\u202efdp.") + ".pdf": _named("inline"),
    "%ED%A0%80.pdf": _named("inline"),
    "wait.pdf": Hostile(_slow),
}
FILES: Catalogue = {**PICTURES, **OFFICE, **NAMES}
