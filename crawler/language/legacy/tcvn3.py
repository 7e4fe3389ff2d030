"""Decode TCVN3 (ABC, the set VN3 of TCVN 5712:1993), the letters of fonts such as .VnTime. Pure.

Its text comes as the letters of Windows-1252 that have the same bytes: "Céng hoµ x· héi" for "Cộng hoà xã hội". A
capital letter with a tone has no byte: it is the small letter in a font of capitals (.VnTimeH).
"""

import re
from collections.abc import Sequence

from crawler.language.syllables import is_syllable

_SMALL = (
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ"
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
)
_CAPITAL = "¡¢§£¤¥¦ĂÂĐÊÔƠƯ"
_OLD = _SMALL[: len(_SMALL) // 2] + _CAPITAL[: len(_CAPITAL) // 2]
_TABLE = str.maketrans(_OLD, _SMALL[len(_SMALL) // 2 :] + _CAPITAL[len(_CAPITAL) // 2 :])
# Letters of Western Windows that are none in TCVN3.
FOREIGN = re.compile("[ÀÁÂÃÄÅÍÙÚÛàðÿ]")
# Tones of their own, which follow a capital vowel (set VN2).
_LOOSE_TONES = str.maketrans("°±²³´", "\u0300\u0309\u0303\u0301\u0323")
_TONED_CAPITAL = re.compile("[AEIOUYĂÂÊÔƠƯ][°±²³´]")
_WORD = re.compile(r"[^\W\d_]+")
# U+00AD draws as a hyphen, so PDF files and some programs give it as one, or give none.
SOFT_HYPHEN = "\u00ad"
_HYPHENED = re.compile("(?<![\\w-])([^\\W\\d_]*)[-\u2010\u2011]([^\\W\\d_]*)(?![\\w-])")
# Words that lack their "ư" and are, or look like, other words.
_SHORTENED = {"ngời": "người", "nh": "như", "th": "thư", "t": "tư", "nhng": "nhưng", "hng": "hưng", "trng": "trưng"}
# This many words must be no syllable without the letter, before a text is taken for one that lost it.
_MIN_LOST = 2


def decode_tcvn3(text: str) -> str:
    """Decode a text that is in TCVN3. Words of capitals get capital letters with tones.

    >>> decode_tcvn3("Céng hoµ x· héi chñ nghÜa ViÖt Nam, Tù do, H¹nh phóc, ng\u00adêi, TØNH, Q§-UBND")
    'Cộng hoà xã hội chủ nghĩa Việt Nam, Tự do, Hạnh phúc, người, TỈNH, QĐ-UBND'
    """
    decoded = text.translate(_TABLE)
    decoded = _TONED_CAPITAL.sub(lambda pair: pair[0].translate(_LOOSE_TONES), decoded)
    return _WORD.sub(_raise_word, decoded) if decoded != text else text


def _raise_word(word: re.Match[str]) -> str:
    plain = [letter for letter in word[0] if letter.isascii()]
    is_raised = len(plain) > 1 and all(map(str.isupper, plain))
    return word[0].upper() if is_raised else word[0]


def restore_hyphened(decoded: str) -> str:
    """Return a decoded text with its "ư" restored where a hyphen stands for it and a syllable comes out.

    >>> restore_hyphened("tr-ởng Bộ T- pháp, ng-ời đ-ợc -u tiên - QĐ-UBND, 2-9, Hà-Nội")
    'trưởng Bộ Tư pháp, người được ưu tiên - QĐ-UBND, 2-9, Hà-Nội'
    """
    return _HYPHENED.sub(_restore, decoded)


def _restore(match: re.Match[str]) -> str:
    before, after = match[1], match[2]
    is_capital = after[:1].isupper() or (not after and len(before) > 1 and before.isupper())
    word = f"{before}{'Ư' if is_capital else 'ư'}{after}"
    is_mixed = bool(before) and is_capital and not before.isupper()
    is_word = len(word) > 1 and not is_mixed and is_syllable(word) and not _is_pair(before, after)
    return word if is_word else match[0]


def _is_pair(before: str, after: str) -> bool:
    """Return whether a hyphen joins two words, such as a syllable and one letter of capitals (T-A)."""
    return len(before) == len(after) == 1 and before.isupper() and after.isupper()


def restore_lost(parts: Sequence[str]) -> list[str]:
    """Return the decoded parts of a text with each "ư" that a program dropped or gave as a hyphen.

    They are unchanged if the text has one, or too few words that lack one.

    >>> restore_lost(["Hiệu trởng đợc cử", "ngời đi học nh vậy, chơng 2"])
    ['Hiệu trưởng được cử', 'người đi học như vậy, chương 2']
    """
    # A capital has a byte of its own, which nothing drops.
    if any("ư" in part for part in parts):
        return list(parts)
    hyphened = list(map(restore_hyphened, parts))
    if any("ư" in part for part in hyphened):
        return hyphened
    lost = sum(_insert(word) is not None for part in parts for word in _WORD.findall(part))
    return [_WORD.sub(_complete, part) for part in hyphened] if lost >= _MIN_LOST else hyphened


def _complete(match: re.Match[str]) -> str:
    word = match[0]
    known = _SHORTENED.get(word.lower())
    if known:
        return known.upper() if word.isupper() and len(word) > 1 else known.capitalize() if word[0].isupper() else known
    return _insert(word) or word


def _insert(word: str) -> str | None:
    """Return a word with the one "ư" that makes a syllable of it. Return None if it is one, or none or several do."""
    if word.isascii() or is_syllable(word):
        return None
    letter = "Ư" if word.isupper() else "ư"
    found = {whole for cut in range(len(word)) if is_syllable(whole := f"{word[:cut]}{letter}{word[cut:]}")}
    return found.pop() if len(found) == 1 else None
