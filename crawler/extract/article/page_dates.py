"""Read the dates on an article page: of posting, and of the uploads of its files."""

import re
from collections.abc import Iterable, Iterator, Sequence

from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.label_patterns import is_posted_line, is_updated_line
from crawler.extract.article.parts import Parts
from crawler.extract.page import Page, attribute
from crawler.items import FoundDate
from crawler.language.dates import PublishedDate, date_from_file_url, parse_portal_date, parse_rss_date
from crawler.language.text import fold, normalize_text
from crawler.profile import Profile

_STAMPS = frozenset(
    (
        ("property", "article:published_time"),
        ("name", "article:published_time"),
        ("itemprop", "datePublished"),
        ("name", "pubdate"),
        ("name", "publish-date"),
    )
)
# Every form of a date matches this, in folded text. Most lines do not, so no more tests are needed.
_DATED = re.compile(r"[/.-]\s?\d{4}|thang \d")
# A date with its time on either side, for lines with other words ("Đăng bởi Quản trị, 05/06/2024 08:00").
_DATE = re.compile(
    r"(?:\d{1,2}[:h]\d{2}(?::\d{2})?[ ,|-]*)?\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?!\d)(?:[ ,|-]*\d{1,2}[:h]\d{2}(?::\d{2})?)?"
)
# A date or time with the number of views after it, whose label is an icon.
_COUNTED = re.compile(r"([/.-]\d{4}|\d[:h]\d{2}) +[\d.,]{1,9}$")
_CUTS = re.compile(r"\s*[|•]\s*|\s+-\s+(?=[^\d\s])|\s*(?=(?:Tác giả|Nguồn|Người đăng|Người viết|Chuyên mục|Cỡ chữ)\b)")


def read_dates(
    page: Page, parts: Parts, *, profile: Profile, above: Sequence[str], below: Sequence[str], files: Iterable[str]
) -> tuple[FoundDate, ...]:
    """Return every date on the page, the date of posting first.

    The printed date counts; without one the machine-readable date (`<time>`, `<meta>`). Dates in the text are not
    read: they are those of events. Every upload day in the file names is returned, the latest first; a picture that
    is used again was uploaded for another article.

    Args:
        page: the page.
        parts: its article.
        profile: for the zone.
        above: the lines between title and content.
        below: the lines under the content. Only a date with a label of posting counts.
        files: the addresses of the article's own pictures and files.
    """
    printed = _first(_printed(parts, above, below=below), profile) or _first_stamp(page, parts, profile=profile)
    posted = () if printed is None else (FoundDate(printed.on, "page", printed.at),)
    days = {day for url in files if (day := date_from_file_url(url)) is not None}
    return (*posted, *(FoundDate(day, "file-name") for day in sorted(days, reverse=True)))


def is_date_line(text: str, profile: Profile) -> bool:
    """True for a line with only the label and date of posting."""
    return parse_pieces(text, profile) is not None


def parse_pieces(text: str, profile: Profile) -> PublishedDate | None:
    """Parse the date in a line of dates, credits and counters."""
    normal = normalize_text(text)
    if not _DATED.search(fold(normal)):
        return None
    whole = parse_portal_date(normal, profile.zone)
    if whole is not None:
        return whole
    normal = _COUNTED.sub(r"\1", normal)
    for piece in _CUTS.split(normal):
        found = parse_portal_date(piece, profile.zone) if piece and not is_updated_line(piece) else None
        if found is not None:
            return found
    dates = _DATE.findall(text) if is_posted_line(text) and not is_updated_line(text) else []
    return parse_portal_date(dates[0], profile.zone) if len(dates) == 1 else None


def _printed(parts: Parts, above: Sequence[str], *, below: Sequence[str]) -> Iterator[str]:
    """Yield the texts that can be the printed date, the most trusted first."""
    texts = [n.text(separator=" ") for n in parts.dates if not is_hidden(n)]
    yield from (text for text in texts if not is_updated_line(text))
    yield from (line for line in (*above, *below) if is_posted_line(line))
    if parts.is_framed:
        yield from (line for line in above if not is_updated_line(line))
    yield from texts


def _first(texts: Iterable[str], profile: Profile) -> PublishedDate | None:
    return next((found for text in texts if (found := parse_pieces(text, profile)) is not None), None)


def _first_stamp(page: Page, parts: Parts, *, profile: Profile) -> PublishedDate | None:
    """Read the machine-readable date: the first valid one that is not the zero date of an empty field."""
    stamps = [attribute(n, "datetime") for n in parts.dates if n.tag == "time"]
    metas = [n for n in page.metadata if n.tag == "meta" and not _STAMPS.isdisjoint(n.attributes.items())]
    stamps += [attribute(n, "content") for n in metas]
    for stamp in stamps:
        found = parse_rss_date(stamp, profile.zone)
        if found is not None and 2000 <= found.on.year < 2100:
            return found
    return None
