"""Whether an answer came to its end, and what a second try that came no further may be used for.

The framing of HTTP says it of most answers. Others end with their connection, or compressed without their end: there
the content must say it. Such an answer is captured as truncated, asked for again, and never read as the whole; unless
the next try brings the same, and the content has its own end. Then the server states a length that it does not send.
"""

import re
from dataclasses import dataclass
from typing import Self

from crawler.body import Body, sha256_of
from crawler.errors import BadFileError
from crawler.items import Exchange
from crawler.language.numbers import whole_number
from crawler.media.content_coding import decode_page, decode_payload, is_cut_short, is_text
from crawler.media.end_marks import PDF_HEADER_BYTES, TAIL_BYTES, has_end_mark
from crawler.media.http_head import HttpHead, parse_head
from crawler.media.transfer_coding import TransferDecoder, read_codings

# Media types of texts that a page's or feed's own end can prove whole.
_MARKUP_TYPE = re.compile(r"text/html|(application|text)/([\w.-]+\+)?(xml|json)")
# Two answers of a page differ in tokens and counters. A page that is cut differently differs in more bytes.
_SAME_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Came:
    """How far a try came: the digest and size of its payload, in bytes."""

    url: str
    digest: str
    size: int

    @classmethod
    def of(cls, url: str, payload: Body) -> Self:
        """Describe what came from an address."""
        return cls(url, sha256_of(payload.chunks()), payload.size_bytes)

    def is_as_much_as(self, earlier: Self) -> bool:
        """Whether a try brought as many bytes as an earlier one, apart from what varies in a page."""
        return self.url == earlier.url and abs(self.size - earlier.size) <= earlier.size * _SAME_SHARE


def ends_early(exchange: Exchange, payload: bytes, *, is_fragment: bool, max_bytes: int) -> bool:
    """Return whether an answer that its connection brought whole ends before its content does.

    Only a 200 is judged: other answers are not read as content.

    Args:
        exchange: as it was on the wire.
        payload: its body without transfer coding.
        is_fragment: whether a part of a page was asked for, which has no closing furniture.
        max_bytes: the largest decoded size.
    """
    head = parse_head(exchange.response_head)
    if exchange.status != 200:
        return False
    if exchange.body.file is not None:
        return not _has_own_end(head, exchange) and _has_mark(exchange.body) is False
    encoding = head.header("content-encoding")
    if is_cut_short(payload, encoding, max_bytes=max_bytes):
        return True
    if _has_own_end(head, exchange):
        return False
    return not _is_whole_content(payload, head, is_fragment=is_fragment, max_bytes=max_bytes)


def has_whole_page(payload: bytes, head: HttpHead, *, is_fragment: bool, max_bytes: int) -> bool:
    """Return whether a page that ended early has its closing furniture all the same. A text without markup has none."""
    try:
        page = decode_page(payload, head.header("content-encoding"), max_bytes=max_bytes, is_cut=True)
    except BadFileError:
        return False
    text = _decode(page, head)
    if not text.lstrip().startswith(("{", "[")) and "<" not in text:
        return False
    return _is_whole_text(text, is_fragment=is_fragment)


def has_whole_file(payload: Body, head: HttpHead, *, max_bytes: int) -> bool:
    """Return whether a file that ended early has the end mark of its format all the same."""
    encoding = head.header("content-encoding")
    if payload.file is not None:
        return encoding is None and _has_mark(payload) is True
    try:
        return has_end_mark(decode_payload(payload.data, encoding, max_bytes=max_bytes)) is True
    except BadFileError:
        return False


def _has_own_end(head: HttpHead, exchange: Exchange) -> bool:
    """Whether the message says itself where it ends: by its last chunk, or by a length."""
    codings = read_codings(head.transfer_encoding)
    if not codings:
        return any(whole_number(part.strip()) is not None for part in (head.header("content-length") or "").split(","))
    if exchange.body.file is not None:
        return "chunked" in codings
    decoder = TransferDecoder(head.transfer_encoding)
    for _ in decoder.feed(exchange.body.data):
        pass
    return decoder.is_whole


def _has_mark(body: Body) -> bool | None:
    """Whether a large body has the end mark of its format, by its beginning and its end; None if there is none."""
    return has_end_mark(body.peek(PDF_HEADER_BYTES) + body.tail(TAIL_BYTES), size=body.size_bytes)


def _is_whole_content(payload: bytes, head: HttpHead, *, is_fragment: bool, max_bytes: int) -> bool:
    """Whether content has the end that its format asks for. True if the format asks for none."""
    try:
        data = decode_page(payload, head.header("content-encoding"), max_bytes=max_bytes)
    except BadFileError:
        return True  # it is not read
    mark = has_end_mark(data)
    if mark is not None:
        return mark
    if (head.media_type and not _MARKUP_TYPE.fullmatch(head.media_type)) or not is_text(data):
        return True
    return _is_whole_text(_decode(data, head), is_fragment=is_fragment)


# Both import here: few answers lack an end of their own, and a crawl loads no parsers for the others.


def _decode(page: bytes, head: HttpHead) -> str:
    from crawler.extract.page import decode_html

    return decode_html(page, head.header("content-type"))


def _is_whole_text(text: str, *, is_fragment: bool) -> bool:
    from crawler.extract.marks.closing import is_whole_fragment, is_whole_page

    return is_whole_fragment(text) if is_fragment else is_whole_page(text)
