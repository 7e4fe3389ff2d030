"""Parse the head of an HTTP message, even if it is malformed, without changing a byte.

A crawl and a rebuild must parse a head in the same way, so this is the only parser of heads from the network.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# The blank line at the end of a head: RFC 9112, 2.2 allows a bare LF, and servers send it.
_BLANK_LINE = re.compile(rb"\n\r?\n")
# The first line that is blank for readers that strip lines, such as warcio.
_STRIPPED_BLANK_LINE = re.compile(rb"(?:^|\n)[ \t\r\f\v]*\n")
_LEADING_BLANKS = re.compile(rb"(?:\r?\n)*")
# The number of bytes after blank lines that show whether an answer begins with a status line: those of "HTTP/".
STATUS_LINE_BYTES = 5
_FIRST_LINE = re.compile(rb"(?i)(?:HTTP|ICY)\b")
# Each line adds to the codings of the lines before it (RFC 9110, 8.4; RFC 9112, 6.1).
_LISTS = (b"transfer-encoding", b"content-encoding")
_STATUS = re.compile(rb"\S+[ \t]+(\d{1,9})(?!\d)")


def choose_value(name: str, values: Sequence[bytes]) -> str | None:
    """Return the value of a header from all its lines, decoded as Latin-1; None if there is none.

    Codings of several lines make one list. Of every other header only the first line counts, so that a crawl and a
    rebuild use the same value.

    >>> choose_value("Location", [b"/a", b"/b"]), choose_value("Content-Encoding", [b"br", b"gzip"])
    ('/a', 'br, gzip')
    """
    if not values:
        return None
    return (b", ".join(values) if name.lower().encode() in _LISTS else values[0]).decode("latin-1")


@dataclass(frozen=True, slots=True)
class HttpHead:
    """The first line and the header lines of a message. Lists keep order, case and repeats.

    A folded line is joined to its header. A line without a colon is a header with an empty value.
    """

    first_line: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    @property
    def status(self) -> int:
        """The status code of an answer; 0 if its first line names none, or one of more than nine digits."""
        found = _STATUS.match(self.first_line)
        return int(found[1]) if found else 0

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.first_line.split(b" ", 1)[0].decode("latin-1")

    def header(self, name: str) -> str | None:
        """Return the header of a name (any case), as `choose_value` reads it; None if there is none."""
        wanted = name.lower().encode()
        same = [value for key, value in self.headers if len(key) == len(wanted) and key.lower() == wanted]
        return choose_value(name, same)

    @property
    def media_type(self) -> str | None:
        """The media type of Content-Type, in lower case, without parameters."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower() or None

    @property
    def transfer_encoding(self) -> str | None:
        """All Transfer-Encoding headers as one value; None if there is none."""
        return self.header("transfer-encoding")


# Downloading, judging and recording an answer each ask for the same head.
@lru_cache(64)
def parse_head(head: bytes) -> HttpHead:
    r"""Parse a head. Blank lines before it are skipped; lines end with CRLF or LF.

    >>> parse_head(b"HTTP/1.1 200\r\nA : 1\r\n 2\r\nno colon\r\n\r\n").headers
    ((b'A', b'1 2'), (b'no colon', b''))
    """
    first_line, *lines = head[_leading(head) :].split(b"\n")
    headers: list[tuple[bytes, bytes]] = []
    for line in lines:
        stripped = line.removesuffix(b"\r")
        if not stripped:
            break
        if stripped[:1] in (b" ", b"\t") and headers:
            key, value = headers[-1]
            headers[-1] = key, (value + b" " + stripped.strip(b" \t")).strip(b" \t")
            continue
        key, _, value = stripped.partition(b":")
        headers.append((key.strip(b" \t"), value.strip(b" \t\r")))
    return HttpHead(first_line.removesuffix(b"\r"), tuple(headers))


def has_folded_lines(head: bytes) -> bool:
    r"""Return whether a header continues in a line that begins with a blank (RFC 9112, 5.2).

    >>> has_folded_lines(b"HTTP/1.1 200\r\nA: 1\r\n 2\r\n\r\n"), has_folded_lines(b"HTTP/1.1 200\r\nA: 1\r\n\r\n")
    (True, False)
    """
    return any(line[:1] in (b" ", b"\t") for line in head[_leading(head) :].split(b"\n"))


def head_length(message: bytes, *, is_answer: bool) -> int:
    r"""Return the length of a message's head in bytes, including the blank line at its end.

    If there is no blank line, the head is the whole message. An answer without a status line has no head.

    >>> head_length(b"HTTP/1.0 200 OK\nA: b\n\nbody", is_answer=True)
    22
    >>> head_length(b"<html>\n\n</html>", is_answer=True)
    0
    """
    start = _leading(message)
    if is_answer and not _FIRST_LINE.match(message, start):
        return 0
    end = _BLANK_LINE.search(message, start)
    return end.end() if end else len(message)


def is_plain_head(head: bytes) -> bool:
    r"""Return whether every reader finds the end of this head: only its last line is blank.

    >>> [is_plain_head(head) for head in (b"HTTP/1.1 200\n\n", b"\nHTTP/1.1 200\n\n", b"HTTP/1.1 200\n \nA: b\n\n")]
    [True, False, False]
    """
    blank = _STRIPPED_BLANK_LINE.search(head)
    return bool(head) and (blank is None or blank.end() == len(head))


def _leading(message: bytes) -> int:
    found = _LEADING_BLANKS.match(message)
    return found.end() if found else 0
