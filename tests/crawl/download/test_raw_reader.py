"""The raw reader reads every odd answer or refuses it by name, and keeps the bytes of both sides as they were."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from scrapy import Request

from crawler.body import Body
from crawler.crawl.download.address_policy import AddressPolicy, parse_literal
from crawler.crawl.download.certificate import pin_of
from crawler.crawl.download.raw_reader import RawSetup, fetch_raw
from crawler.crawl.download.times import Times
from crawler.crawl.endings import ends_early
from crawler.crawl.outcomes import NetworkError, RefusedError
from crawler.items import Exchange
from crawler.media.content_coding import decode_page
from crawler.media.http_head import parse_head
from crawler.media.transfer_coding import undo_bytes
from crawler.profile import Tls
from tests.support.wire.certificates import issue, server_context, serving
from tests.support.wire.odd_answers import HTML, LENGTH, ODD_ANSWERS, PAGE, head
from tests.support.wire.odd_server import serve_odd_answers
from tests.support.wire.server import WireServer

NOW = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)
LIMIT = 1 << 20
QUICK = Times(connect_seconds=5, head_seconds=0.4, idle_seconds=0.4, least_rate=1000, rate_seconds=1.0)
PATIENT = Times(connect_seconds=5, head_seconds=5, idle_seconds=5, least_rate=1, rate_seconds=60)


def _setup(folder: Path, *ports: int, times: Times = PATIENT, tls: Tls | None = None) -> RawSetup:
    named = frozenset((address, port) for port in ports if (address := parse_literal("127.0.0.1")) is not None)
    return RawSetup(AddressPolicy(named), times, tls or Tls(), folder / "spool", lambda: NOW)


def _fetch(url: str, setup: RawSetup, *, max_bytes: int = LIMIT, **more: Any) -> Exchange:
    return asyncio.run(fetch_raw(Request(url, **more), setup, max_bytes=max_bytes))


def _outcome(exchange: Exchange | BaseException) -> bytes | str:
    """Return the payload of an answer, or the kind of its failure."""
    if isinstance(exchange, NetworkError):
        return exchange.kind
    assert isinstance(exchange, Exchange), exchange
    if exchange.truncated is not None:
        return "truncated"
    if not exchange.response_head:
        return "not-http"
    if not 200 <= exchange.status <= 599:
        return "http-101" if exchange.status == 101 else "bad-status"
    parsed = parse_head(exchange.response_head)
    payload = undo_bytes(exchange.body.read(), parsed.transfer_encoding)
    if ends_early(exchange, payload, is_fragment=False, max_bytes=LIMIT):
        return "truncated"
    try:
        return decode_page(payload, parsed.header("content-encoding"), max_bytes=LIMIT)
    except Exception as error:
        return str(vars(error)["kind"])


def test_every_odd_answer_is_read_or_refused_by_name(tmp_path: Path) -> None:
    async def ask_all(setup: RawSetup) -> dict[str, Exchange | BaseException]:
        asked: list[Coroutine[Any, Any, Exchange]] = [
            fetch_raw(Request(server.url(name)), setup, max_bytes=LIMIT) for name in ODD_ANSWERS
        ]
        return dict(zip(ODD_ANSWERS, await asyncio.gather(*asked, return_exceptions=True), strict=True))

    with serve_odd_answers() as server:
        answers = asyncio.run(ask_all(_setup(tmp_path, server.port)))
    wrong, unlike = {}, []
    for name, expected in ODD_ANSWERS.items():
        came = answers[name]
        said = _outcome(came)
        # A page that its server says is half as long is whole for HTTP; one without length is not.
        want = "truncated" if name == "length-none-cut" else expected.refused or expected.payload
        if said != want:
            wrong[name] = said
        if isinstance(came, Exchange) and came.response_head + came.body.read() not in expected.wire:
            unlike.append(name)
    assert (wrong, unlike) == ({}, [])


def test_the_request_is_kept_as_it_was_sent(tmp_path: Path) -> None:
    answers = {"thông-báo": ODD_ANSWERS["head-folded"], "x": ODD_ANSWERS["head-folded"]}
    with serve_odd_answers(answers) as server:
        setup = _setup(tmp_path, server.port)
        url = server.url("x") + "?page=2&q=Sa%20Pa#top"
        exchange = _fetch(
            url, setup, method="POST", body=b"a=1", headers={"X-Two": ["1", "2"], "Connection": "keep-alive"}
        )
    assert exchange.request_head + exchange.request_body in (server.received[0], server.received[0] + b"a=1")
    lines = exchange.request_head.split(b"\r\n")
    assert lines[0] == b"POST /x?page=2&q=Sa%20Pa HTTP/1.1"
    assert lines[-3:] == [b"Connection: close", b"", b""]
    assert lines.count(b"X-Two: 1") == lines.count(b"X-Two: 2") == lines.count(b"Content-Length: 3") == 1
    assert (exchange.url, exchange.method, exchange.fetched_at) == (server.url("x") + "?page=2&q=Sa%20Pa", "POST", NOW)
    assert (exchange.ip_address, exchange.status) == ("127.0.0.1", 200)


def test_a_large_body_goes_to_disk_and_one_too_large_is_given_up(tmp_path: Path) -> None:
    body = b"0123456789" * 200_000
    with WireServer({"/large": [head(f"Content-Length: {len(body)}") + body]}) as server:
        setup = _setup(tmp_path, server.port)
        exchange = _fetch(f"{server.base}/large", setup, max_bytes=len(body))
        assert exchange.body.file is not None
        assert exchange.body.read() == body
        exchange.body.discard()
        with pytest.raises(RefusedError) as caught:
            _fetch(f"{server.base}/large", setup, max_bytes=len(body) - 1)
        start = _fetch(f"{server.base}/large", setup, max_bytes=len(body) // 2, meta={"keeps_start": True})
        assert start.truncated == "length"
        assert body.startswith(start.body.read())
        assert start.body.size_bytes > len(body) // 2
    assert caught.value.kind == "too-large"
    assert not list((tmp_path / "spool").iterdir())


def test_a_head_that_does_not_end_is_too_large(tmp_path: Path) -> None:
    lines = (b"X-More: " + b"a" * 1000 + b"\r\n") * 1200
    with WireServer({"/": [b"HTTP/1.1 200 OK\r\n" + lines]}) as server, pytest.raises(RefusedError) as caught:
        _fetch(server.base + "/", _setup(tmp_path, server.port))
    assert caught.value.kind == "too-large"


@pytest.mark.parametrize("begin", [b"", b"\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_silence_before_the_answer_is_a_failure(tmp_path: Path, begin: bytes) -> None:
    with WireServer({"/": [begin, threading.Event()]}) as server, pytest.raises(NetworkError) as caught:
        _fetch(server.base + "/", _setup(tmp_path, server.port, times=QUICK))
    assert caught.value.kind == "timeout"


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nX-A", head(HTML, LENGTH), head(HTML) + PAGE[:20]])
def test_silence_within_the_answer_ends_it_and_is_noted(tmp_path: Path, begin: bytes) -> None:
    with WireServer({"/": [begin, threading.Event()]}) as server:
        exchange = _fetch(server.base + "/", _setup(tmp_path, server.port, times=QUICK))
    assert exchange.truncated == "time"
    assert exchange.response_head + exchange.body.read() == begin


def test_a_drip_is_given_up_by_its_rate(tmp_path: Path) -> None:
    drip = [part for _ in range(60) for part in (b"x" * 10, 0.1)]
    with WireServer({"/": [head("Content-Length: 9000"), *drip]}) as server:
        exchange = _fetch(server.base + "/", _setup(tmp_path, server.port, times=QUICK))
    assert exchange.truncated == "time"
    assert 0 < exchange.body.size_bytes < 600


def test_the_blank_line_behind_the_last_chunk_is_not_waited_for_long(tmp_path: Path) -> None:
    with WireServer({"/": [head("Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n", threading.Event()]}) as server:
        exchange = _fetch(server.base + "/", _setup(tmp_path, server.port))
    assert (exchange.truncated, exchange.body) == (None, Body(b"5\r\nhello\r\n0\r\n"))


def test_a_fetch_can_be_cancelled_at_once(tmp_path: Path) -> None:
    async def begin_and_cancel(url: str, setup: RawSetup) -> float:
        task = asyncio.ensure_future(fetch_raw(Request(url), setup, max_bytes=1 << 24))
        while not (setup.spool_folder.is_dir() and list(setup.spool_folder.iterdir())):
            await asyncio.sleep(0.01)
        began = asyncio.get_running_loop().time()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asyncio.get_running_loop().time() - began

    large = head("Content-Length: 9000000") + b"x" * 2_000_000
    with WireServer({"/": [large, threading.Event()]}) as server:
        setup = _setup(tmp_path, server.port)
        assert asyncio.run(begin_and_cancel(server.base + "/", setup)) < 0.5
    assert not list(setup.spool_folder.iterdir())


def test_only_addresses_of_the_policy_are_asked_and_the_next_one_serves(tmp_path: Path) -> None:
    with WireServer({"/": [head(HTML, LENGTH) + PAGE]}) as server:
        with pytest.raises(RefusedError) as caught:
            _fetch(f"http://127.0.0.1:{server.port}/", _setup(tmp_path))
        assert caught.value.kind == "private-address"
        # `localhost` may have an IPv6 address first, where nothing listens.
        exchange = _fetch(f"http://localhost:{server.port}/", _setup(tmp_path))
        assert (exchange.status, exchange.ip_address, server.connections) == (200, "127.0.0.1", 1)


def test_no_connection_and_no_host_are_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for url, kind in ((f"http://127.0.0.1:{port}/", "refused"), ("http://khong-co.invalid/", "no-such-host")):
        with pytest.raises(NetworkError) as caught:
            _fetch(url, _setup(tmp_path, port))
        assert caught.value.kind == kind


def test_a_certificate_is_checked_and_a_pinned_key_accepted(tmp_path: Path) -> None:
    shown = issue("127.0.0.1")
    pin = pin_of(shown.certificate.public_bytes(Encoding.DER))
    with serving(server_context(tmp_path, shown)) as port:
        url = f"https://127.0.0.1:{port}/"
        exchange = _fetch(url, _setup(tmp_path, port, tls=Tls(pins={"127.0.0.1": pin})))
        assert (exchange.status, exchange.body, exchange.truncated) == (200, Body(b"ok"), None)
        assert _fetch(url, _setup(tmp_path, port, tls=Tls(verify=False))).status == 200
        other = pin_of(issue("127.0.0.1").certificate.public_bytes(Encoding.DER))
        for tls, kind in ((Tls(), "tls-self-signed"), (Tls(pins={"127.0.0.1": other}), "tls-pin-changed")):
            with pytest.raises(RefusedError) as caught:
                _fetch(url, _setup(tmp_path, port, tls=tls))
            assert caught.value.kind == kind
