"""Requests over libcurl's multi interface, driven by the event loop: one request in, one response out."""

import asyncio
import threading
import time
from contextlib import suppress

import pycurl
from scrapy import Request

from crawler.crawl.download.curl_tls import fault_of_curl
from crawler.crawl.download.libcurl.failures import CUT_OFF, UnreadableAnswerError, is_unreadable, read_error
from crawler.crawl.download.libcurl.transfer import Setup, Transfer
from crawler.crawl.download.tls import refuse
from crawler.crawl.download.wire_response import WireResponse, make_response
from crawler.crawl.outcomes import NetworkError

# The system's resolver gives up sooner.
_LONGEST_LOOKUP_SECONDS = 120.0


class CurlClient:
    """Makes requests, keeps connections open, and gives up transfers that fall silent.

    pycurl's own `AsyncCurlMulti` joins libcurl to the event loop.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._multi = pycurl.AsyncCurlMulti()
        self._idle: list[pycurl.Curl] = []
        self._under_way: dict[Transfer, pycurl.Curl] = {}
        self._sockets: dict[tuple[str, int], int] = {}
        self._timer: asyncio.TimerHandle | None = None
        # When a transfer was last given up before its host's address was known.
        self._unresolved_at: float | None = None

    async def fetch(self, request: Request, *, max_bytes: int, wants_certificates: bool = False) -> WireResponse:
        """Make a request. `max_bytes` bounds the body as it is sent.

        An answer that ends early has the flag `dataloss`. The certificates of the host are handed on if they are
        wanted and the connection is new.

        Raises:
            UnreadableAnswerError: if libcurl refuses the answer, or changed its head.
            NetworkError: if no answer came, or its head did not.
            RefusedError: kind `too-large`, `private-address` or `bad-address`.
            OSError: if the spool file cannot be written.
        """
        transfer = Transfer(request, self.setup, max_bytes=max_bytes, wants_certificates=wants_certificates)
        curl = self._idle.pop() if self._idle else pycurl.Curl()
        try:
            transfer.prepare(curl, self._sockets)
            code, text = await self._perform(transfer, curl)
            request.meta["download_latency"] = transfer.latency
            await _raise_tls(transfer, code, text=text, verify_result=curl.getinfo(pycurl.SSL_VERIFYRESULT))
            response = _read_result(transfer, code, text=text)
            if wants_certificates:
                response.certificates = _read_certificates(curl)
        finally:
            if not transfer.is_resolved:
                self._unresolved_at = time.monotonic()
            transfer.close()
            self._idle.append(curl)
        return response

    async def close(self) -> None:
        """End all transfers, and close all connections, now.

        libcurl waits for the system's resolver, which may take half a minute. If that may still look for a host, a
        thread waits. Else it is done here: the thread would touch the event loop's timers while the loop runs.
        """
        for transfer, curl in list(self._under_way.items()):
            self._remove(curl)
            if not transfer.is_resolved:
                self._unresolved_at = time.monotonic()
        if self._unresolved_at is None or time.monotonic() - self._unresolved_at > _LONGEST_LOOKUP_SECONDS:
            await self._multi.aclose()
        else:
            threading.Thread(target=_free, args=(self._multi,), name="libcurl", daemon=True).start()

    async def _perform(self, transfer: Transfer, curl: pycurl.Curl) -> tuple[int, str]:
        """Wait for the end of a transfer, and return libcurl's error code and text; 0 if there is none."""
        self._under_way[transfer] = curl
        self._watch()
        try:
            await self._multi.add_handle(curl)
        except pycurl.error as error:
            code, text = error.args
            return code, text
        except asyncio.CancelledError:
            self._remove(curl)
            if transfer.ended is None:
                raise
            return pycurl.E_ABORTED_BY_CALLBACK, ""
        finally:
            del self._under_way[transfer]
        return pycurl.E_OK, ""

    def _remove(self, curl: pycurl.Curl) -> None:
        with suppress(RuntimeError):  # it was removed already
            self._multi.remove_handle(curl)

    def _watch(self) -> None:
        """Judge all transfers every second or so, while there are any."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self.setup.times.tick_seconds, self._judge)

    def _judge(self) -> None:
        self._timer = None
        now = time.monotonic()
        for transfer, curl in list(self._under_way.items()):
            transfer.ended = transfer.ended or transfer.judge(now)
            if transfer.ended is not None:
                self._remove(curl)
        if self._under_way:
            self._watch()


def _free(multi: pycurl.AsyncCurlMulti) -> None:
    """Close libcurl's multi handle. It refuses within a step of the event loop; no other step follows."""
    while not multi.closed:
        with suppress(pycurl.error):
            asyncio.run(multi.aclose())


async def _raise_tls(transfer: Transfer, code: int, *, text: str, verify_result: int) -> None:
    """Raise a refusal with its own kind if the transfer failed by its TLS. It looks at the certificate again."""
    fault = fault_of_curl(code, text, verify_result=verify_result)
    if fault is not None and transfer.tried is not None:
        seconds = transfer.setup.times.connect_seconds
        raise await asyncio.to_thread(refuse, fault, transfer.url, address=transfer.tried, timeout=seconds)


def _read_result(transfer: Transfer, code: int, *, text: str) -> WireResponse:
    """Make the response of a transfer that ended, or raise why there is none."""
    is_cut_by_us = isinstance(transfer.ended, NetworkError) and transfer.has_head
    if transfer.ended is not None and not is_cut_by_us:
        raise transfer.ended
    if code == pycurl.E_COULDNT_CONNECT and transfer.is_refused:
        raise transfer.refusal()
    if is_unreadable(code, text, has_head=transfer.has_head):
        raise UnreadableAnswerError(text, transfer.exchange("unspecified"))
    if transfer.has_enough:
        return make_response(transfer.exchange("length"))
    is_cut = code in CUT_OFF and transfer.has_head
    if code != pycurl.E_OK and not is_cut and not is_cut_by_us:
        raise read_error(code, text, request=transfer.request)
    exchange = transfer.exchange("time" if is_cut_by_us else "disconnect" if is_cut else None)
    if transfer.has_joined_lines:
        raise UnreadableAnswerError("more bytes came than libcurl handed over", exchange)
    return make_response(exchange)


def _read_certificates(curl: pycurl.Curl) -> tuple[str, ...]:
    """Return the host's certificates as PEM, its own first; () for a connection that was used before."""
    chain = curl.getinfo(pycurl.INFO_CERTINFO)
    return tuple(value for fields in chain for name, value in fields if name == "Cert")
