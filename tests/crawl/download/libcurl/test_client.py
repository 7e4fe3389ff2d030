"""The client on real sockets: what it sends and keeps byte for byte, and how it ends what does not end."""

import asyncio
import socket
import threading
import time
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request

from crawler.crawl.download.address_policy import AddressPolicy
from crawler.crawl.download.libcurl.client import CurlClient
from crawler.crawl.download.libcurl.failures import UnreadableAnswerError
from crawler.crawl.download.libcurl.transfer import Setup
from crawler.crawl.download.times import Times
from crawler.crawl.download.wire_response import WireResponse
from crawler.crawl.outcomes import NetworkError, RefusedError
from crawler.profile import Tls
from tests.support.wire.certificates import issue, server_context, serving
from tests.support.wire.client import run_with_client
from tests.support.wire.server import OK, Step, WireServer

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HELLO = b"Content-Length: 5\r\n\r\nhello"
BIG = 10_000_000


def _setup(folder: Path, server: WireServer | None, **changes: Any) -> Setup:
    times = {"connect_seconds": 5.0, "head_seconds": 5.0, "idle_seconds": 5.0, "least_rate": 1.0, "rate_seconds": 60.0}
    resolve, policy = changes.pop("resolve", ()), changes.pop("policy", None)
    tls = changes.pop("tls", Tls())
    if policy is None:
        assert server is not None
        policy = AddressPolicy(frozenset({(ip_address(server.host), server.port)}))
    return Setup(Times(**{**times, **changes}), policy, folder, lambda: BEGAN, tls=tls, resolve=resolve)


def _fetch(server: WireServer, path: str, folder: Path, *, max_bytes: int = BIG, **changes: Any) -> WireResponse:
    request = Request(server.base + path)
    return run_with_client(lambda client: client.fetch(request, max_bytes=max_bytes), _setup(folder, server, **changes))


HEADS = [
    OK + HELLO,
    b"HTTP/1.1 200 \xc4\x90\xc6\xb0\xe1\xbb\xa3c\r\nX-a:  b \r\nx-A: c\r\nServer : x\r\n" + HELLO,
    b"HTTP/1.1 200\nContent-Length: 5\n\nhello",
    OK + b"Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n003;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 404 Not here\r\n" + HELLO,
    b"HTTP/1.1 999 Go\r\n" + HELLO,
    OK + b"Content-Encoding: nonsense\r\n" + HELLO,
    OK + b"Location: http://elsewhere.example/\r\n" + HELLO,
    OK + b"X: " + b"y" * 17_000 + b"\r\n" + HELLO,
]


@pytest.mark.parametrize("answer", HEADS)
def test_an_exchange_is_byte_for_byte_what_went_over_the_wire(answer: bytes, tmp_path: Path) -> None:
    with WireServer({"/x": [answer]}) as server:
        response = _fetch(server, "/x", tmp_path)
        (sent,) = server.requests
    exchange = response.exchange
    assert exchange.response_head + exchange.body.read() == answer
    assert exchange.request_head == sent
    assert (response.body, response.flags, exchange.truncated) == (b"hello", [], None)
    assert (exchange.status, exchange.ip_address, exchange.fetched_at) == (response.status, "127.0.0.1", BEGAN)
    assert (exchange.method, exchange.url) == ("GET", server.base + "/x")


def test_a_request_is_sent_as_given_and_nothing_is_added(tmp_path: Path) -> None:
    path = "/a/../b%20c/./d?x=%C4%91&y=%5B1%5D"
    with WireServer({path: [OK + HELLO]}) as server:
        headers = {"Accept": "text/html", "X-Empty": "", "User-Agent": "me"}
        request = Request(server.base + path + "#top", method="POST", body="k=v&l=đ", headers=headers)
        exchange = run_with_client(
            lambda client: client.fetch(request, max_bytes=BIG), _setup(tmp_path, server)
        ).exchange
        (sent,) = server.requests
    assert (
        sent
        == (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: text/html\r\nX-Empty:\r\n"
            "User-Agent: me\r\nContent-Length: 8\r\n\r\nk=v&l=đ"
        ).encode()
    )
    assert exchange.request_head + exchange.request_body == sent
    assert exchange.url == server.base + path


