"""Read the pages of a PDF file with Poppler too, and settle which of two texts of a page is right.

Two programs that read the same glyphs agree, except for a word or two. Otherwise one of them guesses: letters of a
font without Unicode, spaces that the file does not have, lines from right to left, a file that is damaged.
"""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from crawler.attachments.formats.pages import count_letters
from crawler.attachments.formats.pdf.both_spaces import join_pieces, mix_spaces
from crawler.attachments.formats.pdf.letters import UNKNOWN_LETTER, mark_unknown, tidy
from crawler.attachments.formats.system_tools import PDF_READER, ToolError, run_tool
from crawler.attachments.judgement import is_believable
from crawler.language.legacy.decoding import decode_legacy
from crawler.language.normal_form import compose_plain
from crawler.language.quality.scripts import is_rightward
from crawler.language.quality.text_quality import TextMeasures, agreement, coverage, measure_text

# It reads a hundred pages in a second. What takes longer is drawings.
_SECONDS = 10.0
# Texts that share this many words are equal, and one text with some words read otherwise.
_EQUAL, _SAME_WORDS = 0.98, 0.9
# One reader gives words that the page does not show (hidden layers), or those of forms: the other has nearly all.
_HAS_ALL = 0.95
_SAME_LETTERS = 0.97
# The other text must be better by so large a part of its words: for other letters, and for other spaces alone.
LEAST_GAIN, _LEAST_GAIN_OF_SPACES = 0.25, 0.015
_SAFE = 0.9
# Between words of two directions it gives these marks alone, though the page shows a space there.
_TURNS = re.compile(r"(?<=\w)[\u202a-\u202e]+(?=\w)")
_DIGITS = re.compile("[0-9]+")
_HYPHENED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
# With fewer letters than so large a part of those of the first, the other reader has not read the page.
_LEAST_LETTERS, _NEARLY_ALL = 0.5, 0.8
_MANY_WHOLE = 200
# A text with so large a part of letters that the other reader lacks is not one that only lacks lines.
_FEW_OWN = 0.05


class SecondReader:
    """The same file, read by another program when a page is asked for; "" for each page if it is not installed."""

    def __init__(self, data: bytes, tools: Collection[str]) -> None:
        self._data = data
        self._tools = tools
        self._pages: list[str] | None = None

    def read_page(self, place: int) -> str:
        """Return the text of a page, counted from 0."""
        pages = self.read_all()
        return pages[place] if place < len(pages) else ""

    def read_all(self) -> list[str]:
        """Return the texts of all pages; [] if the program is not installed, or fails."""
        if self._pages is None:
            self._pages = [tidy(mark_unknown(_TURNS.sub(" ", page))) for page in self._read()]
        return self._pages

    def _read(self) -> list[str]:
        if PDF_READER not in self._tools:
            return []
        command = [PDF_READER, "-q", "-enc", "UTF-8", "-", "-"]
        try:
            # Each page ends with a form feed.
            return run_tool(command, seconds=_SECONDS, data=self._data).out.split("\f")[:-1]
        except ToolError:
            return []


@dataclass(frozen=True, slots=True)
class Settled:
    """The better text of a page, whether it is the second reader's, and how far the two say different words.

    `missed` is the share of the words of the other text that this one has not, 0 to 1; 0 if the other is plainly wrong.
    """

    text: str
    is_second: bool = False
    is_disputed: bool = False
    missed: float = 0.0


def add_lacking(text: str, second: str) -> str:
    r"""Return a text with the lines of annotations that the other reader alone has.

    PDFium draws no choices of lists, and in damaged files not the words of electronic signatures. Only if the other
    reader has nearly all letters of the text; and only lines of letters that the text lacks, and of words that it has
    nowhere.

    >>> add_lacking("Chọn một xã", "Chọn một xã\nTả Van\nBản Hồ\nmột"), add_lacking("Sa Pa", "S\na\nP\na")
    ('Chọn một xã\nTả Van\nBản Hồ', 'Sa Pa')
    """
    own, other = _count_letters(text), _count_letters(second)
    is_known = UNKNOWN_LETTER not in text and UNKNOWN_LETTER not in second
    if not is_known or (own - other).total() > _FEW_OWN * own.total():
        return text
    lacking, known, added = other - own, set(text.split()), [text]
    for line in second.splitlines():
        letters = _count_letters(line)
        if letters and letters <= lacking and known.isdisjoint(line.split()):
            lacking -= letters
            added.append(line.strip())
    return "\n".join(added)


def settle(text: str, second: str) -> Settled:
    """Return the better of the texts of two readers, the first one if both are as good."""
    if not count_letters(second) or count_letters(second) < _LEAST_LETTERS * count_letters(text):
        return Settled(text)
    if not count_letters(text.replace(UNKNOWN_LETTER, "x")):
        # Nobody confirms the other reader but its words.
        is_safe = _is_safe(measure_text(decode_legacy(second)))
        return Settled(second, is_second=True, is_disputed=not is_safe, missed=0.0 if is_safe else 1.0)
    if UNKNOWN_LETTER in text:
        return _settle_unknown(text, second)
    if agreement(text, second) >= _EQUAL:
        # Most pages; decoding legacy letters is half of the time of a page.
        return Settled(text)
    own, other = (compose_plain(decode_legacy(one)).casefold() for one in (text, second))
    return Settled(text) if agreement(own, other) >= _EQUAL else _settle_words(text, second, own=own, other=other)


