"""Real certificates of every bad kind on loopback: each is refused by its kind, with the pin that would accept it."""

import hashlib
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pycurl
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crawler.crawl.download.certificate import look_at
from crawler.crawl.download.curl_tls import fault_of_curl, options_of
from crawler.crawl.download.tls import refuse, secure
from crawler.crawl.outcomes import RefusedError
from crawler.profile import Tls
from crawler.sentences import Sentence
from tests.support.wire.certificates import Issued, by_name, issue, only_old, server_context, serving

HOST = "portal.example.vn"
SECONDS = 5.0
ASK = b"GET / HTTP/1.1\r\nHost: portal.example.vn\r\n\r\n"

VERIFIED = Tls()

Fetch = Callable[[str, str, Tls], bytes]


def fetch_with_ssl(url: str, address: str, tls: Tls) -> bytes:
    port = int(url.rsplit(":", 1)[1].rstrip("/"))
    with (
        socket.create_connection((address, port), SECONDS) as connection,
        secure(connection, url, tls=tls, timeout=SECONDS) as secured,
    ):
        secured.sendall(ASK)
        return b"".join(iter(lambda: secured.recv(4096), b"")).rpartition(b"\r\n\r\n")[2]


def fetch_with_curl(url: str, address: str, tls: Tls) -> bytes:
    curl, body = pycurl.Curl(), []
    try:
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.RESOLVE, [f"{url.split('//')[1].rstrip('/')}:{address}"])
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.TIMEOUT, 5)
        curl.setopt(pycurl.WRITEFUNCTION, body.append)
        for option, value in options_of(url, tls):
            curl.setopt(option, value)
        curl.perform()
    except pycurl.error as error:
        number, message = error.args
        fault = fault_of_curl(number, message, verify_result=curl.getinfo(pycurl.SSL_VERIFYRESULT))
        if fault is None:
            raise
        raise refuse(fault, url, address=address, timeout=SECONDS) from error
    finally:
        curl.close()
    return b"".join(body)


FETCHES = pytest.mark.parametrize("fetch", [fetch_with_ssl, fetch_with_curl])


def pin(issued: Issued) -> str:
    key = issued.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256//{b64encode(hashlib.sha256(key).digest()).decode()}"


