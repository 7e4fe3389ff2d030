"""The three servers: pages, files, and the trap. HTTP/1.1, one thread for each connection."""

import base64
import gzip
import hashlib
import itertools
import ssl
import sys
import threading
import zlib
from collections.abc import Callable
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any, Protocol, cast

from crawler.replica.pages import page_frame
from crawler.replica.pages.layouts import VIEWS
from crawler.replica.server.fault_replies import FaultContext, make_fault_reply, play_fault
from crawler.replica.server.faults import ServerFault
from crawler.replica.wire import Logged, WireReply, WireRequest

_counter = itertools.count(1)


class PortalBackend(Protocol):
    """The part of the portal that a server uses."""

    @property
    def stopping(self) -> threading.Event:
        """Set when the portal stops."""
        ...

    @property
    def elsewhere_host(self) -> str:
        """The trap's host:port."""
        ...

    def answer(self, request: WireRequest) -> WireReply:
        """Answer a request, without faults."""
        ...

    def answer_not_found(self) -> WireReply:
        """Answer as a soft 404."""
        ...

    def answer_other(self, request: WireRequest, which: str) -> WireReply:
        """Answer as for another page: `next`, `newest`, `heir` or `last-page`."""
        ...

    def control(self, request: WireRequest) -> WireReply:
        """Answer a control request."""
        ...

    def meet_fault(self, request: WireRequest) -> ServerFault | None:
        """Return the fault on the request."""
        ...

    def log(self, entry: Logged) -> None:
        """Add a request to the log."""
        ...


class PortalServer(ThreadingHTTPServer):
    """One listening socket on 127.0.0.1. `name` is `site`, `files` or `elsewhere`."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 256

    def __init__(self, name: str, port: int, *, backend: PortalBackend, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        if tls is not None:
            # The handshake is left to the thread of the connection.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.name = name
        self.backend = backend
        self._open: set[socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name=f"replica-{name}", daemon=True)

    @property
    def host(self) -> str:
        """The host:port."""
        return f"127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Serve in a separate thread."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection, wait for its thread, free the port."""
        self.shutdown()
        self._thread.join()
        for connection in list(self._open):
            _shut(connection)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that `stop` can close it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnected. Any other error is a bug and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _shut(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        return


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a request with any method. The portal distinguishes the methods, not the server."""
        server = cast(PortalServer, self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = WireRequest(server.name, self.command, self.path, headers, body)
        backend = server.backend
        if server.name == "site" and self.path.startswith("/_replica/"):
            self._send(request, backend.control(request))
            return
        fault = backend.meet_fault(request)
        if fault is None:
            self._send_logged(request, backend.answer(request))
            return
        context = FaultContext(
            connection=self.connection,
            stop=backend.stopping,
            target=self.path,
            headers=headers,
            body=body,
            elsewhere=backend.elsewhere_host,
            proper=lambda: filled(backend.answer(request)),
            soft404=backend.answer_not_found,
            other=lambda which: filled(backend.answer_other(request, which)),
        )
        reply = make_fault_reply(fault, context)
        if reply is not None:
            self._send_logged(request, reply)
            return
        self.close_connection = True
        self._log(request, 0 if fault.kind in ("hang", "reset") else 200)
        play_fault(fault, context)

    do_POST = do_HEAD = do_PUT = do_OPTIONS = do_DELETE = do_GET  # noqa: N815

    def _log(self, request: WireRequest, status: int) -> None:
        server = cast(PortalServer, self.server)
        headers = tuple(self.headers.items())
        server.backend.log(Logged(server.name, request.method, server.host, self.path, headers, request.body, status))

    def _send_logged(self, request: WireRequest, reply: WireReply) -> None:
        if _is_known(request, reply):
            reply = WireReply(304, b"", "", reply.headers, etag=reply.etag)
        self._log(request, reply.status)
        self._send(request, reply)

    def _send(self, request: WireRequest, reply: WireReply) -> None:
        draw = zlib.crc32(request.target.encode())
        body = fill_marks(reply.body) if reply.volatile else reply.body
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}", "Server: Microsoft-IIS/8.5"]
        if reply.content_type:
            lines.append(f"Content-Type: {reply.content_type}")
        lines += [f"{name}: {value}" for name, value in reply.headers]
        lines += ["X-Powered-By: ASP.NET", "X-Frame-Options: SAMEORIGIN", "X-Frame-Options: SAMEORIGIN"]
        if reply.etag:
            lines.append(f"ETag: {reply.etag}")
        if reply.volatile and "gzip" in request.headers.get("accept-encoding", "") and len(body) > 400:
            body = gzip.compress(body, 1, mtime=0)
            lines += ["Content-Encoding: gzip", "Vary: Accept-Encoding"]
        chunked = reply.volatile and draw % 4 == 0 and request.method != "HEAD"
        if chunked:
            lines.append("Transfer-Encoding: chunked")
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in _parts(body)) + b"0\r\n\r\n"
        elif reply.status != 304:
            lines.append(f"Content-Length: {len(body)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if request.method == "HEAD" else head + body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write nothing: `Replica.requests` is the log."""


def _is_known(request: WireRequest, reply: WireReply) -> bool:
    """Return whether the client has these bytes: by its entity tags, else by its date (RFC 9110, 13.2.2)."""
    if not reply.etag:
        return False
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return reply.etag in tags
    return request.headers.get("if-modified-since", "") == dict(reply.headers).get("Last-Modified", "no date")


def _parts(body: bytes) -> list[bytes]:
    return [body[start : start + 8192] for start in range(0, len(body), 8192)]


def filled(reply: WireReply) -> WireReply:
    """Return the reply with its marks filled in."""
    if not reply.volatile:
        return reply
    return WireReply(reply.status, fill_marks(reply.body), reply.content_type, reply.headers, etag=reply.etag)


def fill_marks(body: bytes) -> bytes:
    """Return the page with new values for __VIEWSTATE, counters and views."""
    number = next(_counter)
    values: dict[str, Callable[[], bytes]] = {
        page_frame.VIEWSTATE: lambda: _view_state(number),
        page_frame.ONLINE: lambda: b"%d" % (1 + number % 37),
        page_frame.TODAY: lambda: b"%d" % (120 + number),
        page_frame.WEEK: lambda: b"%d" % (2411 + number),
        page_frame.TOTAL: lambda: b"%d" % (1_208_333 + number),
        VIEWS: lambda: b"%d" % (14 + number),
    }
    for mark, value in values.items():
        encoded = mark.encode()
        if encoded in body:
            body = body.replace(encoded, value())
    return body


def _view_state(number: int) -> bytes:
    digest = hashlib.sha256(b"viewstate %d" % number).digest()
    return base64.b64encode(digest * 24)
