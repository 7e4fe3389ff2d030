"""Read plain text files in any of the encodings that Vietnamese offices use. Pure."""

import re
from html.entities import name2codepoint

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.encodings import decode_text, is_text
from crawler.attachments.formats.pages import join_pages

# Web programs export tables with the letters beyond ASCII as numbers of HTML, some by their names there. One or two may
# be an example.
_NUMBERED, _FEWEST = re.compile(r"&#(?:x([0-9a-f]{2,5})|([0-9]{3,6}));", re.IGNORECASE), 3
_NAMED = re.compile("&([aeiouy](?:acute|circ|grave|tilde));", re.IGNORECASE)
_FIRST_NUMBERED, _SURROGATES, _LAST_CODE = 0x80, range(0xD800, 0xE000), 0x10FFFF


def read_plain(data: bytes) -> TextReading:
    """Read plain text; a form feed begins a page. Bad bytes are shown as U+FFFD, and noted in `detail`."""
    decoded = decode_text(data)
    if not is_text(decoded.text):
        return TextReading(reason="unknown-kind", detail="named as a text, but it is none")
    pages = _show_numbered(decoded.text).split("\f")
    joined = join_pages(pages)
    if not joined.text:
        return TextReading(reason="no-text")
    count = len(pages) if len(pages) > 1 else None
    detail = f"{decoded.bad} letters are damaged" if decoded.bad else None
    return TextReading(
        joined.text, "plain", detail=detail, pages=count, pages_read=count, is_cut=joined.is_cut, doubts=joined.doubts
    )


def _show_numbered(text: str) -> str:
    """Return a text with the letters that it numbers as HTML does; signs of ASCII stay.

    >>> _show_numbered("Quy&#7871;t &#273;&#x1ECB;nh x&atilde; &#38;"), _show_numbered("Write &#273; for d")
    ('Quyết định xã &#38;', 'Write &#273; for d')
    """
    if len(_NUMBERED.findall(text)) < _FEWEST:
        return text
    return _NAMED.sub(_show_named, _NUMBERED.sub(_show_number, text))


def _show_named(found: re.Match[str]) -> str:
    return chr(name2codepoint[found[1]]) if found[1] in name2codepoint else found[0]


def _show_number(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    is_letter = _FIRST_NUMBERED <= code <= _LAST_CODE and code not in _SURROGATES
    return chr(code) if is_letter else found[0]
