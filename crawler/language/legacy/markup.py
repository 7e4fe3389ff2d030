"""Decode legacy letters in the text of an HTML page, by the fonts that its marks name, else by spelling. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from itertools import islice

from crawler.language.legacy.decoding import Run, restore_runs

# Larger pages are left as they are.
_MOST_CHARACTERS = 2_000_000
# A mark ends before the next begins, except within quotes of a bounded length, so that the search takes linear time.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)|"
    r"""</?[a-zA-Z](?:[^<>"']++|"[^"]{0,2000}+"|'[^']{0,2000}+')*+>|"""
    r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>|[^<]+|<",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# They part no words and no lines; all others do.
_INLINE = frozenset((
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "s", "small", "span",
    "strike", "strong", "sub", "sup", "tt", "u",
))  # fmt: skip
_KEEPS_LINES = "pre"
_VOID = frozenset(("br", "img", "hr", "input", "meta", "link", "base", "col", "area", "wbr", "embed", "source"))
_FACE = re.compile(r"""\bface\s*=\s*["']?\s*([^"'>,]+)""", re.IGNORECASE)
_FAMILY = re.compile(r"""font-family\s*:\s*(?:&quot;|["'\s])*([^;"'&,>]+)""", re.IGNORECASE)
# Attributes that are shown or describe the page.
_SHOWN = re.compile(r"""(?<![\w-])((?:alt|title|content|placeholder)\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
# Letters and signs that Vietnamese text in Unicode next to never has, and the fonts that draw them. Plain patterns:
# every page is searched for them.
_SIGNS = "µ¸¶¹¨¾¼½ª¬®§\xadÄÅÆËÎÏÐÑÖ×ÛØÜÞßäåæëîïðñöûøüþ"
# In UTF-8, by their first byte: a search for one byte skips what is between two of them.
_SIGNS_IN_BYTES = tuple(
    re.compile(lead + b"[" + bytes(one.encode()[1] for one in _SIGNS if one.encode()[:1] == lead) + b"]")
    for lead in (b"\xc2", b"\xc3")
)
_ENTITIES = re.compile(
    rb"&(?:micro|cedil|para|sup1|uml|frac(?:12|14|34)|ordf|not|reg|sect|shy|szlig|times|"
    rb"[AaEeIiOoUu]uml|[Aa]ring|(?:AE|ae)lig|[IiUu]circ|[Oo]slash|[Nn]tilde|(?:THORN|thorn)|(?:ETH|eth)|"
    rb"#(?:1(?:6[7-9]|7\d|8\d|9\d)|2[0-4]\d|25[0-5])|#[xX][a-fA-F][0-9a-fA-F]);"
)
_FONTS = (b".vntime", b".vnarial", b"vni-")
_FEWEST_SIGNS = 3
_DEEPEST = 256
_PARTING = "\f"
_LINE_BREAKS = re.compile("[\r\n]")


def decode_markup(html: str, *, utf8: bytes | None = None) -> str:
    """Return a page with its legacy letters decoded: its text, and the attributes that are shown. Else unchanged.

    `utf8` is the page in UTF-8, where a caller has it.

    >>> decode_markup('<p title="x">Céng hoµ x· héi chñ nghÜa <b>ViÖt</b> Nam &amp; c¸c</p>')
    '<p title="x">Cộng hoà xã hội chủ nghĩa <b>Việt</b> Nam &amp; các</p>'
    """
    if len(html) > _MOST_CHARACTERS or not _has_signs(html.encode("utf-8", "replace") if utf8 is None else utf8):
        return html
    places = list(_find_places(html))
    runs = (run for place in places for run in (Run(place.text, place.font), Run(_PARTING, place.font)))
    parts = restore_runs(runs).split(_PARTING)[:-1]
    out: list[str] = []
    at = 0
    for place, part in zip(places, parts, strict=True):
        if part != place.text:
            raw = html[place.start : place.end]
            shown = f'"{escape(part)}"' if place.is_attribute else escape(part, quote="&quot;" in raw)
            out += [html[at : place.start], shown]
            at = place.end
    return "".join((*out, html[at:]))


def _has_signs(page: bytes) -> bool:
    counted = sum(_count(signs.finditer(page)) for signs in (*_SIGNS_IN_BYTES, _ENTITIES))
    if counted >= _FEWEST_SIGNS:
        return True
    small = page.lower()  # a tenth of the time of `lower` on Vietnamese text
    # From the end: CPython searches a long text forwards by another algorithm, which takes three times as long.
    return any(small.rfind(font) >= 0 for font in _FONTS)


def _count(found: Iterator[object]) -> int:
    """Count what was found, as far as it matters."""
    return len(list(islice(found, _FEWEST_SIGNS)))


@dataclass(frozen=True, slots=True)
class _Place:
    """A text of a page or the value of an attribute, its font, and where it is."""

    text: str
    font: str | None
    start: int
    end: int
    is_attribute: bool = False


def _find_places(html: str) -> Iterator[_Place]:
    """Give every text and every attribute that is shown, in their order."""
    stack: list[tuple[str, str | None]] = []
    for token in _TOKEN.finditer(html):
        raw = token[0]
        tag = _TAG.match(raw)
        if raw[0] != "<" or raw == "<":
            font = stack[-1][1] if stack else None
            # A text is judged line by line, and its lines end where blocks do.
            keeps_lines = any(name == _KEEPS_LINES for name, _ in stack)
            text = _unescape(raw) if keeps_lines else _LINE_BREAKS.sub(" ", _unescape(raw))
            yield _Place(text, font, token.start(), token.end())
        elif tag is not None and token[1] is None:
            yield from _find_attributes(raw, token.start())
            _move(stack, raw, tag=tag)
            if tag[2].lower() not in _INLINE:
                yield _Place("\n", stack[-1][1] if stack else None, token.end(), token.end())


def _find_attributes(raw: str, start: int) -> Iterator[_Place]:
    for found in _SHOWN.finditer(raw):
        if not found[2].isascii() or "&" in found[2]:
            yield _Place(
                _unescape(found[2][1:-1]), None, start + found.start(2), start + found.end(2), is_attribute=True
            )


def _move(stack: list[tuple[str, str | None]], raw: str, *, tag: re.Match[str]) -> None:
    """Enter or leave an element: a font holds for what is within."""
    name = tag[2].lower()
    if tag[1]:
        place = next((at for at in range(len(stack) - 1, -1, -1) if stack[at][0] == name), None)
        if place is not None:
            del stack[place:]
    elif name not in _VOID and not raw.endswith("/>") and len(stack) < _DEEPEST:
        font = (_FACE.search(raw) if name == "font" else None) or _FAMILY.search(raw)
        stack.append((name, font[1].strip() if font else stack[-1][1] if stack else None))


def _unescape(raw: str) -> str:
    return unescape(raw).replace(_PARTING, " ")
