"""Read sums of money in words, as they stand behind those in figures: "Một tỷ hai trăm triệu đồng". Pure."""

import re
from collections.abc import Iterator

_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_SCALES = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_TEN, _TENS, _HUNDRED, _HALF, _NO_TENS = "mười", "mươi", "trăm", "rưỡi", ("linh", "lẻ")
_WORD = "|".join((*_DIGITS, *_SCALES, _TEN, _TENS, _HUNDRED, _HALF, *_NO_TENS))
_NUMBER_WORDS = frozenset(_WORD.split("|"))
# Digits that are said so only behind tens.
_AFTER_TENS = ("mốt", "tư", "lăm", "nhăm")
_MOST_WORDS = 40
_SPOKEN = re.compile(rf"(?<!\w)(?i:(?:(?:{_WORD}),?\s){{1,{_MOST_WORDS}}})(?=(?:đồng|ĐỒNG|Đồng)(?!\w))")
_CURRENCIES = ("đồng", "Đồng", "ĐỒNG")
# The letters before a currency that are looked at first: three scales, and the number before them.
_REACH = 24
_LEAST = 1000


def find_spoken_sums(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the amount of each sum in words, with its start and the end of its last number word, without "đồng".

    Words that are no number as it is spoken, and amounts below a thousand ("hai đồng"), are passed over.

    >>> [amount for amount, _, _ in find_spoken_sums("(Bằng chữ: Một tỷ, hai trăm linh năm triệu đồng chẵn)")]
    [1205000000]
    >>> [amount for amount, _, _ in find_spoken_sums("ba triệu rưỡi đồng; năm đồng chí; hai ba nghìn đồng")]
    [3500000]
    """
    if not _may_have_some(text):
        return
    for match in _SPOKEN.finditer(text):
        amount = _read_amount(match[0].replace(",", " ").lower().split())
        if amount is not None and amount >= _LEAST:
            yield amount, match.start(), match.start() + len(match[0].rstrip())


def _may_have_some(text: str) -> bool:
    """Return whether a number in words stands before a currency. It takes a tenth of the time of the search."""
    for currency in _CURRENCIES:
        place = text.find(currency)
        while place >= 0:
            words = text[max(0, place - _REACH) : place].replace(",", " ").lower().split()
            while words and words[-1] in _SCALES:
                words.pop()
            # "5 triệu đồng" is in figures.
            if words and words[-1] in _NUMBER_WORDS:
                return True
            place = text.find(currency, place + 1)
    return False


def _read_amount(words: list[str]) -> int | None:
    amount, last, group = 0, 0, list[str]()
    for place, word in enumerate(words):
        if word == _HALF:
            # "một triệu rưỡi": half of the scale before it, at the end.
            return amount + last // 2 if last and not group and place == len(words) - 1 else None
        if word not in _SCALES:
            group.append(word)
            continue
        scale = _SCALES[word]
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
