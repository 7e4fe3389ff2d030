"""How much of one text is in another: by sequences of five words, so that moved and edited passages count. Pure."""

import re

from crawler.language.text import fold

_WORD = re.compile(r"\w+")
_SHINGLE_WORDS = 5


def share_known(text: str, other: str) -> float:
    """Return the share, 0 to 1, of a text's five-word sequences that another text has too.

    Case and marks do not count. A text of fewer words is one sequence. A text without words is known to any text.

    >>> share_known("Một hai ba bốn năm sáu", "MỘT hai, ba bốn năm bảy")
    0.5
    >>> share_known("Tin", "Tin khác"), share_known("Tin", "Tin"), share_known("", "Tin")
    (0.0, 1.0, 1.0)
    """
    own, others = _shingles(text), _shingles(other)
    return len(own & others) / len(own) if own else 1.0


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(fold(text))
    if not words:
        return set()
    return {tuple(words[start : start + _SHINGLE_WORDS]) for start in range(max(1, len(words) - _SHINGLE_WORDS + 1))}
