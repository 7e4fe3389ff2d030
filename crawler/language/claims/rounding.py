"""Decide whether a number that a draft rounds can be the one of an article: "gần 12 tỷ" of 11,8 tỷ. Pure."""

import re
from fractions import Fraction

# A rounded number may be this far from the exact one.
_FAR = Fraction(15, 100)
_WORDS = {
    "below": "gần|ngót|non|chưa đến|chưa tới|dưới|suýt",
    "above": "hơn|trên|không dưới|ít nhất|tối thiểu",
    "about": "khoảng|chừng|xấp xỉ|độ|ước|cỡ|tầm",
}
_ROUNDED = re.compile(
    rf"(?<!\w)(?i:{'|'.join(f'(?P<{name}>{words})' for name, words in _WORDS.items())})(?:\s[^\W\d_]+)?\s?$"
)


def is_rounded(before: str, *, said: object, exact: object) -> bool:
    """Return whether the words before a number round it, and the exact value fits: "gần" is less, "hơn" is more.

    Args:
        before: the text in front of the number.
        said: its value.
        exact: the value that the archive has.

    >>> [is_rounded(words, said=Fraction(12), exact=Fraction("11.8")) for words in ("Kinh phí gần ", "hơn ", "phí ")]
    [True, False, False]
    """
    match = _ROUNDED.search(before)
    if match is None or not isinstance(said, Fraction) or not isinstance(exact, Fraction) or said == 0:
        return False
    off = (exact - said) / abs(said)
    low, high = -_FAR if not match["above"] else 0, _FAR if not match["below"] else 0
    return low <= off <= high
