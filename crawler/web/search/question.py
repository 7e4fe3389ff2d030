"""The parameters of a search: parsed, with the names of invalid ones, and written again."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from crawler.language.money.sizes import parse_size
from crawler.language.numbers import whole_number
from crawler.language.query.items import MAX_QUERY_CHARACTERS
from crawler.language.text import normalize_text
from crawler.search.sql import NO_FILTERS, Filters
from crawler.web.request import SiteRequest

BY_DATE, BY_TIER = "date", "tier"
# Relevance was an order of former versions.
_ORDERS = {"": BY_TIER, BY_TIER: BY_TIER, BY_DATE: BY_DATE, "relevance": BY_TIER}
_SWITCHES = {"": False, "0": False, "false": False, "no": False, "off": False} | dict.fromkeys(
    ("1", "true", "yes", "on"), True
)
_MAX_NAME_CHARACTERS = 120
_QUOTES = str.maketrans(dict.fromkeys('"“”„«»', " "))
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_PERIOD = re.compile(r"(?:(\d{1,2})[/.-])?(\d{4})|(\d{4})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """A search; `refused` names its invalid parameters, which are ignored.

    `before` is the sort_key of the last hit on the page before, `step` its step in the order of tiers (0 by date).
    `category` is as typed: an id, or a slug that categories of several portals may share. `look_up_category` puts the
    ids into `filters`.
    """

    text: str = ""
    filters: Filters = NO_FILTERS
    category: str = ""
    order: str = BY_TIER
    before: int | None = None
    step: int = 0
    refused: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether the search has any filter."""
        return bool(self.category) or self.filters != NO_FILTERS

    def parameters(self, **changed: object) -> dict[str, str]:
        """Return the parameters of this search's address without its page; `changed` replaces some."""
        filters = self.filters
        given: Mapping[str, object] = {
            "q": self.text,
            "portal": filters.portal,
            "category": self.category,
            "since": filters.since,
            "until": filters.until,
            "byline": filters.byline,
            "pictures": "1" if filters.has_pictures else "",
            "changed": "1" if filters.is_changed else "",
            "removed": "1" if filters.is_removed else "",
            "undated": "1" if filters.is_undated else "",
            "sum_from": filters.least_sum,
            "sum_to": filters.most_sum,
            "sort": self.order if self.order == BY_DATE and self.text else "",
        }
        return {name: str(value) for name, value in {**given, **changed}.items() if value not in (None, "", False)}


def read_question(request: SiteRequest) -> Question:
    """Parse a search's parameters; an invalid day, number, order or switch is ignored, never an error."""
    given = _Parameters(request)
    filters = Filters(
        byline=given.byline(),
        portal=given.name("portal") or None,
        since=given.day("since", last=False),
        until=given.day("until", last=True),
        has_pictures=bool(given.choice("pictures", _SWITCHES)),
        is_changed=bool(given.choice("changed", _SWITCHES)),
        is_removed=bool(given.choice("removed", _SWITCHES)),
        is_undated=bool(given.choice("undated", _SWITCHES)),
        least_sum=given.size("sum_from"),
        most_sum=given.size("sum_to"),
        key_bits=request.key_bits,
    )
    step, before = read_place(request.argument("before"))
    order = str(given.choice("sort", _ORDERS))
    return Question(
        text=normalize_text(request.argument("q")[:MAX_QUERY_CHARACTERS]),
        filters=filters,
        category=given.name("category"),
        order=BY_DATE if before is not None and not step else order,
        before=before,
        step=step if order == BY_TIER else 0,
        refused=tuple(given.refused),
    )


class _Parameters:
    """The parameters of a search. `refused` names the invalid ones, in the order in which they were read."""

    def __init__(self, request: SiteRequest) -> None:
        self._request = request
        self.refused: list[str] = []

    def name(self, name: str) -> str:
        """Read a name in its normal form."""
        return normalize_text(self._request.argument(name)[:_MAX_NAME_CHARACTERS])

    def choice(self, name: str, known: Mapping[str, object]) -> object:
        """Read one of the known values; the value of "" if it is none of them."""
        value = self._request.argument(name).lower()
        if value not in known:
            self.refused.append(name)
        return known.get(value, known[""])

    def day(self, name: str, *, last: bool) -> date | None:
        """Read a day, the last one of a month or year if `last`."""
        day = parse_day(self._request.argument(name), last=last)
        self._note(name, is_read=day is not None)
        return day

    def size(self, name: str) -> int | None:
        """Read a sum of money in đồng."""
        size = parse_size(self._request.argument(name))
        self._note(name, is_read=size is not None)
        return size

    def byline(self) -> str | None:
        """Read the name of an author, without quotation marks."""
        byline = normalize_text(self._request.argument("byline")[:_MAX_NAME_CHARACTERS].translate(_QUOTES))
        if byline and not any(char.isalnum() for char in byline):
            self.refused.append("byline")
            return None
        return byline or None

    def _note(self, name: str, *, is_read: bool) -> None:
        if not is_read and self._request.argument(name):
            self.refused.append(name)


def read_place(text: str) -> tuple[int, int | None]:
    """Parse the parameter `before`: the step (0 in order of date) and the sort_key, None if there is none.

    >>> read_place("4-317"), read_place("317"), read_place("x")
    ((4, 317), (0, 317), (0, None))
    """
    # By date alone there is no step. Older addresses never had one.
    first, _, last = text.rpartition("-")
    step, key = whole_number(first or "0", at_most=99), whole_number(last)
    return (step, key) if step is not None and key is not None else (0, None)


def parse_day(text: str, *, last: bool) -> date | None:
    """Parse a day as Vietnamese write it; for a month or year its first or last day; None if it is invalid.

    >>> parse_day("1/9/2024", last=False), parse_day("2024", last=True)
    (datetime.date(2024, 9, 1), datetime.date(2024, 12, 31))
    """
    if match := _DAY.fullmatch(text):
        year, month, day = match.group("year", "month", "day") if match["year"] else match.group(6, 5, 4)
        return _make_day(int(year), int(month), day=int(day))
    if match := _PERIOD.fullmatch(text):
        year, month = int(match[2] or match[3]), int(match[1] or match[4] or (12 if last else 1))
        first = _make_day(year, month, day=1)
        return first.replace(day=monthrange(year, month)[1]) if first and last else first
    return None


def _make_day(year: int, month: int, *, day: int) -> date | None:
    # SQLite's calendar ends in the year 9999.
    try:
        return date(year, month, day) if year < 9999 else None
    except ValueError:
        return None


def with_categories(question: Question, ids: tuple[int, ...]) -> Question:
    """Put the ids of the question's category into its filters; for an unknown category an id that finds nothing."""
    return replace(question, filters=replace(question.filters, categories=ids or (-1,)))
