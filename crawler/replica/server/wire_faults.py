"""Faults of the wire: the proper answer in bytes that HTTP does not allow, or hardly, and that servers send.

After a fault that a reader can see through, it has the proper page. The others leave it without, and it must say so.
"""

import gzip
from collections.abc import Callable
from http.client import responses

from crawler.replica.wire import WireReply


def _head(reply: WireReply, *lines: str | bytes, first: str | bytes = "", end: bytes = b"\r\n") -> bytes:
    """Return a head: a first line (by default the proper one), these lines, and those of the reply."""
    status_line = first or f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}"
    own = [f"Content-Type: {reply.content_type}"] if reply.content_type else []
    own += [f"{name}: {value}" for name, value in reply.headers]
    every = [status_line, *lines, *own, "Connection: close", "", ""]
    return end.join(line.encode() if isinstance(line, str) else line for line in every)


def _length(reply: WireReply) -> str:
    return f"Content-Length: {len(reply.body)}"


def _whole(reply: WireReply, *lines: str | bytes, first: str | bytes = "", end: bytes = b"\r\n") -> bytes:
    return _head(reply, _length(reply), *lines, first=first, end=end) + reply.body


def _chunks(body: bytes, *, size: str = "{:x}", end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n") -> bytes:
    parts = [body[start : start + 4096] for start in range(0, len(body), 4096)]
    return b"".join(size.format(len(part)).encode() + end + part + end for part in parts) + last


def _chunked(
    reply: WireReply, *lines: str, size: str = "{:x}", end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n"
) -> bytes:
    return _head(reply, "Transfer-Encoding: chunked", *lines) + _chunks(reply.body, size=size, end=end, last=last)


def _coded(reply: WireReply, coding: str, *, body: bytes) -> bytes:
    return _head(reply, *([f"Content-Encoding: {coding}"] if coding else []), f"Content-Length: {len(body)}") + body


def _twice(reply: WireReply) -> bytes:
    """Return an answer whose headers come twice, with different values; the first are the proper ones."""
    names = {"content-type": "application/x-thu", "location": "/khong-co", "refresh": "0; url=/khong-co"}
    again = [f"{name}: {names[name.lower()]}" for name, _ in reply.headers if name.lower() in names]
    tags = [f'{name}: "{value}"' for value in ("mot", "hai") for name in ("ETag", "Content-Disposition")]
    dates = [f"Last-Modified: Mon, 0{day} Jan 2024 00:00:00 GMT" for day in (1, 8)]
    proper = _head(reply, _length(reply), *tags, *dates).removesuffix(b"Connection: close\r\n\r\n")
    more = [f"Content-Type: {names['content-type']}", *again, "Connection: close", "", ""]
    return proper + "\r\n".join(more).encode() + reply.body


def _zipped(reply: WireReply) -> bytes:
    return gzip.compress(reply.body, mtime=0)


def _zipped_twice(reply: WireReply) -> bytes:
    return gzip.compress(_zipped(reply), mtime=0)


Wire = Callable[[WireReply], bytes]

# After these, the proper answer can be read.
_READABLE: dict[str, Wire] = {
    "wire-te-identity": lambda reply: _whole(reply, "Transfer-Encoding: identity"),
    "wire-te-gzip": lambda reply: _head(reply, "Transfer-Encoding: gzip, chunked") + _chunks(_zipped(reply)),
    "wire-te-untrue": lambda reply: _whole(reply, "Transfer-Encoding: chunked"),
    "wire-chunk-padded": lambda reply: _chunked(reply, size="{:x}      "),
    "wire-chunk-blank-before": lambda reply: _chunked(reply, size=" {:08X}"),
    "wire-chunk-extras": lambda reply: _chunked(
        reply, "Trailer: X-Sum", size='{:x};ten="a b"', last=b"0\r\nX-Sum: 1\r\n\r\n"
    ),
    "wire-chunk-lf": lambda reply: _chunked(reply, end=b"\n", last=b"0\n\n"),
    "wire-chunk-bare-end": lambda reply: _chunked(reply, last=b"0\r\n"),
    "wire-folded": lambda reply: _whole(reply, "X-Note: a", "  b", "\tc"),
    "wire-no-colon": lambda reply: _whole(reply, "PHP Notice  Undefined index"),
    "wire-vietnamese-name": lambda reply: _whole(reply, "Tên cơ quan: UBND", b"X-Powered: \xff\xfe"),
    "wire-blank-before-colon": lambda reply: _head(reply, _length(reply).replace(":", " :")) + reply.body,
    "wire-empty-name": lambda reply: _whole(reply, ": x"),
    "wire-nul": lambda reply: _whole(reply, b"X-Nul: a\0b"),
    "wire-bare-cr": lambda reply: _whole(reply, b"X-Cr: a\rb"),
    "wire-bare-lf": lambda reply: _whole(reply, end=b"\n"),
    "wire-leading-crlf": lambda reply: b"\r\n\r\n" + _whole(reply),
    "wire-long-line": lambda reply: _whole(reply, "X-Long: " + "a" * 17_000),
    "wire-longest-line": lambda reply: _whole(reply, "X-Long: " + "a" * 150_000),
    "wire-300-lines": lambda reply: _whole(reply, *(f"X-{number}: {number}" for number in range(300))),
    "wire-two-lengths": lambda reply: _head(reply, "Content-Length: 5", _length(reply)) + reply.body,
    "wire-length-list": lambda reply: _head(reply, f"{_length(reply)}, {len(reply.body)}") + reply.body,
    "wire-length-no-number": lambda reply: _head(reply, "Content-Length: -1") + reply.body,
    "wire-length-too-long": lambda reply: _head(reply, f"Content-Length: {len(reply.body) + 77}") + reply.body,
    "wire-no-length": lambda reply: _head(reply) + reply.body,
    "wire-http-1.0": lambda reply: _head(reply, first=f"HTTP/1.0 {reply.status} OK") + reply.body,
    "wire-http-1.2": lambda reply: _whole(reply, first=f"HTTP/1.2 {reply.status} OK"),
    "wire-lower-case": lambda reply: _whole(reply, first=f"http/1.1 {reply.status} ok"),
    "wire-tabs": lambda reply: _whole(reply, first=f"HTTP/1.1\t{reply.status}\tOK"),
    "wire-no-phrase": lambda reply: _whole(reply, first=f"HTTP/1.1 {reply.status}"),
    "wire-interim": lambda reply: b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 2 + _whole(reply),
    "wire-coding-unknown": lambda reply: _coded(reply, "utf-8", body=reply.body),
    "wire-coding-untrue": lambda reply: _coded(reply, "gzip", body=reply.body),
    "wire-coding-said-twice": lambda reply: _coded(reply, "gzip, gzip", body=_zipped(reply)),
    "wire-coding-unsaid": lambda reply: _coded(reply, "", body=_zipped(reply)),
    "wire-headers-twice": _twice,
    "wire-coding-in-two-lines": lambda reply: _head(
        reply, "Content-Encoding: gzip", "Content-Encoding: gzip", f"Content-Length: {len(_zipped_twice(reply))}"
    ) + _zipped_twice(reply),
    "wire-gzip-without-sum": lambda reply: _coded(reply, "gzip", body=_zipped(reply)[:-8]),
}  # fmt: skip
# Nothing proper can be read: the kind that says why.
_UNREADABLE: dict[str, tuple[str, Wire]] = {
    "wire-no-answer": ("no-answer", lambda _: b""),
    "wire-http-0.9": ("not-http", lambda reply: reply.body),
    "wire-junk-before": ("not-http", lambda reply: b"<!-- cache -->\r\n" + _whole(reply)),
    "wire-status-20": ("bad-status", lambda reply: _whole(reply, first="HTTP/1.1 20 OK")),
    "wire-status-999": ("bad-status", lambda reply: _whole(reply, first="HTTP/1.1 999 Request denied")),
    "wire-status-word": ("bad-status", lambda reply: _whole(reply, first="HTTP/1.1 OK")),
    "wire-cut-head": ("truncated", lambda reply: _whole(reply)[:60]),
    "wire-cut-body": ("truncated", lambda reply: _head(reply, _length(reply)) + _half(reply.body)),
    "wire-cut-no-length": ("truncated", lambda reply: _head(reply) + _half(reply.body)),
    "wire-cut-chunks": ("truncated", lambda reply: _chunked(reply, last=b"")[: -len(reply.body) // 2]),
    "wire-cut-gzip": ("truncated", lambda reply: _coded(reply, "gzip", body=_half(_zipped(reply)))),
    "wire-coding-noise": ("bad-encoding", lambda reply: _coded(reply, "aes128gcm", body=_zipped(reply)[20:])),
}  # fmt: skip

WIRE_READABLE = tuple(_READABLE)
# The kind of failure that each of these must be recorded as.
WIRE_UNREADABLE = {kind: failure for kind, (failure, _) in _UNREADABLE.items()}
WIRE_KINDS = (*WIRE_READABLE, *WIRE_UNREADABLE)


def make_wire(kind: str, reply: WireReply) -> bytes:
    """Return the bytes of an answer with a fault of the wire."""
    return _READABLE[kind](reply) if kind in _READABLE else _UNREADABLE[kind][1](reply)


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]
