"""Find the files that an article's elements offer: links, viewers, and what a click's script opens."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.addresses import is_allowed_host
from crawler.extract.files.addresses import (
    find_document,
    is_document,
    is_handler,
    is_no_document,
    is_of_video_site,
    is_page_address,
    is_picture_file,
    is_program,
    may_answer_file,
)
from crawler.extract.files.pictures import read_picture
from crawler.extract.page import Page, absolute_url, attribute
from crawler.language.text import fold, normalize_text
from crawler.profile import Profile

# What a link's words say, folded.
_DOWNLOAD_TEXT = re.compile(
    r"\b(tai (ve|xuong|file|tep|van ban)|download|(file|tep|tap tin|tai lieu|van ban|phu luc|bieu mau)( \w+)? "
    r"(dinh kem|kem theo)|(dinh kem|kem theo):?$|(xem|mo) (file|tep))\b"
)
_DOWNLOAD_CLASSES = frozenset(("link-download", "view-gallery", "download", "file-download", "attachment", "dinhkem"))

# Attributes with an address that a script of the page opens when somebody clicks on the element.
_CLICKED = ("data-href", "data-url", "data-file", "data-link", "data-pdf", "data-path", "data-download", "data-src")
# Selects every element that can offer a file other than by the `href` of an `a`.
SCRIPTED = ", ".join(f"[{name}]" for name in ("onclick", *_CLICKED)) + ', a[href^="javascript:" i]'
_QUOTED = re.compile(r"""(["'])((?:(?!\1).){3,2000})\1""", re.DOTALL)
_JAVASCRIPT = re.compile(r"javascript:", re.IGNORECASE)
_NOT_SCRIPTED = frozenset(("img", "iframe", "embed", "object", "video", "audio", "source"))

_FRAME_ADDRESSES = ("data", "src", "data-src", "data-lazy-src", "href")
_FILE_PARAMETERS = frozenset(("src", "movie", "filename", "file", "url", "data"))
# Labels break where these elements begin or end.
_BREAKS_WORDS = "p div br li tr td th h1 h2 h3 h4 h5 h6 ul ol table section article center"
_BREAKS = frozenset(_BREAKS_WORDS.split())


def read_file_link(page: Page, link: LexborNode, *, profile: Profile) -> str | None:
    """Return the address of the document that an `a` or `area` element offers. None for another kind of link.

    A picture's file is one if words lead to it: around a picture, the link is to a larger version of it.
    """
    reference = attribute(link, "href")
    url = absolute_url(page, reference)
    if url is None:
        return None
    found = find_document(url, reference.partition("#")[2], profile=profile)
    if found is not None:
        return found
    if is_page_address(url, profile):
        return None
    if is_picture_file(url):
        return url if not link.css_first("img") and normalize_text(link.text()) else None
    return None if _DOWNLOAD_CLASSES.isdisjoint(attribute(link, "class").lower().split()) else url


def read_download(page: Page, link: LexborNode, *, profile: Profile) -> str | None:
    """Return the address of an `a` element that may be a download by its address or its words; None for others.

    Only the answer shows it. Addresses of articles, listings and the home page are not, nor are other hosts than those
    of the profile. A picture in the link may be an icon.
    """
    url = absolute_url(page, attribute(link, "href"))
    if url is None or not is_allowed_host(url, profile) or is_page_address(url, profile) or is_no_document(url):
        return None
    if any(read_picture(page, image) is not None for image in link.css("img")):
        return None
    says_so = _DOWNLOAD_TEXT.search(fold(f"{link.text()} {attribute(link, 'title')}")) is not None
    return url if says_so or is_stated_file(link, url) or is_handler(url) else None


def is_stated_file(link: LexborNode, url: str) -> bool:
    """True if a link to a download says by its attributes or its address that no page answers it."""
    is_typed = attribute(link, "type").lower().startswith("application/")
    return is_typed or "download" in link.attrs or is_program(url)


def read_scripted(page: Page, node: LexborNode, *, profile: Profile) -> str | None:
    """Return the address of the file that a click on an element opens by script. None without one."""
    if node.tag in _NOT_SCRIPTED:
        return None
    # `tai('QD.pdf', '/Download.ashx?id=1')` names a file and where it is.
    for reference in sorted(_scripted(node), key=lambda found: "/" not in found):
        url = absolute_url(page, reference)
        if url is None:
            continue
        found = find_document(url, reference.partition("#")[2], profile=profile)
        if found is None and may_answer_file(url, profile) and ("/" in reference or "?" in reference):
            found = url
        if found is not None:
            return found
    return None


def read_viewer(page: Page, viewer: LexborNode, *, profile: Profile) -> str | None:
    """Return the address of the document in an `iframe`, `embed` or `object`. None for video and other pages."""
    for reference in _frame_references(viewer):
        url = absolute_url(page, reference)
        if url is None:
            continue
        if is_document(url):
            return url
        if is_of_video_site(url):
            return None
        shown = find_document(url, reference.partition("#")[2], profile=profile)
        if shown is not None or attribute(viewer, "type").lower() == "application/pdf":
            return shown or url
        if may_answer_file(url, profile):
            return url
    return None


def is_shown_frame(page: Page, frame: LexborNode) -> bool:
    """True for `video`, `audio`, or a frame with an address: a film, a map, or a document in a service's page."""
    if frame.tag in ("video", "audio"):
        return True
    return any(absolute_url(page, reference) is not None for reference in _frame_references(frame))


def read_label(node: LexborNode) -> str | None:
    """Return the words of a link or button, those of its blocks separated by a space. None if it has none."""
    if node.tag == "input":
        return normalize_text(attribute(node, "value")) or None
    return normalize_text("".join(_words(node))) or None


def _words(node: LexborNode) -> Iterator[str]:
    for child in node.traverse(include_text=True):
        if child.tag == "-text":
            parent = child.parent
            if parent is None or parent.tag not in ("script", "style"):
                yield child.text_content or ""
        elif child.tag in _BREAKS:
            yield " "


def _scripted(node: LexborNode) -> Iterator[str]:
    attributes = node.attributes
    for name in _CLICKED:
        value = (attributes.get(name) or "").strip()
        if value:
            yield value
    href = attributes.get("href") or ""
    for script in (attributes.get("onclick") or "", href if _JAVASCRIPT.match(href.strip()) else ""):
        yield from (match[2].strip() for match in _QUOTED.finditer(script))


def _frame_references(frame: LexborNode) -> Iterator[str]:
    for name in _FRAME_ADDRESSES:
        value = attribute(frame, name)
        if value:
            yield value
    if frame.tag == "object":
        for parameter in frame.css("param"):
            if attribute(parameter, "name").lower() in _FILE_PARAMETERS:
                yield attribute(parameter, "value")
