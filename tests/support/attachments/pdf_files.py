"""PDF files for tests, written by hand (ISO 32000-1): pages, their boxes and turns, fonts, annotations, fields."""

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_A4 = "0 0 595 842"
_POINT = 2
_ID = b"0123456789abcdef"
# The filling of passwords (ISO 32000-1, 7.6.3.3).
_FILL = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_STREAM = re.compile(rb"<< /Length \d+ >>\nstream\n(.*)\nendstream", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of lines.

    Args:
        lines: of text; with `shown`, what the file says that they are.
        shown: the letters that are drawn, line by line as long as `lines`; default: the nearest of Helvetica.
        keys: further keys of the page, such as `/Rotate 90`.
        box: its media box.
        matrix: of the text, such as `0 1 -1 0 560 40` for lines that run upward.
        annotations: dictionaries, without their brackets.
        font: its name; a name other than Helvetica is drawn with a font of the system.
        places: of the lines, each with its own `x y`, or a matrix of six numbers; default: one below the other.
        is_mapped: whether the font says what its codes mean (ToUnicode); else the codes are those of WinAnsi.
        before: what draws a picture below the lines.
        appearance: what draws each annotation, in 160 by 25 points with Helvetica as /F1.
        inherits_font: the font is in the parent node of the page, for all pages without their own.
    """

    lines: tuple[str, ...]
    shown: tuple[str, ...] | None = None
    keys: str = ""
    box: str = _A4
    matrix: str = "1 0 0 1 40 790"
    annotations: tuple[str, ...] = ()
    font: str = "Helvetica"
    is_mapped: bool = True
    places: tuple[str, ...] = ()
    inherits_font: bool = False
    appearance: str = ""
    before: str = ""


def make_pdf(pages: Sequence[Page]) -> bytes:
    """Return a PDF file of pages."""
    return _assemble(_make_objects(pages))


def make_glyph_pdf(heading: Sequence[str], lines: Sequence[str], *, shift: int) -> bytes:
    """Return a PDF file of one page whose heading is of a font without Unicode, above lines in Helvetica.

    Args:
        heading: lines of ASCII.
        lines: of ASCII, below it.
        shift: the number of a glyph is the code of its letter minus this.
    """
    drawn = b"".join(b"<%s> Tj T* " % "".join(f"{ord(one) - shift:04x}" for one in line).encode() for line in heading)
    written = b"".join(b"(%s) Tj T* " % line.encode() for line in lines)
    shown = b"BT /F1 12 Tf 40 780 Td 14 TL %sET BT /F2 12 Tf 40 700 Td 14 TL %sET" % (drawn, written)
    font = b"/Type /Font /BaseFont /ABCDEF+Khongco"
    system = b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 600"
    return _assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R /F2 7 0 R >> >> >>" % _A4.encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
            b"<< %s /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [6 0 R] >>" % font,
            b"<< %s /Subtype /CIDFontType2 /CIDToGIDMap /Identity %s >>" % (font, system),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def add_xfa(data: bytes, packets: Mapping[str, str]) -> bytes:
    """Return a PDF file of `make_pdf` as a form in XFA, which only other programs show."""
    first = data.count(b"endobj") + 1
    out, names = data[: data.index(b"xref\n")], []
    for number, (name, text) in enumerate(packets.items(), first):
        body = text.encode()
        out += b"%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (number, len(body), body)
        names.append(f"({name}) {number} 0 R")
    form = f"/AcroForm << /Fields [] /XFA [{' '.join(names)}] >> /NeedsRendering true"
    out = out.replace(b"/Type /Catalog", f"/Type /Catalog {form}".encode())
    # Without a table of offsets, so that every program searches for the objects.
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n0\n%%%%EOF\n" % (first + len(packets))


def lock_pdf(pages: Sequence[Page], *, password: bytes, bits: int = 40) -> bytes:
    """Return a PDF file whose streams are encrypted (RC4, ISO 32000-1, 7.6), without annotations.

    Args:
        pages: of the file.
        password: that it asks a reader for; if empty, it only forbids to copy and to print.
        bits: of the key, 40 or 128.
    """
    is_long = bits > 40
    owner = _digest(_fill(b"owner"), 51 if is_long else 1)[: bits // 8]
    owner_entry = _rc4_often(owner, _fill(password), is_long=is_long)
    rights = struct.pack("<i", -64)
    key = _digest(_fill(password) + owner_entry + rights + _ID, 51 if is_long else 1)[: bits // 8]
    check = hashlib.md5(_FILL + _ID).digest() if is_long else _FILL
    user_entry = _rc4_often(key, check, is_long=is_long).ljust(32, b"\0")
    objects = [_lock_stream(body, key, number=number) for number, body in enumerate(_make_objects(pages), 1)]
    objects.append(
        b"<< /Filter /Standard /V %d /R %d /Length %d /P -64 /O <%s> /U <%s> >>"
        % (1 + is_long, 2 + is_long, bits, owner_entry.hex().encode(), user_entry.hex().encode())
    )
    return _assemble(objects, keys=b"/Encrypt %d 0 R /ID [<%s> <%s>]" % (len(objects), *[_ID.hex().encode()] * 2))


def _fill(password: bytes) -> bytes:
    return (password + _FILL)[:32]


def _digest(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = hashlib.md5(data).digest()
    return data


def _rc4_often(key: bytes, data: bytes, *, is_long: bool) -> bytes:
    for turn in range(20 if is_long else 1):
        data = _rc4(bytes(byte ^ turn for byte in key), data)
    return data


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    other = 0
    for at in range(256):
        other = (other + state[at] + key[at % len(key)]) % 256
        state[at], state[other] = state[other], state[at]
    out = bytearray()
    at = other = 0
    for byte in data:
        at = (at + 1) % 256
        other = (other + state[at]) % 256
        state[at], state[other] = state[other], state[at]
        out.append(byte ^ state[(state[at] + state[other]) % 256])
    return bytes(out)


def _lock_stream(body: bytes, key: bytes, *, number: int) -> bytes:
    stream = _STREAM.fullmatch(body)
    if stream is None:
        return body
    own = hashlib.md5(key + struct.pack("<I", number)[:3] + b"\0\0").digest()
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream[1]), _rc4(own[: len(key) + 5], stream[1]))


def _make_objects(pages: Sequence[Page]) -> list[bytes]:
    objects: list[bytes] = [b"", b""]
    kids = [f"{_add_page(objects, page)} 0 R" for page in pages]
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    nodes = f"/Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)}".encode()
    # Until now, the resources that pages inherit.
    objects[1] = b"<< %s %s >>" % (nodes, objects[1])
    return objects


def _add_page(objects: list[bytes], page: Page) -> int:
    codes = _choose_codes(page)
    content = [page.before, f"BT /F1 11 Tf 14 TL {page.matrix} Tm"]
    for number, line in enumerate(page.lines):
        drawn = page.shown[number] if page.shown else line
        if page.places:
            place = page.places[number]
            content.append(f"{place if len(place.split()) > _POINT else f'1 0 0 1 {place}'} Tm")
        content.append(f"<{''.join(f'{codes[pair]:02x}' for pair in zip(line, drawn, strict=True))}> Tj T*")
    body = "\n".join([*content, "ET"]).encode()
    drawing = f"/AP << /N {_add_form(objects, page.appearance)} 0 R >>" if page.appearance else ""
    annotations = [_add(objects, f"<< /Type /Annot {one} {drawing} >>".encode()) for one in page.annotations]
    shown = _add(objects, b"<< /Length %d >>\nstream\n" % len(body) + body + b"\nendstream")
    font = _add(objects, _font(objects, page, codes))
    annots = f"/Annots [{' '.join(f'{one} 0 R' for one in annotations)}]" if annotations else ""
    resources = f"/Resources << /Font << /F1 {font} 0 R >> >>"
    if page.inherits_font:
        objects[1], resources = resources.encode(), ""
    return _add(
        objects,
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{page.box}] {page.keys} {annots} /Contents {shown} 0 R "
        f"{resources} >>".encode(),
    )


def _add_form(objects: list[bytes], content: str) -> int:
    font = "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    keys = f"/Type /XObject /Subtype /Form /BBox [0 0 160 25] {font}"
    return _add(objects, f"<< {keys} /Length {len(content)} >>\nstream\n{content}\nendstream".encode())


def _choose_codes(page: Page) -> dict[tuple[str, str], int]:
    """Return a code for each pair of a letter and its drawing."""
    lines = zip(page.lines, page.shown or page.lines, strict=True)
    pairs = sorted({pair for line, drawn in lines for pair in zip(line, drawn, strict=True)})
    if not page.is_mapped:
        return {pair: pair[0].encode("cp1252")[0] for pair in pairs}
    return {pair: code for code, pair in enumerate(pairs, 1)}


def _font(objects: list[bytes], page: Page, codes: dict[tuple[str, str], int]) -> bytes:
    begin = f"<< /Type /Font /Subtype /{'Type1' if page.font == 'Helvetica' else 'TrueType'} /BaseFont /{page.font}"
    if not page.is_mapped:
        return f"{begin} /Encoding /WinAnsiEncoding >>".encode()
    pairs = [f"<{code:02x}> <{letter.encode('utf-16-be').hex()}>" for (letter, _), code in codes.items()]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    to_unicode = "\n".join(
        ["begincmap 1 begincodespacerange <00> <ff> endcodespacerange"]
        + [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks]
        + ["endcmap"]
    ).encode()
    stream = _add(objects, b"<< /Length %d >>\nstream\n" % len(to_unicode) + to_unicode + b"\nendstream")
    names = " ".join(f"/{_glyph(drawn)}" for _, drawn in codes)
    return f"{begin} /ToUnicode {stream} 0 R /Encoding << /Differences [1 {names}] >> >>".encode()


def _glyph(letter: str) -> str:
    named = {" ": "space", ",": "comma", ".": "period", "'": "quotesingle", "-": "hyphen"}
    return named.get(letter) or (letter if letter.isascii() and letter.isalpha() else "question")


def _add(objects: list[bytes], body: bytes) -> int:
    objects.append(body)
    return len(objects)


def _assemble(objects: list[bytes], *, keys: bytes = b"") -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out + trailer % (len(objects) + 1, keys, start))
