"""A picture of the archive over time: articles by month, as bars to be drawn and as rows to be read. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from markupsafe import Markup

# So many months are drawn, the latest; what is older is said in words.
MOST_MONTHS = 180
WIDTH, HEIGHT = 720, 120


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A month in the picture. `x`, `width`, `y` and `height` are its bar's; `month` is YYYY-MM."""

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
    """A year in the table: its twelve months, None for those that hold nothing, and how many articles in all."""

    year: str
    count: int
    months: tuple[MonthBar | None, ...]


@dataclass(frozen=True, slots=True)
class MonthChart:
    """The picture. `years` are newest first and hold all that is drawn; `earlier` counts what is not."""

    bars: tuple[MonthBar, ...]
    years: tuple[Year, ...]
    most: MonthBar
    earlier: int
    ticks: tuple[tuple[float, str], ...]


def draw_chart(by_month: Mapping[str, int]) -> MonthChart | None:
    """Lay out the bars of counts by month (YYYY-MM), months without articles among them; None if there are none."""
    held = sorted(month for month, count in by_month.items() if count and _is_month(month))
    if not held:
        return None
    months = _months_between(held[0], held[-1])[-MOST_MONTHS:]
    top = max(by_month.get(month, 0) for month in months)
    step = WIDTH / max(len(months), 12)
    bars = tuple(
        _bar(month, by_month.get(month, 0), x=number * step, step=step, top=top) for number, month in enumerate(months)
    )
    shown = [bar for bar in bars if bar.count]
    rows = [_year(year, list(found)) for year, found in groupby(shown, key=lambda bar: bar.month[:4])]
    ticks = tuple((bar.x, bar.month[:4]) for bar in bars if bar.month.endswith("-01") or bar is bars[0])
    return MonthChart(
        bars,
        tuple(reversed(rows)),
        max(shown, key=lambda bar: bar.count),
        sum(count for month, count in by_month.items() if _is_month(month) and month < months[0]),
        _thin(ticks),
    )


def write_bars(chart: MonthChart, link: Callable[[str, str], str], *, label: Callable[[MonthBar], str]) -> Markup:
    """Write the bars as SVG, each a link that a keyboard passes by: the table has them all.

    In Python, as a template takes ten times as long for two hundred of them.
    """
    form = Markup(
        '<a href="{}" tabindex="-1"><title>{}</title><rect class="hit" x="{}" y="0" width="{}" height="{}"/>'
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}"/></a>'
    )
    return Markup("\n").join(
        form.format(
            link(bar.since, bar.until), label(bar), bar.x, bar.width, HEIGHT, bar.x, bar.y, bar.width, bar.height
        )
        for bar in chart.bars
        if bar.count
    )


def write_rows(chart: MonthChart, link: Callable[[str, str], str], *, show: Callable[[int], str]) -> Markup:
    """Write the table's rows, a year each: its count and those of its months, each a link to the days it counts.

    Args:
        chart: what is drawn.
        link: gives an address for a first and a last day.
        show: gives a number as it is written.

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


def _year(year: str, held: list[MonthBar]) -> Year:
    by_month = {bar.month: bar for bar in held}
    months = tuple(by_month.get(f"{year}-{month:02}") for month in range(1, 13))
    return Year(year, sum(bar.count for bar in held), months)


def _bar(month: str, count: int, *, x: float, step: float, top: int) -> MonthBar:
    height = max(HEIGHT * count / top, 1.5) if count else 0.0
    return MonthBar(month, count, round(x, 2), round(step * 0.8, 2), round(HEIGHT - height, 2), round(height, 2))


def _thin(ticks: tuple[tuple[float, str], ...]) -> tuple[tuple[float, str], ...]:
    """Leave out years that would stand too close to be read."""
    kept: list[tuple[float, str]] = []
    for tick in ticks:
        if not kept or tick[0] - kept[-1][0] >= 44:
            kept.append(tick)
    return tuple(kept)


def _is_month(month: str) -> bool:
    try:
        date.fromisoformat(f"{month}-01")
    except ValueError:
        return False
    return True


def _months_between(first: str, last: str) -> list[str]:
    year, month = map(int, first.split("-"))
    found = []
    while (name := f"{year:04}-{month:02}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def last_day(month: str) -> str:
    """Give the last day of a month.

    >>> last_day("2024-02")
    '2024-02-29'

    """
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return (following - timedelta(days=1)).isoformat()
