"""Write PDF files without readable letters: scans, locked files, broken files."""

from io import BytesIO
from random import Random
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Form = Literal["letters", "scan", "locked", "broken"]

# The number of such files in a hundred PDF files.
_SHARES: tuple[tuple[Form, int], ...] = (("scan", 3), ("locked", 2), ("broken", 2))
_PAGE = (1240, 1754)  # A4 at 150 dots per inch


def choose_form(key: str) -> Form:
    """Choose the form of the PDF for a key."""
    place = Random(f"form/{key}").randrange(100)
    for form, share in _SHARES:
        if place < share:
            return form
        place -= share
    return "letters"


def write_scan(lines: tuple[str, ...]) -> bytes:
    """Return a PDF whose one page is a picture of these lines, typewritten without marks."""
    page = Image.new("L", _PAGE, 245)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=40)
    for number, line in enumerate(lines):
        draw.text((130, 160 + 80 * number), line, fill=25, font=font)
    buffer = BytesIO()
    page.rotate(0.4, fillcolor=245).save(buffer, "PDF", resolution=150.0, quality=70)
    # Pillow writes the current time into the file.
    return _without_times(buffer.getvalue())


def lock(pdf: bytes) -> bytes:
    """Return a PDF that asks for an unknown password (ISO 32000-1, 7.6.3)."""
    secret = "".join(f"{byte:02x}" for byte in Random("lock").randbytes(32))
    entry = f"/ID [<{secret[:32]}> <{secret[:32]}>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
    return pdf.replace(b"/Root 1 0 R", f"/Root 1 0 R {entry}/O <{secret}> /U <{secret[::-1]}> >>".encode())


def break_off(pdf: bytes) -> bytes:
    """Return only the beginning of a PDF, with its letters garbled."""
    return pdf[:40] + bytes(255 - byte for byte in pdf[40 : len(pdf) // 3])


def _without_times(pdf: bytes) -> bytes:
    for name in (b"/CreationDate", b"/ModDate"):
        start = pdf.find(name)
        if start >= 0:
            end = pdf.index(b")", start)
            pdf = pdf[:start] + b" " * (end + 1 - start) + pdf[end + 1 :]
    return pdf
