"""Number the paragraphs of lists in a Word document as Word does (ECMA-376, 17.9): "Điều 1.", "a)", "2.1". Pure."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from crawler.attachments.formats.packages.package import Package, attribute, local_name
from crawler.language.numbers import whole_number

_PLACE = re.compile("%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LARGEST, _LEVELS = 9999, 9
_UNSHOWN = ("bullet", "none")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list: how its number is written (`decimal`), the text around it (`Điều %1.`), where it starts."""

    style: str = "decimal"
    text: str = ""
    start: int = 1
    font: str | None = None


@dataclass(slots=True)
class Numbering:
    """The lists of a document, and how far each is counted."""

    lists: dict[str, dict[int, Level]] = field(default_factory=dict)  # by the number of their definition
    definitions: dict[str, str] = field(default_factory=dict)  # by the number of a list
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    counted: dict[str, list[int | None]] = field(default_factory=dict)

    def count(self, number: str, depth: int) -> tuple[str, str | None]:
        """Count a paragraph of a list. Return its label and the label's font; "" for a bullet and for no list."""
        definition = self.definitions.get(number, "")
        levels = self.lists.get(definition, {})
        level = levels.get(depth)
        if level is None:
            return "", None
        counted = self.counted.setdefault(definition, [None] * _LEVELS)
        restart = self.restarts.get(number, {}).pop(depth, None)
        before = counted[depth]
        counted[depth] = restart if restart is not None else level.start if before is None else before + 1
        counted[depth + 1 :] = [None] * (_LEVELS - depth - 1)
        if level.style in _UNSHOWN:
            return "", None

        def show(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            own = levels.get(at, Level())
            value = counted[at]
            return show_number(own.start if value is None else value, own.style)

        return _PLACE.sub(show, level.text), level.font


def show_number(number: int, style: str) -> str:
    """Write the number of a paragraph.

    >>> [show_number(28, style) for style in ("decimal", "upperRoman", "lowerLetter", "decimalZero", "bullet")]
    ['28', 'XXVIII', 'bb', '28', '']
    """
    if style in _UNSHOWN:
        return ""
    if style in ("lowerRoman", "upperRoman") and 0 < number <= _LARGEST:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (number // value)
            number %= value
        return text if style == "lowerRoman" else text.upper()
    if style in ("lowerLetter", "upperLetter") and 0 < number <= _LARGEST:
        text = _LETTERS[(number - 1) % 26] * ((number - 1) // 26 + 1)
        return text if style == "lowerLetter" else text.upper()
    return f"{number:02}" if style == "decimalZero" else str(number)


def read_numbering(package: Package, main: str) -> Numbering:
    """Read the lists of a document; none if it has none."""
    numbering = Numbering()
    for path in package.related(main, "numbering"):
        for _, element in package.parse(path, events=("end",)):
            name = local_name(element)
            if name == "abstractNum":
                levels = {
                    _whole(attribute(one, "ilvl")): _read_level(one) for one in element if local_name(one) == "lvl"
                }
                numbering.lists[attribute(element, "abstractNumId") or ""] = levels
                element.clear()
            elif name == "num":
                _read_list(numbering, element)
    return numbering


def _read_list(numbering: Numbering, element: Element) -> None:
    number = attribute(element, "numId") or ""
    for child in element:
        if local_name(child) == "abstractNumId":
            numbering.definitions[number] = attribute(child, "val") or ""
        elif local_name(child) == "lvlOverride":
            start = next((attribute(one, "val") for one in child if local_name(one) == "startOverride"), None)
            if start is not None:
                numbering.restarts.setdefault(number, {})[_whole(attribute(child, "ilvl"))] = _whole(start)


def _read_level(element: Element) -> Level:
    values = {local_name(child): attribute(child, "val") or "" for child in element}
    font = next(
        (attribute(one, "hAnsi") or attribute(one, "ascii") for one in element.iter() if local_name(one) == "rFonts"),
        None,
    )
    start = whole_number(values.get("start", "1"), at_most=_LARGEST)
    return Level(values.get("numFmt", "decimal"), values.get("lvlText", ""), 1 if start is None else start, font)


def _whole(text: str | None) -> int:
    return whole_number(text or "0", at_most=_LARGEST) or 0
