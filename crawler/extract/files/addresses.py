"""Judge by its address whether a link, a viewer or a script offers a file, and which address answers it.

An address that a page gives is asked for as it is: its query is neither taken apart nor encoded again. Only the
address inside a viewer's own address is taken out of it.
"""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from crawler.addresses import classify, is_allowed_host
from crawler.extract.page import join_url
from crawler.items import AddressKind
from crawler.profile import Profile

_DOCUMENT = re.compile(
    r"\.(pdf|docx?|docm|dotx?|xlsx?|xlsm|xlsb|pptx?|ppsx?|pptm|odt|ods|odp|rtf|csv|txt|eml|msg|zip|rar|7z|tgz|gz|dwg|epub|xps)$",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|bmp|svg|jfif|tiff?|avif|heic)$", re.IGNORECASE)
# Names of pages and of what no document is.
_OTHER_FILE = re.compile(r"\.(html?|xhtml|css|js|mp[34]|avi|mov|wmv|flv|webm|m4a|wav|apk|exe|ipa)$", re.IGNORECASE)
_VIDEO = re.compile(
    r"(^|\.)(youtube(-nocookie)?\.com|youtu\.be|vimeo\.com|facebook\.com|tiktok\.com|dailymotion\.com)$"
)
# Parameters with the address of a file that has no suffix, in pdf.js, Office, Google and home-made viewers.
_VIEWER_PARAMETERS = ("file", "src", "url", "link", "document", "doc", "path", "pdf")
# These parameters name what to search for, share or go back to, not what is shown.
_NO_FILE_WORDS = "q s query keyword keywords search tukhoa text title quote ref"
_NO_FILE_PARAMETERS = frozenset(_NO_FILE_WORDS.split())
_SHARING_HOST = re.compile(
    r"(^|\.)(facebook\.com|twitter\.com|x\.com|linkedin\.com|zalo\.me|pinterest\.com|telegram\.me|t\.me)$"
)
# Programs that answer files, by their names. A viewer is a page around a file, with any parameters.
_HANDLER_PATH = re.compile(
    r"download|(get|open|load|send|export)_?-?(file|doc|document|attach)|attachment|dinh-?kem|tai-?(ve|xuong|file|tep)|"
    r"\.ashx$",
    re.IGNORECASE,
)
# Programs by a name that no page has, if they are asked for something.
_PROGRAM = re.compile(
    r"/[^/]*(download|attach|dinh-?kem|(get|load|send|export)_?-?(file|doc))[^/]*\.(ashx|aspx|asmx|axd|php|do|jsp)$",
    re.IGNORECASE,
)
_HANDLER_QUERY = re.compile(r"(^|[&=])(download|getfile|doc_download|tai-?ve)\b", re.IGNORECASE)
_VIEWER_PATH = re.compile(r"viewer|pdfjs|gview|embed|flipbook", re.IGNORECASE)
_VIEWER_HOST = re.compile(r"(^|\.)(docs\.google\.com|officeapps\.live\.com)$")
_ROOTED = re.compile(r"(https?:)?//|https?%3a|[/\\]", re.IGNORECASE)


def is_document(url: str) -> bool:
    """True if the path ends with the suffix of a document."""
    return _DOCUMENT.search(unquote(urlsplit(url).path)) is not None


def is_picture_file(url: str) -> bool:
    """True if the path ends with the suffix of a picture."""
    return _PICTURE.search(unquote(urlsplit(url).path)) is not None


def is_no_document(url: str) -> bool:
    """True if the path ends with the suffix of a page, picture, film, sound or program."""
    path = unquote(urlsplit(url).path)
    return _OTHER_FILE.search(path) is not None or _PICTURE.search(path) is not None


def is_of_video_site(url: str) -> bool:
    """True for an address on a site of videos."""
    return _VIDEO.search(urlsplit(url).hostname or "") is not None


