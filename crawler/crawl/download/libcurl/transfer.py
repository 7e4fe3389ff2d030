"""One request and its answer on a libcurl handle: the options, and what the callbacks collect."""

import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit, urlunsplit

import pycurl
from scrapy import Request

from crawler.body import Body, BodySink
from crawler.crawl.download.address_policy import AddressPolicy
from crawler.crawl.download.curl_tls import options_of
from crawler.crawl.download.libcurl.failures import UnreadableAnswerError
from crawler.crawl.download.times import Times, Watch
from crawler.crawl.outcomes import NetworkError, RefusedError
from crawler.items import Exchange
from crawler.language.numbers import whole_number
from crawler.media.http_head import parse_head
from crawler.media.transfer_coding import read_codings
from crawler.profile import Tls
from crawler.sentences import say

# libcurl's receive buffer. Its default of 16 KiB means a callback for each 16 KiB of a large file.
_BUFFER_BYTES = 256 * 1024
# Headers that libcurl adds by itself, if they are not named with an empty value.
_ADDED_BY_LIBCURL = ("Accept", "User-Agent", "Expect", "Content-Type")
# Of struct tcp_info (Linux, since 4.1): the state is the first byte, tcpi_bytes_received a u64 at 128.
_HAS_TCP_INFO = sys.platform == "linux"
_BYTES_RECEIVED_AT = 128
# The states in which the other side has ended its direction: its FIN counts as a byte.
_ENDED_STATES = (4, 5, 6, 7, 8, 9, 11)


@dataclass(frozen=True, slots=True)
class Setup:
    """What all transfers of a run share.

    `tls` says how certificates are checked. `resolve` are entries of libcurl's CURLOPT_RESOLVE, for tests.
    """

    times: Times
    policy: AddressPolicy
    spool_folder: Path
    clock: Callable[[], datetime]
    tls: Tls
    resolve: Sequence[str] = ()


