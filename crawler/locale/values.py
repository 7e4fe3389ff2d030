"""How dates, times, numbers and sizes are written in each language."""

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date
from babel.numbers import format_decimal

from crawler.language.dates import parse_iso

# Patterns of CLDR (Unicode TR 35). Babel's own short and medium forms leave out the century, or put the month first.
_DAY = {"vi": "dd/MM/yyyy", "en": "d MMM yyyy"}
_DAY_OF_YEAR = {"vi": "dd/MM", "en": "d MMM"}
_MONTH = {"vi": "MM/yyyy", "en": "MMM yyyy"}


@lru_cache(maxsize=4096)
def show_day(day: str | None, language: str) -> str:
    """Show a plain date. Return the input unchanged if it is not a date, "" for None.

    >>> show_day("2026-08-28", "vi"), show_day("2026-08-28", "en")
    ('28/08/2026', '28 Aug 2026')
    """
    return _show_date(day, _DAY[language], language=language)


@lru_cache(maxsize=4096)
def show_month(month: str, language: str) -> str:
    """Show a month of a year. Return the input unchanged if it is not a month.

    >>> show_month("2026-08", "vi"), show_month("2026-08", "en")
    ('08/2026', 'Aug 2026')
    """
    shown = _show_date(f"{month}-01", _MONTH[language], language=language)
    return month if shown == f"{month}-01" else shown


def show_day_of_year(day: str, language: str) -> str:
    """Show a plain date without its year, where the year is stated beside it.

    Return the input unchanged if it is not a date.

    >>> show_day_of_year("2026-08-28", "vi"), show_day_of_year("2026-08-28", "en"), show_day_of_year("2026", "vi")
    ('28/08', '28 Aug', '2026')
    """
    return _show_date(day, _DAY_OF_YEAR[language], language=language)


def _show_date(day: str | None, pattern: str, *, language: str) -> str:
    if not day:
        return ""
    try:
        return format_date(date.fromisoformat(day), pattern, locale=language)
    except ValueError:
        return day


def show_moment(at: str | None, language: str, timezone: str = "Asia/Ho_Chi_Minh") -> str:
    """Show a time to the minute, in a portal's zone. Return the input unchanged if it is not a time, "" for None.

    >>> show_moment("2026-08-27T18:05:00Z", "vi")
    '28/08/2026 01:05'
    """
    if not at:
        return ""
    try:
        local = parse_iso(at).astimezone(ZoneInfo(timezone))
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return at
    return f"{show_day(local.date().isoformat(), language)} {local:%H:%M}"


@lru_cache(maxsize=4096)
def show_number(number: int, language: str) -> str:
    """Show a whole number, its thousands separated.

    >>> show_number(1234567, "vi"), show_number(1234567, "en")
    ('1.234.567', '1,234,567')
    """
    return format_decimal(number, locale=language)


def show_decimal(number: float, language: str) -> str:
    """Show a number with one decimal below ten if it is not whole, with none from ten on.

    >>> show_decimal(1.52, "vi"), show_decimal(2.0, "vi"), show_decimal(12.4, "en")
    ('1,5', '2', '12')
    """
    if number >= 10 or number == int(number):
        return show_number(round(number), language)
    return format_decimal(number, "0.0", locale=language)


def show_size(size_bytes: int, language: str) -> str:
    """Show a size in the unit (of 1024) that gives it few digits.

    >>> show_size(1536, "vi"), show_size(12, "en"), show_size(2**41, "vi")
    ('1,5 kB', '12 B', '2,0 TB')
    """
    size, unit = float(size_bytes), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):  # noqa: B007 - the last one reached is meant
        if size < 1024:
            break
        size /= 1024
    if unit == "B" or size >= 10:
        return f"{show_number(round(size), language)} {unit}"
    return f"{format_decimal(size, '0.0', locale=language)} {unit}"


def localize_size(size: str, language: str) -> str:
    """Write a size from `language.text.show_bytes` with the decimal sign of a language.

    >>> localize_size("5.8 MB", "vi"), localize_size("512 bytes", "vi"), localize_size("5.8 MB", "en")
    ('5,8 MB', '512 byte', '5.8 MB')
    """
    return size.replace(".", ",").replace("bytes", "byte") if language == "vi" else size