def is_page_address(url: str, profile: Profile) -> bool:
    """True for the form of an article's, listing's or home page's address. A program of files is none of them."""
    address = classify(url, profile)
    if address is None or urlsplit(url).path.lower().endswith(".ashx"):
        return False
    return address.kind not in (AddressKind.OTHER, AddressKind.PAGE)


def is_handler(url: str) -> bool:
    """True for the form of a program that answers files: `/Handlers/GetFile.ashx?f=…`, `/vbdownload/12`."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if _VIEWER_PATH.search(path):
        return False
    return _HANDLER_PATH.search(path) is not None or _HANDLER_QUERY.search(unquote(parts.query)) is not None


def is_program(url: str) -> bool:
    """True for a program whose name says that it answers files, asked for one: `/DownloadAttach.ashx?id=12`."""
    parts = urlsplit(url)
    return bool(parts.query) and _PROGRAM.search(unquote(parts.path)) is not None


def may_answer_file(url: str, profile: Profile) -> bool:
    """True for a program's address on an allowed host. Only the answer shows whether it is a file."""
    return is_handler(url) and is_allowed_host(url, profile) and not is_page_address(url, profile)


def file_key(url: str) -> str:
    """Return a key that all spellings of a file's address share: no scheme, percent-encoding or host capitals."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{unquote(parts.path)}?{unquote(parts.query)}"


def find_document(url: str, fragment: str = "", *, profile: Profile) -> str | None:
    """Return the address that answers the document which an absolute address leads to. None if it names none.

    That is the address itself if it names a document, in its path or as a program's parameter:
    `DownloadAttach.ashx?id=12&file=a.pdf`. Of a viewer it is the address of what the viewer shows, relative to the
    viewer, as in pdf.js: in a parameter, or after `#` as in ViewerJS.
    """
    if is_document(url):
        return url
    parts = urlsplit(url)
    if parts.query and not _SHARING_HOST.search(parts.hostname or ""):
        for name, raw in _parameters(parts.query):
            found = _shown_by(url, parts, name=name, raw=raw, profile=profile)
            if found is not None:
                return found
    return _shown_behind(url, parts, fragment=fragment)


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    for pair in query.split("&"):
        name, _, raw = pair.partition("=")
        name = unquote_plus(name).lower()
        if raw and name not in _NO_FILE_PARAMETERS:
            yield name, raw


def _shown_by(url: str, parts: SplitResult, *, name: str, raw: str, profile: Profile) -> str | None:
    """Return the document that one parameter names."""
    value = _decode_parameter(raw)
    target = join_url(url, value)
    if target is None:
        return None
    if is_document(target):
        if is_handler(url.partition("?")[0]) or not (_is_viewer(parts) or _ROOTED.match(value)):
            return None if is_page_address(url, profile) else url
        return target
    return target if name in _VIEWER_PARAMETERS and "/" in value and is_handler(target) else None


def _shown_behind(url: str, parts: SplitResult, *, fragment: str) -> str | None:
    """Return the document after the `#` of a viewer's address."""
    if not fragment or not _is_viewer(parts):
        return None
    for piece in (*(pair.partition("=")[2] for pair in fragment.split("&")), fragment):
        target = join_url(url, _decode_parameter(piece.lstrip("!"))) if piece else None
        if target is not None and is_document(target):
            return target
    return None


def _is_viewer(parts: SplitResult) -> bool:
    return _VIEWER_PATH.search(unquote(parts.path)) is not None or bool(_VIEWER_HOST.search(parts.hostname or ""))


def _decode_parameter(raw: str) -> str:
    """Decode a parameter once, but not an address that was inserted without encoding it.

    `file=/a%20b.pdf` is an address; `file=%2Fa%2520b.pdf` is an address encoded as a parameter. Some editors encode
    twice: then the scheme is still encoded after the first decoding.
    """
    if "/" in raw and "%25" not in raw:
        return raw
    decoded = unquote(raw)
    return unquote(decoded) if re.match(r"https?%3a", decoded, re.IGNORECASE) else decoded
