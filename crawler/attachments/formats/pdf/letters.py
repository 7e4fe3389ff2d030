"""The letters of one PDF page, as they are drawn: its content, and what annotations and form fields show."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.language.legacy.decoding import Run, decode_runs, looks_legacy
from crawler.language.legacy.fonts import find_letters
from crawler.language.legacy.tcvn3 import restore_hyphened

# PDFium puts it in place of a hyphen at the end of a line, and drops the end of the line.
_HYPHEN_AT_END = "\ufffe"
_SOFT_HYPHEN = "\u00ad"
# A hyphen at the end of a line belongs to a number ("1234/QĐ-UBND") or a word; it is never deleted. A slash is taken
# only between the parts of a number.
_PARTED = re.compile("(?<=[^\\W_])([-\u2010\u2011\u2013])\n(?=[^\\W_])|(?<=[0-9A-ZĐ])(/)\n(?=[0-9A-ZĐ])")
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
# A font lasts for a word at least.
_SAMPLED_EVERY = 16
_NAME_BYTES = 256
# Of annotations that show no text of their own, or show that of another.
_SILENT = frozenset((pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP))
_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_SPACES = re.compile(r"\s+")


def show_annotations(document: pypdfium2.PdfDocument, number: int) -> tuple[pypdfium2.PdfPage, tuple[str, ...]]:
    """Load a page with all that it shows in its content, and the texts of annotations.

    The texts are given apart because an annotation or form field may lack the form in which it is shown.

    Raises:
        PdfiumError: if the page cannot be loaded.
    """
    page = document[number]
    if pdfium.FPDFPage_GetAnnotCount(page) <= 0:
        return page, ()
    texts = tuple(_read_annotations(page))
    if pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
        page.close()
        page = document[number]
    return page, texts


def read_letters(page: pypdfium2.PdfPage, annotations: tuple[str, ...]) -> str:
    """Return the text of a page, with the texts of annotations that it does not show anyhow."""
    turn = page.get_rotation()
    try:
        page.set_rotation(_find_turn(page))
        with closing(page.get_textpage()) as letters:
            text = _read_runs(letters) if _has_legacy_font(letters) else _tidy(letters.get_text_range())
    finally:
        page.set_rotation(turn)
    shown = _SPACES.sub("", text)
    return "\n".join((text, *(one for one in annotations if _SPACES.sub("", one) not in shown)))


def _find_turn(page: pypdfium2.PdfPage) -> int:
    """Return the turn of the page, in degrees, with which most of its letters stand upright.

    With some other turns, PDFium gives the lines from the last to the first.
    """
    page.set_rotation(0)
    with closing(page.get_textpage()) as letters:
        places = range(0, letters.count_chars(), _SAMPLED_EVERY)
        angles = Counter(round(math.degrees(pdfium.FPDFText_GetCharAngle(letters, place)) / 90) % 4 for place in places)
    return 90 * angles.most_common(1)[0][0] if angles else 0


def _tidy(text: str) -> str:
    r"""Return a text with the hyphens that it shows, and without the ends of lines behind them.

    >>> _tidy("số 1234/QĐ\ufffeUBND, 25-\r\nNQ/TW -\r\nNghị quyết 12/\r\n2023")
    'số 1234/QĐ-UBND, 25-NQ/TW -\nNghị quyết 12/2023'
    """
    text = text.replace("\r\n", "\n").replace(_HYPHEN_AT_END, "-").translate(_LIGATURES)
    if _SOFT_HYPHEN in text and looks_legacy(text) != "tcvn3":
        # Whatever has a glyph is shown: many fonts name that of the hyphen so.
        text = text.replace(_SOFT_HYPHEN, "-")
    return _PARTED.sub(lambda found: found[1] or found[2], text)


def _read_runs(letters: pypdfium2.PdfTextPage) -> str:
    """Read a page with legacy fonts letter by letter, each run of a font decoded by its name."""
    name_font = partial(_name_font, letters)
    codes = [
        (pdfium.FPDFText_GetUnicode(letters, place), pdfium.FPDFText_IsHyphen(letters, place) == 1, name_font(place))
        for place in range(letters.count_chars())
    ]
    runs: list[Run] = []
    for font, group in groupby(codes, key=lambda code: code[2]):
        text = "".join(_HYPHEN_AT_END if is_hyphen else chr(code) for code, is_hyphen, _ in group if code)
        runs.append(Run(_tidy(text) if find_letters(font) is None else text.replace(_HYPHEN_AT_END, "-"), font))
    decoded = decode_runs(runs)
    return _tidy(restore_hyphened(decoded) if any(find_letters(run.font) == "tcvn3" for run in runs) else decoded)


def _has_legacy_font(letters: pypdfium2.PdfTextPage) -> bool:
    places = range(0, letters.count_chars(), _SAMPLED_EVERY)
    return any(find_letters(_name_font(letters, place)) is not None for place in places)


def _name_font(letters: pypdfium2.PdfTextPage, place: int) -> str | None:
    """Return the name of the font of a letter; None for a space or line end that PDFium adds."""
    buffer = ctypes.create_string_buffer(_NAME_BYTES)
    flags = ctypes.c_int()
    size = pdfium.FPDFText_GetFontInfo(letters, place, buffer, _NAME_BYTES, flags)
    return buffer.value.decode("latin-1") if 0 < size <= _NAME_BYTES else None


def _read_annotations(page: pypdfium2.PdfPage) -> Iterator[str]:
    for place in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, place)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind not in _SILENT and not pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
            key = b"V" if kind == pdfium.FPDF_ANNOT_WIDGET else b"Contents"
            text = _read_string(annotation, key)
            if text.strip():
                yield text
        pdfium.FPDFPage_CloseAnnot(annotation)


def _read_string(annotation: object, key: bytes) -> str:
    if pdfium.FPDFAnnot_GetValueType(annotation, key) != pdfium.FPDF_OBJECT_STRING:
        return ""
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size)
    return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0").replace("\r", "\n")
