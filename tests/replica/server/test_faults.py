"""Faults on a path, and the bytes that they send."""

import gzip
import http.client
import socket
from io import BytesIO
from urllib.parse import urlsplit

import pytest

from crawler.replica import FAULT_KINDS, Replica
from tests.support.replica import ask


def test_status_fault_is_on_its_path_only_and_ends_after_its_times(small: Replica) -> None:
    small.faults.set("/thong-bao", "503-retry-after", times=2, retry_after=7)
    answer = ask(small.base_url + "thong-bao")
    assert (answer.status, answer.header("Retry-After")) == (503, "7")
    assert ask(small.base_url + "thong-bao?x=1").status == 503
    assert ask(small.base_url + "thong-bao").status == 200
    assert ask(small.base_url + "kinh-te-xa-hoi").status == 200


def test_share_of_a_fault_is_always_on_the_same_paths(small: Replica) -> None:
    urls = [one.url for one in small.truth().articles]
    small.faults.set("@articles", "500", share=0.6)
    first = [ask(url).status for url in urls]
    assert first == [ask(url).status for url in urls]
    assert 0.4 < first.count(500) / len(urls) < 0.8
    small.faults.clear()
    assert {ask(url).status for url in urls} == {200}


def test_redirect_faults_lead_to_forbidden_addresses(small: Replica) -> None:
    where = {}
    for kind in ("redirect-home", "redirect-elsewhere", "redirect-loop", "redirect-private", "redirect-metadata"):
        small.faults.set("/thong-bao", kind)
        where[kind] = ask(small.base_url + "thong-bao").header("Location")
    assert where["redirect-home"] == "/"
    assert small.elsewhere_host in where["redirect-elsewhere"]
    assert where["redirect-loop"] == "/thong-bao"
    assert where["redirect-private"].startswith("http://10.")
    assert where["redirect-metadata"].startswith("http://169.254.169.254/")


def test_body_of_each_fault_is_broken_as_its_name_says(small: Replica) -> None:
    url = small.base_url + "thong-bao"
    small.faults.set("/thong-bao", "truncate")
    with pytest.raises(http.client.IncompleteRead):
        ask(url)
    small.faults.set("/thong-bao", "reset")
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        ask(url)
    small.faults.set("/thong-bao", "empty")
    assert ask(url).body == b""
    small.faults.set("/thong-bao", "soft404")
    assert "đã bị xóa" in ask(url).text
    small.faults.set("/thong-bao", "wrong-length")
    assert not ask(url).body.rstrip().endswith(b"</html>")
    small.faults.set("/thong-bao", "wrong-charset")
    assert "iso-8859-1" in ask(url).header("Content-Type")
    small.faults.set("/thong-bao", "bad-header")
    assert b"ArticleInMenu" in ask(url).body
    small.faults.set("/thong-bao", "not-an-image")
    assert ask(url).header("Content-Type") == "image/jpeg"


def test_hanging_answer_ends_with_the_portal() -> None:
    portal = Replica(articles=12)
    portal.start()
    portal.faults.set("/thong-bao", "hang")
    with socket.create_connection(("127.0.0.1", urlsplit(portal.base_url).port or 0)) as client:
        client.sendall(b"GET /thong-bao HTTP/1.1\r\nHost: x\r\n\r\n")
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        portal.stop()
        client.settimeout(5)
        assert client.recv(1) == b""


def test_endless_body_and_bomb_are_larger_than_any_page(small: Replica) -> None:
    parts = urlsplit(small.base_url)
    for kind in ("huge", "gzip-bomb"):
        small.faults.set("/thong-bao", kind)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", "/thong-bao")
        response = connection.getresponse()
        if kind == "huge":
            assert len(response.read(3_000_000)) == 3_000_000
        else:
            packed = response.read()
            assert len(packed) < 1_000_000
            with gzip.GzipFile(fileobj=BytesIO(packed)) as bomb:
                assert len(bomb.read(50_000_000)) == 50_000_000
        connection.close()


def test_slow_answer_comes_in_drips(small: Replica) -> None:
    small.faults.set("/thong-bao", "slow")
    with socket.create_connection(("127.0.0.1", urlsplit(small.base_url).port or 0)) as client:
        client.sendall(b"GET /thong-bao HTTP/1.1\r\nHost: x\r\n\r\n")
        first = client.recv(65536)
        assert b"Content-Length" in first
        assert b"</html>" not in first


def test_head_and_body_that_drip_go_on(small: Replica) -> None:
    found = {}
    for kind in ("slow-head", "drip"):
        small.faults.set("/thong-bao", kind)
        with socket.create_connection(("127.0.0.1", urlsplit(small.base_url).port or 0)) as client:
            client.sendall(b"GET /thong-bao HTTP/1.1\r\nHost: x\r\n\r\n")
            found[kind] = b"".join(client.recv(65536) for _ in range(4))
    assert found["slow-head"].count(b"X-Wait") >= 2
    assert b"\r\n\r\n" not in found["slow-head"]
    assert set(found["drip"].partition(b"\r\n\r\n")[2]) == set(b" ")


def test_every_kind_of_fault_is_known_and_others_refused(small: Replica) -> None:
    for kind in FAULT_KINDS:
        small.faults.set("/nowhere", kind)
        small.faults.set_spelled(f"^/a=b.*={kind},times=2,share=0.5")
    with pytest.raises(ValueError, match="no fault of kind"):
        small.faults.set("/x", "gremlin")
    with pytest.raises(ValueError, match="expected PATTERN=KIND"):
        small.faults.set_spelled("/x=gremlin")
