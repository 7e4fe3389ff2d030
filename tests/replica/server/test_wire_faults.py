"""Each fault of the wire sends the proper answer in the bytes that its name says."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.body import BodySink
from crawler.crawl.download.raw_framing import AnswerReader
from crawler.media.content_coding import decode_page
from crawler.media.http_head import parse_head
from crawler.media.transfer_coding import undo_bytes
from crawler.replica import Replica
from crawler.replica.server.wire_faults import WIRE_KINDS, WIRE_READABLE, WIRE_UNREADABLE, make_wire
from crawler.replica.wire import WireReply
from tests.support.replica import ask


def _bytes_of(portal: Replica, path: str) -> bytes:
    parts = urlsplit(portal.base_url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as client:
        client.sendall(f"GET /{path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        received = bytearray()
        while data := client.recv(65536):
            received += data
    return bytes(received)


@pytest.mark.parametrize("kind", WIRE_READABLE)
def test_the_proper_page_can_be_read(tmp_path: Path, kind: str) -> None:
    reply = WireReply(200, ("<html><body>" + "<p>Ủy ban nhân dân</p>" * 900 + "</body></html>").encode())
    wire = make_wire(kind, reply)
    reader = AnswerReader("GET", BodySink(tmp_path))
    reader.feed(wire)
    body, _ = reader.finish(cause=None)
    head = parse_head(reader.head)
    payload = undo_bytes(body.data, head.transfer_encoding)
    page = decode_page(
        payload, head.header("content-encoding"), max_bytes=1 << 20, is_cut=kind == "wire-gzip-without-sum"
    )
    assert (head.status, page) == (200, reply.body)
    assert reader.head + body.data in wire


def test_every_kind_is_sent_over_the_wire_once_each(small: Replica) -> None:
    sent = {}
    for kind in WIRE_KINDS:
        small.faults.set("/robots.txt", kind, times=1)
        sent[kind] = _bytes_of(small, "robots.txt")
    proper = ask(small.base_url + "robots.txt")
    reply = WireReply(200, proper.body, "text/plain; charset=utf-8")
    assert len(set(sent.values())) == len(WIRE_KINDS)
    assert all(proper.body in sent[kind] for kind in ("wire-folded", "wire-nul", "wire-http-0.9", "wire-status-20"))
    assert sent["wire-http-0.9"] == make_wire("wire-http-0.9", reply)
    assert sent["wire-no-answer"] == b""
    assert set(WIRE_UNREADABLE.values()) == {"no-answer", "not-http", "bad-status", "truncated", "bad-encoding"}
