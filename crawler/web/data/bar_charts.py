"""Bar charts as pictures: where each bar is drawn, and the rows of the table that says the same. Pure.

`draw_months` is the home page's chart, one bar for each month, with links; `draw_columns` are the dashboard's charts,
bars of several series on top of each other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from markupsafe import Markup

WIDTH = 720
MONTHS_HEIGHT, COLUMNS_HEIGHT = 120, 180
# Draw only the latest this many labels; the page says in words what is older.
MOST_LABELS = 180
# The least distance between two labels of an axis, in the picture's units.
_YEAR_WIDTH, _LABEL_WIDTH = 44, 60

Ticks = tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class MonthBar:
    """The bar of a month; `month` is YYYY-MM."""

    month: str
    count: int
    x: float
    width: float
    y: float
    height: float

    @property
    def since(self) -> str:
        """Its first day."""
        return f"{self.month}-01"

    @property
    def until(self) -> str:
        """Its last day."""
        return last_day(self.month)


@dataclass(frozen=True, slots=True)
class Year:
    """A year in the table: its twelve months (None without articles), and how many articles in all."""

    year: str
    count: int
    months: tuple[MonthBar | None, ...]


@dataclass(frozen=True, slots=True)
class MonthChart:
    """The chart of months. `years` are newest first and hold all that is drawn; `earlier` counts what is older."""

    bars: tuple[MonthBar, ...]
    years: tuple[Year, ...]
    most: MonthBar
    earlier: int
    ticks: Ticks


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of one series at one label."""

    series: int
    value: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class BarGroup:
    """The bars at one label, on top of each other, and the values in the order of the series."""

    label: str
    bars: tuple[Bar, ...]
    values: tuple[float, ...]
    x: float
    width: float

    @property
    def total(self) -> float:
        """The sum of the values."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class BarChart:
    """A chart of series: `series` and `groups` in order, the axis' ticks, and how many labels are not drawn."""

    series: tuple[str, ...]
    groups: tuple[BarGroup, ...]
    ticks: Ticks
    levels: tuple[tuple[float, float], ...]
    left_out: int

    @property
    def totals(self) -> tuple[float, ...]:
        """The sum of each series over what is drawn."""
        return tuple(sum(group.values[place] for group in self.groups) for place in range(len(self.series)))


def draw_months(by_month: Mapping[str, int]) -> MonthChart | None:
    """Lay out the bars of counts by month (YYYY-MM), empty months included; None if nothing was counted."""
    held = sorted(month for month, count in by_month.items() if count and _is_month(month))
    if not held:
        return None
    months = list_months(held[0], held[-1])[-MOST_LABELS:]
    top = max(by_month.get(month, 0) for month in months)
    step = WIDTH / max(len(months), 12)
    bars = tuple(
        _bar(month, by_month.get(month, 0), x=number * step, step=step, top=top) for number, month in enumerate(months)
    )
    shown = [bar for bar in bars if bar.count]
    rows = [_year(year, list(found)) for year, found in groupby(shown, key=lambda bar: bar.month[:4])]
    ticks = [(bar.x, bar.month[:4]) for bar in bars if bar.month.endswith("-01") or bar is bars[0]]
    return MonthChart(
        bars,
        tuple(reversed(rows)),
        max(shown, key=lambda bar: bar.count),
        sum(count for month, count in by_month.items() if _is_month(month) and month < months[0]),
        _thin_years(ticks, _YEAR_WIDTH),
    )


def write_bars(chart: MonthChart, link: Callable[[str, str], str], *, label: Callable[[MonthBar], str]) -> Markup:
    """Write the bars as SVG, each a link that the keyboard skips: the table has the same links.

    In Python, as a template takes ten times as long for two hundred of them.
    """
    form = Markup(
        '<a href="{}" tabindex="-1"><title>{}</title><rect class="hit" x="{}" y="0" width="{}" height="{}"/>'
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}"/></a>'
    )
    return Markup("\n").join(
        form.format(
            link(bar.since, bar.until), label(bar), bar.x, bar.width, MONTHS_HEIGHT, bar.x, bar.y, bar.width, bar.height
        )
        for bar in chart.bars
        if bar.count
    )


def write_rows(chart: MonthChart, link: Callable[[str, str], str], *, show: Callable[[int], str]) -> Markup:
    """Write the table's rows, one for each year: its count and those of its months, each a link to these days.

    Args:
        chart: what is drawn.
        link: gives an address for a first and a last day.
        show: writes a number.
    """
    row = Markup('<tr><th scope="row">{}</th>{}{}</tr>')
    cell = Markup('<td><a href="{}">{}<span class="visually-hidden"> ({})</span></a></td>')
    empty = Markup("<td></td>")
    return Markup("\n").join(
        row.format(
            year.year,
            cell.format(link(f"{year.year}-01-01", f"{year.year}-12-31"), show(year.count), year.year),
            Markup("").join(
                cell.format(link(bar.since, bar.until), show(bar.count), f"{number}/{year.year}") if bar else empty
                for number, bar in enumerate(year.months, 1)
            ),
        )
        for year in chart.years
    )


