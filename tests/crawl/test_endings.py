"""Answers that end early are told from whole ones: by their framing, their compression, or their content."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.body import Body, BodySink
from crawler.crawl.endings import Came, ends_early, has_whole_file, has_whole_page
from crawler.items import Exchange
from crawler.media.http_head import parse_head
from crawler.media.transfer_coding import undo_bytes
from tests.support.build import picture
from tests.support.wire.odd_answers import CHUNKED, HALF, HTML, PAGE, chunked, head

LIMIT = 1 << 20
PDF = b"%PDF-1.7\n" + b"0" * 3000 + b"\nstartxref\n9\n%%EOF\n"
ROW = b"<li><a href='/a/b-1'>H\xe1\xbb\x8dp d\xc3\xa2n</a></li>"


def _exchange(response_head: bytes, body: Body) -> Exchange:
    status = parse_head(response_head).status
    return Exchange(
        "http://a.vn/x", "GET", b"GET /x HTTP/1.1\r\n\r\n", b"", datetime.now(UTC), status, response_head, body
    )


def _ends_early(response_head: bytes, body: bytes, *, is_fragment: bool = False) -> bool:
    payload = undo_bytes(body, parse_head(response_head).transfer_encoding)
    exchange = _exchange(response_head, Body(body))
    return ends_early(exchange, payload, is_fragment=is_fragment, max_bytes=LIMIT)


def _said(body: bytes, *lines: str) -> bytes:
    return head(HTML, *lines, f"Content-Length: {len(body)}")


ZIPPED = gzip.compress(PAGE, mtime=0)


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ((HTML,), PAGE),
        ((HTML,), b""),
        ((HTML, f"Content-Length: {len(HALF)}"), HALF),
        ((HTML, CHUNKED), chunked(HALF)),
        ((HTML, "Content-Encoding: gzip"), ZIPPED),
        ((HTML, "Content-Encoding: gzip"), PAGE),
        (("Content-Type: text/css",), b"a > b { c"),
        (("Content-Type: text/javascript",), b"if (a < b"),
        (("Content-Type: application/octet-stream",), bytes(range(256))),
        ((), bytes(range(256))),
        (("Content-Type: application/pdf",), PDF),
        (("Content-Type: image/png",), picture()),
        (("Content-Type: image/jpeg",), picture(kind="JPEG")),
        (("Content-Type: image/gif",), picture(kind="GIF", mode="P")),
        (("Content-Type: text/plain",), b"User-agent: *"),
    ],
)
def test_a_whole_answer_does_not_end_early(lines: tuple[str, ...], body: bytes) -> None:
    assert not _ends_early(head(*lines), body)


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ((HTML,), HALF),
        ((), HALF),
        ((HTML, CHUNKED), HALF),  # it has no chunks, so it ends with the connection
        ((HTML, "Transfer-Encoding: gzip"), ZIPPED[:-20]),
        ((HTML, "Transfer-Encoding: gzip, chunked"), chunked(ZIPPED[:-20])),
        ((HTML, "Content-Encoding: gzip"), ZIPPED[:-20]),
        ((HTML, "Content-Encoding: gzip", f"Content-Length: {len(ZIPPED) - 20}"), ZIPPED[:-20]),
        ((HTML, "Content-Encoding: gzip", CHUNKED), chunked(ZIPPED[:-1])),
        (("Content-Type: application/rss+xml",), b'<?xml version="1.0"?><rss><channel><item>'),
        (("Content-Type: application/json",), b'{"rows": ['),
        (("Content-Type: application/pdf",), PDF[:-40]),
        (("Content-Type: image/png",), picture()[:-20]),
        (("Content-Type: image/jpeg",), picture(kind="JPEG")[:-20]),
        (("Content-Type: image/gif",), picture(kind="GIF", mode="P")[:-20]),
    ],
)
def test_an_answer_without_the_end_of_its_content_ends_early(lines: tuple[str, ...], body: bytes) -> None:
    assert _ends_early(head(*lines), body)


def test_only_what_is_read_as_content_is_judged() -> None:
    for first in ("HTTP/1.1 302 Found", "HTTP/1.1 404 Not Found", "HTTP/1.1 500 Oh"):
        assert not _ends_early(head(HTML, first=first), b"<h1>Object mov")


def test_a_fragment_has_no_closing_furniture() -> None:
    assert not _ends_early(head(HTML), ROW * 2, is_fragment=True)
    assert _ends_early(head(HTML), ROW * 2)
    assert _ends_early(head(HTML), ROW + ROW[:20], is_fragment=True)


@pytest.mark.parametrize(("data", "early"), [(PDF, False), (PDF[:-40], True), (b"x" * 5000, False)])
def test_a_large_file_is_judged_by_its_ends(tmp_path: Path, data: bytes, early: bool) -> None:
    sink = BodySink(tmp_path, spool_above=1000)
    sink.write(data)
    body = sink.finish()
    assert body.file is not None
    assert has_whole_file(body, parse_head(head()), max_bytes=LIMIT) is (data == PDF)
    assert Came.of("/", body) == Came.of("/", Body(data))
    for lines, expected in ((), early), ((f"Content-Length: {len(data)}",), False):
        exchange = _exchange(head("Content-Type: application/pdf", *lines), body)
        assert ends_early(exchange, b"", is_fragment=False, max_bytes=LIMIT) is expected


def test_what_ended_early_can_have_its_own_end() -> None:
    plain, zipped = parse_head(head(HTML)), parse_head(head(HTML, "Content-Encoding: gzip"))
    assert has_whole_page(PAGE, plain, is_fragment=False, max_bytes=LIMIT)
    assert not has_whole_page(HALF, plain, is_fragment=False, max_bytes=LIMIT)
    assert has_whole_page(ZIPPED[:-8], zipped, is_fragment=False, max_bytes=LIMIT)
    assert not has_whole_page(ZIPPED[: len(ZIPPED) // 2], zipped, is_fragment=False, max_bytes=LIMIT)
    assert not has_whole_page(b"\x1f\x8b\x08" + bytes(range(90)), zipped, is_fragment=False, max_bytes=LIMIT)
    assert has_whole_page(ROW, plain, is_fragment=True, max_bytes=LIMIT)
    for text in (b"", b"Not fou", "Đang tải".encode()):
        for is_fragment in (False, True):
            assert not has_whole_page(text, plain, is_fragment=is_fragment, max_bytes=LIMIT)
    assert has_whole_file(Body(PDF), plain, max_bytes=LIMIT)
    assert not has_whole_file(Body(PDF[:-40]), plain, max_bytes=LIMIT)
    assert not has_whole_file(Body(b"plain"), plain, max_bytes=LIMIT)
    assert not has_whole_file(Body(gzip.compress(PDF, mtime=0)[:-9]), zipped, max_bytes=LIMIT)


def test_two_tries_came_as_far_if_only_what_varies_differs() -> None:
    first = Came.of("/a", Body(b"x" * 10_000))
    assert Came.of("/a", Body(b"y" * 10_050)).is_as_much_as(first)
    assert not Came.of("/a", Body(b"x" * 9_000)).is_as_much_as(first)
    assert not Came.of("/b", Body(b"x" * 10_000)).is_as_much_as(first)