class Authority:
    """A small authority whose root is trusted, and all the servers that a test asks for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = issue("Root of the test", is_authority=True)
        self.between = issue("Between", by=self.root, is_authority=True)
        self.running = ExitStack()
        (folder / "root.pem").write_bytes(self.root.pem)

    def serve(self, issued: Issued, *chain: Issued, is_old: bool = False, address: str = "127.0.0.1") -> int:
        context = server_context(self.folder, issued, *chain)
        return self.running.enter_context(serving(only_old(context) if is_old else context, address))


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    look_at.cache_clear()
    made = Authority(tmp_path)
    with made.running:
        yield made


def refusal(fetch: Fetch, url: str, address: str = "127.0.0.1", tls: Tls = VERIFIED) -> tuple[str, Sentence]:
    with pytest.raises(RefusedError) as caught:
        fetch(url, address, tls)
    return caught.value.kind, caught.value.sentence


def small_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)


BAD: dict[str, tuple[str, Callable[[Authority], Issued], dict[str, str]]] = {
    "expired": ("tls-expired", lambda ca: issue(HOST, by=ca.root, days=(-90, -2)), {}),
    "not yet valid": ("tls-not-yet-valid", lambda ca: issue(HOST, by=ca.root, days=(2, 90)), {}),
    "self-signed": ("tls-self-signed", lambda ca: issue(HOST), {}),
    "wrong name": ("tls-wrong-name", lambda ca: issue("khac.example.vn", by=ca.root), {"names": "khac.example.vn"}),
    "an address's": ("tls-wrong-name", lambda ca: issue("10.1.2.3", by=ca.root), {"names": "10.1.2.3"}),
    "without the one between": ("tls-chain", lambda ca: issue(HOST, by=ca.between), {"issuer": "Between"}),
    "of an unknown root": (
        "tls-chain",
        lambda ca: issue(HOST, by=issue("Nobody's root", is_authority=True)),
        {"issuer": "Nobody's root"},
    ),
    "of a small key": ("tls-too-old", lambda ca: issue(HOST, by=ca.root, key=small_key()), {}),
}


@FETCHES
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_certificate_is_refused_by_its_kind_unless_its_key_is_pinned(
    authority: Authority, bad: str, fetch: Fetch
) -> None:
    kind, make, args = BAD[bad]
    issued = make(authority)
    port = authority.serve(issued)
    url = f"https://{HOST}:{port}/"
    refused, sentence = refusal(fetch, url)
    assert (refused, sentence.kind) == (kind, kind)
    assert sentence.args["way"] == {"kind": "pin-line", "args": {"host": f"{HOST}:{port}", "pin": pin(issued)}}
    assert sentence.args.items() >= args.items()
    if "day" in sentence.args:
        ends = (issued.certificate.not_valid_before_utc, issued.certificate.not_valid_after_utc)
        assert sentence.args["day"] == ends[kind == "tls-expired"].date().isoformat()
    for pins in ({f"{HOST}:{port}": pin(issued)}, {HOST: ("0" * 64, pin(issued))}):
        assert fetch(url, "127.0.0.1", Tls(pins=pins)) == b"ok"
    assert fetch(url, "127.0.0.1", Tls(verify=False)) == b"ok"


@FETCHES
def test_another_key_than_the_pinned_one_is_refused_also_if_the_certificate_is_good(
    authority: Authority, fetch: Fetch
) -> None:
    issued = issue(HOST, by=authority.root)
    url = f"https://{HOST}:{authority.serve(issued)}/"
    for verify in (True, False):
        kind, sentence = refusal(fetch, url, tls=Tls(verify=verify, pins={HOST: "0" * 64}))
        assert (kind, sentence.kind, sentence.args["pin"]) == ("tls-pin-changed", "tls-pin-changed", pin(issued))
    assert fetch(url, "127.0.0.1", Tls(pins={"khac.example.vn": "0" * 64})) == b"ok"
    port = authority.serve(issue(HOST))
    assert (
        refusal(fetch, f"https://{HOST}:{port}/", tls=Tls(pins={"khac.example.vn": "0" * 64}))[0] == "tls-self-signed"
    )


@FETCHES
def test_a_chain_that_is_out_of_date_is_not_told_as_the_hosts_certificate(authority: Authority, fetch: Fetch) -> None:
    between = issue("Between", by=authority.root, is_authority=True, days=(-90, -2))
    port = authority.serve(issue(HOST, by=between), between)
    kind, sentence = refusal(fetch, f"https://{HOST}:{port}/")
    assert (kind, sentence.args["issuer"]) == ("tls-chain", "Between")


@FETCHES
def test_a_server_of_old_versions_only_is_too_old_and_had_by_its_pin(authority: Authority, fetch: Fetch) -> None:
    issued = issue(HOST, by=authority.root)
    port = authority.serve(issued, is_old=True)
    url = f"https://{HOST}:{port}/"
    kind, sentence = refusal(fetch, url)
    assert (kind, sentence.kind) == ("tls-too-old", "tls-too-old")
    assert sentence.args["way"]["args"]["pin"] == pin(issued)
    assert fetch(url, "127.0.0.1", Tls(pins={HOST: pin(issued)})) == b"ok"


@FETCHES
def test_a_server_without_tls_is_told_as_that(authority: Authority, fetch: Fetch) -> None:
    with serving(None) as port:
        kind, sentence = refusal(fetch, f"https://{HOST}:{port}/")
    assert (kind, str(sentence).split(" ")[0]) == ("tls-plain", f"{HOST}:{port}")


@FETCHES
def test_a_whole_chain_is_accepted_over_ipv4_and_ipv6(authority: Authority, fetch: Fetch) -> None:
    issued = issue(HOST, "::1", by=authority.between)
    for address in ("127.0.0.1", "::1"):
        port = authority.serve(issued, authority.between, address=address)
        assert fetch(f"https://{HOST}:{port}/", address, VERIFIED) == b"ok"


@FETCHES
def test_an_address_of_ipv6_is_refused_and_pinned_by_its_brackets(authority: Authority, fetch: Fetch) -> None:
    issued = issue("::2", by=authority.root)
    port = authority.serve(issued, address="::1")
    kind, sentence = refusal(fetch, f"https://[::1]:{port}/", "::1")
    assert (kind, sentence.args["names"]) == ("tls-wrong-name", "::2")
    line = sentence.args["way"]["args"]
    assert fetch(f"https://[::1]:{port}/", "::1", Tls(pins={line["host"]: line["pin"]})) == b"ok"


@FETCHES
def test_the_name_is_sent_so_that_a_server_of_many_shows_the_right_certificate(
    authority: Authority, fetch: Fetch
) -> None:
    good = server_context(authority.folder, issue(HOST, by=authority.root))
    expired = issue("cu.example.vn", by=authority.root, days=(-90, -2))
    contexts = {HOST: good, "cu.example.vn": server_context(authority.folder, expired)}
    port = authority.running.enter_context(
        serving(by_name(contexts, server_context(authority.folder, issue("nobody.example"))))
    )
    assert fetch(f"https://{HOST}:{port}/", "127.0.0.1", VERIFIED) == b"ok"
    kind, sentence = refusal(fetch, f"https://cu.example.vn:{port}/")
    assert (kind, sentence.args["way"]["args"]["pin"]) == ("tls-expired", pin(expired))


def test_a_connection_that_breaks_in_the_handshake_is_no_fault_of_tls(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = socket.create_connection(listener.getsockname(), SECONDS)
        listener.accept()[0].close()
        with pytest.raises(OSError, match=r"EOF|eof|reset") as caught:
            secure(connection, f"https://{HOST}:{listener.getsockname()[1]}/", tls=Tls(), timeout=SECONDS)
    assert not isinstance(caught.value, ssl.SSLCertVerificationError)
    connection.close()


def test_a_server_that_drips_its_handshake_does_not_hold_the_look(authority: Authority) -> None:
    dripping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                while not dripping.wait(0.05):
                    connection.sendall(b"\x16")

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        look = look_at(HOST, "127.0.0.1", port=listener.getsockname()[1], timeout=0.4)
        dripping.set()
        thread.join()
    assert look.certificate is None
    assert time.monotonic() - began < 10


@FETCHES
def test_a_server_without_any_certificate_does_not_pass_for_a_pinned_one(fetch: Fetch, tmp_path: Path) -> None:
    anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    anonymous.maximum_version = ssl.TLSVersion.TLSv1_2
    anonymous.set_ciphers("AECDH:@SECLEVEL=0")
    look_at.cache_clear()
    with serving(anonymous) as port:
        kind, _ = refusal(fetch, f"https://{HOST}:{port}/", tls=Tls(pins={HOST: "0" * 64}))
    assert kind == "tls-failed"
