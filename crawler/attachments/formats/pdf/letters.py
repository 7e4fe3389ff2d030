"""The letters of one PDF page, as they are drawn."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.attachments.formats.pdf.guesses import has_wrong_guesses
from crawler.attachments.formats.pdf.lines import assemble_lines, find_angle, find_origin, find_step, read_sign, spell
from crawler.attachments.formats.pdf.spaces import find_spaces
from crawler.language.legacy.decoding import Run, decode_runs, looks_legacy
from crawler.language.legacy.fonts import find_letters
from crawler.language.legacy.tcvn3 import restore_hyphened
from crawler.language.syllables import is_syllable

# PDFium puts it in place of a hyphen at the end of a line, and drops the end of the line.
_HYPHEN_AT_END = "\ufffe"
_SOFT_HYPHEN = "\u00ad"
# A hyphen at the end of a line belongs to a number ("1234/QĐ-UBND") or a word; it is never deleted. A slash is taken
# only between the parts of a number.
_PARTED = re.compile("(?<=[^\\W_])([-\u2010\u2011\u2013])\n(?=[^\\W_])|(?<=[0-9A-ZĐ])(/)\n(?=[0-9A-ZĐ])")
# Parts of a word alone between two lines. Vietnamese words are not hyphenated: these stay syllables.
_SYLLABIFIED = re.compile(
    "(?<![^\\s(\"\u201c\u201e\u00ab\u2018'])([^\\W\\d_]{2,})(?:[-\u2010]\n|\ufffe)([^\\W\\d_]{2,})"
    "(?=[.,;:!?)\"\u201d\u00bb\u2019']?(?:\\s|$))"
)
# Letters of Vietnamese; Romanian has one, and Croatian another.
_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_HYPHENED = re.compile(r"[^\W\d_]{2,}-[^\W\d_]{2,}")
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
# A font and a turn last for a word at least.
_SAMPLED_EVERY = 4
# The step from a letter to the next one is at least so large a part of its height; i has a fifth.
_LEAST_STEP = 0.1
# Codes of glyphs for which the file has no letter; some are spaces.
_UNKNOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
UNKNOWN_LETTER = "\ufffd"
_DOUBLED = re.compile(r"([^\W_])\1")
_LAST_SPACE = 0x20
_QUARTER = 90
# Of all words, this many lines of a single letter.
_MOST_SINGLE, _FEWEST_LINES = 0.5, 10
_NAME_BYTES = 256
# In points; and so large a part of the lines of a page.
_NO_WIDTH, _MANY_LOST = 0.01, 0.03


def has_lost_lines(page: pypdfium2.PdfPage) -> bool:
    """Return whether PDFium leaves out lines of a page: those without width.

    Lines from top to bottom, of a font that is neither in the file nor installed, have none.
    """
    lines = list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=1))
    return sum(map(_has_no_width, lines)) > _MANY_LOST * len(lines)


def _has_no_width(line: pypdfium2.PdfObject) -> bool:
    left, bottom, right, top = line.get_bounds()
    if right - left >= _NO_WIDTH or top - bottom < _NO_WIDTH:
        return False
    matrix = line.get_matrix()
    # Spaces of a turned line have no width either.
    return bool(abs(matrix.a) > abs(matrix.b))


@dataclass(frozen=True, slots=True)
class PageLetters:
    """The text of a page, whether PDFium guesses many of its letters wrongly, and whether it shows annotations."""

    text: str
    is_guessed: bool
    has_annotations: bool = False


def read_letters(page: pypdfium2.PdfPage) -> PageLetters:
    """Return the text of a page.

    What runs upward, downward or upside down beside the other lines, such as the heads of narrow columns, comes last.
    """
    turn = page.get_rotation()
    try:
        angles, runs_back = _find_angles(page)
        page.set_rotation(-(angles[0] + 2 * runs_back) % 4 * _QUARTER)
        with closing(page.get_textpage()) as letters:
            is_guessed = has_wrong_guesses(letters)
            text = tidy(letters.get_text_range()) if runs_back else _read_page(letters, angles)
    finally:
        page.set_rotation(turn)
    return PageLetters(text, is_guessed)


def _find_angles(page: pypdfium2.PdfPage) -> tuple[list[int], bool]:
    """Return the angles of the letters of a page, and whether most run against them.

    The angles are in quarters of a turn; first that of most letters. With other turns of the page, PDFium gives its
    lines from the last to the first.
    """
    page.set_rotation(0)
    with closing(page.get_textpage()) as letters:
        places = [place for place in range(0, letters.count_chars(), _SAMPLED_EVERY) if not _is_added(letters, place)]
        angles = Counter(find_angle(letters, place) for place in places)
        # Those of other drawings PDFium may have set in another order.
        whole = [place for place in places if _find_drawing(letters, place) == _find_drawing(letters, place + 1)]
        steps = [find_step(letters, place) for place in whole]
    return [angle for angle, _ in angles.most_common()] or [0], sum(steps) < 0


def _read_page(letters: pypdfium2.PdfTextPage, angles: Sequence[int]) -> str:
    text = letters.get_text_range()
    has_legacy, is_cut = _has_legacy_font(letters), _is_cut_up(text)
    doubled = _find_doubled(letters) if _DOUBLED.search(text) else frozenset[int]()
    mended = find_spaces(letters, angle=angles[0])
    is_plain = len(angles) == 1 and not has_legacy and not is_cut and not _UNKNOWN.search(text)
    if is_plain and not _has_nameless(letters, text) and not doubled and not mended:
        return tidy(text)
    whole = [place for place in range(letters.count_chars()) if place not in doubled | mended.dropped]
    stand = {place: find_angle(letters, place) for place in whole if not _is_added(letters, place)}
    if has_legacy:
        # Their letters are found by runs.
        return _read_runs(letters, whole, before=mended.before)
    # A mark of a few letters may not be among the sampled ones.
    angles = list(dict.fromkeys((*angles, *stand.values())))
    parts = [
        assemble_lines(letters, [place for place in stand if stand[place] == angle and _is_shown(letters, place)])
        for angle in (angles if is_cut else angles[1:])
    ]
    level = [place for place in whole if stand.get(place, angles[0]) == angles[0]]
    first = [] if is_cut else [_read_signs(letters, level, before=mended.before)]
    return tidy("\n".join(first + parts))


def _has_nameless(letters: pypdfium2.PdfTextPage, text: str) -> bool:
    """Return whether a file says of letters that they are U+0000; PDFium leaves them out, or makes them hyphens."""
    places = range(letters.count_chars())
    if len(places) == len(text) and _HYPHEN_AT_END not in text:
        return False
    nameless = (place for place in places if pdfium.FPDFText_GetUnicode(letters, place) == 0)
    return not all(_is_added(letters, place) or pdfium.FPDFText_IsHyphen(letters, place) == 1 for place in nameless)


def _is_cut_up(text: str) -> bool:
    """Return whether most lines are of one letter: PDFium took the page for one with lines from top to bottom."""
    lines = [line for line in text.split() if line]
    single = sum(len(line) == 1 for line in text.splitlines() if line)
    return single > max(_MOST_SINGLE * len(lines), _FEWEST_LINES)


def _find_doubled(letters: pypdfium2.PdfTextPage) -> frozenset[int]:
    """Return the places of letters that are drawn over the one before: so programs make bold ones."""
    codes = [pdfium.FPDFText_GetUnicode(letters, place) for place in range(letters.count_chars())]
    equal = [place for place in range(1, len(codes)) if codes[place] == codes[place - 1] > _LAST_SPACE]
    return frozenset(place for place in equal if _lies_over(letters, place))


def _lies_over(letters: pypdfium2.PdfTextPage, place: int) -> bool:
    if _find_drawing(letters, place) == _find_drawing(letters, place - 1):
        # PDFium gives a ligature as letters at one place.
        return False
    try:
        left, bottom, right, top = letters.get_charbox(place, loose=True)
    except pypdfium2.PdfiumError:
        return False
    step = math.dist(find_origin(letters, place), find_origin(letters, place - 1))
    return bool(step < _LEAST_STEP * max(right - left, top - bottom))


def _find_drawing(letters: pypdfium2.PdfTextPage, place: int) -> int | None:
    """Return a number for the operator that draws a letter; None for a letter that PDFium adds."""
    drawing = pdfium.FPDFText_GetTextObject(letters, place)
    return ctypes.addressof(drawing.contents) if drawing else None


def _is_added(letters: pypdfium2.PdfTextPage, place: int) -> bool:
    return bool(pdfium.FPDFText_IsGenerated(letters, place) == 1)


def _is_shown(letters: pypdfium2.PdfTextPage, place: int) -> bool:
    return bool(pdfium.FPDFText_GetUnicode(letters, place) > _LAST_SPACE)


def tidy(text: str) -> str:
    r"""Return a text with the hyphens that it shows, and without the ends of lines after them.

    >>> tidy("số 1234/QĐ\ufffeUBND, 25-\r\nNQ/TW -\r\nNghị quyết 12/\r\n2023")
    'số 1234/QĐ-UBND, 25-NQ/TW -\nNghị quyết 12/2023'
    >>> tidy("The public admin\ufffeistration, long-term. Its long-\nterm plan; kinh te-\nxa hoi")
    'The public administration, long-term. Its long-term plan; kinh te-xa hoi'
    >>> tidy("Ver-\nwaltung, dé-\ncision, прави-\nтельство, Edi-\nzioni; QUYET-\nDINH")
    'Verwaltung, décision, правительство, Edizioni; QUYET-DINH'
    >>> tidy("xã Krông-\nnô ở Đắk-\nlắk")
    'xã Krông-nô ở Đắk-lắk'
    """
    text = text.replace("\r\n", "\n").translate(_LIGATURES)
    if _SOFT_HYPHEN in text and looks_legacy(text) != "tcvn3":
        # Everything that has a glyph is shown: many fonts name that of the hyphen so.
        text = text.replace(_SOFT_HYPHEN, "-")
    # The last letter of a word in TCVN3 may be a hyphen.
    if _SYLLABIFIED.search(text) and looks_legacy(text) != "tcvn3":
        own = frozenset(_HYPHENED.findall(text))
        is_vietnamese = _VIETNAMESE.search(text) is not None
        text = _SYLLABIFIED.sub(lambda found: _join_word(found, own=own, is_vietnamese=is_vietnamese), text)
    text = text.replace(_HYPHEN_AT_END, "-")
    return _PARTED.sub(lambda found: found[1] or found[2], text)


def _join_word(found: re.Match[str], *, own: Collection[str], is_vietnamese: bool) -> str:
    """Return a word of a Western language without the hyphen that parts it between two lines, unless it is its own.

    Args:
        own: the words of the page that have one within a line.
        is_vietnamese: whether the page has Vietnamese words. Names in it are like the words of no other language.
    """
    one, other = found.groups()
    is_word = other.islower() and (one.islower() and f"{one}{other}".isascii() if is_vietnamese else one[1:].islower())
    is_own = (is_syllable(one) and is_syllable(other)) or f"{one}-{other}" in own
    return one + other if is_word and not is_own else found[0]


def mark_unknown(text: str) -> str:
    r"""Return a text with U+FFFD for the codes of glyphs for which the file has no letter.

    >>> mark_unknown("số \x01\x05\n")
    'số \ufffd\ufffd\n'
    """
    return _UNKNOWN.sub(UNKNOWN_LETTER, text)


def _read_runs(letters: pypdfium2.PdfTextPage, places: Sequence[int], *, before: Mapping[int, str]) -> str:
    """Read letters of a page one by one, each run of a legacy font decoded by its name.

    `before` are signs to add before the letters at these places.
    """
    name_font = partial(_name_font, letters)
    runs: list[Run] = []
    for font, group in groupby(places, key=name_font):
        text = _read_signs(letters, group, before=before)
        runs.append(Run(tidy(text) if find_letters(font) is None else text.replace(_HYPHEN_AT_END, "-"), font))
    decoded = decode_runs(runs)
    return tidy(restore_hyphened(decoded) if any(find_letters(run.font) == "tcvn3" for run in runs) else decoded)


def _read_signs(letters: pypdfium2.PdfTextPage, places: Iterable[int], *, before: Mapping[int, str]) -> str:
    """Return letters one by one, with the signs `before` them."""
    signs: list[str] = []
    for place in places:
        sign = read_sign(letters, place)
        signs += before.get(place, ""), sign if ord(sign) >= _LAST_SPACE else _read_code(letters, place, sign=sign)
    return spell(signs)


def _read_code(letters: pypdfium2.PdfTextPage, place: int, *, sign: str) -> str:
    """Return what a code below those of letters stands for: a hyphen, a space, a line end, a letter nobody knows."""
    if pdfium.FPDFText_IsHyphen(letters, place) == 1:
        return _HYPHEN_AT_END
    if not _UNKNOWN.fullmatch(sign) or _is_added(letters, place):
        return sign.strip("\0")
    blank = sign.strip("\0") and " "
    try:
        left, bottom, right, top = letters.get_charbox(place)
    except pypdfium2.PdfiumError:
        return blank
    return UNKNOWN_LETTER if right > left and top > bottom else blank


def _has_legacy_font(letters: pypdfium2.PdfTextPage) -> bool:
    places = range(0, letters.count_chars(), _SAMPLED_EVERY)
    return any(find_letters(_name_font(letters, place)) is not None for place in places)


def _name_font(letters: pypdfium2.PdfTextPage, place: int) -> str | None:
    """Return the name of the font of a letter; None for a space or line end that PDFium adds."""
    buffer = ctypes.create_string_buffer(_NAME_BYTES)
    flags = ctypes.c_int()
    size = pdfium.FPDFText_GetFontInfo(letters, place, buffer, _NAME_BYTES, flags)
    return buffer.value.decode("latin-1") if 0 < size <= _NAME_BYTES else None
