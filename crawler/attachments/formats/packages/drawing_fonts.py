"""Find the font of a text on a slide or in a drawing that names none, or a place in the theme (DrawingML). Pure.

For legacy letters: a presentation that was converted has its fonts in the styles of its master, or in its theme.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# How runs name the fonts of the theme (ECMA-376, 20.1.10.81), and how the looks of shapes do.
_PLACES = {"+mj-lt": "major", "+mn-lt": "minor", "major": "major", "minor": "minor"}
_LEVEL = re.compile("lvl([1-9])pPr")
_SHAPES = frozenset(("sp", "pic", "graphicFrame", "cxnSp"))
# The styles of all text of a kind: of masters, of those of notes, and of the presentation.
_STYLES = frozenset(("titleStyle", "bodyStyle", "otherStyle", "notesStyle", "defaultTextStyle"))
_TITLES, _SMALL = ("title", "ctrTitle"), ("dt", "ftr", "sldNum", "hdr")
_BODY = "body"

Levels = dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class DrawingFonts:
    """The fonts that a slide inherits.

    Args:
        theme: the two fonts of the theme: `major` and `minor`.
        layout: fonts by the number of a placeholder, and the level of a paragraph from 0.
        master: fonts by the kind of a placeholder or the name of a style, and the level.
        default: fonts by the name of a style of the presentation, and the level.
    """

    theme: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[tuple[str, int], str] = field(default_factory=dict)
    master: Mapping[tuple[str, int], str] = field(default_factory=dict)
    default: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def name(self, font: str | None) -> str | None:
        """Return a font; for a place in the theme the font that is there."""
        return self.theme.get(_PLACES[font]) if font in _PLACES else font


@dataclass(slots=True)
class ShapeFonts:
    """Follows the elements of a part, and finds the font of the text that is read."""

    fonts: DrawingFonts
    # Of the placeholder that the shape fills: "" if it fills none.
    kind: str = ""
    number: str = ""
    place: str = ""
    style: str = ""
    depth: int | None = None
    own: dict[int, str] = field(default_factory=dict)
    # What the part holds for those that inherit from it.
    numbered: Levels = field(default_factory=dict)
    named: Levels = field(default_factory=dict)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """Learn from an element that begins."""
        if name in _SHAPES:
            self.kind = self.number = self.place = ""
            self.own = {}
        elif name == "ph":
            kind = attributes.get("type", _BODY)
            self.kind = "title" if kind in _TITLES else kind if kind in _SMALL else _BODY
            self.number = attributes.get("idx", "0")
        elif name == "fontRef":
            self.place = attributes.get("idx", "")
        elif name in _STYLES:
            self.style = name
        elif level := _LEVEL.fullmatch(name):
            self.depth = int(level[1]) - 1
        elif name == "latin" and self.depth is not None:
            self._learn(attributes.get("typeface", ""), self.depth)

    def end(self, name: str) -> None:
        """Learn from an element that ends."""
        if name in _STYLES:
            self.style = ""
        elif _LEVEL.fullmatch(name):
            self.depth = None

    def _learn(self, font: str, depth: int) -> None:
        if self.style:
            self.named[self.style, depth] = font
            return
        self.own[depth] = font
        if self.kind:
            self.numbered[f"{self.kind} {self.number}", depth] = font
            self.named.setdefault((self.kind, depth), font)

    def find(self, font: str | None, depth: int) -> str | None:
        """Return the font of a run that names `font`, in a paragraph of a level; None if nothing names one."""
        return self.fonts.name(font or self.own.get(depth) or self._inherit(depth))

    def _inherit(self, depth: int) -> str:
        fonts = self.fonts
        if not self.kind:
            shown = fonts.default.get(("defaultTextStyle", depth)) or fonts.master.get(("otherStyle", depth))
            return (self.place if self.place in _PLACES else "") or shown or "minor"
        style = "otherStyle" if self.kind in _SMALL else f"{self.kind}Style"
        names = (self.kind, style, "notesStyle")
        held = (fonts.master[name, depth] for name in names if (name, depth) in fonts.master)
        return fonts.layout.get((f"{self.kind} {self.number}", depth)) or next(held, "minor")
