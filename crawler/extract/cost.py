"""Budgets of a page: what costs more than any real page is refused before it is parsed. Counts decide, never a clock.

A parser's work, and that of all code that walks up from an element, grows with the depth, with the attributes of a
tag, and with the open formats (`<b>`, `<font>`) that HTML repeats in each block (HTML Standard, 13.2.4.3, "the list of
active formatting elements"). So the tags are followed here as a parser would. Where the rules of HTML are long,
an element counts as open: the depth found here is never too small. If it may be too large, the tree itself decides.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from crawler.errors import BadFileError
from crawler.sentences import say

if TYPE_CHECKING:  # a crawl's own process asks for bounds only
    from selectolax.lexbor import LexborHTMLParser

# Blink's limit (`kMaximumHTMLParserDOMTreeDepth`). No real page is that deep.
MAX_DEPTH = 512
# The largest pages that were seen have some 400 links, 9,000 tags and 600,000 characters. A page with 40,000 invented
# links may be an article, or name all listings: reading it takes two seconds.
MAX_LINKS = 50_000
MAX_TAGS = 100_000
# This many of the articles that a page names (without the rows of its list), of the files that it needs, and of the
# links in an article's text are judged. The rest is counted; of links in a text, the words stay.
MAX_NAMED = 5_000
# Start tags, end tags, comments, and signs in texts. An end tag without a start makes an element, too (`</p>`).
MAX_SIGNS = 250_000
# A parser looks at all options of a list for each new one.
MAX_OPTIONS = 10_000
MAX_CHARACTERS = 4_000_000
# Of the text of an article, some 400 pages of paper; the Civil Code has 400,000. It is compared, indexed, shown whole.
MAX_TEXT_CHARACTERS = 1_000_000
# Formats that are repeated: elements that the parser makes and no tag names.
MAX_REPEATED = 50_000
# The sum of the squares of the numbers of attributes: a parser compares each with all others of its tag.
_MAX_COMPARED = 20_000_000
# A tag with fewer characters has no attributes that count.
_SHORT_ATTRIBUTES = 200
# A page with fewer tags than the greatest depth, and at most this many characters, is always cheap.
_FEW_CHARACTERS = 20_000
# With fewer tags, a parser needs less than a second, however deep they are.
_FEW_TAGS = 20_000

_SPACE = r"[ \t\n\r\f]"
_VALUE = r"""(?:"[^"]*+"?|'[^']*+'?|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+)"""
_ATTRIBUTE = rf"[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+(?:{_SPACE}*+={_SPACE}*+{_VALUE}?)?"
_WITHIN = rf"(?:[ \t\n\r\f/]++|{_ATTRIBUTE})*+"
_SCRIPT = "[sS][cC][rR][iI][pP][tT]"
# A comment, a script with its text, or a tag.
_TOKEN = re.compile(
    r"<(?:!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)"
    rf"|{_SCRIPT}(?=[ \t\n\r\f/>]){_WITHIN}>(?:[^<]++|<(?!/{_SCRIPT}))*+"
    rf"|(/?)([a-zA-Z][^ \t\n\r\f/>]*+)({_WITHIN}))"
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_DATA = re.compile(r"""data:[^"'<>\s]{1000,}""")
_FOREIGN_TAG = re.compile(r"<(?:svg|math)\b", re.IGNORECASE)

_MANY_ENTITIES = 2_000
# A code point that is not a character, with a letter for what is hidden: the code point itself, an ampersand, an NBSP.
_SIGN = "\ufdd0"
_SIGNED = re.compile(f"{_SIGN}([san])")
_ENTITIES = {"s": _SIGN, "a": "&amp;", "n": "&nbsp;"}
_LETTERS = {"s": _SIGN, "a": "&", "n": "\xa0"}


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VOID = _names("area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr")
# Each of them is once in a page.
_ONCE = _names("html head body")
_FORMATS = _names("a b big code em font i nobr s small strike strong tt u")
_CELLS, _ROWS, _GROUPS = _names("td th"), _names("td th tr"), _names("td th tr tbody thead tfoot")
_P = _names("p")
_BLOCKS = _names(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup "
    "main menu nav ol p section summary ul pre listing form table"
)
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")
# What a start tag closes if it is the innermost open element.
_IMPLIED: dict[str, frozenset[str]] = {
    **dict.fromkeys(_BLOCKS, _P),
    **dict.fromkeys(_HEADINGS, _HEADINGS | _P),
    "li": _names("li p"), "dt": _names("dt dd p"), "dd": _names("dt dd p"), "option": _names("option"),
    "optgroup": _names("option optgroup"), "td": _CELLS, "th": _CELLS, "tr": _ROWS, "tbody": _GROUPS,
    "thead": _GROUPS, "tfoot": _GROUPS, "a": _names("a"), "button": _names("button"), "rp": _names("rp rt"),
    "rt": _names("rp rt"),
}  # fmt: skip
# Most start tags of a page only open an element, and close none if the innermost is not one of these.
_PLAIN = {name: _IMPLIED.get(name, _names("")) for name in (*_BLOCKS, *_HEADINGS, *_GROUPS, *_names("span li dt dd"))}
_TABLE_PARTS = _GROUPS | _names("table caption colgroup")
_SCOPE = _names("table td th caption marquee object applet template svg math foreignobject desc title annotation-xml")
_TABLE_SCOPE = _names("table template")
# An end tag of no block closes nothing outside these.
_SPECIAL = _SCOPE | _BLOCKS | _HEADINGS | _GROUPS | _names("li dd dt button select iframe noscript")
_FOREIGN = _names("svg math")
# Elements of drawings have these names, too, and are not closed there.
_NOT_IMPLIED_IN_DRAWINGS = _names("td th tr tbody thead tfoot option optgroup a button rp rt")
_DRAWN = _names("svg g defs symbol clippath mask pattern marker filter text switch math mrow")
_BREAKING_OUT = _BLOCKS | _HEADINGS | _FORMATS - {"a"} | _names("li dd dt span br img hr ruby sub sup var embed")


def check_cost(html: str) -> bool:
    """Refuse a page that costs too much. Return False if it may still be too deep (`is_too_deep`).

    Raises:
        BadFileError: kind `page_too_costly`.
    """
    length = len(html)
    if length > MAX_CHARACTERS and length - sum(map(len, _DATA.findall(html))) > MAX_CHARACTERS:
        raise BadFileError("page_too_costly", say("costs-characters", count=MAX_CHARACTERS))
    count = html.count("<")
    if count <= MAX_DEPTH and length <= _FEW_CHARACTERS:
        return True
    if count > MAX_TAGS and _has_too_many_tags(html, count):
        raise BadFileError("page_too_costly", say("costs-tags", count=MAX_TAGS))
    # With more tags a page that is too deep is refused, whatever follows; following it on would take the square.
    enough = MAX_DEPTH if count > _FEW_TAGS else _FEW_TAGS
    elements = _Elements(has_drawings=_FOREIGN_TAG.search(html) is not None)
    deepest = elements.follow(_TOKEN.findall(html), enough=enough)
    if deepest > MAX_DEPTH and count > _FEW_TAGS:
        raise too_deep()
    return deepest <= MAX_DEPTH


def _has_too_many_tags(html: str, signs: int) -> bool:
    return signs > MAX_SIGNS or html.count("</") > MAX_TAGS or len(re.findall(r"<[a-zA-Z]", html)) > MAX_TAGS


def has_many_entities(html: str) -> bool:
    """Whether a sanitiser should see a page without its entities: nh3 takes the square of those in one text."""
    return html.count("&") > _MANY_ENTITIES


def hide_entities(html: str) -> str:
    """Put signs with no other meaning in place of the `&amp;` and `&nbsp;` of a serialised tree."""
    return html.replace(_SIGN, f"{_SIGN}s").replace("&amp;", f"{_SIGN}a").replace("&nbsp;", f"{_SIGN}n")


def reveal_entities(html: str) -> str:
    """Undo `hide_entities`."""
    return _SIGNED.sub(lambda found: _ENTITIES[found[1]], html)


def hide_in_value(value: str) -> str:
    """Do what `hide_entities` does, for the value of an attribute as its reader sees it."""
    return value.replace(_SIGN, f"{_SIGN}s").replace("&", f"{_SIGN}a").replace("\xa0", f"{_SIGN}n")


def reveal_in_value(value: str) -> str:
    """Undo `hide_in_value`."""
    return _SIGNED.sub(lambda found: _LETTERS[found[1]], value)


def too_deep() -> BadFileError:
    """Return the error of a page whose elements are nested too deep."""
    return BadFileError("page_too_costly", say("costs-depth", depth=MAX_DEPTH))


def check_text(texts: Iterable[str], *, at_most: int = MAX_TEXT_CHARACTERS) -> None:
    """Refuse an article with too much text.

    Raises:
        BadFileError: kind `page_too_costly`.
    """
    if sum(map(len, texts)) > at_most:
        raise BadFileError("page_too_costly", say("costs-text", count=at_most))


def is_too_deep(tree: "LexborHTMLParser") -> bool:
    """Whether any element of a tree is nested too deep."""
    depths: dict[int, int] = {}
    root = tree.root
    for node in root.traverse() if root is not None else ():
        parent = node.parent
        depth = depths.get(parent.mem_id, 0) + 1 if parent is not None else 1
        if depth > MAX_DEPTH:
            return True
        depths[node.mem_id] = depth
    return False


class _Elements:
    """The open elements while the tags of a page are followed, and its formats that blocks left open."""

    def __init__(self, *, has_drawings: bool) -> None:
        self._open: list[str] = []
        self._formats: list[tuple[str, str]] = []  # those among the open elements
        self._left: list[tuple[str, str]] = []
        self._has_drawings = has_drawings
        self._repeated = 0
        self._compared = 0
        self._links = 0
        self._options = 0

    def follow(self, tokens: Iterable[tuple[str, str, str]], *, enough: int) -> int:
        """Follow the tags: whether an end tag, its name, its attributes. Return the greatest depth.

        Far above `enough` no more tags are followed.
        """
        opened, deepest = self._open, 0
        plain = {} if self._has_drawings else _PLAIN
        for end, name, attributes in tokens:
            if end:
                if opened and opened[-1] == name and name not in _FORMATS:
                    opened.pop()
                else:
                    self._close(name.lower())
            elif name:
                implied = plain.get(name)
                if (
                    implied is None or self._left or len(attributes) > _SHORT_ATTRIBUTES
                    or (opened and opened[-1] in implied)
                ):  # fmt: skip
                    self._begin(name if name.islower() else name.lower(), attributes)
                else:
                    opened.append(name)
                if len(opened) > deepest:
                    deepest = len(opened)
                    if deepest > MAX_DEPTH + len(self._left) and deepest > enough:
                        break
        return deepest

    def _begin(self, name: str, attributes: str) -> None:
        opened = self._open
        if len(attributes) > _SHORT_ATTRIBUTES:
            self._count_attributes(attributes)
        if self._left:
            self._repeated += len(self._left)
            if self._repeated > MAX_REPEATED:
                raise BadFileError("page_too_costly", say("costs-formats", count=MAX_REPEATED))
        if self._has_drawings and self._is_drawn(name, attributes):
            return
        if name in _VOID or name in _ONCE:
            return
        self._count(name)
        implied = _IMPLIED.get(name)
        if implied is not None and not (self._has_drawings and self._stays_in_drawing(name)):
            while opened and opened[-1] in implied:
                self._pop()
        opened.append(name)
        if name in _FORMATS:
            self._formats.append((name, attributes))

    def _count(self, name: str) -> None:
        self._links += name == "a"
        self._options += name == "option"
        if self._links > MAX_LINKS:
            raise BadFileError("page_too_costly", say("costs-links", count=MAX_LINKS))
        if self._options > MAX_OPTIONS:
            raise BadFileError("page_too_costly", say("costs-options", count=MAX_OPTIONS))

    def _pop(self, *, is_closed: bool = False) -> None:
        """Close the innermost element. A format without an end tag of its own stays in force."""
        name = self._open.pop()
        if name in _FORMATS:
            form = self._formats.pop()
            # Of equal ones, three stay (the "Noah's Ark clause").
            if not is_closed and len(self._left) <= MAX_DEPTH and self._left.count(form) < 3:
                self._left.append(form)

    def _close(self, name: str) -> None:
        """Close the innermost element of this name with all in it, if an end tag can reach it."""
        opened = self._open
        barrier = _SPECIAL
        if name in _TABLE_PARTS:
            barrier = _TABLE_SCOPE
        elif name in _BLOCKS or name in _HEADINGS or name in _SPECIAL:
            barrier = _SCOPE
        for place in range(len(opened) - 1, max(-1, len(opened) - MAX_DEPTH), -1):
            if opened[place] == name:
                while len(opened) > place + 1:
                    self._pop()
                self._pop(is_closed=True)
                return
            if opened[place] in barrier:
                break
        if name in _FORMATS and self._left and _CELLS.isdisjoint(opened):
            last = next((place for place in reversed(range(len(self._left))) if self._left[place][0] == name), None)
            if last is not None:
                del self._left[last]

    def _count_attributes(self, attributes: str) -> None:
        self._compared += len(_ATTRIBUTES.findall(attributes)) ** 2
        if self._compared > _MAX_COMPARED:
            raise BadFileError("page_too_costly", say("costs-attributes"))

    def _is_drawn(self, name: str, attributes: str) -> bool:
        """Whether a tag is a closed element of a drawing (`<path/>`). A block in a drawing ends it."""
        opened = self._open
        if not opened:
            return False
        if attributes.endswith("/") and opened[-1] in _DRAWN:
            return True
        if name in _BREAKING_OUT and not _FOREIGN.isdisjoint(opened):
            place = max(index for index, one in enumerate(opened) if one in _FOREIGN)
            if _SCOPE.isdisjoint(opened[place + 1 :]):
                while len(opened) > place:
                    self._pop()
        return False

    def _stays_in_drawing(self, name: str) -> bool:
        return name in _NOT_IMPLIED_IN_DRAWINGS and not _FOREIGN.isdisjoint(self._open)
