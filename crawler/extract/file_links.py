"""Files that an article offers: links to documents, and viewers that carry the address in a parameter."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.page import Page, absolute_url, attribute, join_url

_DOCUMENT = re.compile(
    r"\.(pdf|docx?|docm|xlsx?|xlsm|pptx?|ppsx?|odt|ods|odp|rtf|csv|txt|zip|rar|7z|dwg)$", re.IGNORECASE
)
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|bmp|svg|jfif|tiff?)$", re.IGNORECASE)
# Parameters in which pdf.js, Office, Google and home-made viewers carry the address.
_VIEWER_PARAMETERS = ("file", "src", "url", "link", "document", "doc", "path", "pdf")
_VIDEO = re.compile(
    r"(^|\.)(youtube(-nocookie)?\.com|youtu\.be|vimeo\.com|facebook\.com|tiktok\.com|dailymotion\.com)$"
)
_DOWNLOAD_CLASSES = frozenset(("link-download", "view-gallery", "download", "file-download", "attachment", "dinhkem"))


def read_file_link(page: Page, link: LexborNode) -> str | None:
    """Give the address of the document that an `a` element offers, or None where it is another kind of link."""
    url = absolute_url(page, attribute(link, "href"))
    if url is None:
        return None
    path = unquote(urlsplit(url).path)
    if _DOCUMENT.search(path):
        return url
    shown = _viewed_document(url)
    if shown is not None:
        return shown
    if _DOWNLOAD_CLASSES.isdisjoint(attribute(link, "class").lower().split()):
        return None
    if _PICTURE.search(path):
        return None if link.css_first("img") is not None else url
    return url


def read_viewer(page: Page, viewer: LexborNode) -> str | None:
    """Give the address of the document that an `iframe`, `embed` or `object` shows; None for video and other pages."""
    reference = attribute(viewer, "data") or attribute(viewer, "src") or attribute(viewer, "data-src")
    url = absolute_url(page, reference)
    if url is None:
        return None
    if _DOCUMENT.search(unquote(urlsplit(url).path)):
        return url
    if _VIDEO.search(urlsplit(url).hostname or ""):
        return None
    shown = _viewed_document(url)
    if shown is None and attribute(viewer, "type").lower() == "application/pdf":
        return url
    return shown


def is_video(page: Page, frame: LexborNode) -> bool:
    """True for an element that plays something: `video`, `audio`, or a frame of a video site."""
    if frame.tag in ("video", "audio"):
        return True
    url = absolute_url(page, attribute(frame, "src") or attribute(frame, "data-src") or attribute(frame, "data"))
    return url is not None and bool(_VIDEO.search(urlsplit(url).hostname or ""))


def file_key(url: str) -> str:
    """Give what two spellings of one file's address share: no scheme, no percent-encoding, host in lower case."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{unquote(parts.path)}?{unquote(parts.query)}"


def _viewed_document(url: str) -> str | None:
    """Find the document's address in a viewer's query; relative ones start from the viewer, as pdf.js has it."""
    query = urlsplit(url).query
    if not query:
        return None
    raw = dict(pair.partition("=")[::2] for pair in query.split("&"))
    for name, decoded in parse_qsl(query):
        if name.lower() not in _VIEWER_PARAMETERS:
            continue
        value = _parameter_value(raw.get(name, ""), decoded)
        target = join_url(url, value)
        if target is not None and _DOCUMENT.search(unquote(urlsplit(target).path)):
            return target
    return None


def _parameter_value(raw: str, decoded: str) -> str:
    """Undo the encoding of a parameter once, but leave an address alone that was put in without encoding it.

    `file=/a%20b.pdf` is an address as it stands; `file=%2Fa%2520b.pdf` is one encoded as a parameter. Some
    editors encode twice, so that a scheme is still encoded after the first time.
    """
    if "/" in raw and "%25" not in raw:
        return raw
    decoded = unquote(raw)
    return unquote(decoded) if re.match(r"https?%3a", decoded, re.IGNORECASE) else decoded
