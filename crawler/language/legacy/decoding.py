"""Decode texts in the letters from before Unicode. No text in other letters changes. Pure.

The name of a font shows which letters its run has. Without a font, the spelling shows it: read rightly, nearly every
word with a mark is a Vietnamese syllable. A text may mix both, so it is judged in segments: the lines, cut where a
word has a letter that only Unicode has.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from crawler.language.legacy.fonts import Letters, draws_capitals, find_letters
from crawler.language.legacy.symbols import show_symbols
from crawler.language.legacy.tcvn3 import FOREIGN, SOFT_HYPHEN, decode_tcvn3, restore_lost
from crawler.language.legacy.vni import decode_vni
from crawler.language.legacy.windows import as_letters_of_bytes
from crawler.language.normal_form import compose
from crawler.language.syllables import is_syllable

# Fonts of symbols come with their bytes in the private area U+F0A0 to U+F0FF; some programs write the Greek mu.
_BYTES = {0xF000 + byte: byte for byte in range(0xA0, 0x100)} | {0x3BC: 0xB5}
_ONLY_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")
# What a word is made of here: all but white space, ASCII signs and typographic signs. TCVN3 uses ® and § as letters.
_WORD = re.compile("[^\\s\\d\u0000-\u0040\\[-`{-\u009f\u2010-\u206f]+")
_MARKED = re.compile("[^\u0000-\u007f]")
_LINES = re.compile("[^\\n]*\\n|[^\\n]+")
_LINES_OR_PARTS = re.compile("[^\\n\\f]*[\\n\\f]|[^\\n\\f]+")
_PIECES = re.compile("\\S+|\\s+")
_LOOSE_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
# Letters that the code page has for other bytes than Western Windows, and letters that only legacy texts have.
_ONLY_WINDOWS = re.compile("[ĂăĐđƠơƯư₫]")
_LEGACY_SIGN = re.compile("[µ¶·¸¹»¼½¾ª«¬®\u00adäåæçëîïñöøûüþß]", re.IGNORECASE)
_LONGEST_ABBREVIATION = 6
# A segment is judged alone if it has this many marked words, of which so large a part must be syllables.
_MIN_WORDS = 4
_MIN_SHARE = 0.75
# Legacy text can be valid Unicode text by chance: 30 in 100 marked words of TCVN3 (measured).
_MIN_GAIN = 0.3
# Syllables with a sign in place of a letter (µ ¸ · ®): two are enough.
_SIGN = re.compile("[^\\W\\d_](?=[µ¸¶·¹¨»¾¼½©®ª«¬×])")
_MIN_SIGNED = 2
# Names of other peoples (§¾k L¾k) are not syllables, but no Unicode text has such signs in words.
_WITH_SIGN = re.compile(r"\b[§®]?[^\W\d_]*[µ¸¶·¹¨»¾¼½©®ª«¬×][^\W\d_]")
# The name of a font weighs more than this many words.
_FEW_WORDS = 1
# A hyphen in one word of a run may be one, though a syllable comes out without it.
_MIN_RESTORED = 2
# In a text with at most this share of words in Unicode, words that fit both ways are legacy.
_PURE_SHARE = 0.05

_DECODERS: dict[Letters, Callable[[str], str]] = {"tcvn3": decode_tcvn3, "vni": decode_vni}


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one font; None if the font is not known."""

    text: str
    font: str | None = None


@dataclass(frozen=True, slots=True)
class _Score:
    """The marked words of a segment, and how many are syllables as they are and in each kind of letters.

    Args:
        signed: syllables of TCVN3 that have a sign in place of a letter.
    """

    words: int
    raw: int
    tcvn3: int
    vni: int
    signed: int

    def best(self) -> Letters:
        return "tcvn3" if self.tcvn3 >= self.vni else "vni"

    def valid(self, letters: Letters) -> int:
        return self.tcvn3 if letters == "tcvn3" else self.vni

    def is_unicode(self) -> bool:
        return self.raw >= _MIN_SHARE * self.words

    def is_sure(self) -> bool:
        valid = self.valid(self.best())
        if valid < _MIN_SHARE * self.words:
            return False
        is_enough = self.words >= _MIN_WORDS and valid - self.raw >= max(2, _MIN_GAIN * self.words)
        return is_enough or (self.best() == "tcvn3" and self.signed >= _MIN_SIGNED)


def looks_legacy(text: str) -> Letters | None:
    """Return the legacy letters that a part of a text is in, judged by spelling; None if there are none.

    >>> looks_legacy("Céng hoµ x· héi chñ nghÜa ViÖt Nam"), looks_legacy("Cộng hoà xã hội chủ nghĩa Việt Nam")
    ('tcvn3', None)
    """
    scores = [_score(segment) for line in _LINES.findall(text) for segment in _cut(_as_letters(line))]
    return _judge(scores) or next((score.best() for score in scores if score.is_sure()), None)