def _settle_words(text: str, second: str, *, own: str, other: str) -> Settled:
    """Settle two texts with known letters that differ; `own` and `other` are the same, decoded and in small letters."""
    agreed = agreement(own, other)
    own_measures, other_measures = measure_text(own), measure_text(other)
    is_poor = 2 * _worth_of_spaces(other_measures) < _worth_of_spaces(own_measures)
    missed = 0.0 if is_poor else _find_missed(other, own)
    if _share_letters(own, other) >= _SAME_LETTERS:
        has_better_order = is_rightward(own) and agreed < _SAME_WORDS
        if has_better_order or _has_better_spaces(other, own):
            return Settled(mix_spaces(second, text), is_second=True)
        mixed = mix_spaces(text, second)
        return Settled(text, missed=missed) if mixed == text else _doubt_spaces(mixed, other)
    if agreed >= _SAME_WORDS or coverage(other, own) >= _HAS_ALL:
        return Settled(text, missed=missed)
    is_better = other_measures.worth > max(own_measures.worth, 0) + LEAST_GAIN * other_measures.words
    if not is_better and _is_safe(own_measures) and (is_poor or decode_legacy(second) != second):
        # The other reader did not read the page; or only we know its letters, by the names of its fonts.
        return Settled(text)
    if is_better and _is_safe(other_measures) and _is_wrong(text, own_measures):
        # Words that can be no words dispute nothing.
        return Settled(second, is_second=True)
    kept, left = (other, own) if is_better else (own, other)
    return Settled(second if is_better else text, is_better, is_disputed=True, missed=1 - coverage(left, kept))


def _doubt_spaces(mixed: str, other: str) -> Settled:
    """Keep a text some of whose lines have other spaces now: both readers split words, so neither confirms the rest."""
    own = compose_plain(decode_legacy(mixed)).casefold()
    return Settled(mixed, missed=_find_missed(other, own))


def _find_missed(text: str, own: str) -> float:
    """Return the share of the words of a text that another text has in no form, 0 to 1."""
    known = _part_digits(own) + _join_hyphened(own) + _find_cut(own, text)
    return 1 - coverage(_part_digits(join_pieces(text, own)), known)


def _has_better_spaces(text: str, than: str) -> bool:
    """Return whether a text has better spaces than another one with the same letters."""
    # A reader that joins the numbers and crosses of narrow columns ("2x") has not better words.
    measures, others = (measure_text(_DIGITS.sub(" ", one)) for one in (text, than))
    least = _LEAST_GAIN_OF_SPACES * measures.words
    gain = _worth_of_spaces(measures) - _worth_of_spaces(others)
    # Words that are split make more words, and most of the pieces could be words ("langu ages"); but some are none.
    if measures.odd > others.odd + least:
        return False
    if measures.odd < others.odd and 2 * measures.foreign < measures.words:
        gain = max(gain, others.odd + others.single - measures.odd - measures.single)
    return gain > least


def _settle_unknown(text: str, second: str) -> Settled:
    """Settle a text with unknown letters. The other reader may leave out what it does not know either."""
    letters, known, unknown = count_letters(second), count_letters(text), text.count(UNKNOWN_LETTER)
    other, own = measure_text(second), measure_text(text)
    # Few words, such as a line of ligatures, are neither right nor wrong.
    is_better = other.worth > own.worth or not own.words
    has_them = letters >= known + _LEAST_LETTERS * unknown and is_better
    # The unknown ones may be signs and spaces, and the known ones wrong.
    has_right_ones = letters >= _NEARLY_ALL * (known + unknown)
    if not has_them and not (has_right_ones and other.worth > max(own.worth, 0) + LEAST_GAIN * other.words):
        return Settled(text)
    # It leaves out what it does not know.
    has_all = letters >= known + _NEARLY_ALL * unknown or own.worth <= 0
    if has_all and _is_safe(other) and _is_wrong(text, own):
        return Settled(second, is_second=True)
    known_words = [word for word in text.split() if UNKNOWN_LETTER not in word]
    missed = 1 - coverage(" ".join(known_words), second) if known_words else 1.0
    return Settled(second, is_second=True, is_disputed=missed > 1 - _SAME_WORDS, missed=missed)


def _is_safe(measures: TextMeasures) -> bool:
    """Return whether nearly all words of a text are right, of enough words to say."""
    return (measures.quality or 0) >= _SAFE


def _is_wrong(text: str, measures: TextMeasures) -> bool:
    """Return whether a text shows wrong letters, or most of its words can be neither right nor wrong, such as codes."""
    lettered = sum(any(map(str.isalpha, word)) for word in text.split())
    return 2 * measures.right < lettered or not is_believable(decode_legacy(text))


def _part_digits(text: str) -> str:
    return _DIGITS.sub(r" \g<0> ", text)


def _join_hyphened(text: str) -> str:
    """Return the words of a text with a hyphen, without it: the other reader deletes those at the ends of lines."""
    return "".join(f" {word.replace('-', '')}" for word in _HYPHENED.findall(text))


def _find_cut(text: str, second: str) -> str:
    """Return the last words of lines that the edge of the page cuts for the other reader: beginnings of whole ones."""
    whole = set(text.split()) - set(second.split())
    ends = [words[-1] for line in second.splitlines() if (words := line.split())]
    cut = (end for end in ends if len(end) > 1 and any(word.startswith(end) for word in whole))
    return " ".join(("", *map(_part_digits, cut))) if len(whole) < _MANY_WHOLE else ""


def _worth_of_spaces(measures: TextMeasures) -> int:
    """Return how good a text is; single letters are pieces of words."""
    return measures.worth - measures.single


def _count_letters(text: str) -> Counter[str]:
    return Counter(filter(str.isalnum, text))


def _share_letters(one: str, other: str) -> float:
    letters, others = _count_letters(one), _count_letters(other)
    return (letters & others).total() / max(letters.total(), others.total(), 1)
