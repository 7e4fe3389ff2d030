"""Read the numbers of sums as Vietnamese writes them, with the magnitudes after them. Pure."""

import re
from decimal import Decimal, InvalidOperation
from math import prod

from crawler.language.numbers import SCALES

# A number with groups of three figures, or a part after a comma; and the other way round.
GROUPS = r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,3})?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,3})?|[0-9]+(?:[.,][0-9]+)?"
UNITS = {
    **SCALES, "chục": 10, "trăm": 100,
    "ng": 10**3, "tr": 10**6, "k": 10**3,
}  # fmt: skip
UNIT = "(?i:(?:(?:chục|trăm) )?(?:(?:nghìn|ngàn|triệu) )?(?:nghìn|ngàn|triệu|tỷ|tỉ))"
# Tables and readers shorten the unit before the currency: "trđ", "tr.đồng", "ngđ", "500k đồng".
SHORT_UNIT = r"(?i:tr|ng|k)(?=\.? ?(?:đ|đồng|Đ|ĐỒNG)(?!\w))"
# "Đơn vị tính: triệu đồng", over a table.
TABLE_UNIT = re.compile(
    rf"(?i:đơn vị(?: tính)?|đvt)\s?:\s?(?:(?P<unit>{UNIT}|{SHORT_UNIT}\.?|1[.,]?000)\s?)?(?i:đồng|vnđ|vnd|đ)(?!\w|/)"
)
_ONE_COMMA = re.compile("[1-9][0-9]{0,2},[0-9]{3}")
_POINTED_GROUPS = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+(,|$)")
_LONGEST_NUMBER = 24


def scale_of(unit: str | None) -> int:
    """Return what a magnitude stands for: 1 for none, 1,000 for "1.000".

    >>> [scale_of(unit) for unit in (None, "nghìn tỷ", "tr.", "1.000")]
    [1, 1000000000000, 1000000, 1000]
    """
    words = (unit or "").lower().rstrip(".").split()
    return prod(UNITS.get(word, 10**3) for word in words)


def read_number(text: str, *, has_unit: bool) -> Decimal | None:
    """Read a number as Vietnamese is written: groups separated by points, and a decimal comma.

    Other texts part groups by commas. One comma before three digits says either, unless the unit is the đồng itself,
    which has no parts, or no group can begin so ("0,556 tỷ").
    """
    if len(text) > _LONGEST_NUMBER:
        return None
    commas, points = text.count(","), text.count(".")
    may_group = commas == 1 and not points and _ONE_COMMA.fullmatch(text)
    if may_group and has_unit:
        return None
    is_foreign = commas > 1 or may_group
    is_foreign = is_foreign or (commas >= 1 and points == 1 and text.rindex(".") > text.rindex(","))
    if is_foreign:
        plain = text.replace(",", "")
    elif points and _POINTED_GROUPS.match(text):
        plain = text.replace(".", "").replace(",", ".")
    else:
        plain = text.replace(",", ".")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
