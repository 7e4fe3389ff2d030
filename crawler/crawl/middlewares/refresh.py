"""A page that is only a way to another one: `<meta http-equiv="refresh">` without content of its own."""

import re

from crawler.crawl.middlewares.locations import MAX_REFRESH_BYTES
from crawler.errors import BadFileError
from crawler.extract.page import Page, absolute_url, attribute, decode_html, parse_page
from crawler.items import Answer
from crawler.language.numbers import whole_number
from crawler.language.text import normalize_text
from crawler.media.content_coding import decode_payload

# A page that shows itself for longer is meant to be read.
MAX_DELAY_SECONDS = 5
# "If your browser does not go on by itself, click here", in any language.
MAX_LETTERS = 160

# HTML Standard, 4.2.5.3 "Refresh state".
_CONTENT = re.compile(
    r"\s*(?:(?P<seconds>[0-9]+)(?:\.[0-9.]*)?|\.[0-9.]*)(?:\s*\Z|(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?"
    r"(?P<quote>['\"]?)(?P<url>.*))",
    re.IGNORECASE | re.DOTALL,
)
# Letters of the name may be written as references.
_MAY_REFRESH = re.compile(r"refresh|&#", re.IGNORECASE)
# A browser that runs scripts does not read it; without an end, not the rest of the page.
_NOSCRIPT = re.compile(r"<noscript\b.*?(?:</noscript\s*+>|\Z)", re.IGNORECASE | re.DOTALL)
_NOT_SHOWN = ["script", "style", "template", "title"]
_CONTENT_ELEMENTS = "form, iframe, frame, object, embed, video, audio, article, table table"


def read_refresh(answer: Answer, header: str | None) -> str | None:
    """Return the absolute address to which a page leads at once.

    None if the page has content of its own, shows itself for more than five seconds, or leads to no http or https
    address. What a script, a comment or a `<noscript>` holds leads nowhere.

    Args:
        answer: the page.
        header: its `Refresh` header, which browsers read like the element; None without one.
    """
    if len(answer.body) > MAX_REFRESH_BYTES:
        return None
    try:
        body = decode_payload(answer.body, answer.content_encoding, max_bytes=MAX_REFRESH_BYTES)
    except BadFileError:
        return None
    if header is None and b"<" not in body[:1024]:
        return None  # a picture, a text
    html = decode_html(body, answer.content_type)
    if header is None and not ("http-equiv" in html.lower() and _MAY_REFRESH.search(html)):
        return None  # most pages, without the cost of parsing them
    try:
        page = parse_page(_NOSCRIPT.sub("", html), answer.url)
    except BadFileError:
        return None  # too costly to parse: its reader reports this
    found = [
        attribute(node, "content") for node in page.metadata if _is_refresh(node.tag, attribute(node, "http-equiv"))
    ]
    targets = (_read_content(page, content) for content in ([] if header is None else [header]) + found)
    target = next((one for one in targets if one is not None), None)
    return target if target is not None and _is_empty(page) else None


def _is_refresh(tag: str | None, name: str) -> bool:
    return tag == "meta" and name.lower() == "refresh"


def _read_content(page: Page, content: str) -> str | None:
    """Read the `content` of a refresh. None if it names no address, or a later moment.

    Without an address, the page leads to itself. Browsers take the marks around an address off, and everything after
    the closing one.
    """
    match = _CONTENT.match(content)
    if match is None or whole_number(match["seconds"] or "0", at_most=MAX_DELAY_SECONDS) is None:
        return None
    if match["url"] is None:
        return page.url
    reference = match["url"].partition(match["quote"])[0] if match["quote"] else match["url"]
    return absolute_url(page, reference.strip())


def _is_empty(page: Page) -> bool:
    """Whether a page shows no more than a word about the way. Changes the tree."""
    page.tree.strip_tags(_NOT_SHOWN)
    body = page.tree.body
    if body is None:
        return True
    has_content = body.css_first(_CONTENT_ELEMENTS) is not None or len(body.css("img")) > 2
    return not has_content and len(normalize_text(body.text(separator=" "))) <= MAX_LETTERS
