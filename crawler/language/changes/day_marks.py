"""Read days and months that are written with other marks: "ngày 30-4 và 1-5", "tháng 5.2026". Pure."""

import re

from crawler.language.numbers import MEASURES

# Only after one of these is "30-4" or "1.5" a day; elsewhere it is a range, a share or a decimal.
_DAY_WORDS = (
    "ngày|mùng|mồng|hôm|sáng|trưa|chiều|tối|đêm|dịp|lễ|quốc khánh|lao động|miền nam|phụ nữ|thiếu nhi|liệt sĩ|liệt sỹ"
)
_DAY_AND_MONTH = r"(?:0?[1-9]|[12][0-9]|3[01]){mark}(?:0?[1-9]|1[0-2])"
# "mỗi ngày 2-3 lần", "ngày 1-5/6", "ngày 1-5 tháng 6": amounts and ranges of days.
_NO_DAY = (
    r"(?![\w/-]|[.,][0-9]|\s?%"
    rf"|\s(?:tháng|lần|bữa|giờ|tiếng|phút|chuyến|lượt|ca|người|hộ|chục|trăm|nghìn|ngàn|vạn|triệu|tỷ|tỉ|{MEASURES})(?!\w))"
)
_DAYS = tuple(
    re.compile(
        rf"(?i:(?<!\w)(?:{_DAY_WORDS})\s(?:(?:từ|vào|ngày|từ ngày|vào ngày)\s)?{day}{_NO_DAY}"
        rf"(?:(?:,\s?|\s(?:và|đến|tới|hoặc|-)\s)(?:ngày\s)?{day}{_NO_DAY}){{0,6}})"
    )
    for day in (_DAY_AND_MONTH.format(mark=mark) for mark in ("[-/]", "[./]"))
)
_MONTH = re.compile(r"(?<!\w)(?i:tháng)\s(?:0?[1-9]|1[0-2])[.-](?:19|20)[0-9]{2}(?![\w/-]|[.,][0-9])")
_MARK = re.compile(r"(?<=[0-9])[.-](?=[0-9])")


def write_slashes(text: str) -> str:
    """Write the days and months that the words before them name with slashes, place by place.

    Args:
        text: with one kind of dash.

    >>> write_slashes("dịp lễ 30-4 và 1-5, ngày 1.5, tháng 5-2026")
    'dịp lễ 30/4 và 1/5, ngày 1/5, tháng 5/2026'
    >>> write_slashes("ngày 2-3 lần, ngày 1-5/6, chia 3-4 nhóm, tăng 1.5 lần")
    'ngày 2-3 lần, ngày 1-5/6, chia 3-4 nhóm, tăng 1.5 lần'
    """
    for pattern in (*_DAYS, _MONTH):
        text = pattern.sub(_put_slashes, text)
    return text


def _put_slashes(match: re.Match[str]) -> str:
    return _MARK.sub("/", match[0])