class Transfer:
    """A request under way. `ended` says why we ended it, `has_enough` that a request which `keeps_start` has its start.

    `tried` is the address that a connection was last tried to, `address` the one that it is connected to.
    `has_joined_lines`: more bytes came than were handed over. libcurl joins folded header lines without a word. It is
    known of plain connections only, where the system counts (Linux).
    """

    def __init__(self, request: Request, setup: Setup, *, max_bytes: int, wants_certificates: bool) -> None:
        self.request = request
        self.url = urldefrag(request.url)[0]
        self.ended: Exception | None = None
        self.latency: float | None = None
        self.watch: Watch | None = None
        self.received = 0
        self.has_head = False
        self.has_enough = False
        self._keeps_start = bool(request.meta.get("keeps_start"))
        self.tried: str | None = None
        self.address: str | None = None
        self.setup = setup
        self._host = (urlsplit(self.url).hostname or "").lower().rstrip(".")
        self._wants_certificates = wants_certificates
        self._max_bytes = max_bytes
        self._lines: list[bytes] = []
        self._sent: list[bytes] = []
        self._sink: BodySink | None = None
        self._status = 0
        self._refused: list[str] = []
        self._opened: list[int] = []
        self._counted: socket.socket | None = None
        self._counted_before = 0
        self.has_joined_lines = False
        self._fetched_at = setup.clock()
        self._began = time.monotonic()

    def prepare(self, curl: pycurl.Curl, sockets: dict[tuple[str, int], int]) -> None:
        """Set all options of a handle. `sockets` remembers the descriptor of each connection by its own address."""
        self._sockets = sockets
        curl.reset()
        for option, value in self._options():
            curl.setopt(option, value)

    def _options(self) -> list[tuple[int, Any]]:
        setup, request = self.setup, self.request
        options: list[tuple[int, Any]] = [
            (pycurl.URL, _without_user(self.url).encode()),
            (pycurl.PATH_AS_IS, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.HTTP_TRANSFER_DECODING, 0),
            (pycurl.HTTP_CONTENT_DECODING, 0),
            (pycurl.FOLLOWLOCATION, 0),
            # An empty proxy: the environment's is not asked, since the address that is checked would be the proxy's.
            (pycurl.PROXY, ""),
            (pycurl.NETRC, pycurl.NETRC_IGNORED),
            # A server that closes connections without a word lets libcurl try one dead connection after the other.
            (pycurl.FRESH_CONNECT, int(bool(request.meta.get("retry_times")))),
            (pycurl.NOSIGNAL, 1),
            (pycurl.BUFFERSIZE, _BUFFER_BYTES),
            (pycurl.CONNECTTIMEOUT_MS, max(1, round(setup.times.connect_seconds * 1000))),
            (pycurl.HTTPHEADER, self._header_lines()),
            (pycurl.HEADERFUNCTION, self._take_head_line),
            (pycurl.WRITEFUNCTION, self._take_body),
            (pycurl.OPENSOCKETFUNCTION, self._open_socket),
            (pycurl.PREREQFUNCTION, self._connected),
            # The debug function is the only one that gets the request's head as it is sent.
            (pycurl.VERBOSE, 1),
            (pycurl.DEBUGFUNCTION, self._take_sent),
        ]
        if urlsplit(self.url).scheme == "https":
            options += options_of(self.url, setup.tls)
            if self._wants_certificates:
                options.append((pycurl.OPT_CERTINFO, 1))
        if setup.resolve:
            options.append((pycurl.RESOLVE, list(setup.resolve)))
        if request.method == "HEAD":
            options.append((pycurl.NOBODY, 1))
        elif request.method != "GET" or request.body:
            options.append((pycurl.POSTFIELDS, request.body))
            options.append((pycurl.CUSTOMREQUEST, request.method))
        return options

    def _header_lines(self) -> list[bytes]:
        lines = []
        headers: dict[bytes, list[bytes]] = self.request.headers
        for name, values in dict.items(headers):  # Scrapy's own `items` brings each name into its form once more
            lines += [name + (b": " + value if value else b";") for value in values]
        named = {name.lower() for name in headers}
        return lines + [f"{name}:".encode() for name in _ADDED_BY_LIBCURL if name.lower().encode() not in named]

    # The callbacks. pycurl prints what they raise and goes on, so errors are kept, and a wrong count ends the transfer.

    def _open_socket(self, _purpose: int, wanted: Any) -> int:
        address, port = wanted.addr[:2]
        if not self.setup.policy.allows(self._host, address, port=port):
            self._refused.append(address)
            return int(pycurl.SOCKET_BAD)
        try:
            descriptor = socket.socket(wanted.family, wanted.socktype, wanted.protocol).detach()
        except OSError:  # the machine has no IPv6
            return int(pycurl.SOCKET_BAD)
        self._opened.append(descriptor)
        self.tried = address
        return descriptor

    def _connected(self, address: str, own_address: str, _port: int, own_port: int) -> int:
        """Begin to wait for the answer, on a connection that is new or used before."""
        self.address = address
        self.watch = Watch(self.setup.times, time.monotonic(), of=self.request.meta)
        self.received = 0
        self._lines.clear()
        if _HAS_TCP_INFO and self.url.startswith("http:"):
            self._count_from_now((own_address, own_port))
        return int(pycurl.PREREQFUNC_OK)

    def _count_from_now(self, own: tuple[str, int]) -> None:
        """Take a second descriptor of the connection: libcurl may close its own before the end is seen here."""
        self._stop_counting()
        with suppress(OSError):
            for descriptor in [*self._opened, *filter(None, [self._sockets.get(own)])]:
                found = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
                if found.getsockname()[1] == own[1]:
                    self._sockets[own] = descriptor
                    self._counted, self._counted_before = found, _count_received(found)
                    return
                found.close()

    def _stop_counting(self) -> None:
        if self._counted is not None:
            self._counted.close()
            self._counted = None

    def _compare(self) -> None:
        """Compare what came with what was handed over. The last call of a transfer decides: then all has come.

        Later would be too late: libcurl may use the connection for another transfer at once.
        """
        if self._counted is not None:
            with suppress(OSError):
                self.has_joined_lines = _count_received(self._counted) - self._counted_before > self.received

    def _take_sent(self, kind: int, data: bytes) -> None:
        if kind != pycurl.INFOTYPE_HEADER_OUT:
            return
        if self._sent and self._sent[-1].endswith(b"\r\n\r\n"):
            self._sent.clear()  # sent again, since a connection that was kept open was dead
        self._sent.append(data)

    def _take_head_line(self, line: bytes) -> int | None:
        if self.has_head:
            return None  # a trailer, which is in the body, too
        self.received += len(line)
        if self._lines and self._is_interim():
            self._lines.clear()
        self._lines.append(line)
        if line in (b"\r\n", b"\n") and not self._is_interim():
            self.has_head = True
            self._compare()
            self.latency = time.monotonic() - self._began
            return self._check_length()
        return None

    def _is_interim(self) -> bool:
        """Whether a head is collected that is complete and only precedes the answer: 100, 103."""
        is_complete = self._lines[-1] in (b"\r\n", b"\n")
        return is_complete and 100 <= parse_head(b"".join(self._lines)).status < 200

    def _check_length(self) -> int | None:
        head = parse_head(b"".join(self._lines))
        self._status = head.status
        coding = head.transfer_encoding
        if len(read_codings(coding)) > 1:
            # Without decoding, libcurl does not see the end of such a body.
            self.ended = UnreadableAnswerError("several transfer codings", self.exchange("unspecified"))
            return 0
        stated = whole_number((head.header("content-length") or "").strip())
        has_body = self.request.method != "HEAD" and self._status not in (204, 304)
        if self._keeps_start or not has_body or coding is not None:
            return None
        return self._too_large() if stated is not None and stated > self._max_bytes else None

    def _take_body(self, data: bytes) -> int | None:
        self.received += len(data)
        self._compare()
        if self._sink is None:
            self._sink = BodySink(self.setup.spool_folder)
        try:
            self._sink.write(data)
        except OSError as error:
            self.ended = error
            return 0
        return self._too_large() if self._sink.size_bytes > self._max_bytes else None

    def _too_large(self) -> int:
        if self._keeps_start:
            self.has_enough = True
            return 0
        self.ended = RefusedError("too-large", say("too-large", bytes=self._max_bytes))
        return 0

    # What came of it.

    @property
    def is_resolved(self) -> bool:
        """Whether the host's address was found, so that no lookup goes on."""
        return bool(self._opened or self._refused or self.address)

    @property
    def is_refused(self) -> bool:
        """Whether every address of the host is one that may not be asked."""
        return bool(self._refused) and not self._opened

    def refusal(self) -> RefusedError:
        """Return the reason why no address of the host was asked."""
        return RefusedError("private-address", say("resolves-to-private", host=self._host, address=self._refused[0]))

    def judge(self, now: float) -> NetworkError | None:
        """Return why the transfer must be given up now; None if it may go on. libcurl itself watches the connecting."""
        return self.watch.judge(self.received, now, has_head=self.has_head) if self.watch is not None else None

    def exchange(self, truncated: str | None) -> Exchange:
        """Return what came as an exchange, with an empty head if nothing did."""
        sink, self._sink = self._sink, None
        return Exchange(
            url=self.url,
            method=self.request.method,
            request_head=b"".join(self._sent),
            request_body=self.request.body,
            fetched_at=self._fetched_at,
            status=self._status or parse_head(b"".join(self._lines)).status,
            response_head=b"".join(self._lines),
            body=sink.finish() if sink is not None else Body(),
            ip_address=self.address,
            truncated=truncated,
        )

    def close(self) -> None:
        """Free what the transfer still holds."""
        self._stop_counting()
        if self._sink is not None:
            self._sink.discard()


def _count_received(connection: socket.socket) -> int:
    """Return how many bytes a connection has received, without the one that the other side's end counts as."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_RECEIVED_AT + 8)
    return int(struct.unpack_from("=Q", info, _BYTES_RECEIVED_AT)[0]) - (info[0] in _ENDED_STATES)


def _without_user(url: str) -> str:
    """Leave out a user and password: an address of a page must not make us send credentials."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url
