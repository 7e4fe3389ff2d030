r"""Whether a page has the parts that come after its content, so that no part of the content was cut off.

An answer without Content-Length that ends early looks like a whole one. Its last parts tell: a page that was cut lacks
them. Markup in comments, scripts and style sheets does not count.

>>> has_closing_furniture("<html><body><p>Ngày 3/5</p></body></html>\n<!-- 0.2 s -->")
True
>>> has_closing_furniture("<html><body><p>Ngày 3/5, ủy ban nhân dân th")
False
>>> is_whole_fragment("<li><a href='/a'>Một</a></li>"), is_whole_fragment("<li><a href='/a'>Mộ")
(True, False)
"""

import re

from crawler.extract.page import without_comments
from crawler.media.json_texts import read_json

# Parts whose markup is text. One that does not end takes all that follows.
_RAW_NAMES = ("script", "style", "textarea", "title", "noscript", "template", "svg")
_RAW = re.compile(
    rf"<!--.*?(?:--!?>|\Z)|<(?P<raw>{'|'.join(_RAW_NAMES)})\b.*?(?:</(?P=raw)\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*+)(?P<attributes>[^<>]*+)>", re.IGNORECASE)
# The end of a text within a tag: a tag that begins and does not end.
_OPEN_TAG = re.compile(r"</?[a-z!?][^<>]*\Z|<\Z", re.IGNORECASE)
_NAMES = re.compile(r"\b(?:id|class)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
# The footer of a site, not that of a card, a dialog or a comment.
_FOOTER = re.compile(
    r"(?:(?:site|page|main|portal|web|website|global|div|block|box|layout|wrap|wrapper|id|the|content)[-_]?)?"
    r"(?:footer|chan-?trang)(?:[-_]?(?:wrap|wrapper|container|area|content|bottom|main|top|info|inner|section|site|page|"
    r"bg|default|copyright|\d+))*",
    re.IGNORECASE,
)
# An element of these is closed by its end tag only, so an open one means that the text was cut.
_CLOSED_WORDS = (
    "a article aside b big blockquote button center div dl em fieldset figcaption figure font footer form h1 h2 h3 h4 "
    "h5 h6 header i label main nav ol s section select small span strong sub sup table u ul"
)
_CLOSED = frozenset(_CLOSED_WORDS.split())
_ROOT = re.compile(r"\s*+(?P<xml><\?xml\b[^>]*>)?+\s*+(?:<!DOCTYPE[^>]*>)?+\s*+<(?P<name>[a-z][\w:.-]*)", re.IGNORECASE)
_XML_ROOTS = ("rss", "feed", "rdf:rdf", "urlset", "sitemapindex")
# A declaration, a comment and the root of an XML document are within this many letters.
_XML_HEAD_LETTERS = 8192
# The way to another page, which is all that some pages are (HTML Standard, 4.2.5.3 "Refresh state").
_REFRESH = re.compile(
    r"<meta\b(?=[^<>]*\bhttp-equiv\s*+=\s*+[\"']?+\s*+refresh\b)"
    r"(?=[^<>]*\bcontent\s*+=\s*+[\"']?+\s*+(?:[0-5]|(?=\.))(?:\.[\d.]*)?\s*[;,\s\"'>/])[^<>]*>",
    re.IGNORECASE,
)
_WAY_LETTERS = 160
# This many letters may follow the end of a page: a counter or a banner that a server adds.
_LETTERS_BEHIND = 300


def has_closing_furniture(html: str) -> bool:
    """Return whether a page has the parts that come after its content.

    These are: `</body>` or `</html>` near the end (a whole document that was pasted into an article brings its own, and
    more text follows); the end of the form around an ASP.NET page; the beginning of the site's footer.
    """
    if ends_as_usual(html.encode("utf-8", "replace").lower()):
        return True
    page = _RAW.sub(" ", html)
    return _has_end_of_document(page) or _has_end_of_form(page, html) or _has_footer(page)


def ends_as_usual(page: bytes) -> bool:
    """Return whether a page is one document that its last tag ends. Most are; the full search is much slower.

    `page` is in UTF-8, its ASCII letters in lower case.
    """
    first = page.find(b"<html")
    if first < 0 or page.rfind(b"<html") != first or not page.rstrip().endswith(b"</html>"):
        return False
    # Only these may say in their text that a document ends.
    return _is_closed(page, b"<script", end=b"</script") and _is_closed(page, b"<!--", end=b"-->")


def _is_closed(page: bytes, begin: bytes, *, end: bytes) -> bool:
    """Return whether the last part of a kind has its end. A page without one is not searched for ends."""
    last = page.rfind(begin)
    return last < 0 or page.find(end, last) >= 0


def is_whole_fragment(html: str) -> bool:
    """Return whether a part of a page, such as a pager's answer, ends outside of every element that it opened.

    It has no closing furniture by nature. One that ends between two rows looks like a whole one.
    """
    text = html.strip()
    if text.startswith(("{", "[")):
        return _is_json(text)
    page = _RAW.sub(_keep_cut, html)
    if _OPEN_TAG.search(page):
        return False
    opened: list[str] = []
    for tag in _TAG.finditer(page):
        name = tag["name"].lower()
        if name not in _CLOSED:
            continue
        if not tag["end"]:
            opened.append(name)
        elif name in opened:
            del opened[len(opened) - 1 - opened[::-1].index(name) :]
    return not opened


def is_whole_page(text: str) -> bool:
    """Return whether a text that was fetched as a page is whole, as far as its format shows it: HTML, XML or JSON.

    A text without markup has no end that could be missing, so it counts as whole. So does a page that is only a way to
    another one, if it ends outside of every element: many such are a single tag.
    """
    stripped = text.strip()
    if stripped.startswith(("{", "[")):
        return _is_json(stripped)
    root = _ROOT.match(without_comments(text[:_XML_HEAD_LETTERS]))
    if root is None:
        return "<" not in text or has_closing_furniture(text) or _is_way(text)
    name = root["name"].lower()
    if name in _XML_ROOTS or (root["xml"] and name != "html"):
        behind = text[text.lower().rfind(f"</{name}") :]
        return without_comments(behind).strip().lower() == f"</{name}>"
    return has_closing_furniture(text) or _is_way(text)


def _is_way(html: str) -> bool:
    page = _RAW.sub(" ", html)
    return bool(_REFRESH.search(page)) and len(_letters(page)) <= _WAY_LETTERS and is_whole_fragment(html)


def _is_json(text: str) -> bool:
    try:
        read_json(text)
    except ValueError:
        return False
    return True


def _keep_cut(raw: re.Match[str]) -> str:
    """Replace a comment or script; by an open tag if it does not end."""
    ends = ("-->", "--!>") if raw["raw"] is None else (">",)
    is_closed = raw[0].endswith(ends) and (raw["raw"] is None or f"</{raw['raw']}".lower() in raw[0].lower())
    return " " if is_closed else "<cut"


def _has_end_of_document(page: str) -> bool:
    for name in ("html", "body"):
        opened = [tag.start() for tag in re.finditer(rf"<{name}\b", page, re.IGNORECASE)]
        closed = [tag.end() for tag in re.finditer(rf"</{name}\s*>", page, re.IGNORECASE)]
        if closed and len(closed) >= len(opened) and len(_letters(page[closed[-1] :])) <= _LETTERS_BEHIND:
            return True
    return False


def _has_end_of_form(page: str, html: str) -> bool:
    """Return whether the form around an ASP.NET page is closed. Its hidden fields are at its beginning."""
    if "__VIEWSTATE" not in html:
        return False
    opened = len(re.findall(r"<form\b", page, re.IGNORECASE))
    return 0 < opened <= len(re.findall(r"</form\s*>", page, re.IGNORECASE))


def _has_footer(page: str) -> bool:
    depth = 0
    for tag in _TAG.finditer(page):
        name = tag["name"].lower()
        if name == "article":
            depth += -1 if tag["end"] else 1
        if tag["end"] or depth > 0:
            continue
        if name == "footer" or (name in ("div", "section", "table", "td", "tr") and _is_footer(tag["attributes"])):
            return True
    return False


def _is_footer(attributes: str) -> bool:
    words = " ".join(part for found in _NAMES.findall(attributes) for part in found).split()
    return any(_FOOTER.fullmatch(word) for word in words)


def _letters(markup: str) -> str:
    return "".join(_TAG.sub("", markup).split())