def draw_columns(
    data: Mapping[str, Mapping[str, float]], series: Sequence[str], *, labels: Sequence[str]
) -> BarChart | None:
    """Lay out stacked columns, one for each label; None if there is nothing to draw.

    Args:
        data: the values of each label, by series.
        series: the series in order, the lowest first; a series without any value is left out.
        labels: the labels in order, also those without data.
    """
    shown = tuple(labels[-MOST_LABELS:])
    used = tuple(name for name in series if any(data.get(label, {}).get(name) for label in shown))
    if not used:
        return None
    values = [tuple(float(data.get(label, {}).get(name, 0) or 0) for name in used) for label in shown]
    top = _round_up(max(sum(row) for row in values))
    step = WIDTH / max(len(shown), 12)
    groups = tuple(
        _stack(label, row, x=number * step, width=step, top=top)
        for number, (label, row) in enumerate(zip(shown, values, strict=True))
    )
    # The lines of the axis: place and value, at the half and at the top.
    levels = tuple((round(COLUMNS_HEIGHT * (1 - share), 2), top * share) for share in (0.5, 1.0))
    return BarChart(used, groups, _name_ticks(groups), levels, len(labels) - len(shown))


def _year(year: str, held: list[MonthBar]) -> Year:
    by_month = {bar.month: bar for bar in held}
    months = tuple(by_month.get(f"{year}-{month:02}") for month in range(1, 13))
    return Year(year, sum(bar.count for bar in held), months)


def _bar(month: str, count: int, *, x: float, step: float, top: int) -> MonthBar:
    height = max(MONTHS_HEIGHT * count / top, 1.5) if count else 0.0
    return MonthBar(month, count, round(x, 2), round(step * 0.8, 2), round(MONTHS_HEIGHT - height, 2), round(height, 2))


def _stack(label: str, values: tuple[float, ...], *, x: float, width: float, top: float) -> BarGroup:
    bars, base = [], 0.0
    for series, value in enumerate(values):
        if value > 0:
            height = COLUMNS_HEIGHT * value / top
            place = COLUMNS_HEIGHT - COLUMNS_HEIGHT * base / top - height
            bars.append(Bar(series, value, round(x, 2), round(place, 2), round(width * 0.85, 2), round(height, 2)))
            base += value
    return BarGroup(label, tuple(bars), values, round(x, 2), round(width, 2))


def _name_ticks(groups: Sequence[BarGroup]) -> Ticks:
    """Name every label that has room; only the first of each year if there are several years."""
    every = max(1, round(_LABEL_WIDTH / groups[0].width + 0.5))
    years = [group for group in groups if group.label[4:] in ("-01", "-01-01")]
    is_by_year = len(years) > 1
    marked = [groups[0], *years] if is_by_year else groups[::every]
    ticks = [(group.x, group.label[:4] if is_by_year else group.label) for group in marked]
    return _thin_years(ticks, _LABEL_WIDTH) if is_by_year else _thin(ticks, _LABEL_WIDTH)


def _thin_years(ticks: Sequence[tuple[float, str]], distance: float) -> Ticks:
    """Leave out years as `_thin` does; of a first year that is cut short and the next one, name the next.

    Else the axis would name 2020 and 2022, with 2021 between them looking like a gap.
    """
    is_cut_short = len(ticks) > 1 and ticks[1][0] - ticks[0][0] < distance
    return _thin(ticks[1:] if is_cut_short else ticks, distance)


def _thin(ticks: Iterable[tuple[float, str]], distance: float) -> Ticks:
    """Leave out labels that would be too near to the one before."""
    kept: list[tuple[float, str]] = []
    for tick in ticks:
        if not kept or tick[0] - kept[-1][0] >= distance:
            kept.append(tick)
    return tuple(kept)


def _round_up(value: float) -> float:
    """Return the next number that is easy to read, at least 2.

    >>> [_round_up(value) for value in (1, 7, 11, 130)]
    [2, 10, 20, 200]
    """
    size: float = 1
    while size * 10 <= value:
        size *= 10
    return max(2, next(step * size for step in (1, 2, 5, 10) if step * size >= value))


def _is_month(month: str) -> bool:
    try:
        date.fromisoformat(f"{month}-01")
    except ValueError:
        return False
    return True


def list_months(first: str, last: str) -> list[str]:
    """List the months from one to another (YYYY-MM), both included.

    >>> list_months("2024-11", "2025-01")
    ['2024-11', '2024-12', '2025-01']
    """
    year, month = map(int, first.split("-"))
    found = []
    while (name := f"{year:04}-{month:02}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def last_day(month: str) -> str:
    """Return the last day of a month.

    >>> last_day("2024-02")
    '2024-02-29'
    """
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return (following - timedelta(days=1)).isoformat()
