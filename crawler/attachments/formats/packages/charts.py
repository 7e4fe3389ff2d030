"""Read charts of documents and slides (DrawingML, ECMA-376, part 1, chapter 21): titles, and the points of each series.

The numbers of a chart are in no cell of the document. Those of a workbook are in its sheets too.
"""

from dataclasses import dataclass, field
from itertools import islice
from xml.etree.ElementTree import Element

from crawler.attachments.formats.cells.shown import show_number
from crawler.attachments.formats.elements.names import local_name
from crawler.attachments.formats.packages.drawing_fonts import DrawingFonts
from crawler.attachments.formats.packages.package import Package, parse_drawing
from crawler.language.legacy.decoding import Run
from crawler.language.numbers import whole_number

# What the points of a series are: its name, then what is along the chart, then the numbers.
_ROLES = ("tx", "cat", "xVal", "val", "yVal", "bubbleSize")
_NUMBERS, _TEXTS = ("numCache", "numLit"), ("strCache", "strLit", "multiLvlStrCache")
_PLAIN_FONT = "+mn-lt"
_MOST_POINTS = 20_000
# Labels hold these fields with a text such as "[VALUE]", for what is in the points.
_STAND_INS = frozenset(("CELLRANGE", "VALUE", "SERIESNAME", "CATEGORYNAME", "PERCENTAGE", "XVALUE", "YVALUE"))
# What parts call charts, and a part of the namespace of the kinds of charts since 2016.
CHARTS, _NEWER = ("chart", "chartEx"), "/chartex"
# What a chart names a drawing that is on it.
DRAWN_ON_CHARTS = "chartUserShapes"


@dataclass(slots=True)
class _Series:
    """A series of points: the texts of each role, by the number of their point."""

    points: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def put(self, role: str, number: int, *, text: str) -> None:
        self.points.setdefault(role, {}).setdefault(number, []).append(text)

    def lines(self) -> list[str]:
        """Return the name of the series, then its points: what each stands for and its numbers."""
        names = [" ".join(texts) for texts in self.points.pop("tx", {}).values()]
        numbers = sorted({number for points in self.points.values() for number in points})
        roles = [self.points[role] for role in _ROLES if role in self.points]
        return [*names, *(" ".join(text for role in roles for text in role.get(number, [])) for number in numbers)]


def read_chart(package: Package, path: str, *, fonts: DrawingFonts) -> list[Run]:
    """Return the texts of a chart: a title or an axis a line, a line for each point of a series, then its boxes."""
    root = next((element for _, element in package.parse(path, events=("start",))), None)
    is_newer = root is not None and _NEWER in root.tag
    runs = (_read_newer if is_newer else _read_points)(package, path, fonts=fonts)
    for drawn in package.related(path, DRAWN_ON_CHARTS):
        runs += [Run("\n"), *parse_drawing(package, drawn, fonts=fonts)]
    return runs


def _read_points(package: Package, path: str, *, fonts: DrawingFonts) -> list[Run]:
    runs: list[Run] = []
    plain = fonts.name(_PLAIN_FONT)
    series: _Series | None = None
    role = code = ""
    is_number = False
    left = _MOST_POINTS
    for event, element in package.parse(path):
        name = local_name(element)
        if event == "start":
            role = name if name in _ROLES else role
            series = _Series() if name == "ser" else series
            is_number = name in _NUMBERS or (is_number and name not in _TEXTS)
        elif name == "formatCode":
            code = element.text or ""
        elif name == "pt" and left:
            left -= 1
            own = element.get("formatCode") or code
            text = _show(_text(element), own) if is_number else _text(element)
            if series is None:
                runs.append(Run(f"{text}\n", plain))
            else:
                series.put(role, whole_number(element.get("idx", "")) or 0, text=text)
        elif name in _NUMBERS:
            is_number, code = False, ""
        elif name == "tx" and series is not None:
            # A name that refers to no cell is in the chart itself.
            series.put("tx", 0, text=_text(element))
        elif name == "ser" and series is not None:
            runs += [Run(f"{line}\n", plain) for line in series.lines()]
            series = None
            element.clear()
        elif name == "p":
            runs += _read_paragraph(element, fonts)
    return runs


def _read_paragraph(paragraph: Element, fonts: DrawingFonts) -> list[Run]:
    font = fonts.name(_PLAIN_FONT)
    runs: list[Run] = []
    shown = {one for field in paragraph.iter() if field.get("type") in _STAND_INS for one in field}
    for one in paragraph.iter():
        if local_name(one) == "latin":
            font = fonts.name(one.get("typeface"))
        elif local_name(one) == "t" and one not in shown:
            runs.append(Run(one.text or "", font))
    return [*runs, Run("\n", font)]


def _text(point: Element) -> str:
    return next((one.text for one in point if local_name(one) == "v"), None) or ""


def _show(text: str, code: str) -> str:
    try:
        return show_number(float(text), code or "General")
    except (ValueError, OverflowError):
        return text


def _read_newer(package: Package, path: str, *, fonts: DrawingFonts) -> list[Run]:
    """Read a chart of one of the kinds that Office has since 2016, such as a waterfall [MS-ODRAWXML 2.24.3]."""
    font = fonts.name(_PLAIN_FONT)
    names: list[str] = []
    lines: list[str] = []
    for _, element in package.parse(path, events=("end",)):
        name = local_name(element)
        if name == "data":
            lines += _list_points(element)
        elif name == "v":
            names.append(element.text or "")
        elif name == "p":
            names.append("".join(run.text for run in _read_paragraph(element, fonts)).strip())
    # The look of a title contains the title again.
    return [Run(f"{line}\n", font) for line in (*dict.fromkeys(filter(None, names)), *lines)]


def _list_points(data: Element) -> list[str]:
    series = _Series()
    levels = [(dimension, level) for dimension in data for level in dimension if local_name(level) == "lvl"]
    points = ((local_name(dimension) == "numDim", level, point) for dimension, level in levels for point in level)
    for is_number, level, point in islice(points, _MOST_POINTS):
        text = _show(point.text or "", level.get("formatCode", "")) if is_number else point.text or ""
        series.put("val" if is_number else "cat", whole_number(point.get("idx", "")) or 0, text=text)
    return series.lines()
