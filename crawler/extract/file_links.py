"""Find the files that an article offers: links to documents, and viewers with the address in a parameter."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.page import Page, absolute_url, attribute, join_url

_DOCUMENT = re.compile(
    r"\.(pdf|docx?|docm|xlsx?|xlsm|pptx?|ppsx?|odt|ods|odp|rtf|csv|txt|zip|rar|7z|dwg)$", re.IGNORECASE
)
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|bmp|svg|jfif|tiff?)$", re.IGNORECASE)
# Parameters with the address in pdf.js, Office, Google and home-made viewers.
_VIEWER_PARAMETERS = ("file", "src", "url", "link", "document", "doc", "path", "pdf")
_VIDEO = re.compile(
    r"(^|\.)(youtube(-nocookie)?\.com|youtu\.be|vimeo\.com|facebook\.com|tiktok\.com|dailymotion\.com)$"
)
_DOWNLOAD_CLASSES = frozenset(("link-download", "view-gallery", "download", "file-download", "attachment", "dinhkem"))


def read_file_link(page: Page, link: LexborNode) -> str | None:
    """Return the address of the document that an `a` element offers. None for another kind of link."""
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
    """Return the address of the document in an `iframe`, `embed` or `object`. None for video and other pages."""
    reference = attribute(viewer, "data") or attribute(viewer, "src") or attribute(viewer, "data-src")
    url = absolute_url(page, reference)
    if url is None:
        return None
    if _DOCUMENT.search(unquote(urlsplit(url).path)):
        return url
    if _VIDEO.search(urlsplit(url).hostname or ""):
        return None
    shown = _viewed_document(url)
    return url if shown is None and attribute(viewer, "type").lower() == "application/pdf" else shown


def is_video(page: Page, frame: LexborNode) -> bool:
    """True for `video`, `audio`, or a frame of a video site."""
    if frame.tag in ("video", "audio"):
        return True
    url = absolute_url(page, attribute(frame, "src") or attribute(frame, "data-src") or attribute(frame, "data"))
    return url is not None and bool(_VIDEO.search(urlsplit(url).hostname or ""))


def file_key(url: str) -> str:
    """Return a key that all spellings of a file's address share: no scheme, percent-encoding or host capitals."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{unquote(parts.path)}?{unquote(parts.query)}"


def _viewed_document(url: str) -> str | None:
    """Find the document's address in a viewer's query. The viewer's address is the base, as in pdf.js."""
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
    """Decode a parameter once, but not an address that was inserted without encoding it.

    `file=/a%20b.pdf` is an address; `file=%2Fa%2520b.pdf` is an address encoded as a parameter. Some editors encode
    twice: then the scheme is still encoded after the first decoding.
    """
    if "/" in raw and "%25" not in raw:
        return raw
    decoded = unquote(raw)
    return unquote(decoded) if re.match(r"https?%3a", decoded, re.IGNORECASE) else decoded
