"""Send the bytes of a fault."""

import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.client import responses
from random import Random
from socket import SO_LINGER, SOL_SOCKET, socket

from crawler.replica.server.edit_faults import EDIT_KINDS, EditContext, make_edit_reply
from crawler.replica.server.faults import STATUSES, ServerFault
from crawler.replica.server.file_faults import FILE_KINDS, FileContext, make_file_reply
from crawler.replica.server.page_faults import PAGE_KINDS, PageContext, make_page_reply
from crawler.replica.server.trap_faults import TRAP_KINDS, TrapContext, make_trap_reply
from crawler.replica.server.way_faults import WAY_KINDS, WayContext, make_way_reply
from crawler.replica.server.wire_faults import WIRE_KINDS, make_wire
from crawler.replica.wire import WireReply, redirect

BOMB_MEBIBYTES = 512
# The size of a `large` file, another file for each path.
LARGE_MEBIBYTES = 8
DRIPS, DRIP_SECONDS = 30, 0.1
_MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class FaultContext:
    """What is needed to send a fault's bytes.

    Attributes:
        connection: the client's socket.
        stop: set when the portal stops. It ends every wait.
        target: the requested path and query.
        headers: the request's headers, names in lower case.
        body: the request's body.
        elsewhere: the trap's host:port.
        proper: makes the answer without the fault.
        soft404: makes the page that says "not found" with status 200.
        other: makes the answer of another page: of the `next` article of the category, the `newest` of the portal, the
            `last-page` of the pager, or of the article that has taken the number of the requested one (`heir`).
    """

    connection: socket
    stop: threading.Event
    target: str
    headers: Mapping[str, str]
    body: bytes
    elsewhere: str
    proper: Callable[[], WireReply]
    soft404: Callable[[], WireReply]
    other: Callable[[str], WireReply]


def make_fault_reply(fault: ServerFault, context: FaultContext) -> WireReply | None:
    """Return a fault's answer if it is well-formed HTTP. None for a fault that `play_fault` sends."""
    return _make_themed_reply(fault, context) or _make_plain_reply(fault, context)


def _make_themed_reply(fault: ServerFault, context: FaultContext) -> WireReply | None:
    """Return the answer of a fault that has a file for its theme. None for the others."""
    kind = fault.kind
    if kind in EDIT_KINDS:
        return make_edit_reply(kind, EditContext(context.target, fault.met, context.proper, context.other))
    if kind in FILE_KINDS:
        is_conditional = not {"if-none-match", "if-modified-since"}.isdisjoint(context.headers)
        return make_file_reply(kind, FileContext(context.target, is_conditional, context.proper))
    if kind in WAY_KINDS:
        cookies = context.headers.get("cookie", "")
        return make_way_reply(kind, WayContext(context.target, cookies, context.proper))
    if kind in TRAP_KINDS:
        return make_trap_reply(kind, TrapContext(context.target, context.proper, lambda: context.other("last-page")))
    if kind in PAGE_KINDS:
        page = PageContext(
            context.target, context.headers, context.body, context.proper, context.soft404, context.other
        )
        return make_page_reply(kind, page)
    return None


def _make_plain_reply(fault: ServerFault, context: FaultContext) -> WireReply | None:
    kind = fault.kind
    if kind in STATUSES or kind.endswith("-retry-after"):
        status = int(kind[:3])
        headers = (("Retry-After", str(fault.retry_after)),) if kind.endswith("-retry-after") else ()
        return WireReply(status, f"<html><h1>{status} {responses[status]}</h1></html>".encode(), "text/html", headers)
    if kind == "soft404":
        return context.soft404()
    locations = {
        "redirect-home": "/",
        "redirect-elsewhere": f"http://{context.elsewhere}/bi-chuyen-huong",
        "redirect-loop": context.target,
        "redirect-private": "http://10.0.0.1/quan-tri",
        "redirect-metadata": "http://169.254.169.254/latest/meta-data/",
    }
    if kind in locations:
        return redirect(locations[kind])
    if kind == "empty":
        return WireReply(200, b"")
    if kind == "not-an-image":
        return WireReply(
            200,
            b"<!DOCTYPE html><html><body><h1>Phi\xc3\xaan l\xc3\xa0m vi\xe1\xbb\x87c</h1></body></html>",
            "image/jpeg",
        )
    if kind == "wrong-charset":
        reply = context.proper()
        return WireReply(reply.status, reply.body, "text/html; charset=iso-8859-1", reply.headers, reply.volatile)
    return None


