"""Read sums of money in words, as they follow those in figures: "Một tỷ hai trăm triệu đồng". Pure."""

import re
from collections.abc import Iterator
from math import prod

from crawler.language.numbers import SCALES

_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_TEN, _TENS, _HUNDRED, _HALF, _NO_TENS = "mười", "mươi", "trăm", "rưỡi", ("linh", "lẻ")
# "nửa tỷ": half of a scale, without a number before.
_HALF_OF = "nửa"
_WORD = "|".join((*_DIGITS, *SCALES, _TEN, _TENS, _HUNDRED, _HALF, *_NO_TENS))
# Digits that are said so only after tens.
_AFTER_TENS = ("mốt", "tư", "lăm", "nhăm")
_MOST_WORDS = 40
# No number begins with one of the others: "đầu tư một tỷ".
_FIRST = "|".join((*(word for word in _DIGITS if word not in _AFTER_TENS), _TEN, _HALF_OF))
_SPOKEN = re.compile(rf"(?<!\w)(?i:(?:{_FIRST})(?:,?\s(?:{_WORD})){{0,{_MOST_WORDS - 1}}})(?!\w)")
# Scales that mean money without a currency, too.
_LARGE = ("triệu", "tỷ", "tỉ")
_LEAST = 1000
NUMBER_WORDS = frozenset((*_WORD.split("|"), _HALF_OF))
# What follows a sum in words. "tỉ" alone would find every "tỉnh".
_SIGNS = ("đồng", "Đồng", "ĐỒNG", " triệu", " tỷ", " tỉ ", " tỉ.", " tỉ,")
# The letters before one of them that are looked at: three scales, and the number before them.
_REACH = 24


def find_spoken_sums(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the amount of each number in words that may be a sum, with its start and the end of its last word.

    The caller decides by the words around whether money is meant. Words that are not a number as it is spoken, and
    amounts below a thousand ("hai đồng"), are passed over.

    >>> [amount for amount, _, _ in find_spoken_sums("(Bằng chữ: Một tỷ, hai trăm linh năm triệu đồng chẵn)")]
    [1205000000]
    >>> [amount for amount, _, _ in find_spoken_sums("ba triệu rưỡi đồng; nửa tỷ; năm đồng chí; hai ba nghìn đồng")]
    [3500000, 500000000]
    """
    if _may_have_some(text):
        yield from (one for one in find_spoken_numbers(text) if one[0] >= _LEAST)


def find_spoken_numbers(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield each number in words, of anything, with its start and the end of its last word."""
    for match in _SPOKEN.finditer(text):
        amount = _read_amount(match[0].replace(",", " ").lower().split())
        if amount is not None:
            yield amount, match.start(), match.end()


def _may_have_some(text: str) -> bool:
    """Return whether a number in words is before a currency or magnitude. It takes a tenth of the search's time."""
    for sign in _SIGNS:
        place = text.find(sign)
        while place >= 0:
            words = text[max(0, place - _REACH) : place].replace(",", " ").lower().split()
            while words and words[-1] in SCALES:
                words.pop()
            # "5 triệu đồng" is in figures.
            if words and words[-1] in NUMBER_WORDS:
                return True
            place = text.find(sign, place + 1)
    return False


def is_magnitude(words: str) -> bool:
    """Return whether a number in words ends in millions or billions: "ba trăm triệu", "một tỷ rưỡi".

    >>> is_magnitude("hai tỷ"), is_magnitude("hai nghìn")
    (True, False)
    """
    last = words.lower().removesuffix(f" {_HALF}").rpartition(" ")[2]
    return last in _LARGE


def _read_amount(words: list[str]) -> int | None:
    if words[0] == _HALF_OF:
        scales = [SCALES.get(word, 0) for word in words[1:]]
        return prod(scales) // 2 if scales and all(scales) and scales == sorted(scales) else None
    amount, last, group = 0, 0, list[str]()
    for place, word in enumerate(words):
        if word == _HALF:
            # "một triệu rưỡi": half of the scale before it, at the end.
            return amount + last // 2 if last and not group and place == len(words) - 1 else None
        if word not in SCALES:
            group.append(word)
            continue
        scale = SCALES[word]
        if not group:
            # "hai nghìn tỷ": a scale of another one.
            if last != _LEAST or scale <= last or amount % scale == 0:
                return None
            amount, last = amount * scale, scale
            continue
        value = _read_group(group)
        if value is None or (last and scale >= last):
            return None
        amount, last, group = amount + value * scale, scale, []
    if not group:
        return amount
    value = _read_group(group)
    return None if value is None else amount + value


def _read_group(words: list[str]) -> int | None:
    """Read a number below a thousand; None if it is not said so."""
    hundreds = 0
    if len(words) > 1 and words[1] == _HUNDRED:
        if words[0] not in _DIGITS:
            return None
        hundreds, words = 100 * _DIGITS[words[0]], words[2:]
        if len(words) == 1 and words[0] in _DIGITS:
            return None  # "một trăm hai" may be 102 or 120
    rest = _BELOW_HUNDRED.get(tuple(words))
    return None if rest is None else hundreds + rest


def _name_below_hundred() -> dict[tuple[str, ...], int]:
    """Return every number below a hundred as it is said: "linh năm", "mười lăm", "hai mươi mốt", "hai mốt"."""
    named: dict[tuple[str, ...], int] = {(): 0, (_TEN,): 10}
    for word, digit in _DIGITS.items():
        named[(word,)] = digit
        named[(_TEN, word)] = 10 + digit
        named[(word, _TENS)] = 10 * digit
        named.update({(zero, word): digit for zero in _NO_TENS})
        named.update({(ten, _TENS, word): 10 * tens + digit for ten, tens in _DIGITS.items()})
        if word in _AFTER_TENS:
            named.update({(ten, word): 10 * tens + digit for ten, tens in _DIGITS.items()})
    return named


_BELOW_HUNDRED = _name_below_hundred()
