"""Find the fonts of the styles of a Word document, and the lists that they put paragraphs in. Pure."""

from dataclasses import dataclass, field

from crawler.attachments.formats.packages.package import Package, attribute, local_name
from crawler.language.numbers import whole_number

_MOST_STYLES_IN_CHAIN = 12


@dataclass(slots=True)
class WordStyles:
    """The fonts, lists and levels of styles by their id; the style of paragraphs without one; the default font."""

    bases: dict[str, str] = field(default_factory=dict)
    fonts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    plain: str | None = None
    default: str | None = None

    def find_font(self, *, run: str | None, paragraph: str | None) -> str | None:
        """Return the font of a run without a font of its own."""
        return self._follow(run) or self._follow(paragraph or self.plain) or self.default

    def find_list(self, paragraph: str | None) -> tuple[str | None, int]:
        """Return the number of the list that a style puts its paragraphs in, and their level there."""
        style = paragraph or self.plain
        depth: int | None = None
        for _ in range(_MOST_STYLES_IN_CHAIN):
            if style is None:
                break
            # A style may name a level alone, of the list of a style that it is based on.
            depth = self.depths.get(style) if depth is None else depth
            if style in self.lists:
                return self.lists[style], depth or 0
            style = self.bases.get(style)
        return None, 0

    def _follow(self, style: str | None) -> str | None:
        for _ in range(_MOST_STYLES_IN_CHAIN):
            if style is None or style in self.fonts:
                break
            style = self.bases.get(style)
        return None if style is None else self.fonts.get(style)


def read_word_styles(package: Package, main: str) -> WordStyles:
    """Read the style sheet of a document; an empty one if it has none."""
    styles = WordStyles()
    for path in package.related(main, "styles"):
        own: str | None = None
        for event, element in package.parse(path):
            name = local_name(element)
            if name == "style":
                own = attribute(element, "styleId") if event == "start" else None
                is_plain = attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true")
                styles.plain = own if event == "start" and is_plain else styles.plain
            elif event == "end" and name == "basedOn" and own is not None:
                styles.bases[own] = attribute(element, "val") or ""
            elif event == "end" and name == "numId" and own is not None:
                styles.lists[own] = attribute(element, "val") or ""
            elif event == "end" and name == "ilvl" and own is not None:
                styles.depths[own] = whole_number(attribute(element, "val") or "", at_most=8) or 0
            elif event == "end" and name == "rFonts":
                font = attribute(element, "hAnsi") or attribute(element, "ascii")
                if font and own is not None:
                    styles.fonts[own] = font
                elif font:
                    styles.default = font
    return styles
