"""Find the fonts of the styles of a Word document, what they hide, and the lists of their paragraphs. Pure."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from crawler.attachments.formats.elements.names import attribute, local_name
from crawler.attachments.formats.elements.styles import find_told, follow_bases
from crawler.attachments.formats.packages.package import Package, read_theme
from crawler.language.numbers import whole_number

_FALSE = ("0", "false", "off")


@dataclass(slots=True)
class WordStyles:
    """The fonts, lists and levels of styles by their id; the style of paragraphs without one; the default font.

    `theme` has the two fonts that looks name by their place in the theme of the document: `major` and `minor`.
    """

    bases: dict[str, str] = field(default_factory=dict)
    fonts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    plain: str | None = None
    default: str | None = None
    theme: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, bool] = field(default_factory=dict)

    def find_font(self, *, run: str | None, paragraph: str | None, table: str | None = None) -> str | None:
        """Return the font of a run without its own font; those of its table are below those of its paragraph."""
        told = (find_told(style, self.fonts, bases=self.bases) for style in (run, paragraph or self.plain, table))
        return next(filter(None, told), self.default)

    def hides(self, *, run: str | None, paragraph: str | None) -> bool:
        """Return whether the letters of a run that does not say so itself are hidden."""
        told = (find_told(style, self.hidden, bases=self.bases) for style in (run, paragraph or self.plain))
        return bool(self.hidden) and next((one for one in told if one is not None), False)

    def name_font(self, fonts: Element) -> str | None:
        """Return the font that a look names (`rFonts`): a place in the theme comes before a name (ECMA-376, 17.3.2.26).

        None if it names neither.
        """
        place = attribute(fonts, "hAnsiTheme") or attribute(fonts, "asciiTheme") or ""
        themed = next((font for which, font in self.theme.items() if place.startswith(which)), None)
        return themed or attribute(fonts, "hAnsi") or attribute(fonts, "ascii")

    def find_list(self, paragraph: str | None) -> tuple[str | None, int]:
        """Return the number of the list that a style puts its paragraphs in, and their level there."""
        depth: int | None = None
        for style in follow_bases(paragraph or self.plain, self.bases):
            # A style may name a level alone, of the list of a style that it is based on.
            depth = self.depths.get(style) if depth is None else depth
            if style in self.lists:
                return self.lists[style], depth or 0
        return None, 0


def read_word_styles(package: Package, main: str) -> WordStyles:
    """Read the style sheet of a document; an empty one if it has none."""
    styles = WordStyles(theme=read_theme(package, main))
    for path in package.related(main, "styles"):
        own: str | None = None
        in_part = False  # of a table: its first row or column may have its own look
        for event, element in package.parse(path):
            name = local_name(element)
            if name == "tblStylePr":
                in_part = event == "start"
            elif name == "style":
                own = attribute(element, "styleId") if event == "start" else None
                is_plain = attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true")
                styles.plain = own if event == "start" and is_plain else styles.plain
            elif event == "end" and not in_part:
                _learn(styles, element, own=own)
    return styles


def _learn(styles: WordStyles, element: Element, *, own: str | None) -> None:
    """Learn from an element of a style, or of the looks of all text if `own` is None."""
    name = local_name(element)
    if name == "rFonts":
        font = styles.name_font(element)
        if font and own is not None:
            styles.fonts[own] = font
        elif font:
            styles.default = font
    elif own is None:
        return
    elif name == "vanish":
        styles.hidden[own] = attribute(element, "val") not in _FALSE
    elif name == "basedOn":
        styles.bases[own] = attribute(element, "val") or ""
    elif name == "numId":
        styles.lists[own] = attribute(element, "val") or ""
    elif name == "ilvl":
        styles.depths[own] = whole_number(attribute(element, "val") or "", at_most=8) or 0
