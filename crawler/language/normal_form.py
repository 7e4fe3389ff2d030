"""The normal forms of Unicode, in linear time for every text. Pure.

`unicodedata` puts combining marks in order by insertion: 600,000 marks after one letter take it an hour. UAX #15 has
no bound on such a run (its "Stream-Safe Text Format" adds characters to the text), so a long one is put in order here
before the library sees it. The result is the same.
"""

import re
import unicodedata
from functools import cache
from typing import Literal

# In so few characters no run is long enough to matter.
_FEW_CHARACTERS = 1_000
# UAX #15, 12: no real text has more marks after one letter.
_MOST_MARKS = 30
# No script has a mark outside of these. Scanning all planes would take a tenth of a second.
_FIRST, _BEHIND = 0x300, 0x1F000
# Two marks in one character, which itself does not count as a mark.
_DOUBLE = "\u0f73\u0f75\u0f81"


def compose(text: str) -> str:
    r"""Return a text in NFC.

    >>> compose("a\u0301") == "á"
    True
    """
    return _normalize("NFC", text)


def decompose(text: str) -> str:
    r"""Return a text in NFD.

    >>> decompose("á") == "a\u0301"
    True
    """
    return _normalize("NFD", text)


def compose_plain(text: str) -> str:
    r"""Return a text in NFKC: ligatures and wide letters as the plain letters that they stand for.

    >>> compose_plain("\ufb01"), compose_plain("a\u0301") == "á"
    ('fi', True)
    """
    return _normalize("NFKC", text)


def _normalize(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    if len(text) > _FEW_CHARACTERS and not text.isascii():
        some = text[_MOST_MARKS :: _MOST_MARKS + 1]  # of a longer run, one mark is among these
        if _may_be_mark().search(some):
            text = _may_be_long_runs().sub(lambda found: _long_runs().sub(_put_in_order, found[0]), text)
    return unicodedata.normalize(form, text)


@cache
def _marks() -> str:
    return "".join(filter(unicodedata.combining, map(chr, range(_FIRST, _BEHIND)))) + _DOUBLE


@cache
def _long_runs() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]{{{_MOST_MARKS + 1},}}+")


@cache
def _may_be_mark() -> re.Pattern[str]:
    """Find every mark, and rare letters: a class with single characters beyond U+FFFF is slow."""
    return re.compile(_near_marks())


@cache
def _may_be_long_runs() -> re.Pattern[str]:
    """Find every long run, and runs of rare letters."""
    return re.compile(f"{_near_marks()}{{{_MOST_MARKS + 1},}}+")


def _near_marks() -> str:
    near = "".join(mark for mark in _marks() if mark < "\U00010000")
    return f"[{near}\U00010000-{chr(_BEHIND)}]"


def _put_in_order(run: re.Match[str]) -> str:
    """Put marks in canonical order (Unicode, D109): sorted by their class, those of one class as they are."""
    apart = "".join([unicodedata.normalize("NFD", mark) for mark in run[0]])
    return "".join(sorted(apart, key=unicodedata.combining))
