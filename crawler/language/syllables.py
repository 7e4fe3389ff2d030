"""The grammar of a Vietnamese syllable: onset, vowels with one tone, coda, in legal combinations. Pure.

It is a grammar, not a list of words: it takes every syllable that can be written, also those without a meaning.
"""

import unicodedata
from functools import lru_cache

from crawler.language.normal_form import compose, decompose

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# A syllable that ends in one of these has sắc or nặng.
_STOPS = ("c", "ch", "p", "t")
_TONES_OF_STOPS = frozenset("\u0301\u0323")
# Each vowel (with its glide) and the codas it takes; "-" is none. Semivowels count as codas.
_CODAS = {
    "a": "- c ch i m n ng nh o p t u y", "ă": "c m n ng p t", "â": "c m n ng p t u y",
    "e": "- c m n ng o p t", "ê": "- c ch m n ng nh p t u", "i": "- a c ch m n nh p t u", "y": "- a t",
    "iê": "c m n ng p t u", "yê": "m n ng t u",
    "o": "- c i m n ng p t", "ô": "- c i m n ng p t", "ơ": "- i m n p t", "oo": "c ng n t", "ôô": "c ng",
    "u": "- a c i m n ng p t", "ư": "- a c i m n ng t u", "uô": "c i m n ng p t", "ươ": "c i m n ng p t u",
    "oa": "- c ch i m n ng nh o p t u y", "oă": "c m n ng p t", "oe": "- m n ng o t",
    "uâ": "c n ng t y", "uê": "- c ch n nh u", "uơ": "- n i", "uy": "- a ch m n nh p t u", "uyê": "n t",
}  # fmt: skip
# After q. "qua" is written with u as glide, whatever the vowel.
_CODAS_OF_QU = {
    "a": "- c ch i m n ng nh o p t u y", "ă": "c m n ng p t", "â": "c m n ng p t y", "e": "- m n ng o t",
    "ê": "- c ch n nh t", "i": "- t", "y": "- ch m n nh p t u", "ô": "- c n ng", "o": "- n ng", "ơ": "- i n",
    "yê": "n t m",
}  # fmt: skip
# Before i, y, e, ê come k, gh, ngh; before the others c, g, ng.
_BEFORE_FRONT = ("k", "gh", "ngh")
_BEFORE_BACK = ("c", "g", "ng")
_ONSETS = (
    "", "b", "ch", "d", "đ", "h", "kh", "l", "m", "n", "nh", "p", "ph", "r", "s", "t", "th", "tr", "v", "x",
)  # fmt: skip
_FRONT = ("i", "y", "e", "ê")
_GLIDES = ("ai", "oi", "ôi", "ơi", "ui", "ưi", "ao", "eo", "au", "âu", "êu", "iu", "ưu", "ay", "ây")


def _rhymes(codas: dict[str, str]) -> list[str]:
    return [vowel + coda.replace("-", "") for vowel, taken in codas.items() for coda in taken.split()]


@lru_cache(1)
def _toneless() -> frozenset[str]:
    """Return every syllable without its tone, in NFC."""
    made: set[str] = set()
    for rhyme in _rhymes(_CODAS):
        onsets = (*_ONSETS, *(_BEFORE_FRONT if rhyme.startswith(_FRONT) else _BEFORE_BACK))
        made.update(onset + rhyme for onset in onsets)
        if not rhyme.startswith(_FRONT[:2]):
            made.add("gi" + rhyme)
        elif rhyme.startswith("i"):
            made.add("g" + rhyme)  # gì, giếng: the i of gi is that of the vowel
    made.update("qu" + rhyme for rhyme in _rhymes(_CODAS_OF_QU))
    made.update(("ka", "kan", "kon", "đăk", "lăk"))  # place names
    return frozenset(made)


@lru_cache(1)
def _bare() -> frozenset[str]:
    """Return every syllable without any mark."""
    return frozenset(_without_marks(one) for one in _toneless())


def _without_marks(word: str) -> str:
    plain = "".join(mark for mark in decompose(word) if not unicodedata.combining(mark))
    return plain.replace("đ", "d")


@lru_cache(65_536)
def is_syllable(word: str) -> bool:
    """Return whether a word can be a Vietnamese syllable as it is written, with its marks.

    >>> [is_syllable(word) for word in ("nghị", "Quyết", "hoà", "hòa", "ĐƯỢC", "gìn")]
    [True, True, True, True, True, True]
    >>> [is_syllable(word) for word in ("Céng", "nuoc", "hội·", "thống2", "ngị", "tàt", "the")]
    [False, False, False, False, False, False, True]
    """
    marks = decompose(word.lower())
    tones = [mark for mark in marks if mark in _TONES]
    toneless = compose("".join(mark for mark in marks if mark not in _TONES))
    if len(tones) > 1 or toneless not in _toneless() or (marks[-1:] in _TONES and _ends_in_glide(toneless)):
        return False
    return not toneless.endswith(_STOPS) or bool(tones and tones[0] in _TONES_OF_STOPS)


def _ends_in_glide(toneless: str) -> bool:
    """Return whether the last letter is a vowel that never has the tone: that of "ao" and "ui", not that of "oa"."""
    return toneless.endswith(_GLIDES) and not toneless.startswith(("qu", "gi"))


@lru_cache(65_536)
def is_bare_syllable(word: str) -> bool:
    """Return whether a word is a Vietnamese syllable that lost its marks, or never had any.

    >>> [is_bare_syllable(word) for word in ("nuoc", "huyen", "dan", "nước", "school")]
    [True, True, True, False, False]
    """
    return word.isascii() and word.lower() in _bare()
