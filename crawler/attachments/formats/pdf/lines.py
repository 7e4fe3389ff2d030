"""Make lines of letters by their places on the page, in any direction.

PDFium makes the lines of a page for the direction of most of its letters. Others it gives one by one, often from the
last to the first: the heads of narrow columns, the marks on a plan.
"""

import ctypes
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

# Parts of the height of letters: two are on one line if their feet differ by less than the first, and in one word if
# the gap between them is less than the second.
_SAME_LINE, _SAME_WORD = 0.4, 0.1
_RIGHT_ANGLE = 90
_FIRST_BEYOND_LATIN = "\u0370"
# Fonts with strange codes give larger ones.
_LAST_CODE = 0x10FFFF
# The difference of the squares of sine and cosine: 0 at 45 degrees, 1 at right angles.
_DIAGONAL = 0.3


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter, with its place as if its line ran level from left to right."""

    text: str
    x: float
    y: float
    width: float
    height: float


def find_angle(letters: pypdfium2.PdfTextPage, place: int) -> int:
    """Return how a letter is turned, in quarters of a turn, clockwise, 0 to 3."""
    return round(math.degrees(pdfium.FPDFText_GetCharAngle(letters, place)) / _RIGHT_ANGLE) % 4


def find_origin(letters: pypdfium2.PdfTextPage, place: int) -> tuple[float, float]:
    """Return the foot of a letter on the page, in points."""
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(letters, place, x, y)
    return x.value, y.value


def find_step(letters: pypdfium2.PdfTextPage, place: int) -> int:
    """Return whether the next letter of a word is ahead (1) or after (-1); 0 if that says nothing.

    A font whose size is less than zero is upright for PDFium, though its letters are on their heads. Scripts that
    run from right to left say nothing.
    """
    signs = [read_sign(letters, one) for one in (place, place + 1)]
    if not all(sign.isalnum() and sign < _FIRST_BEYOND_LATIN for sign in signs):
        return 0
    (x, y), (next_x, next_y) = find_origin(letters, place), find_origin(letters, place + 1)
    angle = pdfium.FPDFText_GetCharAngle(letters, place)
    along, across = math.cos(angle), -math.sin(angle)
    ahead = (next_x - x) * along + (next_y - y) * across
    is_on_line = abs(ahead) > abs((next_y - y) * along - (next_x - x) * across)
    return (1 if ahead > 0 else -1) if is_on_line else 0


def read_sign(letters: pypdfium2.PdfTextPage, place: int) -> str:
    """Return the letter at a place, one of a pair of UTF-16 for those beyond the first 65,536; U+FFFD if it is none."""
    code = pdfium.FPDFText_GetUnicode(letters, place)
    return chr(code) if code <= _LAST_CODE else "\ufffd"


def spell(signs: Iterable[str]) -> str:
    """Join signs of `read_sign`, pairs of UTF-16 to one letter each."""
    return "".join(signs).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def assemble_lines(letters: pypdfium2.PdfTextPage, places: Sequence[int]) -> str:
    """Return the lines of letters that have about the same angle, from the upper one to the lower one."""
    lines: list[list[_Letter]] = []
    read = sorted((_read_letter(letters, place) for place in places), key=lambda one: -one.y)
    for letter in read:
        if lines and abs(lines[-1][-1].y - letter.y) < _SAME_LINE * letter.height:
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return "\n".join(_join_words(sorted(line, key=lambda one: one.x)) for line in lines)


def _join_words(line: Sequence[_Letter]) -> str:
    text = line[0].text
    for before, letter in pairwise(line):
        gap = letter.x - before.x - before.width
        text += f" {letter.text}" if gap > _SAME_WORD * letter.height else letter.text
    return text


def _read_letter(letters: pypdfium2.PdfTextPage, place: int) -> _Letter:
    x, y = find_origin(letters, place)
    try:
        left, bottom, right, top = letters.get_charbox(place, loose=True)
    except pypdfium2.PdfiumError:
        left, bottom, right, top = x, y, x, y
    angle = pdfium.FPDFText_GetCharAngle(letters, place)
    cos, sin = math.cos(angle), math.sin(angle)
    width, height = _turn_back(right - left, top - bottom, angle=angle)
    return _Letter(read_sign(letters, place), x * cos - y * sin, x * sin + y * cos, width, height)


def _turn_back(across: float, up: float, *, angle: float) -> tuple[float, float]:
    """Return the width and height of a letter from those of the level box around it.

    >>> [round(side) for side in _turn_back(10, 4, angle=math.pi / 2)]
    [4, 10]
    """
    cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
    scale = cos * cos - sin * sin
    if abs(scale) < _DIAGONAL:
        # Any width and height may have this box.
        return min(across, up) / 2, max(across, up) / 2
    return max((across * cos - up * sin) / scale, 0), max((up * cos - across * sin) / scale, 0)