def play_fault(fault: ServerFault, context: FaultContext) -> None:
    """Send the bytes of a fault that is not well-formed HTTP. The connection cannot be used again."""
    if fault.kind == "hang":
        context.stop.wait()
        return
    if fault.kind == "reset":
        context.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        return
    if fault.kind in WIRE_KINDS:
        context.connection.sendall(make_wire(fault.kind, context.proper()))
        return
    for part in _BYTES[fault.kind](context):
        context.connection.sendall(part)


def _head(media_type: str, *lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {media_type}", "Connection: close", *lines, "", ""]).encode()


def _slow(context: FaultContext) -> Iterator[bytes]:
    reply = context.proper()
    yield _head(reply.content_type, f"Content-Length: {len(reply.body)}")
    size = -(-len(reply.body) // DRIPS) or 1
    for start in range(0, len(reply.body), size):
        if context.stop.wait(DRIP_SECONDS):
            return
        yield reply.body[start : start + size]


def _drip(context: FaultContext) -> Iterator[bytes]:
    """A byte at a time, for ever: never silent, and never at its end."""
    yield _head("text/html; charset=utf-8", "Content-Length: 90000")
    while not context.stop.wait(DRIP_SECONDS):
        yield b" "


def _slow_head(context: FaultContext) -> Iterator[bytes]:
    """A head that grows for ever, a line at a time."""
    yield b"HTTP/1.1 200 OK\r\n"
    while not context.stop.wait(DRIP_SECONDS):
        yield b"X-Wait: 1\r\n"


def _truncate(context: FaultContext) -> Iterator[bytes]:
    reply = context.proper()
    yield (_head(reply.content_type, f"Content-Length: {max(len(reply.body), 2)}") + reply.body[: len(reply.body) // 2])


def _wrong_length(context: FaultContext) -> Iterator[bytes]:
    reply = context.proper()
    yield _head(reply.content_type, f"Content-Length: {len(reply.body) // 2}") + reply.body


def _huge(context: FaultContext) -> Iterator[bytes]:
    yield _head("text/html; charset=utf-8") + b"<!DOCTYPE html><html><body>"
    filler = b"<p>T\xe1\xba\xa3 S\xc6\xa1n</p>\n" * 4096
    while not context.stop.is_set():
        yield filler


def _gzip_bomb(_: FaultContext) -> Iterator[bytes]:
    bomb = _make_bomb()
    yield _head("text/html; charset=utf-8", "Content-Encoding: gzip", f"Content-Length: {len(bomb)}")
    yield bomb


def _large(context: FaultContext) -> Iterator[bytes]:
    begin, end = b"%PDF-1.7\n%" + context.target.encode() + b"\n", b"\nstartxref\n9\n%%EOF\n"
    size = len(begin) + LARGE_MEBIBYTES * _MEBIBYTE + len(end)
    yield _head("application/pdf", f"Content-Length: {size}") + begin
    noise = Random(context.target).randbytes(_MEBIBYTE)
    for _ in range(LARGE_MEBIBYTES):
        yield noise
    yield end


def _bad_header(context: FaultContext) -> Iterator[bytes]:
    reply = context.proper()
    yield _head(reply.content_type, f"Content-Length: {len(reply.body)}")[:-2]
    yield "X-Thông-Tin: Cổng huyện\r\n".encode() + b"X-Powered: \xff\xfe\x80\r\n\r\n" + reply.body


@lru_cache(maxsize=1)
def _make_bomb() -> bytes:
    """Return half a gibibyte of spaces as one gzip member of half a mebibyte: a repeated flushed block."""
    block = b" " * _MEBIBYTE
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(BOMB_MEBIBYTES):
        check = zlib.crc32(block, check)
    tail = struct.pack("<II", check, BOMB_MEBIBYTES * _MEBIBYTE)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + first * BOMB_MEBIBYTES + b"\x03\x00" + tail


_BYTES: dict[str, Callable[[FaultContext], Iterator[bytes]]] = {
    "slow": _slow,
    "slow-head": _slow_head,
    "drip": _drip,
    "truncate": _truncate,
    "wrong-length": _wrong_length,
    "huge": _huge,
    "gzip-bomb": _gzip_bomb,
    "large": _large,
    "bad-header": _bad_header,
}
