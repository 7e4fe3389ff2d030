"""Mend the words of a page where PDFium parts or joins them otherwise than the page shows them.

It ends a line at a raised or lowered letter ("m²", footnotes), or joins a raised number to the one before it: the first
footnote of "Điều 5" makes it "Điều 51". It takes a narrow space for none: programs that justify lines make spaces of an
eighth of the letters' height. And it joins what is drawn in one go though it is apart: the numbers along an axis, the
fields of a form.
"""

import ctypes
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.attachments.formats.pdf.lines import find_angle, find_origin
from crawler.language.syllables import is_syllable

_LAST_SPACE = 0x20
_LONGEST_NUMBER = 20
_DIGITS = frozenset(map(ord, "0123456789"))
# From here on, scripts are written without spaces, and also from top to bottom.
_FIRST_OF_EAST_ASIA = 0x2E80
_RIGHT_TO_LEFT = ("R", "AL", "AN")
# Parts of the height of a line. A gap wider than the first is a space if all others are less than the second. Other
# gaps are those of a font that is not in the file, whose letters PDFium takes from another.
_SPACE, _SAME_GAP = 0.1, 0.05
_FEWEST_LETTERS = 4
# A raised letter is so much smaller than its line, and its foot so little above or below that of the line, in parts of
# the larger height.
_SMALLER, _RAISED = 0.85, 0.6
# The foot of a raised digit is higher than that of its line by this, in heights of the line.
_LIFTED = 0.15
# It overlaps its neighbour by less than the first part of the height, and stands apart by less than the second.
_OVERLAP, _NEAR = 0.2, 0.6
# What is so far above, below, to the left or to the right of a letter stands apart, in heights. Letters of a word may
# be one below another, closer than this.
_BELOW, _BACK, _AHEAD = 0.5, 0.3, 1.0


@dataclass(frozen=True, slots=True)
class Mended:
    """Signs that the page shows `before` the letters at these places, and places of line ends that it does not show."""

    before: Mapping[int, str]
    dropped: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.before or self.dropped)