def decode_legacy(text: str, font: str | None = None) -> str:
    """Return a text with its legacy letters decoded; a text in other letters unchanged.

    Args:
        text: of one file, page or run. U+00AD must not be dropped before: it is the "ư" of TCVN3.
        font: that draws all of it, if the file tells.

    >>> decode_legacy("Sè 12, ngµy 5 th¸ng 6"), decode_legacy("céng hoµ", ".VnTimeH")
    ('Số 12, ngày 5 tháng 6', 'CỘNG HOÀ')
    >>> decode_legacy("© 2007 «Hội nghị», Windows®, 5 µm")
    '© 2007 «Hội nghị», Windows®, 5 µm'
    """
    return decode_runs([Run(text, font)])


def decode_runs(runs: Iterable[Run]) -> str:
    """Return the joined text of runs, each decoded by its font, those in other fonts by their spelling.

    Give all runs of a file together: whether a legacy font holds Unicode text, which programs permit, is told by all.
    """
    return "".join(_decode_groups(_group(runs)))


def restore_runs(runs: Iterable[Run]) -> str:
    """Decode runs as `decode_runs`, and guess each "ư" of TCVN3 that a program dropped: give all runs of a file."""
    groups = _group(runs)
    parts = _decode_groups(groups)
    of_tcvn3 = [place for place, (letters, _) in enumerate(groups) if letters == "tcvn3"]
    if not any(SOFT_HYPHEN in run.text for _, group in groups for run in group):
        restored = restore_lost([parts[place] for place in of_tcvn3])
        if sum(map(_count_horns, restored)) - sum(_count_horns(parts[place]) for place in of_tcvn3) >= _MIN_RESTORED:
            for place, part in zip(of_tcvn3, restored, strict=True):
                parts[place] = part
    return "".join(parts)


def _count_horns(text: str) -> int:
    return text.count("ư") + text.count("Ư")


def _group(runs: Iterable[Run]) -> list[tuple[Letters | None, list[Run]]]:
    return [(letters, list(group)) for letters, group in groupby(runs, key=lambda run: find_letters(run.font))]


def _decode_groups(groups: list[tuple[Letters | None, list[Run]]]) -> list[str]:
    held = {letters: _score_all(groups, letters) for letters in _DECODERS}
    # Labels of lists and names of sheets have no font, or that of the program; they were written as the rest was.
    named = next(
        (kind for kind, score in held.items() if score.valid(kind) and not _is_plainly_unicode(score, kind)), None
    )
    return [
        _decode_by_font(group, letters, is_unicode=_is_plainly_unicode(held[letters], letters))
        if letters
        else _decode_by_spelling("".join(show_symbols(run.text, run.font) for run in group), named=named)
        for letters, group in groups
    ]


def _is_plainly_unicode(score: _Score, letters: Letters) -> bool:
    return score.raw > max(score.valid(letters), _FEW_WORDS)


def _score_all(groups: list[tuple[Letters | None, list[Run]]], letters: Letters) -> _Score:
    return _score("\n".join("".join(_as_letters(run.text) for run in runs) for name, runs in groups if name == letters))


def _decode_by_font(runs: Sequence[Run], letters: Letters, *, is_unicode: bool) -> str:
    """Decode neighbouring runs whose fonts draw the same letters; words may be cut between two runs.

    Args:
        is_unicode: whether most of what these fonts draw in the file is Unicode text.
    """
    parts = groupby(runs, key=lambda run: bool(_ONLY_UNICODE.search(run.text)))
    return "".join(
        "".join(_decode_by_spelling(run.text) for run in part)
        if has_unicode
        else _decode_legacy_runs(list(part), letters, is_unicode=is_unicode)
        for has_unicode, part in parts
    )


def _decode_legacy_runs(runs: Sequence[Run], letters: Letters, *, is_unicode: bool) -> str:
    text = "".join(_as_letters(run.text) for run in runs)
    score = _score(text)
    if (is_unicode and not score.is_sure()) or _is_plainly_unicode(score, letters):
        return "".join(run.text for run in runs)
    decoded = [_DECODERS[letters](_as_letters(run.text)) for run in runs]
    return "".join(text.upper() if draws_capitals(run.font) else text for run, text in zip(runs, decoded, strict=True))


