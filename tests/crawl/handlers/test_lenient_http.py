"""Answers with malformed header lines: what is read of them, and what is refused."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError
from scrapy.http import Response

from crawler.crawl.handlers.lenient_http import fetch_leniently

OK = b"HTTP/1.1 200 OK\r\n"
BAD = "Bad Header: x\r\nno colon here\r\nTên: y\r\n".encode()


@contextmanager
def _server(answer: bytes) -> Iterator[str]:
    """Serve one answer, a few bytes at a time. Yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # the client may leave early
                connection.recv(65536)
                for start in range(0, len(answer), 1000):
                    connection.sendall(answer[start : start + 1000])

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        thread.join()


def _fetch(answer: bytes) -> Response:
    with _server(answer) as address:
        return fetch_leniently(Request(address), timeout=10, max_bytes=1000, verify=True)


@pytest.mark.parametrize(
    ("rest", "headers", "body", "flags"),
    [
        (b"Content-Length: 5\r\n\r\nhello", {b"Content-Length": [b"5"]}, b"hello", []),
        (b"Transfer-Encoding: chunked\r\nX: 1\r\n\r\n5\r\nhello\r\n0\r\n\r\n", {b"X": [b"1"]}, b"hello", []),
        (b"\r\nbody\r\nwithout: length", {}, b"body\r\nwithout: length", []),
        (b"Content-Length: 9\r\n\r\nhello", {b"Content-Length": [b"9"]}, b"hello", ["dataloss"]),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\nhello", {}, b"abc", ["dataloss"]),
    ],
)
def test_malformed_lines_are_left_out_and_the_body_is_read(
    rest: bytes, headers: dict[bytes, list[bytes]], body: bytes, flags: list[str]
) -> None:
    response = _fetch(OK + BAD + rest)
    assert (response.status, dict(response.headers), response.body, response.flags) == (200, headers, body, flags)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", DownloadFailedError),
        (b"220 not HTTP\r\n", DownloadFailedError),
        (OK + b"A b: x\r\n" * 9000, DownloadFailedError),
        (OK + BAD + b"\r\n" + b"x" * 1001, DownloadCancelledError),
    ],
)
def test_an_answer_that_cannot_be_read_fails(answer: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        _fetch(answer)