def test_credentials_in_an_address_are_not_sent(tmp_path: Path) -> None:
    with WireServer({"/x": [OK + HELLO]}) as server:
        request = Request(f"http://me:secret@127.0.0.1:{server.port}/x")
        run_with_client(lambda client: client.fetch(request, max_bytes=BIG), _setup(tmp_path, server))
        (sent,) = server.requests
    assert b"uthorization" not in sent
    assert b"secret" not in sent


def test_interim_heads_are_left_out(tmp_path: Path) -> None:
    answer = OK + HELLO
    with WireServer({"/x": [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", answer]}) as server:
        exchange = _fetch(server, "/x", tmp_path).exchange
    assert exchange.response_head + exchange.body.read() == answer


def test_a_retry_has_a_connection_of_its_own(tmp_path: Path) -> None:
    async def work(client: CurlClient) -> None:
        for meta in ({}, {"retry_times": 1}):
            await client.fetch(Request(server.base + "/a", meta=meta), max_bytes=BIG)

    with WireServer({"/a": [OK + HELLO]}) as server:
        run_with_client(work, _setup(tmp_path, server))
        assert (len(server.requests), server.connections) == (2, 2)


def test_connections_are_used_again(tmp_path: Path) -> None:
    with WireServer({"/x": [OK + HELLO]}) as server:

        async def twice(client: CurlClient) -> list[bytes]:
            answers = [await client.fetch(Request(server.base + "/x"), max_bytes=BIG) for _ in range(3)]
            return [answer.body for answer in answers]

        assert run_with_client(twice, _setup(tmp_path, server)) == [b"hello"] * 3
        assert (len(server.requests), server.connections) == (3, 1)


FOLDED = [
    OK + b"X-A: b\r\n  c\r\n" + HELLO,
    OK + b"X-A: b\n c\r\n" + HELLO,
    OK + b"X-A: b\r\n\tc\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
]
REFUSED = [
    OK + b"no colon\r\n" + HELLO,
    OK + b"Content-Length: 6\r\n" + HELLO,
    b"\r\n" + OK + HELLO,
    OK + b"X: a\x00b\r\n" + HELLO,
    b"<html>hello",
]


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the system does not count")
@pytest.mark.parametrize("answer", FOLDED)
@pytest.mark.parametrize("closes", [True, False])
def test_folded_header_lines_are_noticed(answer: bytes, closes: bool, tmp_path: Path) -> None:
    with WireServer({"/x": [answer, *([None] if closes else [])]}) as server, pytest.raises(UnreadableAnswerError):
        _fetch(server, "/x", tmp_path)


def test_a_folding_answer_is_noticed_on_a_connection_that_is_used_again(tmp_path: Path) -> None:
    with WireServer({"/x": [OK + HELLO], "/y": [OK + b"X: a\r\n b\r\n" + HELLO]}) as server:

        async def both(client: CurlClient) -> None:
            for _ in range(2):
                assert (await client.fetch(Request(server.base + "/x"), max_bytes=BIG)).body == b"hello"
            with pytest.raises(UnreadableAnswerError):
                await client.fetch(Request(server.base + "/y"), max_bytes=BIG)

        run_with_client(both, _setup(tmp_path, server))
        assert server.connections == 1


@pytest.mark.parametrize("answer", REFUSED)
def test_an_answer_that_libcurl_refuses_is_told_apart_with_what_came(answer: bytes, tmp_path: Path) -> None:
    with WireServer({"/x": [answer, None]}) as server, pytest.raises(UnreadableAnswerError) as caught:
        _fetch(server, "/x", tmp_path)
    assert answer.startswith(caught.value.exchange.response_head)
    assert caught.value.exchange.truncated == "unspecified"


@pytest.mark.parametrize(
    ("script", "head", "body"),
    [
        ([OK + b"Content-Length: 9\r\n\r\nhello", None], b"Content-Length: 9", b"hello"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", None], b"chunked", b"hello"),
    ],
)
def test_an_answer_that_ends_early_is_marked(script: list[Step], head: bytes, body: bytes, tmp_path: Path) -> None:
    with WireServer({"/x": script}) as server:
        response = _fetch(server, "/x", tmp_path)
    assert (response.body, response.flags, response.exchange.truncated) == (body, ["dataloss"], "disconnect")
    assert head in response.exchange.response_head


SILENCE: list[tuple[list[Step], dict[str, float], str]] = [
    ([30.0], {"head_seconds": 0.3}, "timeout"),
    ([b"HTTP/1.1 200 OK\r\nX: y\r\n", 30.0], {"head_seconds": 0.3}, "timeout"),
    ([OK, *[b"X: y\r\n", 0.01] * 3000], {"head_seconds": 0.3}, "timeout"),
    ([None], {}, "no-answer"),
    ([OK, *[b"X-Dong: " + b"a" * 60_000 + b"\r\n"] * 20], {"head_seconds": 20.0}, "too-large"),
]


@pytest.mark.parametrize(("script", "times", "kind"), SILENCE)
def test_an_answer_without_a_head_fails_by_kind_and_soon(
    script: list[Step], times: dict[str, float], kind: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    with WireServer({"/x": script}) as server, pytest.raises(NetworkError) as caught:
        _fetch(server, "/x", tmp_path, **times)
    assert caught.value.kind == kind
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("pause", "times"), [(30.0, {"idle_seconds": 0.3}), (0.02, {"least_rate": 1000.0, "rate_seconds": 0.4})]
)
def test_a_body_that_falls_silent_or_drips_is_kept_as_cut_off(
    pause: float, times: dict[str, float], tmp_path: Path
) -> None:
    began = time.monotonic()
    script: list[Step] = [OK + b"Content-Length: 90000\r\n\r\n", *[b"x", pause] * 500]
    with WireServer({"/x": script}) as server:
        response = _fetch(server, "/x", tmp_path, **times)
    assert (response.flags, response.exchange.truncated) == (["dataloss"], "time")
    assert response.body.strip(b"x") == b"" != response.body
    assert time.monotonic() - began < 10


def test_a_body_that_takes_long_comes_whole_while_it_comes(tmp_path: Path) -> None:
    script: list[Step] = [OK + b"Content-Length: 40000\r\n\r\n", *[b"x" * 1000, 0.02] * 40]
    with WireServer({"/x": script}) as server:
        times = {"idle_seconds": 0.3, "head_seconds": 0.3, "least_rate": 10_000.0, "rate_seconds": 0.4}
        response = _fetch(server, "/x", tmp_path, **times)
    assert (len(response.body), response.flags) == (40_000, [])


@pytest.mark.parametrize("head", [b"Content-Length: 3000000\r\n\r\n", b"\r\n"])
def test_a_body_is_ended_at_the_limit_and_leaves_no_file(head: bytes, tmp_path: Path) -> None:
    script: list[Step] = [OK + head, *[b"x" * 500_000] * 6, None]
    with WireServer({"/x": script}) as server, pytest.raises(RefusedError) as caught:
        _fetch(server, "/x", tmp_path, max_bytes=2_000_000)
    assert caught.value.kind == "too-large"
    assert list(tmp_path.iterdir()) == []


def test_a_large_body_goes_to_a_file(tmp_path: Path) -> None:
    body = bytes(range(256)) * 12_000
    with WireServer({"/x": [OK + b"Content-Length: %d\r\n\r\n" % len(body) + body]}) as server:
        exchange = _fetch(server, "/x", tmp_path).exchange
    assert exchange.body.path is not None
    assert exchange.body.path.parent == tmp_path
    assert exchange.body.read() == body


def test_a_cancelled_request_leaves_the_wire_at_once(tmp_path: Path) -> None:
    with WireServer({"/hang": [60.0], "/x": [OK + HELLO]}) as server:

        async def cancel(client: CurlClient) -> bytes:
            task = asyncio.ensure_future(client.fetch(Request(server.base + "/hang"), max_bytes=BIG))
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await client.fetch(Request(server.base + "/x"), max_bytes=BIG)).body

        assert run_with_client(cancel, _setup(tmp_path, server)) == b"hello"


def test_closing_ends_what_is_under_way_also_before_it_is_connected(tmp_path: Path) -> None:
    # A listener whose queue is full takes no connection.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        others = [socket.socket() for _ in range(3)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(("127.0.0.1", port))
        policy = AddressPolicy(frozenset({(ip_address("127.0.0.1"), port)}))

        async def close(client: CurlClient) -> None:
            task = asyncio.ensure_future(client.fetch(Request(f"http://127.0.0.1:{port}/"), max_bytes=BIG))
            await asyncio.sleep(0.1)
            await client.close()
            with pytest.raises(asyncio.CancelledError):
                await task

        began = time.monotonic()
        run_with_client(close, _setup(tmp_path, None, policy=policy))
        assert time.monotonic() - began < 10
        for other in others:
            other.close()


def test_what_is_left_is_freed_in_the_event_loop_where_every_host_is_known(tmp_path: Path) -> None:
    with WireServer({"/hang": [60.0], "/x": [OK + HELLO]}) as server:

        async def close(client: CurlClient) -> list[str]:
            await client.fetch(Request(server.base + "/x"), max_bytes=BIG)
            task = asyncio.ensure_future(client.fetch(Request(server.base + "/hang"), max_bytes=BIG))
            await asyncio.sleep(0.2)
            before = threading.enumerate()
            await client.close()
            with pytest.raises(asyncio.CancelledError):
                await task
            return [thread.name for thread in threading.enumerate() if thread not in before]

        assert run_with_client(close, _setup(tmp_path, server)) == []


def test_a_host_that_takes_no_connection_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    policy = AddressPolicy(frozenset({(ip_address("127.0.0.1"), port)}))
    request = Request(f"http://127.0.0.1:{port}/")
    with pytest.raises(NetworkError) as caught:
        run_with_client(lambda client: client.fetch(request, max_bytes=BIG), _setup(tmp_path, None, policy=policy))
    assert caught.value.kind == "refused"


def test_ipv6_is_spoken_by_literal_and_by_name(tmp_path: Path) -> None:
    with WireServer({"/x": [OK + HELLO]}, host="::1") as server:
        exchange = _fetch(server, "/x", tmp_path).exchange
        assert (exchange.ip_address, exchange.body.read()) == ("::1", b"hello")
        named = Request(f"http://portal.localhost:{server.port}/x")
        response = run_with_client(lambda client: client.fetch(named, max_bytes=BIG), _setup(tmp_path, server))
        assert str(response.ip_address) == "::1"


def test_a_name_that_leads_inside_is_refused_and_a_mixed_one_is_asked_outside(tmp_path: Path) -> None:
    with WireServer({"/x": [OK + HELLO]}) as server:
        nothing = AddressPolicy(frozenset())
        request = Request(f"http://portal.example:{server.port}/x")
        inside = [f"portal.example:{server.port}:127.0.0.1,::1,10.1.2.3"]
        with pytest.raises(RefusedError) as caught:
            run_with_client(
                lambda client: client.fetch(request, max_bytes=BIG),
                _setup(tmp_path, server, policy=nothing, resolve=inside),
            )
        assert caught.value.kind == "private-address"
        assert server.connections == 0
        # The second address stands for a public one: it is the only one that is allowed.
        mixed = [f"portal.example:{server.port}:127.0.0.2,127.0.0.1"]
        response = run_with_client(
            lambda client: client.fetch(request, max_bytes=BIG), _setup(tmp_path, server, resolve=mixed)
        )
        assert str(response.ip_address) == "127.0.0.1"


def test_many_requests_at_once_are_all_answered(tmp_path: Path) -> None:
    with WireServer({"/x": [0.05, OK + HELLO]}) as server:

        async def many(client: CurlClient) -> list[WireResponse]:
            requests = [client.fetch(Request(server.base + "/x"), max_bytes=BIG) for _ in range(40)]
            return list(await asyncio.gather(*requests))

        answers = run_with_client(many, _setup(tmp_path, server))
    assert [answer.exchange.body.read() for answer in answers] == [b"hello"] * 40


def test_tls_hands_on_the_certificates_and_refuses_bad_ones_by_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = issue("Root of the test", is_authority=True)
    good = issue("portal.localhost", by=root)
    (tmp_path / "root.pem").write_bytes(root.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with (
        serving(server_context(tmp_path, good)) as port,
        serving(server_context(tmp_path, issue("portal.localhost"))) as bad,
    ):
        setup = _setup(tmp_path, None, policy=AddressPolicy(frozenset()))

        async def ask(client: CurlClient) -> WireResponse:
            with pytest.raises(RefusedError) as caught:
                await client.fetch(Request(f"https://portal.localhost:{bad}/"), max_bytes=BIG)
            assert caught.value.kind == "tls-self-signed"
            url = f"https://portal.localhost:{port}/"
            return await client.fetch(Request(url), max_bytes=BIG, wants_certificates=True)

        response = run_with_client(ask, setup)
    assert response.body == b"ok"
    (shown,) = response.certificates
    assert shown.strip() == good.pem.decode().strip()
