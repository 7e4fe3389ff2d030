"""Connections of visitors: the names under which the site answers, and how long requests and answers may take."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Collection
from typing import ClassVar
from urllib.parse import urlsplit

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from crawler import settings
from crawler.web.security_headers import App, Receive, Scope, Send

# Default of uvicorn: none. A request that is not whole by then ends its connection.
REQUEST_SECONDS = 20
# Default of uvicorn: none. Each waiting answer is in memory, and this many bytes of it must leave in SEND_SECONDS.
SEND_SECONDS, LEAST_SENT_BYTES = 20, 20_000
# Of all waiting answers together.
MOST_UNSENT_BYTES = 256 * 1024**2

_HOST = re.compile(r"(?:([a-z0-9._-]{1,253}?)\.?|\[([0-9a-f:.]{2,45})\])(?::[0-9]{1,5})?")
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


class TimedProtocol(H11Protocol):
    """Ends a connection whose request does not arrive whole within REQUEST_SECONDS, or whose answer is not read.

    If many large answers wait to be sent, the connections that have waited longest end.
    """

    _timer: asyncio.TimerHandle | None = None
    _sending: asyncio.TimerHandle | None = None
    _unsent = 0
    _paused: ClassVar[dict["TimedProtocol", None]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes; stop to wait when the request is whole, else wait no longer than from its first byte."""
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_waiting()
        elif self._timer is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to wait."""
        self._stop_waiting()
        self._stop_watching()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to watch an answer that its reader takes more slowly than it is made."""
        super().pause_writing()
        self._paused[self] = None
        self._watch()
        for other in list(self._paused):
            if other is not self and sum(map(_count_unsent, self._paused)) > MOST_UNSENT_BYTES:
                other._stop_watching()
                other.transport.abort()

    def resume_writing(self) -> None:
        """Stop to watch: the answer has left."""
        self._stop_watching()
        super().resume_writing()

    def _watch(self) -> None:
        self._unsent = _count_unsent(self)
        self._sending = asyncio.get_running_loop().call_later(SEND_SECONDS, self._judge_sending)

    def _judge_sending(self) -> None:
        if _count_unsent(self) > self._unsent - LEAST_SENT_BYTES:
            self._stop_watching()
            self.transport.abort()
        else:
            self._watch()

    def _stop_watching(self) -> None:
        self._paused.pop(self, None)
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(REQUEST_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _count_unsent(protocol: TimedProtocol) -> int:
    return protocol.transport.get_write_buffer_size()


def answer_named_hosts(app: App, *, names: Collection[str]) -> App:
    """Wrap an ASGI application: answer 421 (RFC 9110, 15.5.20) to a request for a host that is not this site's.

    The site's hosts are its public address (`PORTAL_ARCHIVE_SITE`), `names`, this machine's names, and the address that
    the connection came to. So a foreign name that leads here, or a made-up one, gets nothing and poisons no cache.
    """
    site = urlsplit(settings.site_address() or "").hostname
    known = {name.lower() for name in (*names, *_LOCAL_NAMES, socket.gethostname(), site) if name}

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_known(scope, known):
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 421, "headers": headers})
            await send({"type": "http.response.body", "body": b"This site does not answer for that host.\n"})
        else:
            await app(scope, receive, send)

    return wrapped


def _is_known(scope: Scope, known: Collection[str]) -> bool:
    stated = [value for name, value in scope["headers"] if name == b"host"]
    if not stated:
        return True  # HTTP/1.0; nothing of an answer depends on a host then
    host = _host_of(stated[0].decode("latin-1"))
    return host is not None and (host in known or host == (scope.get("server") or ("",))[0])


def _host_of(stated: str) -> str | None:
    """Return the host of a Host header in its usual form, an IPv6 address without brackets. None if it names none."""
    found = _HOST.fullmatch(stated.lower())
    if found is None:
        return None
    name, address = found.groups()
    try:
        return str(ipaddress.IPv6Address(address)) if address else name
    except ValueError:
        return None
