"""Read MHT (RFC 2557): a page and its parts in one file, as Word, Excel and browsers save it."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.encodings import decode_text
from crawler.attachments.formats.markup.html import MAX_BYTES, decode_html, extract_pages
from crawler.attachments.formats.pages import join_pages

# A workbook has a part for each sheet.
_MAX_PARTS = 1000


def read_mht(data: bytes) -> TextReading:
    """Read the text of all pages in an MHT file: the document first, then its headers or sheets."""
    # Blank lines or a mark before the headers would end them.
    message = message_from_bytes(data[:MAX_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n"))
    joined = join_pages(page for text in _read_parts(message) for page in text)
    if not joined.text:
        return TextReading(reason="no-text", tool="email, selectolax")
    is_cut = joined.is_cut or len(data) > MAX_BYTES
    return TextReading(joined.text, "mht", tool="email, selectolax", is_cut=is_cut)


def _read_parts(message: Message) -> Iterator[list[str]]:
    """Give the pages of each part that is a text."""
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            return
        kind = part.get_content_type()
        payload = part.get_payload(decode=True) if kind in ("text/html", "text/plain") else None
        if not isinstance(payload, bytes):
            continue
        charset = str(part.get_param("charset") or "") or None
        if kind == "text/html":
            yield extract_pages(decode_html(payload, charset).text)
        else:
            yield decode_text(payload, charset).text.split("\f")
