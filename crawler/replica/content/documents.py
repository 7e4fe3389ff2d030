"""Write small but valid PDF, DOCX and XLSX files with Vietnamese text."""

import tomllib
import unicodedata
import zipfile
from functools import lru_cache
from importlib import resources
from io import BytesIO
from random import Random
from xml.sax.saxutils import escape

from crawler.replica.content import scans, topics
from crawler.replica.content.prose import Writer

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PACKAGES: dict[str, dict[str, str]] = tomllib.loads(
    (resources.files("crawler.replica.content") / "packages.toml").read_text(encoding="utf-8")
)
_STAMP = (2024, 1, 1, 0, 0, 0)
_GLYPH_NAMES = (
    "space d D quotedblleft quotedblright endash period comma hyphen slash colon semicolon parenleft parenright "
    "quotedbl percent zero one two three four five six seven eight nine"
)
_SPECIAL_GLYPHS = dict(zip(' đĐ“”–.,-/:;()"%0123456789', _GLYPH_NAMES.split(), strict=True))


def write_document(key: str, kind: str) -> bytes:
    """Return the `pdf`, `docx` or `xlsx` for the key. The same key gives the same bytes.

    Some PDF files are scans, locked or broken (`scans.choose_form`).
    """
    return _write(key, kind)


def number_in(key: str) -> str:
    """Return the document number for a key. Only the file has it, no page."""
    return f"{Random(f'number/{key}').randint(10_000, 99_999)}/CV-HSTS"


@lru_cache(maxsize=2048)
def _write(key: str, kind: str) -> bytes:
    rng = Random(key)
    writer = Writer(topics.NOTICE, rng)
    number = f"Số: {number_in(key)}"
    if kind == "xlsx":
        return write_xlsx(((number,), *writer.rows(8)))
    lines = (number, writer.title(), *(writer.paragraph() for _ in range(4)), *writer.items(4))
    if kind == "docx":
        return write_docx(lines)
    form = scans.choose_form(key)
    if form == "scan":
        return scans.write_scan(("UY BAN NHAN DAN HUYEN", f"SO: {number_in(key)}", "CONG VAN"))
    pdf = write_pdf(lines)
    return {"locked": scans.lock, "broken": scans.break_off}.get(form, bytes)(pdf)


def write_pdf(paragraphs: tuple[str, ...]) -> bytes:
    """Return a PDF 1.4 with a text layer.

    The glyphs are Helvetica's nearest (ế is drawn as ê). The ToUnicode map gives the exact letters (ISO 32000-1,
    9.10.3), as in many PDFs that offices make from scans.
    """
    lines = [line for text in paragraphs for line in (*_wrap(unicodedata.normalize("NFC", text)), "")]
    chars = sorted({char for line in lines for char in line})
    codes = {char: code for code, char in enumerate(chars, 1)}
    text = ["BT /F1 11 Tf 14 TL 56 790 Td"]
    text += [f"<{''.join(f'{codes[char]:02x}' for char in line)}> Tj T*" for line in lines[:52]]
    content = "\n".join([*text, "ET"]).encode("ascii")
    pairs = "\n".join(f"<{code:02x}> <{ord(char):04x}>" for char, code in codes.items())
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /R def /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        + "\n".join(_blocks_of_100(pairs.split("\n")))
        + "\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode("ascii")
    differences = " ".join(f"/{_glyph_name(char)}" for char in chars)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        _stream(content),
        (
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R "
            f"/Encoding << /Type /Encoding /Differences [1 {differences}] >> >>"
        ).encode("ascii"),
        _stream(to_unicode),
    ]
    return _assemble_pdf(objects)


def _wrap(text: str, width: int = 88) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def _blocks_of_100(pairs: list[str]) -> list[str]:
    """Return the bfchar blocks. A CMap allows at most 100 pairs in one."""
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    return ["\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]) for block in blocks]


def _glyph_name(char: str) -> str:
    if char in _SPECIAL_GLYPHS:
        return _SPECIAL_GLYPHS[char]
    decomposed = unicodedata.normalize("NFD", char)
    base = decomposed[0]
    if not base.isascii() or not base.isalpha():
        return "question"
    return f"{base}circumflex" if "\u0302" in decomposed else base


def _stream(body: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n" % len(body) + body + b"\nendstream"


def _assemble_pdf(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def write_docx(paragraphs: tuple[str, ...]) -> bytes:
    """Return a WordprocessingML package (ECMA-376) with these paragraphs."""
    return _package(
        "docx", [f"<w:p><w:r><w:t xml:space='preserve'>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs]
    )


def write_xlsx(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Return a SpreadsheetML package (ECMA-376) with one sheet of text cells."""
    cells = ("".join(f"<c t='inlineStr'><is><t>{escape(cell)}</t></is></c>" for cell in row) for row in rows)
    return _package("xlsx", [f"<row>{row}</row>" for row in cells])


def _package(kind: str, body: list[str]) -> bytes:
    """Fill the parts of `packages.toml` and pack them in their order."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in _PACKAGES[kind].items():
            text = f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n{part.replace('{body}', ''.join(body))}"
            archive.writestr(zipfile.ZipInfo(name, _STAMP), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
