"""Read the texts of Rich Text documents (RTF 1.9.1). Pure."""

import codecs
import re

from striprtf.striprtf import rtf_to_text

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.pages import join_pages

_CODE_PAGE = re.compile(rb"\\ansicpg([0-9]{1,5})")
# Pictures and embedded files in hexadecimal. striprtf reads letter by letter, 1.5 s a megabyte (measured).
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F\r\n]{1000,}")
# striprtf drops the text of headers, notes and list numbers, adds the addresses of links, writes | between cells, and
# keeps no page break.
_WORD = re.compile(
    rb"(?<!\\)\\(page|sect|cell|nestcell|(?:header|footer)[lrf]?|footnote|pntext|field)(?![a-z0-9-])[ ]?"
)
_REPLACEMENTS = {b"page": b"\f", b"sect": b"\f", b"cell": b"\\tab ", b"nestcell": b"\\tab "}
_NO_MEANING = b"\\plain "


def read_rtf(data: bytes) -> TextReading:
    """Read a Rich Text document; not its pictures, embedded files, field codes and text boxes."""
    return _finish(strip_rtf(data), "rtf")


def strip_rtf(data: bytes) -> str:
    r"""Return the text of a Rich Text document, with a form feed after each page.

    >>> strip_rtf(rb"{\rtf1\ansi\ansicpg1258{\fonttbl{\f0 Arial;}}S\u7889?: 12\par ng\'fd}")
    'Số: 12\nngư'
    """
    code_page = _CODE_PAGE.search(data)
    encoding = f"cp{int(code_page[1])}" if code_page else "cp1252"
    try:
        codecs.lookup(encoding)
    except LookupError:
        encoding = "cp1252"
    data = _WORD.sub(lambda word: _REPLACEMENTS.get(word[1], _NO_MEANING), _HEXADECIMAL.sub(b"", data))
    text: str = rtf_to_text(  # type: ignore[no-untyped-call]
        data.decode(encoding, "replace"), encoding, "replace"
    )
    # Letters beyond U+FFFF come as two surrogates.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _finish(text: str, method: str) -> TextReading:
    joined = join_pages(text.split("\f"))
    return TextReading(joined.text, method, is_cut=joined.is_cut) if joined.text else TextReading(reason="no-text")
