"""Make an article's content HTML that is safe to show on another site."""

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.parts import Parts, is_furniture_in_text, is_silent_button, outermost
from crawler.extract.cost import has_many_entities, hide_entities, reveal_entities
from crawler.extract.files.pictures import IN_DRAWING, read_picture
from crawler.extract.page import Page, absolute_url, attribute
from crawler.media.pasted import is_data_address, is_pasted

_TAGS_WORDS = (
    "a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em figcaption figure h1 h2 "
    "h3 h4 h5 h6 hr i img ins li ol p pre q s small span strong sub sup table tbody td tfoot th thead tr u ul"
)
# Pictures that are no `img` get one beside them.
_NO_IMG = f"amp-img, amp-anim, svg {IN_DRAWING}"
_TAGS = set(_TAGS_WORDS.split())
_REMOVED_WHOLE_WORDS = "script style noscript template iframe object embed svg math select textarea title head"
_REMOVED_WHOLE = set(_REMOVED_WHOLE_WORDS.split())
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "p": {"align"},
    "div": {"align"},
    "ol": {"start", "type"},
    "*": {"style"},
}
_STYLES = {"text-align", "text-indent", "font-style", "font-weight", "text-decoration"}


def _drop_empty(tag: str, name: str, value: str) -> str | None:
    """Drop an address that is empty, or a `data:` address that is not the archive's own of a pasted picture."""
    if name not in ("href", "src"):
        return value
    is_bad = not value or (is_data_address(value) and not (tag == "img" and is_pasted(value)))
    return None if is_bad else value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_REMOVED_WHOLE,
    attributes=_ATTRIBUTES,
    attribute_filter=_drop_empty,
    filter_style_properties=_STYLES,
    url_schemes={"http", "https", "data"},
    link_rel="nofollow noopener noreferrer",
)


def sanitise(page: Page, parts: Parts) -> str:
    """Return the content without scripts, forms, frames and handlers, with every address absolute.

    Pictures get the address that a lazy loader would set. Hidden elements and page furniture are removed.
    """
    pieces = (_clean(page, node, parts=parts) for node in parts.content)
    return "\n".join(piece for piece in pieces if piece)


def _clean(page: Page, node: LexborNode, *, parts: Parts) -> str:
    copy = node.clone()
    gone: list[LexborNode] = []
    for element in copy.css(":is([class], [id], [style], [hidden], img, button, a[href])"):
        if element.tag == "img":
            element.attrs["src"] = read_picture(page, element) or ""
        elif element.tag == "a":
            element.attrs["href"] = absolute_url(page, attribute(element, "href")) or ""
        if element.mem_id != copy.mem_id and _goes(element, parts):
            gone.append(element)
    for picture in copy.css(_NO_IMG):
        if (url := read_picture(page, picture)) is not None:
            _shown_by(picture).insert_before(_make_img(url))
    for element in list(outermost(gone)):
        element.decompose()
    html = copy.inner_html or ""
    if not has_many_entities(html):
        return _CLEANER.clean(html).strip()
    return reveal_entities(_CLEANER.clean(hide_entities(html))).strip()


def _shown_by(picture: LexborNode) -> LexborNode:
    """Return the drawing around a picture, or the picture itself."""
    node: LexborNode | None = picture
    while node is not None and node.tag != "svg":
        node = node.parent
    return node or picture


def _make_img(url: str) -> LexborNode:
    image = LexborHTMLParser("<img>").css_first("img", strict=True)
    assert image is not None
    image.attrs["src"] = url
    return image


def _goes(node: LexborNode, parts: Parts) -> bool:
    is_furniture = vnpt.is_furniture(node) if parts.is_whole else is_furniture_in_text(node)
    if is_hidden(node) or is_furniture or vnpt.is_author(node) or _is_silent_button(node, parts):
        return True
    classes = attribute(node, "class").lower()
    if not (parts.is_whole or _holds(parts, parts.header)):
        return "articlesummary" in classes and _holds(parts, parts.summary)
    return vnpt.is_date(node) or vnpt.is_module(node) or "articleheader" in classes or "articlesummary" in classes


def _is_silent_button(node: LexborNode, parts: Parts) -> bool:
    return node.tag == "button" and (parts.is_whole or is_silent_button(node))


def _holds(parts: Parts, part: LexborNode | None) -> bool:
    return part is not None and part.mem_id in parts.inside
