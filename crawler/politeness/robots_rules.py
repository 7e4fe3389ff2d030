"""The rules in the bytes of a robots.txt (RFC 9309), with any coding, character set and line ends.

If a rule is misread, the crawl breaks it. So whatever is unclear counts as a rule: a byte order mark hides no line, a
letter that is not UTF-8 counts as the address that a browser would ask for, and a file that no coding can read is
refused.
"""

import codecs
import re

from protego import Protego

from crawler.errors import BadFileError
from crawler.media.content_coding import decode_first, is_text
from crawler.sentences import say

# RFC 9309, 2.5: a crawler must read at least 500 KiB of a robots.txt. What is after them does not count.
RULES_MAX_BYTES = 500 * 1024

# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Marks inside a text, from files that were joined or saved twice, and other signs without width.
_UNSEEN = re.compile("[\ufeff\ufffe\u200b-\u200f\u2060\x00-\x08\x0e-\x1a]|ï»¿")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")
# RFC 9309, 2.2.1: a product token has no version. Where one is written, it names the same crawler.
_VERSION = re.compile(r"\A(\s*+user-?\s?agents?\s*+:\s*+[a-z_-]++)/.*", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def read_rules(body: bytes, content_encoding: str | None) -> Protego:
    r"""Read the rules in a robots.txt.

    >>> rules = read_rules(b"\xef\xbb\xbfUser-agent: *\rDisallow: /noi-bo", None)
    >>> rules.can_fetch("https://a.vn/noi-bo/1", "portal-archive"), rules.can_fetch("https://a.vn/tin", "x")
    (False, True)

    Raises:
        BadFileError: kind `bad-encoding` if the bytes are not text, and its header's content coding does not fit them.
    """
    text = decode_first(body, content_encoding, max_bytes=RULES_MAX_BYTES + 1)
    if len(text) > RULES_MAX_BYTES:
        # The last line is cut: of `Allow: /tin-tuc` it could leave `Allow: /`.
        text = text[: max(text.rfind(b"\n", 0, RULES_MAX_BYTES), text.rfind(b"\r", 0, RULES_MAX_BYTES), 0)]
    if not _is_legible(text):
        raise BadFileError("bad-encoding", say("robots-no-text"))
    return Protego.parse(_legible(text))


def _is_legible(text: bytes) -> bool:
    """Whether bytes are a text with few control characters, such as the Ctrl-Z that ends a file of DOS."""
    start = text[:1024]
    return is_text(text) or len(_CONTROL.findall(start)) * 50 <= len(start)


def _legible(body: bytes) -> str:
    """Return the lines of a robots.txt. One with bytes that are not UTF-8 is there twice, once for each spelling."""
    character_set = _character_set(body)
    # Only UTF-8 has single bytes that are not letters. Half a letter at the end of a cut text is not a part of a line.
    text = body.decode(character_set, "surrogateescape" if character_set == "utf-8" else "replace")
    text = _UNSEEN.sub("", text.rstrip("\ufffd"))
    if text.lstrip().startswith("<"):
        # A web page, which holds no rules, or rules that an editor saved as one.
        text = _TAG.sub("\n", text)
    lines = []
    for line in text.splitlines():
        if _STRAY_BYTE.search(line):
            lines.append(_STRAY_BYTE.sub(lambda match: f"%{ord(match[0]) - 0xDC00:02X}", line))
            line = line.encode("utf-8", "surrogateescape").decode("latin-1")
        lines.append(_VERSION.sub(r"\1", line))
    return "\n".join(lines)


def _character_set(body: bytes) -> str:
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    if body[:1] and body[1:4:2] == b"\0\0":
        return "utf-16-le"
    return "utf-16-be" if body[:3:2] == b"\0\0" else "utf-8"
