"""Read how text looks from the tags, styles and classes around it, and which elements are hidden."""

import re
from functools import lru_cache

import msgspec
from selectolax.lexbor import LexborNode

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset(("hidden", "d-none", "sr-only", "visually-hidden", "hide"))
_SHOWN_WIDE = re.compile(r"\bd-\w+-(block|flex|inline)")
_ALIGN_STYLE = re.compile(r"text-align\s*:\s*(center|right|justify|left|start|end)", re.IGNORECASE)
_ALIGN_CLASS = re.compile(
    r"(?:^|\s)(?:ql-|has-)?(?:text|align|text-align)-?(center|right|justify|left)(?:\s|$)", re.IGNORECASE
)
_INDENT_STYLE = re.compile(r"(?:text-indent|padding-left|margin-left)\s*:\s*0*[1-9.]", re.IGNORECASE)
_ITALIC_STYLE = re.compile(r"font-style\s*:\s*(italic|oblique)", re.IGNORECASE)
_UPRIGHT_STYLE = re.compile(r"font-style\s*:\s*normal", re.IGNORECASE)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)
_LIGHT_STYLE = re.compile(r"font-weight\s*:\s*(normal|[1-4]00)", re.IGNORECASE)
_SMALL_STYLE = re.compile(
    r"font-size\s*:\s*(x-small|small(er)?|([0-9]|10|11)(\.\d+)?pt|([0-9]|1[0-3])(\.\d+)?px|0?\.[0-9]+r?em)",
    re.IGNORECASE,
)
_SIZE_STYLE = re.compile(r"font-size\s*:\s*(\d+(?:\.\d+)?)\s*(pt|px)", re.IGNORECASE)
_POINTS = {"pt": 1.0, "px": 0.75}
_CAPTION_CLASS = re.compile(
    r"caption|chu-?thich|img-?(note|desc|title)|image-?(note|desc)|photo-?(note|desc)", re.IGNORECASE
)
_ALIGNMENTS = {
    "center": "center",
    "right": "right",
    "justify": "justify",
    "left": "left",
    "end": "right",
    "start": "left",
}
_TAGS: dict[str, tuple[str, bool | str]] = {
    **dict.fromkeys(("i", "em", "cite"), ("italic", True)),
    **dict.fromkeys(("b", "strong", "th"), ("bold", True)),
    "small": ("small", True),
    "center": ("align", "center"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), ("heading", True)),
    "blockquote": ("quoted", True),
    **dict.fromkeys(("li", "dt", "dd"), ("listed", True)),
}


class TableCell(msgspec.Struct, frozen=True):
    """A table cell: its table, row and column, and the number of cells in its row (`width`)."""

    table: int
    row: int
    column: int
    width: int


# A struct, because one is made for nearly every element: a dataclass with this many fields takes 20 times as long.
class Appearance(msgspec.Struct, frozen=True):
    """How text looks and which figure, list item or cell holds it. Elements inherit it from their parent."""

    italic: bool = False
    bold: bool = False
    small: bool = False
    points: float = 0.0
    align: str = ""
    indented: bool = False
    caption: bool = False
    heading: bool = False
    listed: bool = False
    quoted: bool = False
    item: int = 0
    figure: int = 0
    cell: TableCell | None = None
    link: str = ""


def is_hidden(node: LexborNode) -> bool:
    """True for an element that readers do not see."""
    attributes = node.attributes
    if not attributes:
        return False
    return "hidden" in attributes or _hides(attributes.get("style") or "", attributes.get("class") or "")


def restyle(node: LexborNode, look: Appearance) -> Appearance:
    """Return the look inside an element."""
    attributes, tag = node.attributes, node.tag or ""
    if not attributes and tag not in _TAGS:
        return look
    changes = _changes(
        tag, attributes.get("style") or "", classes=attributes.get("class") or "", align=attributes.get("align") or ""
    )
    return msgspec.structs.replace(look, **dict(changes)) if changes else look


def blend_looks(looks: list[Appearance]) -> Appearance:
    """Return the look of a line. It is italic, bold or small if all its letters are."""
    if len(looks) == 1:
        return looks[0]
    return msgspec.structs.replace(
        looks[0],
        italic=all(look.italic for look in looks),
        bold=all(look.bold for look in looks),
        small=all(look.small for look in looks),
        points=max(look.points for look in looks),
        caption=all(look.caption for look in looks),
        align=next((look.align for look in looks if look.align), ""),
    )


# Editors use the same few dozen combinations of tag, style and class in all texts, hence the caches.
@lru_cache(maxsize=4096)
def _hides(style: str, classes: str) -> bool:
    if _HIDDEN_STYLE.search(style):
        return True
    return not _HIDDEN_CLASSES.isdisjoint(classes.split()) and not _SHOWN_WIDE.search(classes)


@lru_cache(maxsize=4096)
def _changes(tag: str, style: str, *, classes: str, align: str) -> tuple[tuple[str, bool | str | float], ...]:
    """Read which changes of look a tag and its attributes make."""
    changes: dict[str, bool | str | float] = dict([_TAGS[tag]] if tag in _TAGS else [])
    given = _ALIGN_STYLE.search(style) or _ALIGN_CLASS.search(classes)
    named = _ALIGNMENTS.get((given[1] if given else align).lower())
    if named:
        changes["align"] = named
    for name, yes, no in (("italic", _ITALIC_STYLE, _UPRIGHT_STYLE), ("bold", _BOLD_STYLE, _LIGHT_STYLE)):
        if yes.search(style):
            changes[name] = True
        elif no.search(style):
            changes[name] = False
    if _SMALL_STYLE.search(style):
        changes["small"] = True
    size = _SIZE_STYLE.search(style)
    if size:
        changes["points"] = float(size[1]) * _POINTS[size[2].lower()]
    if _INDENT_STYLE.search(style):
        changes["indented"] = True
    if _CAPTION_CLASS.search(classes):
        changes["caption"] = True
    return tuple(changes.items())
