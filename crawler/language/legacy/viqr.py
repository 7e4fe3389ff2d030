"""Decode VIQR (RFC 1456), by which old messages are written: ASCII, the marks after their letters: "Vie^.t". Pure."""

import re

from crawler.language.normal_form import compose
from crawler.language.syllables import is_syllable

_MARKS = str.maketrans(
    {
        "^": "\u0302",
        "(": "\u0306",
        "+": "\u031b",
        "*": "\u031b",
        "'": "\u0301",
        "`": "\u0300",
        "?": "\u0309",
        "~": "\u0303",
        ".": "\u0323",
    }
)
# Every text of some length has such letters. A search for one sign spares all others.
_RARE_SIGN = "^"
_LETTER = re.compile(r"(?:[aeo]\^|a\(|[ou][+*]|[aeiouy])['`?~.]?|dd|[a-z]", re.IGNORECASE)
_WORD = re.compile(rf"(?:{_LETTER.pattern})+", re.IGNORECASE)
_FORMED = re.compile(r"[aeo]\^|a\(|[ou][+*]", re.IGNORECASE)
# A full stop or question mark before a capital letter, and at the end of a line, is one.
_ENDS_SENTENCE = re.compile(r"\s+[A-Z]|\s*(?:\n|\Z)")
_ENDS = ".?"
# Of words with a circumflex, breve or horn: how many must be there, and be syllables; and how many of all words.
_FEWEST, _LEAST_RIGHT, _LEAST_OF_WORDS = 4, 0.75, 0.15


def decode_viqr(text: str) -> str:
    """Return a text in VIQR with its letters; any other text unchanged.

    >>> decode_viqr("U?y ban nha^n da^n thi. xa~ ddu+o+.c su+. ddo^`ng y' cu?a Ti?nh u?y. Nga`y 2/9.")
    'Ủy ban nhân dân thị xã được sự đồng ý của Tỉnh ủy. Ngày 2/9.'
    >>> decode_viqr("a^2 + b^2 = c^2, f(a(b))")
    'a^2 + b^2 = c^2, f(a(b))'
    """
    if _RARE_SIGN not in text or not _is_viqr(text):
        return text
    return _WORD.sub(_decode_in_sentence, text)


def _is_viqr(text: str) -> bool:
    words = _WORD.findall(text)
    formed = [word for word in words if _FORMED.search(word)]
    right = sum(is_syllable(_decode(word.rstrip(_ENDS))) or is_syllable(_decode(word)) for word in formed)
    return right >= max(_FEWEST, _LEAST_RIGHT * len(formed), _LEAST_OF_WORDS * len(words))


def _decode_in_sentence(found: re.Match[str]) -> str:
    word = found[0]
    if word[-1] in _ENDS and _ENDS_SENTENCE.match(found.string, found.end()):
        return _decode(word[:-1]) + word[-1]
    decoded = _decode(word)
    bare = _decode(word.rstrip(_ENDS))
    # A mark that makes no syllable is a sign of the sentence.
    return bare + word[len(word.rstrip(_ENDS)) :] if is_syllable(bare) and not is_syllable(decoded) else decoded


def _decode(word: str) -> str:
    return compose("".join(map(_decode_letter, _LETTER.findall(word))))


def _decode_letter(letter: str) -> str:
    if letter.lower() == "dd":
        return "Đ" if letter[0] == "D" else "đ"
    return letter.translate(_MARKS)
