"""Find the dates that a text names as an end: of a term, of a recruitment, of its own validity."""

import re
from datetime import date

from crawler.language.text import fold

_DATE = (
    r"(?<!\d)(?:(?P<day>\d{1,2})\s?[/.-]\s?(?P<month>\d{1,2})\s?[/.-]\s?(?P<year>\d{4})(?!\d)|"
    r"(?P<day2>\d{1,2}) thang (?P<month2>\d{1,2})(?:,? nam |/)(?P<year2>\d{4})(?!\d))"
)
# What is before the date, in folded text: "đến (hết) ngày", "trước ngày", "hạn nộp: …", "hết hạn vào".
_HOUR = r"\d{1,2}(?:h|:| gio) ?\d{0,2}(?: phut)?,?"
_END = (
    rf"(?:\b(?:den|toi|truoc|het)(?: (?:{_HOUR}|het|ngay|thu [a-z]++,?)){{0,6}}|"
    r"\b(?:han|thoi han|ket thuc|het han)(?: [a-z]++){0,5})"
)
_ENDS = re.compile(rf"{_END}\s?[:,(]?\s?(?:la |ngay |het ngay ){{0,3}}{_DATE}")


def find_end_dates(text: str) -> tuple[date, ...]:
    """Return the dates that a text names as an end, each once, in order.

    >>> find_end_dates("Nhận hồ sơ từ ngày 01/6/2025 đến hết ngày 15/6/2025. Hạn nộp: ngày 20 tháng 6 năm 2025.")
    (datetime.date(2025, 6, 15), datetime.date(2025, 6, 20))
    >>> find_end_dates("Hội nghị diễn ra ngày 15/6/2025.")
    ()
    """
    found: dict[date, None] = {}
    for match in _ENDS.finditer(fold(text)):
        day, month, year = (match[name] or match[f"{name}2"] for name in ("day", "month", "year"))
        try:
            found[date(int(year), int(month), int(day))] = None
        except ValueError:
            continue
    return tuple(found)
