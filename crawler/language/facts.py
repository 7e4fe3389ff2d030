"""Derive facts for statistics from an article's words alone. Pure, with the same result on every machine.

Nothing here judges: a key unites several spellings, an event's day is one that the text itself names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.language.text import find_document_numbers, mark_tones, normalize_text

# Raise it when any function here gives another result for any text: `archive.articles.derived` then refills its tables.
FACTS_VERSION = 13

# A report names its event at the beginning; a day further down is mostly that of another event.
_LEAD_CHARACTERS = 700
# A report follows its event within this many days. An older day is history, a later one an announcement.
_LONGEST_DELAY_DAYS = 60

_DAY_NAMED = re.compile(
    r"(?<!\w)(?i:sáng|trưa|chiều|tối|đêm|ngày|từ|hôm nay)\b[^\n.;:0-9]{0,24}?"
    r"(?<![\w/.,-])(?P<day>[0-9]{1,2})\s?(?:[/.-]|\stháng\s)\s?(?P<month>[0-9]{1,2})"
    r"(?:\s?(?:[/.-]|\snăm\s)\s?(?P<year>[0-9]{4}))?(?![\w/]|[.,-][0-9])"
)
# "Quyết định số 12/QĐ-UBND ngày 3/6": the day of a document, not of the event.
_OF_A_DOCUMENT = re.compile(r"(?:\b(?i:số)\s?\S+|[0-9]/[A-ZĐ][\w/-]*|-(?:NQ|CT|KH|QĐ)\S*)\s*,?\s*$")
_YEAR = re.compile(
    r"(?:\b(?i:năm(?: học)?)\s)?(?<![0-9/.,-])(?:19|20)[0-9]{2}(?:\s?[-–]\s?(?:19|20)?[0-9]{2})?(?![0-9/.,-])"
)
_NOT_A_WORD = re.compile(r"[^\w²³⁴⁵⁶]+")


@dataclass(frozen=True, slots=True)
class Document:
    """The number of an official document, and the part of an article that names it first."""

    number: str
    place: str


def make_title_key(title: str) -> str:
    """Make a key that the titles of one notice share from year to year.

    Marks count, but not their place in a syllable. Case, punctuation and years do not count.

    >>> make_title_key("Thông báo tuyển dụng năm 2023") == make_title_key("THÔNG BÁO tuyển dụng, năm 2024")
    True
    >>> make_title_key("Hòa giải") == make_title_key("Hoà giải"), make_title_key("Bão") == make_title_key("Bao")
    (True, False)
    """
    return _NOT_A_WORD.sub(" ", mark_tones(_YEAR.sub(" ", normalize_text(title)))).strip()


def make_byline_key(byline: str) -> str:
    """Make a key that the spellings of one byline share. Case, punctuation and places of tone marks do not count.

    >>> make_byline_key("Lê Hòa (TTXVN).") == make_byline_key("LÊ HOÀ - TTXVN"), make_byline_key("Hoa")
    (True, 'hoa')
    """
    return _NOT_A_WORD.sub(" ", mark_tones(normalize_text(byline))).strip()


def find_documents(parts: Iterable[tuple[str, str | None]]) -> tuple[Document, ...]:
    """Find the document numbers in an article's parts, each once. A part is a place with its text.

    >>> find_documents([("title", "Về Kế hoạch 15/KH-UBND"), ("body", "Theo 15/KH-UBND và 25-NQ/TW")])
    (Document(number='15/KH-UBND', place='title'), Document(number='25-NQ/TW', place='body'))
    """
    found: dict[str, str] = {}
    for place, text in parts:
        for number in find_document_numbers(text) if text else ():
            found.setdefault(number, place)
    return tuple(Document(number, place) for number, place in found.items())


def find_event_day(text: str, on: date) -> date | None:
    """Find the day of the event that a text reports: the first in its beginning, up to 60 days before `on`.

    Args:
        text: summary and body, or one of them.
        on: the day of publication. It gives the year of a day without one.

    >>> find_event_day("Sáng ngày 30/11, tại hội trường", date(2024, 12, 2))
    datetime.date(2024, 11, 30)
    >>> find_event_day("Chiều 31/12, huyện tổ chức", date(2025, 1, 3))
    datetime.date(2024, 12, 31)
    >>> find_event_day("Theo Quyết định số 12/QĐ-UBND ngày 3/6/2024", date(2024, 6, 5)) is None
    True
    """
    lead = text[:_LEAD_CHARACTERS]
    for match in _DAY_NAMED.finditer(lead):
        if _OF_A_DOCUMENT.search(lead[: match.start()]):
            continue
        years = (int(match["year"]),) if match["year"] else (on.year, on.year - 1)
        for year in years:
            day = _make_day(year, int(match["month"]), day=int(match["day"]))
            if day is not None and timedelta(0) <= on - day <= timedelta(days=_LONGEST_DELAY_DAYS):
                return day
    return None


def _make_day(year: int, month: int, *, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
