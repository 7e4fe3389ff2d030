"""Find the fonts of Word and Excel documents of 2003 in XML: of styles, runs and cells. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from crawler.attachments.formats.elements.names import get, local_name
from crawler.attachments.formats.elements.styles import find_told
from crawler.language.legacy.decoding import Run

# The style of cells that name none.
_PLAIN_CELL = "Default"


@dataclass(slots=True)
class StyleFonts:
    """The fonts of styles, by their names.

    Attributes:
        own: the font of each style that names one.
        bases: the style that each style is based on.
        plain: the style of what names none.
        default: the font where no style names one.
    """

    own: dict[str, str] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    plain: str = _PLAIN_CELL
    default: str | None = None

    def find(self, *styles: str) -> str | None:
        """Return the font of the first of these styles that has one, itself or by its bases; "" stands for none."""
        told = (find_told(style, self.own, bases=self.bases) for style in (*styles, self.plain))
        return next(filter(None, told), self.default)

    def learn(self, style: str, *, base: str, font: str | None) -> None:
        """Note what a style says."""
        self.bases[style] = base
        if font:
            self.own[style] = font


@dataclass(slots=True)
class WordFonts:
    """The styles of a document of Word 2003, and the font of the run that is open while it is read."""

    styles: StyleFonts = field(default_factory=lambda: StyleFonts(plain=""))
    in_run: bool = False
    own: str | None = None
    run: str = ""
    paragraph: str = ""

    def see(self, event: str, element: Element) -> None:
        """Note the start or end of an element."""
        name = local_name(element)
        if name == "r":
            self.in_run, self.own, self.run = event == "start", None, ""
        elif event == "start":
            return
        elif name == "rFonts" and self.in_run:
            self.own = _name_font(element)
        elif name == "rStyle" and self.in_run:
            self.run = get(element, "val")
        elif name in ("pStyle", "p"):
            self.paragraph = get(element, "val")
        elif name == "defaultFonts":
            self.styles.default = _name_font(element)
        elif name == "style":
            self._learn(element)

    def font(self) -> str | None:
        """Return the font of the open run; None if nothing names it."""
        return self.own or self.styles.find(self.run, self.paragraph)

    def _learn(self, element: Element) -> None:
        own = get(element, "styleId")
        base = next((get(child, "val") for child in element if local_name(child) == "basedOn"), "")
        looks = (look for child in element if local_name(child) == "rPr" for look in child)
        font = next((_name_font(look) for look in looks if local_name(look) == "rFonts"), None)
        self.styles.learn(own, base=base, font=font)
        if get(element, "type") == "paragraph" and get(element, "default") == "on":
            self.styles.plain = own


def read_cell_runs(data: Element, font: str | None) -> Iterator[Run]:
    """Give the runs of a cell of Excel 2003, whose text may have fonts of its own (`html:Face`)."""
    own = get(data, "Face") or font
    if data.text:
        yield Run(data.text, own)
    for child in data:
        yield from read_cell_runs(child, own)
        if child.tail:
            yield Run(child.tail, own)


def _name_font(fonts: Element) -> str | None:
    return get(fonts, "h-ansi") or get(fonts, "ascii") or None
