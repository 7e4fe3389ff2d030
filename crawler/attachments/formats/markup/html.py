"""Read HTML that an office program, a portal's export or a browser saved as a document."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.encodings import DecodedText, decode_text
from crawler.attachments.formats.list_numbers import LARGEST, show_number
from crawler.attachments.formats.pages import MAX_CHARACTERS, doubt_guesses, join_pages
from crawler.language.legacy.markup import decode_markup
from crawler.language.numbers import whole_number
from crawler.media.documents import is_office_html

# The parser needs ten times the size. Larger pages are sheets that nobody reads to their end.
MAX_BYTES = 30 * 1024**2
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]+encoding=[\"']([\w.-]+)", re.IGNORECASE)
_CHARSET_BYTES = 4096
# Elements whose text no page shows; `xml` holds settings of Office, `del` what a tracked change takes out.
_UNSEEN = frozenset((
    "head", "script", "style", "template", "noscript", "noframes", "xml", "del", "select", "textarea", "svg",
    "object",
))  # fmt: skip
_LINES = frozenset((
    "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "table", "tbody", "tfoot", "thead", "title", "tr", "ul", "row",
))  # fmt: skip
_CELLS = frozenset(("td", "th", "cell"))
_TABLES = frozenset(("table", "worksheet"))
# Word and Excel mark where a printer begins a new page, in one of these elements.
_NEW_PAGE = re.compile(r"page-break-before\s*:\s*always|mso-break-type\s*:\s*section-break")
_MAY_BREAK = frozenset(["br", "p", "div", "h1", "h2", "h3"])
_SPACES = re.compile(r"\s+")
_LISTS = frozenset(("ol", "ul", "menu", "dir"))
_STYLES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_NO_NUMBERS = re.compile(r"list-style(?:-type)?\s*:[^;]*\b(?:none|disc|circle|square)\b", re.IGNORECASE)


def read_html(data: bytes) -> TextReading:
    """Read a page that was attached as a document: its text in order, the cells of a row on one line."""
    decoded = decode_html(data[:MAX_BYTES])
    shown = decode_markup(decoded.text)
    joined = join_pages(extract_pages(shown))
    is_cut = joined.is_cut or len(data) > MAX_BYTES
    if not joined.text:
        return TextReading(reason="no-text", tool="selectolax")
    detail = None if is_office_html(data) else "a page without the marks of an office program"
    doubts = joined.doubts or doubt_guesses(decoded.text, shown)
    return TextReading(joined.text, "html", detail=detail, tool="selectolax", is_cut=is_cut, doubts=doubts)


def decode_html(data: bytes, declared: str | None = None) -> DecodedText:
    """Decode a page by its bytes; by what it declares, or `declared`, if they leave it open."""
    said = _CHARSET.search(data[:_CHARSET_BYTES])
    own = (said[1] or said[2]).decode("ascii", "replace") if said else None
    return decode_text(data, declared or own)


def extract_pages(markup: str) -> list[str]:
    r"""Return the texts of the pages of HTML.

    >>> extract_pages("<p>S\u1ed1: 12</p><table><tr><td>a<br>b<td>c</table><del>x</del>")
    ['\nSố: 12\n\n\n\n a  b  c \n\n\n']
    """
    root = LexborHTMLParser(decode_markup(markup)).root
    walk = _Walk()
    node = root
    while node is not None and not walk.is_full:
        child = node.first_child if walk.enter(node) else None
        if child is not None:
            node = child
            continue
        walk.leave(node)
        while node is not None and node.next is None:
            node = node.parent
            if node is not None:
                walk.leave(node)
        node = node.next if node is not None else None
    return walk.pages()


class _Walk:
    """Collects the text of a page, node by node."""

    def __init__(self) -> None:
        self._pages: list[list[str]] = [[]]
        # For each open cell whether it parts its lines by spaces; tables in it part them by lines.
        self._cells: list[bool] = []
        self._size = 0
        # For each open list the number before its next one, and how numbers are written; "bullet" has none.
        self._lists: list[tuple[int, str]] = []

    @property
    def is_full(self) -> bool:
        """Whether more text would be cut off anyway."""
        return self._size > MAX_CHARACTERS

    def enter(self, node: LexborNode) -> bool:
        """Note a node. Return whether its children are to be read."""
        name = node.tag or ""
        if name == "-text":
            text = _SPACES.sub(" ", node.text_content or "")
            self._pages[-1].append(text)
            self._size += len(text)
            return False
        if name in _UNSEEN or name.startswith(("-", "!")):
            return False
        if name in _MAY_BREAK and not self._cells and _NEW_PAGE.search(node.attributes.get("style") or ""):
            self._pages.append([])
        self._part(name)
        if name in _LISTS:
            self._lists.append(_begin_list(node))
        elif name == "li" and self._lists:
            self._number(node)
        if name in _TABLES and self._cells:
            self._cells[-1] = False
        if name in _CELLS:
            self._cells.append(True)
        return True

    def leave(self, node: LexborNode) -> None:
        """Note the end of a node."""
        name = node.tag or ""
        if name in _UNSEEN or name.startswith("-"):
            return
        if name in _CELLS and self._cells:
            self._cells.pop()
        if name in _LISTS and self._lists:
            self._lists.pop()
        self._part(name)

    def _number(self, node: LexborNode) -> None:
        """Put the number that a browser shows before an item of a list."""
        last, style = self._lists[-1]
        said = whole_number(node.attributes.get("value") or "", at_most=LARGEST)
        number = last + 1 if said is None else said
        self._lists[-1] = number, style
        label = show_number(number, style)
        self._pages[-1].append(f"{label}. " if label else "")

    def _part(self, name: str) -> None:
        if name in _CELLS:
            self._pages[-1].append(" ")
        elif name in _LINES:
            self._pages[-1].append(" " if self._cells and self._cells[-1] else "\n")

    def pages(self) -> list[str]:
        """Return the texts of the pages so far."""
        return ["".join(pieces) for pieces in self._pages]


def _begin_list(node: LexborNode) -> tuple[int, str]:
    is_bare = node.tag != "ol" or _NO_NUMBERS.search(node.attributes.get("style") or "") is not None
    start = whole_number(node.attributes.get("start") or "", at_most=LARGEST)
    style = _STYLES.get(node.attributes.get("type") or "", "decimal")
    return (0 if start is None else start - 1), "bullet" if is_bare else style
