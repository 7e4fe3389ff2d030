"""Find the files that an article offers: links to documents, and viewers with the address in a parameter."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborNode

from crawler.addresses import classify, is_allowed_host
from crawler.extract.page import Page, absolute_url, attribute, join_url
from crawler.items import AddressKind
from crawler.language.text import fold
from crawler.profile import Profile

_DOCUMENT = re.compile(
    r"\.(pdf|docx?|docm|xlsx?|xlsm|pptx?|ppsx?|odt|ods|odp|rtf|csv|txt|zip|rar|7z|dwg)$", re.IGNORECASE
)
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|bmp|svg|jfif|tiff?)$", re.IGNORECASE)
# Parameters with the address in pdf.js, Office, Google and home-made viewers.
_VIEWER_PARAMETERS = ("file", "src", "url", "link", "document", "doc", "path", "pdf")
_VIDEO = re.compile(
    r"(^|\.)(youtube(-nocookie)?\.com|youtu\.be|vimeo\.com|facebook\.com|tiktok\.com|dailymotion\.com)$"
)
# Programs that answer files, by their names. A viewer is a page around a file, whatever its parameters.
_HANDLER_PATH = re.compile(
    r"download|(get|open|load|send|export)_?-?(file|doc|document|attach)|attachment|dinh-?kem|tai-?(ve|xuong|file|tep)|"
    r"\.ashx$",
    re.IGNORECASE,
)
_HANDLER_QUERY = re.compile(r"(^|[&=])(download|getfile|doc_download|tai-?ve)\b", re.IGNORECASE)
_VIEWER_PATH = re.compile(r"viewer|pdfjs|gview|embed", re.IGNORECASE)
# What a link's words say, folded.
_DOWNLOAD_TEXT = re.compile(
    r"\b(tai (ve|xuong|file|tep|van ban)|download|(file|tep|tap tin|tai lieu|van ban|phu luc|bieu mau)( \w+)? "
    r"(dinh kem|kem theo)|(dinh kem|kem theo):?$|(xem|mo) (file|tep))\b"
)
# Names of pages and of what no document is.
_OTHER_FILE = re.compile(r"\.(html?|xhtml|css|js|mp[34]|avi|mov|wmv|flv|webm|m4a|wav|apk|exe|ipa)$", re.IGNORECASE)
_DOWNLOAD_CLASSES = frozenset(("link-download", "view-gallery", "download", "file-download", "attachment", "dinhkem"))


def read_file_link(page: Page, link: LexborNode, *, profile: Profile) -> str | None:
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
    if _DOWNLOAD_CLASSES.isdisjoint(attribute(link, "class").lower().split()) or _is_page_address(url, profile):
        return None
    if _PICTURE.search(path):
        return None if link.css_first("img") is not None else url
    return url


def read_download(page: Page, link: LexborNode, *, profile: Profile) -> str | None:
    """Return the address of an `a` element that may be a download by its address or its words; None for others.

    Only the answer tells. Addresses of articles, listings and the home page are none, nor are other hosts than those
    of the profile.
    """
    url = absolute_url(page, attribute(link, "href"))
    if url is None or not is_allowed_host(url, profile) or _is_page_address(url, profile):
        return None
    path = unquote(urlsplit(url).path)
    if _OTHER_FILE.search(path) or _PICTURE.search(path) or link.css_first("img") is not None:
        return None
    says_so = _DOWNLOAD_TEXT.search(fold(f"{link.text()} {attribute(link, 'title')}")) is not None
    return url if says_so or "download" in link.attrs or _is_handler(url) else None


def read_viewer(page: Page, viewer: LexborNode, *, profile: Profile) -> str | None:
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
    if shown is not None or attribute(viewer, "type").lower() == "application/pdf":
        return shown or url
    return url if _is_handler(url) and is_allowed_host(url, profile) and not _is_page_address(url, profile) else None


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
    """Find the document's address in a viewer's query. The viewer's address is the base, as in pdf.js.

    `GetFile.ashx?file=a.pdf` is no viewer: that address itself answers the document.
    """
    query = urlsplit(url).query
    if not query:
        return None
    raw = dict(pair.partition("=")[::2] for pair in query.split("&"))
    for name, decoded in parse_qsl(query):
        if name.lower() not in _VIEWER_PARAMETERS:
            continue
        value = _parameter_value(raw.get(name, ""), decoded)
        target = join_url(url, value)
        if target is None:
            continue
        if _DOCUMENT.search(unquote(urlsplit(target).path)):
            return url if _is_handler(url.partition("?")[0]) else target
        if "/" in value and _is_handler(target):
            return target
    return None


def _is_handler(url: str) -> bool:
    """True for the form of a program that answers files: `/Handlers/GetFile.ashx?f=…`, `/vbdownload/12`."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if _VIEWER_PATH.search(path):
        return False
    return _HANDLER_PATH.search(path) is not None or _HANDLER_QUERY.search(unquote(parts.query)) is not None


def _is_page_address(url: str, profile: Profile) -> bool:
    """True for the form of an article's, listing's or home page's address."""
    address = classify(url, profile)
    return address is not None and address.kind is not AddressKind.OTHER


def _parameter_value(raw: str, decoded: str) -> str:
    """Decode a parameter once, but not an address that was inserted without encoding it.

    `file=/a%20b.pdf` is an address; `file=%2Fa%2520b.pdf` is an address encoded as a parameter. Some editors encode
    twice: then the scheme is still encoded after the first decoding.
    """
    if "/" in raw and "%25" not in raw:
        return raw
    decoded = unquote(raw)
    return unquote(decoded) if re.match(r"https?%3a", decoded, re.IGNORECASE) else decoded
