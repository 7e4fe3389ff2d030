"""Texts of files that are nearly text: plain text, and RTF. Pure."""

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.layout import lay_out
from crawler.attachments.formats.rtf import strip_rtf

# Vietnamese Windows, with combining tone marks.
_FALLBACK = "cp1258"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_plain(data: bytes) -> TextReading:
    """Read plain text in UTF-8, UTF-16 with its mark, or the Vietnamese code page of Windows."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(_FALLBACK, "replace")
    return _finish(text, "plain")


def read_rtf(data: bytes) -> TextReading:
    """Read a Rich Text document."""
    return _finish(strip_rtf(data), "rtf")


def _finish(text: str, method: str) -> TextReading:
    laid = lay_out(text.split("\f"))
    return TextReading(laid.text, method, is_cut=laid.is_cut) if laid.text else TextReading(reason="no-text")
