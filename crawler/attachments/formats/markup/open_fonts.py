"""Follow the styles of an OpenDocument (ODF 1.3, part 3, 16.2): letters of their fonts, and hidden text. Pure."""

from dataclasses import dataclass, field
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from crawler.attachments.formats.elements.names import get, local_name
from crawler.attachments.formats.elements.styles import find_told
from crawler.language.legacy.decoding import decode_legacy
from crawler.language.legacy.fonts import find_letters
from crawler.language.numbers import whole_number

_CELLS, _MOST_COLUMNS = frozenset(("table-cell", "covered-table-cell")), 1024
_PARAGRAPHS, _PLAIN = frozenset(("p", "h")), "Standard"
# They do not look like the text that they are in.
_APART = frozenset(("annotation", "note-body"))
# The attributes that name the style of an element: of text, a cell, a shape.
_NAMES_STYLE = ("}style-name", "}text-style-name")


@dataclass(slots=True)
class OpenFonts:
    """The fonts of styles, and of the elements that are open while a part is read.

    Attributes:
        families: the font that each name of a font stands for.
        own: the name or family of the font of each style.
        bases: the style that each style is based on.
        hidden: whether each style that says it hides its text (20.406); `has_hidden` is true if one does.
        columns: the styles that the columns of the open table have for cells without one; `row` that of the open row.
    """

    families: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, bool] = field(default_factory=dict)
    has_hidden: bool = False
    open: list[str | None] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    row: str = ""
    column: int = 0

    def learn(self, part: IO[bytes]) -> None:
        """Read the styles of a part that is read as a text only later. A damaged part is known up to its damage."""
        try:
            for _, element in iterparse(part):
                self._read_style(element)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            return

    def enter(self, element: Element) -> None:
        """Note the beginning of an element: its font holds within."""
        if not self.families:
            # No font of legacy letters is named; elements that are open by now have none.
            return
        found = (self._find(value) for key, value in element.attrib.items() if key.endswith(_NAMES_STYLE))
        outer = self.open[-1] if self.open and local_name(element) not in _APART else None
        font = next(filter(None, found), self._find(self._place(element)) or outer)
        self.open.append(font or (self._find(_PLAIN) if local_name(element) in _PARAGRAPHS else None))

    def leave(self, element: Element) -> None:
        """Note the end of an element; decode its text, and what is in it after its children."""
        font = self.open.pop() if self.families and self.open else None
        if find_letters(font):
            element.text = decode_legacy(element.text, font) if element.text else element.text
            for child in element:
                child.tail = decode_legacy(child.tail, font) if child.tail else child.tail
        self._read_style(element)

    def hides(self, element: Element) -> bool:
        """Return whether the style of an element hides its text."""
        return self.has_hidden and find_told(get(element, "style-name"), self.hidden, bases=self.bases) is True

    def _place(self, element: Element) -> str:
        """Note where a cell is. Return the style that its row or column has for cells without one; else ""."""
        name, style = local_name(element), get(element, "default-cell-style-name")
        times = min(whole_number(get(element, "number-columns-repeated")) or 1, _MOST_COLUMNS)
        if name == "table":
            self.columns = []
        elif name == "table-column":
            self.columns += [style] * min(times, _MOST_COLUMNS - len(self.columns))
        elif name == "table-row":
            self.row, self.column = style, 0
        elif name in _CELLS:
            at, self.column = self.column, self.column + times
            return self.row or (self.columns[at] if at < len(self.columns) else "")
        return ""

    def _find(self, style: str) -> str | None:
        font = find_told(style, self.own, bases=self.bases)
        return None if font is None else self.families.get(font, font)

    def _read_style(self, element: Element) -> None:
        name = local_name(element)
        if name == "font-face":
            family = get(element, "font-family").strip("'\" ")
            if find_letters(family):
                self.families[get(element, "name")] = family
        elif name in ("style", "default-style"):
            looks = next((one for one in element if local_name(one) == "text-properties"), None)
            font = "" if looks is None else get(looks, "font-name") or get(looks, "font-family").strip("'\" ")
            own = get(element, "name") or (_PLAIN if get(element, "family") == "paragraph" else "")
            if font and own and (name == "style" or own not in self.own):
                self.own[own] = font
            if looks is not None and own and (display := get(looks, "display")):
                self.hidden[own] = display == "none"
                self.has_hidden |= self.hidden[own]
            if get(element, "parent-style-name"):
                self.bases[own] = get(element, "parent-style-name")
