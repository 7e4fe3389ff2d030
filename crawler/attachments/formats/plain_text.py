"""Read plain text files in any of the encodings that Vietnamese offices use. Pure."""

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.encodings import decode_text, is_text
from crawler.attachments.formats.pages import join_pages


def read_plain(data: bytes) -> TextReading:
    """Read plain text; a form feed begins a page. Bad bytes are shown as U+FFFD, and told in `detail`."""
    decoded = decode_text(data)
    if not is_text(decoded.text):
        return TextReading(reason="unknown-kind", detail="named as a text, but it is none")
    pages = decoded.text.split("\f")
    joined = join_pages(pages)
    if not joined.text:
        return TextReading(reason="no-text")
    count = len(pages) if len(pages) > 1 else None
    detail = f"{decoded.bad} letters are damaged" if decoded.bad else None
    return TextReading(joined.text, "plain", detail=detail, pages=count, pages_read=count, is_cut=joined.is_cut)
