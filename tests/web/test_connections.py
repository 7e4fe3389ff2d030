"""Connections of visitors: the hosts that are answered, half-sent requests, and a stop that nobody holds up."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.web.connections import answer_named_hosts
from tests.support.crawling import environment
from tests.support.web_archive import Site, build_archive

SERVE = """
import sys
import crawler.web.connections as connections
connections.REQUEST_SECONDS = connections.SEND_SECONDS = 1
connections.MOST_UNSENT_BYTES = int(sys.argv.pop(1))
from crawler.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_archive(tmp_path_factory.mktemp("connections"))


@contextmanager
def serving(
    archive: Path, *, most_unsent_bytes: int = 99_000_000, **extra: str
) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Serve an archive in a process of its own, where a request must be whole within a second."""
    command = [sys.executable, "-c", SERVE, str(most_unsent_bytes), "serve", "--archive", str(archive), "--port", "0"]
    with subprocess.Popen(command, env=environment(extra), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server, urlsplit(server.stdout.readline()).port or 0
        finally:
            server.kill()


def ask(port: int, host: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return read_all(connection)


def _is_open(connection: socket.socket) -> bool:
    """Send one more line of a head, and see whether the server still listens."""
    try:
        connection.sendall(b"X: y\r\n")
        return connection.recv(1024) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_only_named_hosts_are_answered(archive: Path) -> None:
    with serving(archive, PORTAL_ARCHIVE_SITE="https://kho.example/") as (_, port):
        for known in (f"127.0.0.1:{port}", "localhost", f"LOCALHOST:{port}", "[::1]:80", "kho.example", "kho.example."):
            answer = ask(port, known)
            assert b" 421 " not in answer.partition(b"\r\n")[0], known
            assert b"strict-transport-security: max-age=31536000" in answer
        for other in ("evil.example", "kho.example.evil.example", "192.0.2.1", "", "a b", "[::zz]", "x@localhost:1:2"):
            assert ask(port, other).partition(b"\r\n")[0].split()[1] in (b"421", b"400"), other


def test_a_request_that_does_not_arrive_whole_ends_its_connection(archive: Path) -> None:
    with serving(archive) as (_, port):
        for begun in (
            b"",
            b"GET / HT",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n",
            b"POST /-/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                began = time.monotonic()
                connection.sendall(begun)
                read_all(connection)
                assert time.monotonic() - began < 15
        # Bytes that go on to drip win no time.
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n")
            connection.settimeout(0.2)
            began = time.monotonic()
            while _is_open(connection):
                assert time.monotonic() - began < 15
        assert b"200 OK" in ask(port, "localhost") or b"503" in ask(port, "localhost")


# 16 MB of JSON: more than the buffers of two sockets hold.
LARGE = "GET /archive.json?sql=select+hex(zeroblob(8000000)) HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def not_reading(port: int) -> Iterator[socket.socket]:
    """Ask for a large answer, and see it begin."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(LARGE.encode())
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        yield connection


def wait_for_connections(server: "subprocess.Popen[str]", *, at_most: int) -> None:
    until = time.monotonic() + 30
    while (count := count_connections(server)) > at_most:
        assert time.monotonic() < until, f"{count} connections"


def count_connections(server: "subprocess.Popen[str]") -> int:
    count = 0
    for link in Path(f"/proc/{server.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            count += os.readlink(link).startswith("socket:")
    return count


@pytest.mark.skipif(sys.platform != "linux", reason="counts the connections in /proc")
def test_an_answer_that_nobody_reads_ends_its_connection(archive: Path) -> None:
    with serving(archive) as (server, port):
        assert ask(port, "localhost")
        with not_reading(port) as connection:
            before = count_connections(server)
            wait_for_connections(server, at_most=before - 1)
            assert len(read_all(connection)) < 16_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="counts the connections in /proc")
def test_of_many_answers_that_wait_the_oldest_ends_first(archive: Path) -> None:
    with (
        serving(archive, most_unsent_bytes=20_000_000) as (server, port),
        not_reading(port) as first,
        not_reading(port) as second,
    ):
        assert len(read_all(second)) > 16_000_000
        assert len(read_all(first)) < 16_000_000
        assert b"HTTP/1.1" in ask(port, "localhost")
        assert server.poll() is None


def test_a_dear_query_and_a_slow_reader_do_not_hold_up_the_stop(archive: Path) -> None:
    with serving(archive) as (server, port):
        held = []
        for path in (
            "/archive.json?sql=select+instr(hex(zeroblob(8000000)),hex(zeroblob(3999999))||%271%27)",
            "/archive/articles",
        ):
            connection = socket.create_connection(("127.0.0.1", port), timeout=20)
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            held.append(connection)
        assert ask(port, "localhost")
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        assert time.monotonic() - began < 10
        for connection in held:
            connection.close()


def test_pages_that_tell_the_servers_paths_are_hidden(archive: Path) -> None:
    site = Site(archive)
    try:
        for path in ("/-/threads", "/-/threads.json", "/-/messages", "/-/allow-debug"):
            assert site.get(path).status_code == 404, path
        for path in (
            "/-/databases",
            "/-/databases.json",
            "/-/versions.json",
            "/-/plugins.json?all=1",
            "/-/metadata.json",
            "/archive",
            "/archive/nope",
            "/metrics",
        ):
            assert str(archive.parent) not in site.get(path).text, path
    finally:
        site.close()


def test_other_kinds_of_scopes_pass() -> None:
    passed = []

    async def app(scope: object, receive: object, send: object) -> None:
        passed.append(scope)

    wrapped = answer_named_hosts(app, names=[])
    with pytest.raises(StopIteration):
        wrapped({"type": "lifespan"}, None, None).__await__().send(None)  # type: ignore[arg-type, attr-defined]
    assert passed == [{"type": "lifespan"}]
