"""Rewrite a captured page so that it is safe to show: nothing in it runs, or loads from elsewhere."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape

from selectolax.lexbor import LexborNode

from crawler.extract.files.pictures import picture_address
from crawler.extract.page import Page, absolute_url, attribute, link_address
from crawler.extract.replay.safe_css import MAX_SHEET_CHARACTERS, show_declarations, show_sheet

_KEPT_TAG_NAMES = (
    "html head body a abbr acronym address area article aside b bdi bdo big blockquote br button caption center "
    "cite code col colgroup data dd del details dfn dir div dl dt em fieldset figcaption figure font footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr i img input ins kbd label legend li main map mark menu nav ol optgroup "
    "option output p pre progress q rp rt ruby s samp section select small span strike strong sub summary sup "
    "table tbody td textarea tfoot th thead time tr tt u ul var wbr"
)
_KEPT_TAGS = frozenset(_KEPT_TAG_NAMES.split())
_EMPTY_TAGS = frozenset(("area", "br", "col", "hr", "img", "input", "wbr"))
# Removed with all contents. A visitor's browser did not show `noscript` either.
_GONE_TAG_NAMES = (
    "script noscript template object embed applet svg math audio video source track canvas portal base meta "
    "param noembed noframes plaintext xmp listing dialog fencedframe"
)
_GONE_TAGS = frozenset(_GONE_TAG_NAMES.split())
_FRAME_TAGS = frozenset(("iframe", "frame"))
_KEPT_ATTRIBUTE_NAMES = (
    "class id title lang dir align valign width height bgcolor color border bordercolor cellpadding cellspacing "
    "colspan rowspan nowrap alt face size start type value checked selected for headers scope span summary name "
    "usemap shape coords hspace vspace clear noshade reversed rules char cols rows placeholder multiple label "
    "hidden role datetime open maxlength text link vlink alink topmargin leftmargin marginwidth marginheight"
)
_KEPT_ATTRIBUTES = frozenset(_KEPT_ATTRIBUTE_NAMES.split())
_INPUT_TYPE_NAMES = "text search button submit reset checkbox radio password email tel number date"
_INPUT_TYPES = frozenset(_INPUT_TYPE_NAMES.split())
_WELL_FORMED = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """The target of a link: an address of this site, or None, and the tooltip for readers."""

    href: str | None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """The replacements for absolute addresses in a page: paths of this site, None if the archive has nothing."""

    sheet: Callable[[str], str | None]
    file: Callable[[str], str | None]
    link: Callable[[str], LinkTarget]
    keeps_style: bool = True


def show_page(page: Page, targets: Targets) -> str:
    """Write a captured page's HTML again from its tree: without scripts, frames, forms that send, foreign addresses.

    Only elements and attributes known to be harmless are written, and every text and value is escaped, so that no
    difference between two parsers can bring back a script. Links open in the top window, outside the frame of the page.
    """
    mode = "<!doctype html>" if re.match(r"\s*<!doctype\s", page.html, re.IGNORECASE) else ""
    return mode + "".join(_walk(page, page.root, targets=replace(targets, keeps_style=_is_styled_in_bounds(page))))


def find_targets(page: Page) -> tuple[list[str], list[str]]:
    """Return the absolute addresses that a shown page needs: those of files and sheets, and those of links."""
    files: dict[str, None] = {}
    links: dict[str, None] = {}

    def note_link(url: str) -> LinkTarget:
        links[url] = None
        return LinkTarget(None)

    targets = Targets(sheet=lambda url: files.setdefault(url), file=lambda url: files.setdefault(url), link=note_link)
    show_page(page, targets)
    return list(files), list(links)


def _is_styled_in_bounds(page: Page) -> bool:
    """Whether the style of a page is short enough to be read: its sheets, and its attributes that name addresses."""
    sheets = sum(len(node.text()) for node in page.metadata if node.tag == "style")
    attributes = sum(len(attribute(node, "style")) for node in page.tree.css('[style*="("], [style*="\\\\"]'))
    return sheets + attributes <= MAX_SHEET_CHARACTERS


def _walk(page: Page, root: LexborNode, *, targets: Targets) -> Iterator[str]:
    """Write a tree in order. Uses its own stack: pages nest deeper than Python's recursion limit."""
    stack: list[LexborNode | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        if node.next is not None and node is not root:
            stack.append(node.next)
        if node.is_text_node:
            yield escape(node.text_content or "", quote=False)
        elif node.is_element_node and node.tag is not None:
            yield from _open(page, node, targets=targets, stack=stack)


def _open(page: Page, node: LexborNode, *, targets: Targets, stack: list[LexborNode | str]) -> Iterator[str]:
    tag = node.tag or ""
    if tag in _GONE_TAGS:
        return
    if tag in _FRAME_TAGS:
        yield _frame(page, node, targets=targets)
    elif tag == "style":
        css = node.text() if targets.keeps_style else ""
        css = show_sheet(css, page.base, sheet=targets.sheet, file=targets.file)
        yield f"<style{_media(node)}>{css}</style>"
    elif tag == "link":
        yield _sheet_link(page, node, targets=targets)
    elif tag == "title":
        yield f"<title>{escape(node.text(), quote=False)}</title>"
    elif tag in _EMPTY_TAGS:
        yield f"<{tag}{_attributes(page, node, tag=tag, targets=targets)}>"
    else:
        # Of an unknown element only the contents are kept.
        if tag in _KEPT_TAGS:
            yield f"<{tag}{_attributes(page, node, tag=tag, targets=targets)}>"
            # Parsers drop a line feed at the beginning of these elements (HTML, 13.1.2.5).
            yield "\n" if tag in ("pre", "textarea") else ""
            stack.append(f"</{tag}>")
        if node.child is not None:
            stack.append(node.child)


def _attributes(page: Page, node: LexborNode, *, tag: str, targets: Targets) -> str:
    found: dict[str, str] = {}
    for name, value in node.attributes.items():
        if name in _KEPT_ATTRIBUTES or (name.startswith("aria-") and _WELL_FORMED.fullmatch(name)):
            found[name] = value or ""
    style = attribute(node, "style")
    if style and targets.keeps_style:
        found["style"] = show_declarations(style, page.base, file=targets.file)
    background = absolute_url(page, attribute(node, "background"))
    if background is not None:
        # Without a path the attribute is dropped: browsers would request it relative to this site.
        path = targets.file(background)
        found |= {"background": path} if path else {}
    if tag in ("a", "area"):
        found |= _lead(page, node, targets=targets)
    elif tag == "img":
        found |= _picture(page, node, targets=targets)
    elif tag in ("input", "button"):
        found["type"] = found.get("type", "text").lower() if tag == "input" else "button"
        if found["type"] not in _INPUT_TYPES:
            found |= {"type": "button", "value": found.get("alt", ""), "hidden": ""}
    return "".join(f' {name}="{escape(value)}"' for name, value in found.items())


def _lead(page: Page, node: LexborNode, *, targets: Targets) -> dict[str, str]:
    reference = attribute(node, "href")
    if reference.startswith("#"):
        return {"href": reference}
    if not reference:
        return {}
    url = absolute_url(page, link_address(page, node) or reference)
    lead = targets.link(url) if url is not None else LinkTarget(None)
    found = {"href": lead.href, "target": "_top", "rel": "noreferrer"} if lead.href else {}
    return found | ({"title": lead.title} if lead.title else {})


def _picture(page: Page, node: LexborNode, *, targets: Targets) -> dict[str, str]:
    url = picture_address(page, node)
    source = attribute(node, "src")
    if url is None and source.lower().startswith("data:image/"):
        return {"src": source, "alt": attribute(node, "alt")}
    path = targets.file(url) if url is not None else None
    found = {"src": path} if path else {}
    return {"alt": attribute(node, "alt"), **found}


def _sheet_link(page: Page, node: LexborNode, *, targets: Targets) -> str:
    kinds = attribute(node, "rel").lower().split()
    url = absolute_url(page, attribute(node, "href"))
    if "stylesheet" not in kinds or "alternate" in kinds or url is None:
        return ""
    path = targets.sheet(url)
    return f'<link rel="stylesheet" href="{escape(path)}"{_media(node)}>' if path else ""


def _media(node: LexborNode) -> str:
    media = attribute(node, "media")
    return f' media="{escape(media)}"' if media else ""


def _frame(page: Page, node: LexborNode, *, targets: Targets) -> str:
    """Write a link in place of a frame: its contents were another page."""
    url = absolute_url(page, attribute(node, "src"))
    if url is None:
        return ""
    lead = targets.link(url)
    title = f' title="{escape(lead.title)}"' if lead.title else ""
    href = f' href="{escape(lead.href)}" target="_top" rel="noreferrer"' if lead.href else ""
    return f"<p><a{href}{title}>▣ {escape(url)}</a></p>"