def _decode_by_spelling(text: str, *, named: Letters | None = None) -> str:
    """Decode a text whose font says nothing; `named` are the letters that fonts of the same file tell."""
    if text.isascii():
        return text
    text = _read_vietnamese_windows(text)
    segments = [segment for line in _LINES.findall(text) for segment in _cut(_as_letters(line))]
    scores = list(map(_score, segments))
    letters = _judge(scores)
    if letters is None and named is not None:
        return "".join(
            _decode_segment(*pair, letters=named, is_pure=False) for pair in zip(segments, scores, strict=True)
        )
    if letters is None and not any(score.is_sure() for score in scores):
        return text
    only_unicode = sum(1 for word in _WORD.findall(text) if _ONLY_UNICODE.search(word))
    is_pure = only_unicode <= _PURE_SHARE * sum(score.words for score in scores)
    decoded = [
        _decode_segment(segment, score, letters=letters, is_pure=is_pure)
        for segment, score in zip(segments, scores, strict=True)
    ]
    whole = "".join(decoded)
    # If the reader of the file kept U+00AD, a hyphen is one.
    if letters == "tcvn3" and SOFT_HYPHEN not in text:
        return restore_lost([whole])[0]
    return whole


def _decode_segment(segment: str, score: _Score, *, letters: Letters | None, is_pure: bool) -> str:
    if _ONLY_UNICODE.search(segment):
        return segment
    if score.is_sure():
        return _DECODERS[score.best()](segment)
    if letters is None:
        return segment
    gain = score.valid(letters) - score.raw
    is_either = gain == 0 and not (letters == "tcvn3" and FOREIGN.search(segment))
    is_legacy = gain > 0 or (is_pure and is_either)
    is_foreign = score.valid(letters) < score.words / 2 and not (is_pure and _WITH_SIGN.search(segment))
    return _DECODERS[letters](segment) if is_legacy and not is_foreign else segment


def _judge(scores: Sequence[_Score]) -> Letters | None:
    """Return the letters of a text by all its segments that are not plainly Unicode; None if it has none."""
    others = [score for score in scores if not score.is_unicode()]
    whole = _Score(
        *(sum(getattr(score, name) for score in others) for name in ("words", "raw", "tcvn3", "vni", "signed"))
    )
    return whole.best() if whole.is_sure() else None


def _cut(line: str) -> Iterator[str]:
    """Cut a line where words with letters of Unicode begin and end. The pieces joined are the line."""
    for _, pieces in groupby(_PIECES.findall(line), key=_Side()):
        yield "".join(pieces)


class _Side:
    """Say of each piece of a line on which side of the cuts it is; white space stays with what is before it."""

    def __init__(self) -> None:
        self._is_unicode = False

    def __call__(self, piece: str) -> bool:
        if not piece.isspace() and not piece.isascii():
            self._is_unicode = bool(_ONLY_UNICODE.search(piece))
        return self._is_unicode


def _score(segment: str) -> _Score:
    words = [word for word in _WORD.findall(segment) if _MARKED.search(word) and len(word) > 1]
    read = list(map(decode_tcvn3, words))
    return _Score(
        len(words) - sum(map(_is_abbreviation, words, read)),
        sum(is_syllable(compose(word)) for word in words),
        sum(map(is_syllable, read)),
        sum(is_syllable(decode_vni(word)) for word in words),
        sum(bool(_SIGN.search(word)) and is_syllable(decoded) for word, decoded in zip(words, read, strict=True)),
    )


def _is_abbreviation(word: str, read: str) -> bool:
    """Tell whether a word with a sign in it is read as capitals (Q§): it says nothing about its spelling."""
    is_short = len(read) <= _LONGEST_ABBREVIATION and not is_syllable(read)
    return is_short and read.isalpha() and read.isupper() and not word.isalpha()


def _as_letters(text: str) -> str:
    return text.translate(_BYTES)


def _read_vietnamese_windows(text: str) -> str:
    """Return legacy text that was read as Windows-1258 as its bytes; any other text unchanged.

    That code page has combining tones in place of ị, ề, ẩ, ỡ and ũ of TCVN3. Lines with letters that it lacks are not
    from it.
    """
    if not _LOOSE_TONE.search(text) and not (_ONLY_WINDOWS.search(text) and _LEGACY_SIGN.search(text)):
        return text
    lines = _LINES_OR_PARTS.findall(text)
    composed = [compose(line) for line in lines]
    as_bytes = list(map(as_letters_of_bytes, lines))
    score = _score("\n".join(line for line in as_bytes if line is not None))
    pairs = list(zip(composed, as_bytes, strict=True))
    read = sum(_count_syllables(line) for line, encoded in pairs if encoded is not None)
    best = score.valid(score.best())
    if best < _MIN_SHARE * score.words or best - read < _MIN_GAIN * score.words:
        return "".join(composed)
    return "".join(
        line if encoded is None or _is_read(line, encoded, letters=score.best()) else encoded for line, encoded in pairs
    )


def _is_read(line: str, encoded: str, *, letters: Letters) -> bool:
    """Return whether a line has as many syllables as its bytes give in legacy letters, and any."""
    return _count_syllables(line) >= max(_score(encoded).valid(letters), 1)


def _count_syllables(line: str) -> int:
    return sum(is_syllable(word) for word in _WORD.findall(line) if _MARKED.search(word))
