"""Files that the site sends: its own style sheets and pictures, and safe media types and names for archived files."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from urllib.parse import quote, unquote, urlsplit

from datasette.utils.asgi import Request, Response

from crawler.language.normal_form import compose
from crawler.language.text import fold
from crawler.media.signatures import sniff_media_type
from crawler.web.security_headers import IMMUTABLE

_IMAGES = "jpeg png gif webp avif bmp svg+xml x-icon tiff"
_DOCUMENTS = (
    "pdf msword vnd.ms-excel vnd.ms-powerpoint zip rtf vnd.rar vnd.oasis.opendocument.text "
    "vnd.oasis.opendocument.spreadsheet vnd.openxmlformats-officedocument.wordprocessingml.document "
    "vnd.openxmlformats-officedocument.spreadsheetml.sheet "
    "vnd.openxmlformats-officedocument.presentationml.presentation"
)
# Sent as plain text, so that a browser does not run or render them.
_TEXTS = (
    "text/plain text/csv text/xml text/javascript application/javascript application/x-javascript application/json "
    "application/xml application/rss+xml application/atom+xml"
)
IMAGE_TYPES = frozenset(f"image/{name}" for name in _IMAGES.split())
_DOCUMENT_TYPES = frozenset(f"application/{name}" for name in _DOCUMENTS.split())
_TEXT_TYPES = frozenset(_TEXTS.split())
HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
OCTETS = "application/octet-stream"
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_ASSET_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


def asset_path(name: str) -> str:
    """Return the path of a file of `static/`, with a digest of its bytes: it may be cached forever."""
    return f"/-/portal-archive/{name}?{sha256(read_asset(name) or b'').hexdigest()[:8]}"


async def send_asset(request: Request) -> Response:
    """Send a file of `static/`."""
    name = str(request.url_vars["name"])
    body = read_asset(name)
    if body is None:
        return Response.text("404", status=404)
    return Response(body, headers={"cache-control": IMMUTABLE}, content_type=_ASSET_TYPES[name.rpartition(".")[2]])


@lru_cache
def read_asset(name: str) -> bytes | None:
    """Read a file of `static/`; None if it does not exist. `name` must not contain a path."""
    file = resources.files("crawler.web") / "static" / name
    return file.read_bytes() if file.is_file() else None


def image_type(media_type: str | None) -> str:
    """Return the media type to send a picture with: its own if browsers know it as a picture, else plain bytes.

    >>> image_type("image/png"), image_type("text/html")
    ('image/png', 'application/octet-stream')
    """
    return media_type if media_type in IMAGE_TYPES else OCTETS


def thumbnail_type(thumbnail: bytes) -> str:
    r"""Return the media type of a thumbnail by its first bytes; plain bytes if it is not a picture.

    >>> thumbnail_type(b"\xff\xd8\xff\xe0"), thumbnail_type(b"<html>")
    ('image/jpeg', 'application/octet-stream')
    """
    return image_type(sniff_media_type(thumbnail))


def picture_or_font_type(content_type: str | None, data: bytes) -> str | None:
    """Return the media type of a picture or font by its first bytes, not by its header; None if it is neither.

    >>> picture_or_font_type("text/html", b"GIF89a"), picture_or_font_type("image/png", b"<html>")
    ('image/gif', None)
    """
    sniffed = sniff_media_type(data)
    if sniffed is not None and sniffed.startswith(("image/", "font/")):
        return sniffed
    stated = (content_type or "").partition(";")[0].strip().lower()
    return stated if stated == "image/svg+xml" and b"<svg" in data[:4096].lower() else None


def attachment_type(media_type: str | None) -> str:
    """Return the media type to send a file with: its own if it is a known kind of document, else plain bytes.

    >>> attachment_type("application/pdf"), attachment_type("text/html")
    ('application/pdf', 'application/octet-stream')
    """
    return media_type if media_type in _DOCUMENT_TYPES else OCTETS


def capture_type(content_type: str | None) -> str:
    r"""Return the media type to send a captured answer with, by the one in its header.

    >>> capture_type("text/html; charset=utf-8"), capture_type("application/javascript")
    ('text/html; charset=utf-8', 'text/plain')
    >>> capture_type('text/html; charset="x\r\ny'), capture_type("application/x-shockwave-flash")
    ('text/html; charset=x', 'application/octet-stream')
    """
    media_type = (content_type or "").partition(";")[0].strip().lower()
    charset = _CHARSET.search(content_type or "")
    suffix = f"; charset={charset[1].lower()}" if charset else ""
    if media_type in HTML_TYPES:
        return "text/html" + suffix
    if media_type == "text/css":
        return media_type + suffix
    if media_type in _TEXT_TYPES:
        return "text/plain" + suffix
    return media_type if media_type in IMAGE_TYPES | _DOCUMENT_TYPES else OCTETS


_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f"*/:<>?\\|%;]')
_NOT_ASCII_SAFE = re.compile(r"[^A-Za-z0-9._() -]")
MAX_NAME_CHARACTERS = 120


def file_name(url: str) -> str:
    """Return the file name in an address, without characters that mislead a reader or break a header.

    >>> file_name("https://x.vn/a/Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh..%22x%0d%0a.pdf")
    'Quyết định.._x__.pdf'
    >>> file_name("https://x.vn/")
    'file'
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        path = url
    last = unquote(path.rpartition("/")[2], errors="replace").replace("\\", "/").rpartition("/")[2]
    # Controls of writing direction and other invisible characters (category Cf) can make "exe" look like "pdf".
    letters = compose(_NOT_IN_NAMES.sub("_", last))
    name = "".join(char for char in letters if unicodedata.category(char)[0] != "C").strip(". ")
    stem, dot, suffix = name.rpartition(".")
    if len(name) > MAX_NAME_CHARACTERS and dot and len(suffix) <= 8:
        name = f"{stem[: MAX_NAME_CHARACTERS - len(suffix) - 1]}.{suffix}"
    return name[:MAX_NAME_CHARACTERS] or "file"


def content_disposition(name: str) -> str:
    """Write the header that has an answer saved under a name (RFC 6266; RFC 8187 for non-ASCII letters).

    >>> content_disposition("Lịch.pdf").replace(chr(34), "~")
    "attachment; filename=~Lich.pdf~; filename*=UTF-8''L%E1%BB%8Bch.pdf"
    """
    plain = "".join(_NOT_ASCII_SAFE.sub("_", fold_letter(char)) for char in name) or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def fold_letter(letter: str) -> str:
    """Remove the marks of one letter and keep its case.

    >>> fold_letter("Đ")
    'D'
    """
    folded = fold(letter)
    return folded.upper() if letter.isupper() else folded
