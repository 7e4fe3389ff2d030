"""Fetch an answer that libcurl refuses or changes, and keep its bytes as they came.

It speaks HTTP/1.1 on its own connection, under the same limits as the download handler: the same addresses,
certificates and times. `raw_framing` says what of the bytes is the answer.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit

from scrapy import Request

from crawler.body import Body, BodySink
from crawler.crawl.download.address_policy import AddressPolicy
from crawler.crawl.download.lookup import look_up
from crawler.crawl.download.raw_framing import MAX_HEAD_BYTES, AnswerReader, HeadTooLongError
from crawler.crawl.download.times import Times, Watch
from crawler.crawl.download.tls import PIN_CHANGED, TlsFault, fault_of_ssl, make_context, refuse, shows_pinned_key
from crawler.crawl.outcomes import NetworkError, RefusedError
from crawler.items import Exchange
from crawler.profile import DEFAULT_PORTS, Tls
from crawler.sentences import say

_READ_BYTES = 64 * 1024
# After the last chunk of a body, its rest is waited for this long, in seconds.
_TRAILERS_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class RawSetup:
    """What all raw fetches of a run share.

    `policy` are the addresses that may be connected to, `times` say when a fetch is given up, `tls` how certificates
    are checked. Large bodies go to `spool_folder`.
    """

    policy: AddressPolicy
    times: Times
    tls: Tls
    spool_folder: Path
    clock: Callable[[], datetime]


async def fetch_raw(request: Request, setup: RawSetup, *, max_bytes: int) -> Exchange:
    """Make a request on a new connection and return the exchange, byte for byte.

    An answer without a status line has status 0, an empty head, and its bytes as body.

    Raises:
        NetworkError: if no connection comes about, or no byte of an answer comes (kind `no-answer`).
        RefusedError: kind `private-address` if the host has only addresses that may not be connected to; `tls-…`;
            `too-large` if the head or the body is, as it is sent. Of a request that `keeps_start`, the start is kept.
        OSError: if the spool file cannot be written.
    """
    url = urldefrag(request.url)[0]
    began = setup.clock()
    reader, writer = await _connect_in_time(url, setup)
    sink = BodySink(setup.spool_folder)
    try:
        address = str(writer.get_extra_info("peername")[0])
        head = _render_head(request, url)
        with suppress(ConnectionError):  # the answer may be there although the server takes no more
            writer.write(head + request.body)
            await writer.drain()
        answer = AnswerReader(request.method, sink)
        cause = await _read(
            reader, answer, setup=setup, bound=_Bound(sink, max_bytes, bool(request.meta.get("keeps_start"))),
            of=request.meta,
        )  # fmt: skip
        body, truncated = _finish(answer, cause)
    except BaseException:
        sink.discard()
        raise
    finally:
        writer.transport.abort()
    return Exchange(
        url=url, method=request.method, request_head=head, request_body=request.body, fetched_at=began,
        status=answer.status, response_head=answer.head, body=body, ip_address=address, truncated=truncated,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Bound:
    """Bounds the body that a sink collects. With `keeps_start`, what came by then is enough."""

    sink: BodySink
    max_bytes: int
    keeps_start: bool

    def is_reached(self) -> bool:
        """Whether enough came. Raise RefusedError, kind `too-large`, if that is too much."""
        if self.sink.size_bytes <= self.max_bytes:
            return False
        if not self.keeps_start:
            raise RefusedError("too-large", say("too-large", bytes=self.max_bytes))
        return True


async def _read(
    reader: asyncio.StreamReader, answer: AnswerReader, *, setup: RawSetup, bound: _Bound, of: Mapping[str, Any]
) -> NetworkError | str | None:
    """Read until the answer ends. Return why it ended early (a limit of time, `disconnect`, `length`), None if not."""
    clock = asyncio.get_running_loop().time
    watch = Watch(setup.times, clock(), of=of)
    received, whole_since = 0, 0.0
    while not answer.is_over:
        try:
            async with asyncio.timeout(setup.times.tick_seconds):
                data: bytes | None = await reader.read(_READ_BYTES)
        except TimeoutError:
            data = None
        except (ConnectionError, ssl.SSLError):
            return "disconnect"
        if data == b"":
            return None
        if data:
            received += len(data)
            _feed(answer, data)
            if bound.is_reached():
                return "length"
        whole_since = whole_since or (clock() if answer.has_last_chunk else 0.0)
        if whole_since and clock() - whole_since >= _TRAILERS_SECONDS:
            return None
        late = watch.judge(received, clock(), has_head=answer.has_head)
        if late is not None:
            return late
    return None


def _finish(answer: AnswerReader, cause: NetworkError | str | None) -> tuple[Body, str | None]:
    if not answer.has_begun:
        raise cause if isinstance(cause, NetworkError) else NetworkError("no-answer", say("no-answer"))
    return answer.finish(cause="time" if isinstance(cause, NetworkError) else cause)


def _feed(answer: AnswerReader, data: bytes) -> None:
    try:
        answer.feed(data)
    except HeadTooLongError as error:
        raise RefusedError("too-large", say("head-too-long", bytes=MAX_HEAD_BYTES)) from error


async def _connect_in_time(url: str, setup: RawSetup) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(setup.times.connect_seconds):
            return await _connect(url, setup)
    except TimeoutError as error:
        seconds = round(setup.times.connect_seconds, 1)
        raise NetworkError("timeout", say("network-failure", error=f"no connection within {seconds} s")) from error


async def _connect(url: str, setup: RawSetup) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the addresses of the host in turn, and return the first connection that comes about."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    context = make_context(url, setup.tls) if parts.scheme == "https" else None
    refused: Exception | None = None
    failed: Exception | None = None
    for address in await _resolve(host, port):
        if not setup.policy.allows(host, address, port=port):
            refused = RefusedError("private-address", say("resolves-to-private", host=host, address=address))
            continue
        try:
            reader, writer = await asyncio.open_connection(
                address, port, ssl=context, server_hostname=host if context else None
            )
        except OSError as error:
            failed = await _failure_of(error, url, address=address, setup=setup)
            continue
        connection = writer.get_extra_info("ssl_object")
        certificate = connection.getpeercert(binary_form=True) if connection is not None else None
        if connection is not None and not shows_pinned_key(certificate, url, tls=setup.tls):
            writer.transport.abort()
            raise await _refuse(TlsFault(PIN_CHANGED, "another key"), url, address=address, setup=setup)
        return reader, writer
    raise failed or refused or NetworkError("no-such-host", say("host-unresolved", host=host))


async def _resolve(host: str, port: int) -> list[str]:
    try:
        return await look_up(host, port)
    except OSError as error:
        raise NetworkError("no-such-host", say("host-unresolved", host=host)) from error


async def _failure_of(error: OSError, url: str, *, address: str, setup: RawSetup) -> Exception:
    """Name why no connection came about."""
    fault = fault_of_ssl(error) if isinstance(error, ssl.SSLError) else None
    if fault is not None:
        return await _refuse(fault, url, address=address, setup=setup)
    kind = "refused" if isinstance(error, ConnectionRefusedError) else "connection-lost"
    return NetworkError(kind, say("network-failure", error=str(error) or type(error).__name__))


async def _refuse(fault: TlsFault, url: str, *, address: str, setup: RawSetup) -> RefusedError:
    """Return the refusal of a host's TLS. It takes a second look at the host, and so a thread."""
    return await asyncio.to_thread(refuse, fault, url, address=address, timeout=setup.times.connect_seconds)


def _render_head(request: Request, url: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    authority = parts.netloc.rpartition("@")[2]
    lines = [f"{request.method} {target} HTTP/1.1".encode(), b"Host: " + authority.encode()]
    own = (b"host", b"connection", b"content-length")
    lines += [name + b": " + value for name, values in request.headers.items() if name.lower() not in own
              for value in values]  # fmt: skip
    if request.body:
        lines.append(b"Content-Length: " + str(len(request.body)).encode())
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])
