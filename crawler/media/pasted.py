r"""Pictures that an editor pasted into a page: `data:` addresses (RFC 2397), which contain the bytes themselves.

Such an address can have megabytes. The archive names the picture by its digest instead, in the form of an address:
`data:image/png;sha256=…`. The bytes stay in the capture of the page, where `find_pasted` finds them again.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from urllib.parse import quote, unquote_to_bytes

from crawler.media.signatures import sniff_media_type

_PREFIX = "data:"
# With fewer bytes it is a placeholder, not a picture (the smallest GIF has 26; those of lazy loaders some 40).
_LEAST_BYTES = 60
_MARK = re.compile(r"data:[a-z0-9.+-]*/[a-z0-9.+-]*;sha256=([0-9a-f]{64})")
_WHITE = re.compile(r"[\t\n\f\r]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]++={0,3}\s*+")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")
_SVG = re.compile(rb"^(?:\xef\xbb\xbf)?\s*+(?:(?><\?xml[^>]*>|<!--.*?-->|<!doctype[^>]*>)\s*+)*+<svg\b", re.I | re.S)
# An address in a page's source: up to the closing quotation mark, else to a blank or the end of the tag.
_IN_SOURCE = re.compile(r"""["]\s*(data:[^"]*)["]|[']\s*(data:[^']*)[']|=\s*(data:[^\s"'>]+)""", re.IGNORECASE)
# The letters of base64 in both forms, and all other bytes.
_TO_BASE64 = bytes.maketrans(b"-_", b"+/")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_NO_LETTERS = bytes(set(range(256)) - set(_LETTERS))


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted picture: the archive's address for it, its bytes, and their media type (else the stated one)."""

    url: str
    content: bytes
    media_type: str


def is_data_address(reference: str) -> bool:
    """Return whether a reference contains its bytes itself."""
    return reference.lstrip()[:5].lower() == _PREFIX


def is_pasted(url: str) -> bool:
    """Return whether an address is the archive's name of a pasted picture. It cannot be fetched.

    >>> is_pasted("data:image/png;sha256=" + "0" * 64), is_pasted("data:image/png;base64,AAAA")
    (True, False)
    """
    return url.startswith(_PREFIX) and _MARK.fullmatch(url) is not None


def read_pasted(reference: str) -> Pasted | None:
    """Decode a `data:` address, as browsers do: white space is ignored, base64 may lack its end.

    Return None if it has no bytes, or so few that it is the placeholder of a lazy loader. The stated media type may be
    wrong; the bytes decide. Bytes of an unknown format are returned, too.
    """
    text = reference.strip()
    if not is_data_address(text):
        return None
    if any(mark in text for mark in "\t\n\f\r"):
        text = _WHITE.sub("", text)
    head, comma, data = text[len(_PREFIX) :].partition(",")
    if not comma:
        return None
    stated, *parameters = (part.strip().lower() for part in head.split(";"))
    content = unquote_to_bytes(quote(data, safe="%", encoding="utf-8") if not data.isascii() else data)
    if "base64" in parameters or (_sniff(content) is None and _BASE64.fullmatch(data) is not None):
        content = _decode_base64(content)
    if len(content) < _LEAST_BYTES:
        return None
    named = stated if _MEDIA_TYPE.fullmatch(stated) else "application/octet-stream"
    media_type = _sniff(content) or named
    return Pasted(f"{_PREFIX}{media_type};sha256={sha256(content).hexdigest()}", content, media_type)


def find_pasted(page: bytes, digest: str) -> bytes | None:
    """Find the picture with a digest in the bytes of the page into which it was pasted. None if it is not there."""
    for text in _texts(page):
        for reference in _references(text):
            found = read_pasted(reference)
            if found is not None and sha256(found.content).hexdigest() == digest:
                return found.content
    return None


def _texts(page: bytes) -> Iterator[str]:
    """Yield the text of a page in the encodings in which the bytes of a `data:` address can differ."""
    if page[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield page.decode("utf-16", errors="replace")
    yield page.decode("utf-8", errors="replace")
    yield page.decode("windows-1258", errors="replace")


def _references(text: str) -> Iterator[str]:
    for match in _IN_SOURCE.finditer(text):
        yield unescape(match[1] or match[2] or match[3])


def _sniff(content: bytes) -> str | None:
    if _SVG.match(content[:4096]):
        return "image/svg+xml"
    found = sniff_media_type(content)
    return found if found is not None and found.startswith("image/") else None


def _decode_base64(content: bytes) -> bytes:
    """Decode base64 or its form for URLs, with or without padding. If it is truncated, decode the rest."""
    letters = content.translate(_TO_BASE64, _NO_LETTERS)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))
