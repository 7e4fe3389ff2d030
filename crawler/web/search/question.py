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
    refused: list[str] = []

    def read(name: str, known: Mapping[str, object]) -> object:
        value = request.argument(name).lower()
        if value not in known:
            refused.append(name)
        return known.get(value, known[""])

    def read_day(name: str, *, last: bool) -> date | None:
        given = request.argument(name)
        day = parse_day(given, last=last)
        if given and day is None:
            refused.append(name)
        return day

    def read_size(name: str) -> int | None:
        given = request.argument(name)
        size = parse_size(given)
        if given and size is None:
            refused.append(name)
        return size

    byline = normalize_text(request.argument("byline")[:_MAX_NAME_CHARACTERS].translate(_QUOTES))
    if byline and not any(char.isalnum() for char in byline):
        byline = ""
        refused.append("byline")
    filters = Filters(
        portal=normalize_text(request.argument("portal")[:_MAX_NAME_CHARACTERS]) or None,
        since=read_day("since", last=False),
        until=read_day("until", last=True),
        byline=byline or None,
        has_pictures=bool(read("pictures", _SWITCHES)),
        is_changed=bool(read("changed", _SWITCHES)),
        is_removed=bool(read("removed", _SWITCHES)),
        is_undated=bool(read("undated", _SWITCHES)),
        least_sum=read_size("sum_from"),
        most_sum=read_size("sum_to"),
        key_bits=request.key_bits,
    )
    step, before = read_place(request.argument("before"))
    order = str(read("sort", _ORDERS))
    return Question(
        text=normalize_text(request.argument("q")[:MAX_QUERY_CHARACTERS]),
        filters=filters,
        category=normalize_text(request.argument("category")[:_MAX_NAME_CHARACTERS]),
        order=BY_DATE if before is not None and not step else order,
        before=before,
        step=step if order == BY_TIER else 0,
        refused=tuple(refused),
    )


def read_place(text: str) -> tuple[int, int | None]:
    """Parse the parameter `before`: the step (0 in order of date) and the sort_key, None if there is none.

    >>> read_place("4-317"), read_place("317"), read_place("x")
    ((4, 317), (0, 317), (0, None))
    """
    # By date alone there is no step, as once in every address.
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