class _Box(NamedTuple):
    """The place of a letter, turned so that its line runs level."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom


def find_spaces(letters: pypdfium2.PdfTextPage, *, angle: int) -> Mended:
    """Compare the words and lines of a page with the places of its letters; of those that stand at this angle.

    Args:
        letters: of a page that is turned so that they run level.
        angle: in quarters of a turn, clockwise.
    """
    codes = [pdfium.FPDFText_GetUnicode(letters, place) for place in range(letters.count_chars())]
    before: dict[int, str] = {}
    dropped: set[int] = set()
    for place in _line_ends(letters, codes):
        gap = _gap_of_raised(letters, place, angle=angle)
        if gap is not None:
            one, other = (_box_of(letters, near, angle=angle) for near in (place - 1, place + 2))
            is_end = _ends_number(codes, place, after=codes[place + 2], joined=dropped)
            is_number = is_end and _is_digit_smaller(letters, place + 2, one=one, other=other)
            before |= {place + 2: " "} if gap > _SPACE or is_number else {}
            dropped |= {place, place + 1}
    for word in _words(codes):
        boxes = [_box_of(letters, place, angle=angle) for place in word]
        numbers = [place for place in word[1:] if _ends_number(codes, place, after=codes[place], joined=dropped)]
        pairs = {place: boxes[place - word.start - 1 : place - word.start + 1] for place in numbers}
        raised = (place for place, pair in pairs.items() if _is_raised(letters, place, boxes=pair, angle=angle))
        signs = dict.fromkeys(raised, " ") | _part_drawings(codes, word, boxes=boxes)
        if any(find_angle(letters, place - near) != angle for place in signs for near in (0, 1)):
            continue
        before |= signs or dict.fromkeys(_keep_words(codes, word, gaps=_find_gaps(word, boxes)), " ")
    return Mended(before, frozenset(dropped))


def _words(codes: Sequence[int]) -> Iterator[range]:
    """Give the places of the letters of each word of more than one; Vietnamese syllables are whole words."""
    start = 0
    for place in range(len(codes) + 1):
        if place < len(codes) and _LAST_SPACE < codes[place] < _FIRST_OF_EAST_ASIA:
            continue
        if place - start > 1 and not is_syllable("".join(map(chr, codes[start:place]))):
            yield range(start, place)
        start = place + 1


def _part_drawings(codes: Sequence[int], word: range, *, boxes: Sequence[_Box | None]) -> dict[int, str]:
    """Return the places of a word where the next letter stands apart, with the sign that parts them there."""
    signs: dict[int, str] = {}
    gaps: list[float] = []
    ahead: set[int] = set()
    for place, (one, other) in zip(word[1:], pairwise(boxes), strict=True):
        if one is None or other is None or not (height := max(one.top - one.bottom, other.top - other.bottom)):
            continue
        gap = (other.left - one.right) / height
        below = max(one.bottom, other.bottom) - min(one.top, other.top)
        gaps += [gap] if below <= 0 else []
        ahead |= {place} if gap > _AHEAD else set()
        is_apart = other.left < one.left - _BACK * height or place in ahead
        if (below > 0 or is_apart) and _runs_right(codes[place - 1], codes[place]):
            is_line = below > (0 if _are_digits(codes[place - 1], codes[place]) else _BELOW * height)
            signs |= {place: "\n"} if is_line else {place: " "} if is_apart else {}
    # The letters of a mirrored font run backwards; those of a font that is not in the file may overlap.
    if 2 * list(signs.values()).count(" ") < len(word) and median(gaps or [0]) > -_BACK:
        return signs
    # But digits so far ahead of each other are not one number, however regularly they stand.
    return {place: " " for place in signs if place in ahead and _are_digits(codes[place - 1], codes[place])}


def _is_raised(letters: pypdfium2.PdfTextPage, place: int, *, boxes: Sequence[_Box | None], angle: int) -> bool:
    """Return whether a small digit stands above the line of the letter beside it, by the `boxes` of both.

    Not by the boxes alone: those of some fonts are as high as their letters, and old figures hang below the line.
    """
    one, other = boxes
    if one is None or other is None or not _is_digit_smaller(letters, place, one=one, other=other):
        return False
    rise = _find_foot(letters, place, angle=angle) - _find_foot(letters, place - 1, angle=angle)
    return (rise if other.height < one.height else -rise) > _LIFTED * max(one.height, other.height)


def _is_digit_smaller(letters: pypdfium2.PdfTextPage, place: int, *, one: _Box | None, other: _Box | None) -> bool:
    """Return whether the smaller one of a digit and the letter at a place, after it, is a digit."""
    if one is None or other is None:
        return False
    if one.height < _SMALLER * other.height:
        return True
    return other.height < _SMALLER * one.height and _are_digits(pdfium.FPDFText_GetUnicode(letters, place))


def _find_foot(letters: pypdfium2.PdfTextPage, place: int, *, angle: int) -> float:
    """Return how high the foot of a letter is, on a page that is turned so that its line runs level."""
    foot = find_origin(letters, place)[1 - angle % 2]
    return foot if angle in (0, 1) else -foot


def _ends_number(codes: Sequence[int], place: int, *, after: int, joined: Collection[int]) -> bool:
    """Return whether there is a number before a place, and `after` it a digit; or a letter, if no word precedes it.

    After letters it is mostly an exponent ("m2"); nothing tells the number of a footnote from it. `joined` are the
    places of line ends that are none.
    """
    start = place
    while start > max(place - _LONGEST_NUMBER, 0) and _are_digits(codes[start - 1]):
        start -= 1
    is_first = not start or (codes[start - 1] <= _LAST_SPACE and start - 1 not in joined)
    return start < place and (_are_digits(after) or (is_first and after < _FIRST_OF_EAST_ASIA and chr(after).isalpha()))


def _are_digits(*codes: int) -> bool:
    return _DIGITS.issuperset(codes)


def _runs_right(*codes: int) -> bool:
    signs = list(map(chr, codes))
    return not any(unicodedata.combining(one) or unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in signs)


def _keep_words(codes: Sequence[int], word: range, *, gaps: Sequence[int]) -> Sequence[int]:
    """Return the gaps if they part a word in words; [] if they part a number, or letters that are not words.

    A single vowel is a word in Vietnamese ("y tế", "ở") and in others ("a"); two in a row are parts of one.
    """
    pieces = ["".join(map(chr, codes[start:end])) for start, end in pairwise((word[0], *gaps, word[-1] + 1))]
    is_number = any(one[-1].isdigit() and other[0].isdigit() for one, other in pairwise(pieces))
    single = [len(piece) == 1 and piece.isalpha() for piece in pieces]
    is_cut = any(is_one and not is_syllable(piece) for is_one, piece in zip(single, pieces, strict=True))
    return [] if is_number or is_cut or any(map(all, pairwise(single))) else gaps


def _find_gaps(word: range, boxes: Sequence[_Box | None]) -> list[int]:
    """Return the places of a word before which there is a space, though a narrow one."""
    known = [box for box in boxes if box is not None and box.height > 0]
    if len(known) < max(len(word), _FEWEST_LETTERS):
        return []
    gaps = [(after.left - before.right) / max(before.height, after.height) for before, after in pairwise(known)]
    if abs(median(gaps)) >= _SAME_GAP or any(_SAME_GAP <= gap <= _SPACE for gap in gaps):
        return []
    return [place for place, gap in zip(word[1:], gaps, strict=True) if gap > _SPACE]


def _line_ends(letters: pypdfium2.PdfTextPage, codes: Sequence[int]) -> Iterator[int]:
    """Give the places of the line ends that PDFium added between two letters."""
    for place in range(1, len(codes) - 2):
        is_end = codes[place] == ord("\r") and codes[place + 1] == ord("\n")
        if is_end and codes[place - 1] > _LAST_SPACE and pdfium.FPDFText_IsGenerated(letters, place) == 1:
            yield place


def _gap_of_raised(letters: pypdfium2.PdfTextPage, end: int, *, angle: int) -> float | None:
    """Return the gap over a line end, in heights of the larger letter; None if none is raised beside the other."""
    one, other = _box_of(letters, end - 1, angle=angle), _box_of(letters, end + 2, angle=angle)
    if one is None or other is None:
        return None
    height = max(one.height, other.height)
    if not 0 < min(one.height, other.height) < _SMALLER * height:
        return None
    feet = (find_origin(letters, place)[1 - angle % 2] for place in (end - 1, end + 2))
    rise = abs(next(feet) - next(feet)) / height
    gap = (other.left - one.right) / height
    return gap if rise < _RAISED and -_OVERLAP < gap < _NEAR else None


def _box_of(letters: pypdfium2.PdfTextPage, place: int, *, angle: int) -> _Box | None:
    box = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(letters, place, ctypes.byref(box)):
        return None
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    if angle == 0:
        return _Box(left, bottom, right, top)
    if angle == 1:
        return _Box(-top, left, -bottom, right)
    return _Box(-right, -top, -left, -bottom) if angle == 2 else _Box(bottom, -right, top, -left)
