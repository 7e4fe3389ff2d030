r"""Find what a text of a file mentions: numbers of documents, sums of money, and dates, each with its place. Pure.

Texts of files are not in the archive's normal form: lines end within numbers, and letters are composed or not. So each
paragraph is searched in its normal form, but a tab stays: it parts the cells of a table. Places are those in the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from crawler.language.money.sums import find_sums
from crawler.language.money.table_sums import find_table_sums
from crawler.language.tables.text_lines import read_lined_tables
from crawler.language.text import HYPHENS, locate_document_numbers, normalize_text

# Of each kind, at most this many different ones of a text are found: the first. A file may be a register of thousands.
MOST_OF_A_KIND = 1000

# What tracked changes took out of a document is in these marks, on its own line.
DELETED_BEGIN, DELETED_END = "[-", "-]"
_DELETED = re.compile(rf"^{re.escape(DELETED_BEGIN)}.*?{re.escape(DELETED_END)}$", re.MULTILINE | re.DOTALL)

Kind = Literal["document", "sum", "date"]

# A digit, or the currency after a sum in words, composed or not.
_MAY_MENTION = re.compile("[0-9]|(?i:[đ]o\u0302\u0300ng|đồng)")
_DATE = re.compile(
    r"(?<![\w/.,])(?P<day>[0-9]{1,2})\s?(?P<join>[/.])\s?(?P<month>[0-9]{1,2})\s?(?P=join)\s?(?P<year>[0-9]{4})"
    r"(?![\w/]|[.,][0-9])"
    r"|(?<![\w/.,-])(?P<day2>[0-9]{1,2})-(?P<month2>[0-9]{1,2})-(?P<year2>[0-9]{4})(?![\w/]|[.,-][0-9])"
    r"|(?<![\w/.,-])(?P<year3>[0-9]{4})-(?P<month3>[0-9]{2})-(?P<day3>[0-9]{2})(?![\w/]|[.,-][0-9])"
    r"|\b(?i:ngày)\s?(?P<day4>[0-9]{1,2})\s?(?i:tháng)\s?(?P<month4>[0-9]{1,2})\s?(?i:năm)\s?(?P<year4>[0-9]{4})(?!\w)"
)
# No record of an office is older, and no plan reaches further.
_YEARS = range(1800, 2201)


@dataclass(frozen=True, slots=True)
class Mention:
    """What a text mentions first at a place.

    `value` is the number of a document, an amount with its currency ("12000000 VND"), or a day ("2024-06-03"). It is
    None for a sum that can be read in two ways ("1,500 tỷ đồng"). The text says it in `[start:end]`. `dong` and `per`
    are as in `Sum`, None for what is not a sum.
    """

    kind: Kind
    value: str | None
    start: int
    end: int
    dong: int | None = None
    per: str | None = None


def find_mentions(text: str, *, is_sheet: bool = False) -> tuple[Mention, ...]:
    r"""Find document numbers, sums and dates in a text, each value once, where the text has it first; in its order.

    A sum needs a currency or words of money, a date its year: "5 tỷ" may be of people, "3/6" of any year. What tracked
    changes took out mentions nothing: the document does not say it.

    Args:
        text: of a file.
        is_sheet: whether it is of a workbook (`find_sums`).

    >>> found = find_mentions("Quyết định 12/QĐ-\nUBND ngày 3/6/2024: 1,5 tỷ đồng, 3 tỷ, 30/2/2024")
    >>> [(one.kind, one.value) for one in found]
    [('document', '12/QĐ-UBND'), ('date', '2024-06-03'), ('sum', '1500000000 VND')]
    """
    text = _DELETED.sub(lambda deleted: re.sub(r"[^\n]", " ", deleted[0]), text)
    found: dict[Kind, dict[object, Mention]] = {"document": {}, "sum": {}, "date": {}}
    for place, paragraph in _paragraphs(text):
        if _MAY_MENTION.search(paragraph) is None:
            continue
        normal, starts, ends = _normalize_with_places(paragraph)
        for one in _locate(normal, is_sheet=is_sheet):
            own = found[one.kind]
            key = normal[one.start : one.end] if one.value is None else (one.value, one.per)
            if key not in own and len(own) < MOST_OF_A_KIND:
                own[key] = replace(one, start=place + starts[one.start], end=place + ends[one.end - 1])
    own = found["sum"]
    for cell in find_table_sums(read_lined_tables(text, is_sheet=is_sheet), is_sheet=is_sheet):
        first = own.get((cell.value, None))
        if (first is None and len(own) < MOST_OF_A_KIND) or (first is not None and cell.start < first.start):
            own[cell.value, None] = Mention("sum", cell.value, cell.start, cell.end, cell.dong)
    every = [mention for kind in found.values() for mention in kind.values()]
    return tuple(sorted(every, key=lambda one: (one.start, one.kind)))


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a text, which blank lines part, each with its place."""
    begin = end = 0
    for line in text.split("\n"):
        if (not line or line.isspace()) and end > begin:
            yield begin, text[begin:end]
            begin = end
        end += len(line) + 1
    yield begin, text[begin:]


def _locate(normal: str, *, is_sheet: bool) -> Iterator[Mention]:
    for number, start, end in locate_document_numbers(normal):
        yield Mention("document", number, start, end)
    plain = normal.translate(HYPHENS)
    for one in find_sums(plain, is_sheet=is_sheet):
        yield Mention("sum", one.value, one.start, one.said_end, one.dong, one.per)
    for match in _DATE.finditer(plain):
        day = _read_date(match)
        if day is not None:
            yield Mention("date", day, match.start(), match.end())


def _read_date(match: re.Match[str]) -> str | None:
    """Return the day of a date; None if the calendar has no such day."""
    for suffix in ("", "2", "3", "4"):
        if match[f"year{suffix}"]:
            year, month, day = (int(match[part + suffix]) for part in ("year", "month", "day"))
            try:
                return date(year, month, day).isoformat() if year in _YEARS else None
            except ValueError:
                return None
    return None


def _normalize_with_places(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return a paragraph in normal form, and for each character of it where it starts and ends in the paragraph."""
    if normalize_text(text) == text:
        return text, range(len(text)), range(1, len(text) + 1)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _RUN.finditer(text):
        run, start, end = match[0], match.start(), match.end()
        if run.isspace():
            pieces = [("\t" if "\t" in run else " ", start, end)]
        elif normalize_text(run) == run:
            letters.append(run)
            starts += range(start, end)
            ends += range(start + 1, end + 1)
            continue
        else:
            pieces = [
                (normalize_text(one[0]), start + one.start(), start + one.end()) for one in _CLUSTER.finditer(run)
            ]
        for normal, begin, stop in pieces:
            letters.append(normal)
            starts += [begin] * len(normal)
            ends += [stop] * len(normal)
    return "".join(letters), starts, ends


_RUN = re.compile(r"\s+|\S+")
# A letter with the marks that are composed with it, so that the normal forms of all make that of the whole.
_CLUSTER = re.compile(rf"\S[{chr(0x300)}-{chr(0x36F)}]*")
