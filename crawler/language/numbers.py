"""Whole numbers in text that comes from outside: a page, a header, an address, a query, a name of a file. Pure."""

import re

# SQLite and C count so far. No page number, length or id of a portal is larger.
LARGEST = 2**63 - 1

# Leading zeros are not a large number, but a text of many thousand of them is no number either.
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
