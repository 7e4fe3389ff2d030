"""Numbers in text: whole ones that come from outside (a page, a query); decimals and measures of Vietnamese. Pure."""

import re
from fractions import Fraction

# SQLite and C count so far. No page number, length or id of a portal is larger.
LARGEST = 2**63 - 1

# Leading zeros are not a large number, but a text of many thousand of them is not a number either.
_WHOLE_NUMBER = re.compile(r"0{0,64}([0-9]{1,19})")


def whole_number(text: str, *, at_most: int = LARGEST) -> int | None:
    r"""Return the number that a text is, from 0 to `at_most`. None for every other text.

    Use it in place of `int`, which also takes signs, underscores, spaces and the digits of other scripts, raises for
    4,301 digits, and gives numbers that no database stores; and in place of `str.isdigit`, which is true for `²`.

    Args:
        text: ASCII digits only, without spaces around them; at most 19 after the leading zeros.
        at_most: the largest number that makes sense here.

    >>> whole_number("007"), whole_number("0"), whole_number("12", at_most=11)
    (7, 0, None)
    >>> [whole_number(text) for text in ("", "²", "٣", "-1", "+1", "1_0", " 1", "1\n", "1.0", "9" * 19, "1" * 4301)]
    [None, None, None, None, None, None, None, None, None, None, None]
    """
    found = _WHOLE_NUMBER.fullmatch(text)
    if found is None:
        return None
    number = int(found[1])
    return number if number <= at_most else None


# The words that multiply a number by thousands, in every room that reads numbers.
SCALES = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3}){2,}")
_PLAIN = re.compile(r"[0-9]+(?:[,.][0-9]{1,2}|,[0-9]{4,})?|0[,.][0-9]+")
_SPACED = re.compile("[0-9]{1,3}(?: [0-9]{3})+")
_LONGEST_DECIMAL = 24
# Measures of one thing, each as this many of the smallest that texts have.
_MEASURES: dict[str, tuple[str, int | Fraction]] = {
    "mm": ("m", Fraction(1, 1000)), "cm": ("m", Fraction(1, 100)), "m": ("m", 1), "km": ("m", 1000),
    "m2": ("m2", 1), "ha": ("m2", 10**4), "km2": ("m2", 10**6),
    "kg": ("kg", 1), "yến": ("kg", 10), "tạ": ("kg", 100), "tấn": ("kg", 1000),
    "lít": ("lít", 1), "m3": ("lít", 1000),
}  # fmt: skip
# Other spellings of these measures.
SPELLED = {
    "mét vuông": "m2", "mét khối": "m3", "ki lô mét vuông": "km2", "ki lô mét": "km", "kilômét": "km", "kilomet": "km",
    "cây số": "km", "héc ta": "ha", "hecta": "ha", "hécta": "ha", "ki lô gam": "kg", "kilôgam": "kg", "mét": "m",
    "m²": "m2", "m³": "m3", "km²": "km2",
}  # fmt: skip
# Every way to write a measure, for patterns; the longest first.
MEASURES = "|".join(sorted((*_MEASURES, *SPELLED), key=len, reverse=True))


def read_decimal(digits: str) -> Fraction | None:
    """Read a number as Vietnamese writes it, groups parted by points or spaces; None where a comma may group or part.

    >>> read_decimal("1.500"), read_decimal("1 500"), read_decimal("1,5") == read_decimal("1.5"), read_decimal("1,500")
    (Fraction(1500, 1), Fraction(1500, 1), True, None)
    """
    if len(digits) > _LONGEST_DECIMAL:
        return None
    if _SPACED.fullmatch(digits):
        return Fraction(digits.replace(" ", ""))
    if _GROUPED.fullmatch(digits):
        whole = digits.replace(".", "") if "." in digits else digits.replace(",", "")
        return Fraction(whole.replace(",", "."))
    return Fraction(digits.replace(",", ".")) if _PLAIN.fullmatch(digits) else None


def measure(unit: str) -> tuple[str, int | Fraction]:
    """Return what a unit is a multiple of, and how much of it: lengths in m, areas in m2, weights in kg. Else itself.

    >>> measure("ha"), measure("km²"), measure("hộ")
    (('m2', 10000), ('m2', 1000000), ('hộ', 1))
    """
    name = unit.lower()
    return _MEASURES.get(SPELLED.get(name, name), (unit, 1))
