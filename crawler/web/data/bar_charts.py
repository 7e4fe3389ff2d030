"""Charts as pictures: where each bar stands, and the rows that say the same to a reader. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 180
# A bar for each of so many labels at most: the latest.
MOST_LABELS = 180
# Between two labels of an axis, in the picture's units.
_LABEL_WIDTH = 60


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
class Group:
    """What stands at one label: bars on top of each other, and the values in the order of the series."""

    label: str
    bars: tuple[Bar, ...]
    values: tuple[float, ...]
    x: float
    width: float

    @property
    def total(self) -> float:
        """All of them together."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class BarChart:
    """A chart with its data: `series` and `groups` in order, the axis' ticks, and what of the data is not drawn."""

    series: tuple[str, ...]
    groups: tuple[Group, ...]
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, float], ...]
    left_out: int

    @property
    def totals(self) -> tuple[float, ...]:
        """The sum of each series over what is drawn."""
        return tuple(sum(group.values[place] for group in self.groups) for place in range(len(self.series)))


def draw_figure(
    data: Mapping[str, Mapping[str, float]], series: Sequence[str], *, labels: Sequence[str]
) -> BarChart | None:
    """Lay out stacked columns, one for each label; None if there is nothing to draw.

    Args:
        data: the values of each label, by series.
        series: the series in order, the lowest first; those without any value are left out.
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
    return BarChart(used, groups, _ticks(groups), tuple(_levels(top)), len(labels) - len(shown))


def _stack(label: str, values: tuple[float, ...], *, x: float, width: float, top: float) -> Group:
    bars, base = [], 0.0
    for series, value in enumerate(values):
        if value > 0:
            height = HEIGHT * value / top
            place = HEIGHT - HEIGHT * base / top - height
            bars.append(Bar(series, value, round(x, 2), round(place, 2), round(width * 0.85, 2), round(height, 2)))
            base += value
    return Group(label, tuple(bars), values, round(x, 2), round(width, 2))


def _ticks(groups: Sequence[Group]) -> tuple[tuple[float, str], ...]:
    """Name every label that has room, the first of each year before others."""
    every = max(1, round(_LABEL_WIDTH / groups[0].width + 0.5))
    years = [group for group in groups if group.label[4:] in ("-01", "-01-01")]
    marked = [groups[0], *years] if len(years) > 1 else groups[::every]
    kept: list[tuple[float, str]] = []
    for group in marked:
        if not kept or group.x - kept[-1][0] >= _LABEL_WIDTH:
            kept.append((group.x, group.label[:4] if len(years) > 1 else _name_tick(group.label)))
    return tuple(kept)


def _name_tick(label: str) -> str:
    """Give a month whole, a day without its year, and a number as it is.

    >>> [_name_tick(label) for label in ("2026-09", "2026-09-03", "12")]
    ['2026-09', '09-03', '12']

    """
    return label[5:] if len(label) > len("2026-09") else label


def _levels(top: float) -> list[tuple[float, float]]:
    """Give the lines of an axis: place and value, from the half up."""
    return [(round(HEIGHT - HEIGHT * share, 2), top * share) for share in (0.5, 1.0)]


def _round_up(value: float) -> float:
    """Give the next number that is easily read, at least 2.

    >>> [_round_up(value) for value in (1, 7, 11, 130)]
    [2, 10, 20, 200]

    """
    size: float = 1
    while size * 10 <= value:
        size *= 10
    return max(2, next(step * size for step in (1, 2, 5, 10) if step * size >= value))
