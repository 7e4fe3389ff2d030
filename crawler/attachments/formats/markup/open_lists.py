"""Number the paragraphs of lists and the headings of an OpenDocument text (ODF 1.3, part 3, 5.3 and 16.30). Pure."""

import re
from dataclasses import dataclass, field
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from crawler.attachments.formats.elements.names import get, local_name
from crawler.attachments.formats.list_numbers import LARGEST, LEVELS, PLACES, Level, Numbering
from crawler.language.numbers import whole_number

_LIST, _HEADING, _PARAGRAPHS = "list", "h", frozenset(("p", "h"))
_ITEM, _LIST_STYLE, _OUTLINE = "list-item", "list-style", "outline-style"
_STYLES = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_PLACE = re.compile("%([1-9])%")


@dataclass(slots=True)
class _Open:
    """An open list: its name in `Numbering`, its style, and whether the first paragraph of its item is awaited."""

    number: str
    style: str
    depth: int
    is_awaited: bool = False


@dataclass(slots=True)
class OpenLists:
    """The styles of lists of a document, and the lists that are open while its elements are read."""

    styles: dict[str, dict[int, Level]] = field(default_factory=dict)
    unnumbered: set[str] = field(default_factory=set)
    consecutive: set[str] = field(default_factory=set)  # styles that number all levels as one
    numbering: Numbering = field(default_factory=Numbering)
    open: list[_Open] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    newest: dict[str, str] = field(default_factory=dict)

    def learn(self, part: IO[bytes]) -> None:
        """Read the styles of a part that is read as a text only later. A damaged part is known up to its damage."""
        try:
            for event, element in iterparse(part, events=("start", "end")):
                if event == "end":
                    self._read_style(element)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            return

    def enter(self, element: Element) -> None:
        """Note the beginning of an element."""
        name = local_name(element)
        if name == _LIST:
            self.open.append(self._begin(element))
        elif name == _ITEM and self.open:
            self.open[-1].is_awaited = True
            start = _whole(get(element, "start-value"))
            if start is not None:
                self.numbering.restarts.setdefault(self.open[-1].number, {})[self.open[-1].depth] = start
        elif name in _PARAGRAPHS:
            self.labels.append(self._number(element, is_heading=name == _HEADING))

    def leave(self, element: Element) -> None:
        """Note the end of an element; put its label before the text of a paragraph."""
        name = local_name(element)
        if name == _LIST and self.open:
            self.open.pop()
        elif name in _PARAGRAPHS and self.labels:
            element.text = self.labels.pop() + (element.text or "")
        else:
            self._read_style(element)

    def _begin(self, element: Element) -> _Open:
        style = get(element, "style-name")
        if self.open:
            outer = self.open[-1]
            style = style or outer.style
            number = outer.number.partition("\n")[0] + (f"\n{style}" if style != outer.style else "")
            self.numbering.definitions[number] = self.numbering.definitions[outer.number]
            self.numbering.overrides[number] = self.styles.get(style, {})
            return _Open(number, style, 0 if style in self.consecutive else min(outer.depth + 1, LEVELS - 1))
        named = get(element, "continue-list")
        goes_on = self.newest.get(f"#{named}") if named else None
        if goes_on is None and get(element, "continue-numbering") == "true":
            goes_on = self.newest.get(style)
        number = goes_on or str(len(self.numbering.definitions))
        self.numbering.definitions[number] = number
        self.numbering.lists[number] = self.styles.get(style, {})
        self.newest |= {style: number, f"#{get(element, 'id')}": number}
        return _Open(number, style, 0)

    def _number(self, element: Element, *, is_heading: bool) -> str:
        if self.open and self.open[-1].is_awaited:
            self.open[-1].is_awaited = False
            return self.numbering.count(self.open[-1].number, self.open[-1].depth)[0]
        is_numbered = is_heading and not self.open and get(element, "is-list-header") != "true"
        if not is_numbered or get(element, "style-name") in self.unnumbered or _OUTLINE not in self.styles:
            return ""
        self.numbering.definitions[_OUTLINE] = _OUTLINE
        self.numbering.lists[_OUTLINE] = self.styles[_OUTLINE]
        return self.numbering.count(_OUTLINE, (_whole(get(element, "outline-level")) or 1) - 1)[0]

    def _read_style(self, element: Element) -> None:
        name = local_name(element)
        if name in (_LIST_STYLE, _OUTLINE):
            self.styles[_OUTLINE if name == _OUTLINE else get(element, "name")] = _read_levels(element)
            if get(element, "consecutive-numbering") == "true":
                self.consecutive.add(get(element, "name"))
        elif name == "style" and any(
            key.endswith("}list-style-name") and not element.attrib[key] for key in element.attrib
        ):
            self.unnumbered.add(get(element, "name"))


def _read_levels(style: Element) -> dict[int, Level]:
    formats = {(_whole(get(one, "level")) or 1) - 1: get(one, "num-format") for one in style}
    levels: dict[int, Level] = {}
    for one in style:
        depth = (_whole(get(one, "level")) or 1) - 1
        if not formats[depth] or depth >= LEVELS:
            continue
        shown = range(max(depth + 1 - (_whole(get(one, "display-levels")) or 1), 0), depth + 1)
        numbers = ".".join(PLACES[at] for at in shown if formats.get(at))
        text = f"{get(one, 'num-prefix')}{numbers}{get(one, 'num-suffix')}"
        whole = get(one, "num-list-format")
        if whole:
            text = _PLACE.sub(lambda place: PLACES[int(place[1]) - 1], whole)
        start = _whole(get(one, "start-value"))
        levels[depth] = Level(_STYLES.get(formats[depth], "decimal"), text, 1 if start is None else start)
    return levels


def _whole(text: str) -> int | None:
    return whole_number(text, at_most=LARGEST)
