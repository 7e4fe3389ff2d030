"""Find days that are written in words: "ngày mười hai tháng ba năm 2026". Pure."""

import re
from collections.abc import Iterator

_ONES = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_AFTER_TENS = {1: ("mốt",), 4: ("tư", "bốn"), 5: ("lăm",)}
# "mồng một", "mùng một" are the first of a month.
_DAYS = {
    **{word: day for day, word in enumerate(_ONES, 1)},
    "tư": 4, "mười": 10, "mười lăm": 15, "hai mươi": 20, "ba mươi": 30, "ba mốt": 31, "ba mươi mốt": 31,
    **{f"mười {word}": 10 + day for day, word in enumerate(_ONES, 1) if day != 5},
    **{
        f"{tens} {one}": 20 + day
        for day, word in enumerate(_ONES, 1)
        for one in _AFTER_TENS.get(day, (word,))
        for tens in ("hai mươi", "hai")
        if tens == "hai mươi" or one in ("mốt", "tư", "lăm")
    },
}  # fmt: skip
_MONTHS = {word: month for word, month in _DAYS.items() if month <= 12}


def _any_of(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_SPOKEN = re.compile(
    rf"(?i:(?<!\w)(?:ngày|mồng|mùng)\s(?:(?:mồng|mùng)\s)?(?:(?P<day>[0-9]{{1,2}})|(?P<day_word>{_any_of(_DAYS)}))"
    rf",?\stháng\s(?:(?P<month>[0-9]{{1,2}})|(?P<month_word>{_any_of(_MONTHS)}))(?!\w)"
    r"(?:,?\snăm\s(?:(?P<year>(?:19|20)[0-9]{2})"
    rf"|hai (?:nghìn|ngàn) không trăm (?P<year_word>{_any_of(_DAYS)}))(?!\w))?)"
)


def find_spoken_days(text: str) -> Iterator[tuple[tuple[int, int, int], int, int]]:
    """Yield the days of a text of which a part is in words: (day, month, year), start and end. Year 0 is not said.

    Whether the calendar has such a day is not asked.

    >>> [day for day, _, _ in find_spoken_days("Ngày hai mươi tư tháng mười năm 2026, rồi mồng một tháng tư")]
    [(24, 10, 2026), (1, 4, 0)]
    >>> [day for day, _, _ in find_spoken_days("ngày 3 tháng ba năm hai nghìn không trăm hai mươi sáu, ngày 3 tháng 4")]
    [(3, 3, 2026)]
    """
    for match in _SPOKEN.finditer(text):
        words = [match[name] for name in ("day_word", "month_word", "year_word")]
        if not any(words):
            continue
        day = int(match["day"]) if match["day"] else _DAYS[match["day_word"].lower()]
        month = int(match["month"]) if match["month"] else _MONTHS[match["month_word"].lower()]
        year = int(match["year"]) if match["year"] else 0
        if match["year_word"]:
            year = 2000 + _DAYS[match["year_word"].lower()]
        yield (day, month, year), match.start(), match.end()
