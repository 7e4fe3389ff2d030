"""Decode VNI (VNI for Windows), the letters of fonts such as VNI-Times: a vowel, and its mark as a second letter. Pure.

Its text comes as the letters of Windows-1252 that have the same bytes: "Coäng hoaø xaõ hoäi" for "Cộng hoà xã hội".
"""

import re

from crawler.language.normal_form import compose

_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323",
}  # fmt: skip
_BREVE = {
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303",
    "ë": "\u0306\u0323",
}  # fmt: skip
# The letters that are one byte.
_SINGLES = dict(zip("ñæóòîôö", "đỉĩịỵơư", strict=True))
_MARKS = {
    "a": _TONES | _CIRCUMFLEX | _BREVE,
    "e": _TONES | _CIRCUMFLEX,
    "o": _TONES | _CIRCUMFLEX,
    "u": _TONES,
    "y": _TONES,
    "ô": _TONES,
    "ö": _TONES,
}
_LETTER = re.compile(
    "|".join(f"{base}[{''.join(marks)}]" for base, marks in _MARKS.items()) + f"|[{''.join(_SINGLES)}]", re.IGNORECASE
)


def decode_vni(text: str) -> str:
    """Decode a text that is in VNI. A letter is a capital if its vowel is; the case of its mark does not matter.

    >>> decode_vni("Coäng hoaø xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp, ngöôøi, tröôûng, UÛy ban, HOÀ CHÍ MINH")
    'Cộng hoà xã hội chủ nghĩa Việt Nam, Độc lập, người, trưởng, Ủy ban, HỒ CHÍ MINH'
    """
    return _LETTER.sub(_decode, text)


def _decode(match: re.Match[str]) -> str:
    base, mark = match[0][0], match[0][1:].lower()
    small = base.lower()
    letter = _SINGLES.get(small, small)
    letter = letter.upper() if base.isupper() else letter
    return compose(letter + (_MARKS[small][mark] if mark else ""))
