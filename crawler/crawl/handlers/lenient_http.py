"""Download from servers that send header lines which HTTP does not allow.

Some portals send header names with spaces or Vietnamese letters (docs/cms-vnpt.md, "Transport"). Twisted then refuses
the whole answer; browsers accept it. Such an answer is fetched again with `http.client`, and the malformed lines are
left out.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import BinaryIO, Self, cast
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError
from scrapy.http import Headers, Response

from crawler.crawl.outcomes import PrivateAddressError
from crawler.sentences import say

MAX_HEAD_BYTES = 64 * 1024
_HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*:")


class PortalDownloadHandler(HTTP11DownloadHandler):
    """If Twisted refuses an answer for its header lines, fetch it leniently. Otherwise download as Scrapy does."""

    async def download_request(self, request: Request) -> Response:
        """Download a request."""
        request.meta.setdefault("download_timeout", self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        try:
            return await super().download_request(request)
        except DownloadFailedError as error:
            if "InvalidHeaderName" not in str(error):
                raise
        settings = self.crawler.settings
        max_bytes = request.meta.get("download_maxsize") or settings.getint("DOWNLOAD_MAXSIZE")
        verify = settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        timeout = request.meta.get("download_timeout") or settings.getfloat("DOWNLOAD_TIMEOUT")
        return await asyncio.to_thread(fetch_leniently, request, timeout=timeout, max_bytes=max_bytes, verify=verify)


class _LenientStream:
    """The stream of an answer whose `readline` skips malformed header lines.

    It takes the place of a socket: HTTPResponse calls `makefile` on it. Transfer-Encoding stays in the head, since
    reading the body needs it.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines = 0
        self._head_bytes = 0
        self._is_in_head = True
        self.read, self.close = stream.read, stream.close

    def makefile(self, _mode: str) -> Self:
        """Return the stream itself."""
        return self

    def readline(self, size: int = -1) -> bytes:
        """Read a line: in the head, the status line, the next well-formed header line, or the blank line at its end.

        Raises:
            HTTPException: if the head is longer than 64 KiB.
        """
        while self._is_in_head:
            line = self._stream.readline(MAX_HEAD_BYTES)
            self._lines += 1
            self._head_bytes += len(line)
            if self._head_bytes > MAX_HEAD_BYTES:
                raise HTTPException("the head of the answer does not end")
            self._is_in_head = bool(line.strip())
            if self._lines == 1 or not self._is_in_head or _HEADER_LINE.match(line):
                return line
        return self._stream.readline(size)


def fetch_leniently(request: Request, *, timeout: float, max_bytes: int, verify: bool) -> Response:
    """Make a request on a new connection, and ignore malformed header lines of the answer.

    Args:
        request: the request; its host is checked already.
        timeout: of each read, in seconds.
        max_bytes: the largest body that is accepted.
        verify: whether the certificate is checked.

    Raises:
        PrivateAddressError: if the host resolves to an address that is not public. A literal address passes.
        DownloadCancelledError: if the body is larger than `max_bytes`.
        DownloadFailedError: if no readable answer comes.
    """
    url = urldefrag(request.url)[0]
    address = _resolve(url)
    try:
        with _connect(url, address, timeout=timeout, verify=verify) as connection:
            connection.sendall(_render(request, url))
            with connection.makefile("rb") as stream:
                return _read_response(request, url, stream=stream, max_bytes=max_bytes, address=address)
    except (OSError, HTTPException) as error:
        raise DownloadFailedError(f"{type(error).__name__}: {error}") from error


def _read_response(request: Request, url: str, *, stream: BinaryIO, max_bytes: int, address: str) -> Response:
    answer = HTTPResponse(cast(socket.socket, _LenientStream(stream)), method=request.method)
    answer.begin()
    flags = []
    try:
        body = answer.read(max_bytes + 1)
    except IncompleteRead as error:
        body = error.partial
        flags.append("dataloss")
    if len(body) > max_bytes:
        raise DownloadCancelledError(str(say("too-large", bytes=max_bytes)))
    if answer.length:
        # http.client raises nothing if a body with a Content-Length ends early.
        flags.append("dataloss")
    headers = Headers()
    for name, value in answer.getheaders():
        if name.lower() == "transfer-encoding":
            continue
        headers.appendlist(name, value.encode("latin-1", "replace"))
    return Response(
        url, status=answer.status, headers=headers, body=body, flags=flags,
        ip_address=ipaddress.ip_address(address), protocol="HTTP/1.1",
    )  # fmt: skip


def _resolve(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM)[0][4][0]
    except OSError as error:
        raise DownloadFailedError(str(say("host-unresolved", host=host))) from error
    if host not in ("localhost", address) and not ipaddress.ip_address(address).is_global:
        raise PrivateAddressError(str(say("resolves-to-private", host=host, address=address)))
    return str(address)


def _connect(url: str, address: str, *, timeout: float, verify: bool) -> socket.socket:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = socket.create_connection((address, port), timeout)
    if parts.scheme != "https":
        return connection
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=parts.hostname)


def _render(request: Request, url: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{request.method} {target} HTTP/1.1".encode(), b"Host: " + parts.netloc.encode(), b"Connection: close"]
    lines += [name + b": " + value for name, values in request.headers.items() for value in values]
    if request.body:
        lines.append(b"Content-Length: " + str(len(request.body)).encode())
    return b"\r\n".join([*lines, b"", b""]) + request.body
