"""Find a quotation in a text: letter for letter, or what comes nearest and how it differs. Pure, bounded in time."""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from crawler.language.changes.diff import Piece, diff_lines
from crawler.language.text import HYPHENS, fold, mark_tones, normalize_text

# What differs, the least first: upper and lower case, the place of tone marks, punctuation and spaces, marks, words.
Difference = Literal["case", "tone-place", "punctuation", "marks", "words"]
DIFFERENCES: tuple[Difference, ...] = ("case", "tone-place", "punctuation", "marks", "words")

_QUOTES = dict.fromkeys(map(ord, "“”„‟\"«»‹›‘’‚‛'`´＂＇「」〝〞〟ʼ′″"), '"')
_ONE_KIND = {**_QUOTES, **HYPHENS}
_ELLIPSIS = re.compile(r"\s*(?:\[\s*…\s*\]|\(\s*…\s*\)|…)\s*")
# What a writer puts into a quotation: that it is so in the source.
_NOTE = re.compile(r"\s*(?:\[\s*(?i:sic|nguyên văn|nv)\s*!?\s*\]|\(\s*(?i:sic|nguyên văn)\s*!?\s*\))")
_ENDS = ' ,.;:!?…-"'
_WORD = re.compile(r"[^\W_]+")
# Parts of a quotation with something left out are at most this far apart.
_FAR = 4000
# A near passage has this many words of the quotation, and this share of them, in its order.
_LEAST_WORDS, _LEAST_SHARE = 3, 0.6
_SLACK_WORDS = 4
# Longer quotations are not compared word by word.
MOST_WORDS = 400
_MOST_PLACES, _MOST_PAIRS = 200_000, 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """A text in normal form, and with one kind of quotation mark and dash, place by place."""

    shown: str
    plain: str


@dataclass(frozen=True, slots=True)
class Near:
    """The passage of a text that comes nearest to a quotation: how it differs, and the words of both."""

    difference: Difference
    share: float
    passage: str
    start: int
    end: int
    pieces: tuple[Piece, ...]


def make_text(text: str) -> Text:
    """Make a text comparable: NFC, spaces as one, `...` as …; then one kind of quotation mark and dash."""
    shown = normalize_text(text).replace("...", "…")
    return Text(shown, shown.translate(_ONE_KIND))


def drop_notes(quotation: str) -> str:
    """Return a quotation without the notes of who quotes: `[sic]`, `(nguyên văn)`.

    >>> drop_notes("làm đến nơi đến chốn [sic], không bỏ ai")
    'làm đến nơi đến chốn, không bỏ ai'
    """
    return _NOTE.sub("", quotation)


def find_passage(text: Text, quotation: str) -> tuple[int, int] | None:
    """Return the place of a quotation in a text, letter for letter; None if the text does not have it.

    Kinds of quotation marks, dashes and spaces do not count, nor a mark at its ends. Where it leaves something out (…),
    its parts must follow each other.

    >>> find_passage(make_text("Ông nói: “Xã – huyện đều làm.”"), 'Xã - huyện đều làm,')
    (10, 28)
    >>> find_passage(make_text("Xã chi tiền xây cầu mới"), "Xã … cầu mới"), find_passage(make_text("Hoà"), "Hòa")
    ((0, 23), None)
    """
    wanted = make_text(quotation).plain.strip(_ENDS)
    if not wanted:
        return None
    parts = [part.strip(_ENDS) for part in _ELLIPSIS.split(wanted)] if "…" in wanted else []
    whole = _find(text.plain, wanted, start=0)
    if whole is not None or len(parts) < 2:
        return whole
    start = end = None
    for part in filter(None, parts):
        found = _find(text.plain, part, start=end or 0)
        if found is None or (end is not None and found[0] - end > _FAR):
            return None
        start, end = found[0] if start is None else start, found[1]
    return None if start is None or end is None else (start, end)


def _find(text: str, wanted: str, *, start: int) -> tuple[int, int] | None:
    place = text.find(wanted, start)
    while place >= 0:
        end = place + len(wanted)
        if not (text[place - 1 : place].isalnum() and wanted[0].isalnum()) and not (
            text[end : end + 1].isalnum() and wanted[-1].isalnum()
        ):
            return place, end
        place = text.find(wanted, place + 1)
    return None


def find_near(text: Text, quotation: str) -> Near | None:
    """Return the passage of a text that comes nearest to a quotation; None if none shares most of its words.

    >>> near = find_near(make_text("Hôm qua, xã đã chi tiền xây cầu mới."), "xã đã chi tiền xây cầu cũ")
    >>> near.difference, near.passage
    ('words', 'xã đã chi tiền xây cầu mới')
    >>> find_near(make_text("Ông nói hoà giải tốt"), "hòa giải tốt").difference
    'tone-place'
    """
    wanted = make_text(quotation).shown.strip(_ENDS)
    ours = [fold(match[0]) for match in _WORD.finditer(wanted)]
    if not ours or len(ours) > MOST_WORDS:
        return None
    theirs = [(match.start(), match.end()) for match in _WORD.finditer(text.shown)]
    words = [fold(text.shown[start:end]) for start, end in theirs]
    window = _find_window(words, ours)
    if window is None:
        return None
    first, last, share = window
    start, end = theirs[first][0], theirs[last][1]
    passage = text.shown[start:end]
    difference = _name_difference(passage, wanted)
    return Near(difference, share, passage, start, end, diff_lines(passage, wanted).pieces)


def _find_window(words: list[str], ours: list[str]) -> tuple[int, int, float] | None:
    """Return the first and last word of the passage with most of our words in their order, and their share."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    if sum(len(places.get(word, ())) for word in ours) > _MOST_PLACES:
        return None
    votes: Counter[int] = Counter()
    for number, word in enumerate(ours):
        for place in places.get(word, ()):
            votes[(place - number) // _SLACK_WORDS] += 1
    if not votes:
        return None
    best = max(votes, key=lambda bucket: (votes[bucket] + votes[bucket + 1], -bucket))
    begin = max(0, best * _SLACK_WORDS - _SLACK_WORDS)
    stop = min(len(words), best * _SLACK_WORDS + len(ours) + 2 * _SLACK_WORDS)
    within = words[begin:stop]
    counts = Counter(within)
    if sum(counts[word] for word in ours) > _MOST_PAIRS:
        return None
    blocks = SequenceMatcher(None, within, ours, autojunk=False).get_matching_blocks()[:-1]
    matched = sum(block.size for block in blocks)
    if matched / len(ours) < _LEAST_SHARE or matched < min(_LEAST_WORDS, len(ours)):
        return None
    # Where the first or last words were replaced, the passage has the words in their place.
    first = max(0, blocks[0].a - blocks[0].b)
    missing = len(ours) - blocks[-1].b - blocks[-1].size
    last = min(len(within), blocks[-1].a + blocks[-1].size + missing) - 1
    return begin + first, begin + last, matched / len(ours)


def _name_difference(passage: str, wanted: str) -> Difference:
    one, other = passage.translate(_ONE_KIND), wanted.translate(_ONE_KIND)
    if one.lower() == other.lower():
        return "case"
    if mark_tones(one) == mark_tones(other):
        return "tone-place"
    ours, theirs = _WORD.findall(one), _WORD.findall(other)
    if list(map(str.lower, ours)) == list(map(str.lower, theirs)):
        return "punctuation"
    return "marks" if list(map(fold, ours)) == list(map(fold, theirs)) else "words"
