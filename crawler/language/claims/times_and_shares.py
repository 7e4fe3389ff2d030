"""Find times of day (7 giờ 30, 7h30) and shares ("một nửa số hộ", "1/2 số hộ"), each with its value. Pure."""

import re
from collections.abc import Iterator
from fractions import Fraction

from crawler.language.changes.said_numbers import COUNTED

_TIME = re.compile(
    r"(?<![\w.,:/-])(?P<hour>[01]?[0-9]|2[0-4])(?:\s?(?i:h|giờ)|:(?=[0-5][0-9](?![0-9:])))"
    rf"(?:\s?(?P<minute>[0-5][0-9])(?:\s?phút)?(?![\w:]|[.,/][0-9]|\s?%|\s(?:{COUNTED})(?!\w)))?(?!\w)"
)
# Only of what is counted or measured: "một nửa thế giới" is no figure.
_SHARE = re.compile(
    r"(?<![\w/.,-])(?i:(?P<top>[1-9])/(?P<low>[2-9]|10)|(?P<half>(?:một|phân|1)\snửa)|(?P<quarters>một|ba)\sphần\stư|(?P<fifths>một|hai|ba|bốn)\sphần\snăm)"
    r"(?=\s(?:trong\s|của\s)?"
    r"(?:tổng|số|dân số|diện tích|kinh phí|vốn|mức|chi phí|hộ|người|học sinh|xã|thôn|bản|trường)(?!\w))"
)
_PARTS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4}


def find_times(text: str) -> Iterator[tuple[Fraction, int, int]]:
    """Yield the times of day, in hours, with start and end. A number of hours looks the same.

    >>> [str(hours) for hours, _, _ in find_times("từ 7 giờ 30 đến 17h, lúc 13:45; tỷ số 1:0, 5 giờ 20 người về")]
    ['15/2', '17', '55/4', '5']
    """
    for match in _TIME.finditer(text):
        yield int(match["hour"]) + Fraction(int(match["minute"] or 0), 60), *match.span()


def find_shares(text: str) -> Iterator[tuple[Fraction, int, int]]:
    """Yield the shares in words and fractions, in percent, with start and end.

    >>> [str(share) for share, _, _ in find_shares("Một nửa số hộ, ba phần tư diện tích, 1/5 số hộ; một nửa thế giới")]
    ['50', '75', '20']
    """
    for match in _SHARE.finditer(text):
        if match["top"]:
            share = Fraction(100 * int(match["top"]), int(match["low"]))
        elif match["half"]:
            share = Fraction(50)
        elif match["quarters"]:
            share = Fraction(100 * _PARTS[match["quarters"].lower()], 4)
        else:
            share = Fraction(100 * _PARTS[match["fifths"].lower()], 5)
        yield share, *match.span()
