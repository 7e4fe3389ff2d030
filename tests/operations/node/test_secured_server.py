"""A node over TCP: TLS with a certificate of one's own authority, a password from a file, a role that owns nothing."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crawler.operations.node.queue import make_queue_tables
from crawler.politeness.server_state import ServerState
from tests.support.crawling import command
from tests.support.nights_harness import wait_until
from tests.support.portals.node_fleets import serve_node_fleet
from tests.support.processes.postgres import Server, serve_postgres
from tests.support.wire.certificates import Issued, issue

PASSWORD = "s3cr3t-of-nodes"
# As docs/operations.md says.
ROLE = f"""
create role node login password '{PASSWORD}';
grant usage on schema public to node;
grant select, insert, update, delete on all tables in schema public to node;
grant usage on all sequences in schema public to node;
"""


@dataclass(frozen=True)
class SecuredServer(Server):
    """A server that its nodes reach as the role `node`, over TLS."""

    authority: Path = Path()

    @property
    def url(self) -> str:
        """The address for a node, without the password."""
        return f"postgresql://node@localhost:{self.port}/postgres?sslmode=verify-full&sslrootcert={self.authority}"


def serve_secured(folder: Path) -> Callable[[], AbstractContextManager[Server]]:
    """Return what serves such a server, with the tables made by its owner; the authority is in a folder."""
    authority = issue("authority", is_authority=True)
    shown = issue("localhost", by=authority)

    def certify(server: Server) -> None:
        key = shown.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        server.use_certificate(certificate=shown.pem, key=key)

    @contextmanager
    def serve() -> Iterator[Server]:
        write_authority(folder / "authority.pem", authority)
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = taken.getsockname()[1]
        with serve_postgres(port=port, prepare=certify) as server:
            make_queue_tables(server.url)
            ServerState(server.url).close()
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(ROLE)
            yield SecuredServer(server.programs, server.folder, port, folder / "authority.pem")

    return serve


def write_authority(path: Path, authority: Issued) -> None:
    """Write the certificate of an authority where libpq finds it."""
    path.write_bytes(authority.pem)


def test_a_node_works_over_tls_by_a_role_that_owns_nothing_and_shows_its_password_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "pgpass"
    kept.write_text(f"localhost:*:postgres:node:{PASSWORD}\n", encoding="ascii")
    kept.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(kept))
    with serve_node_fleet(tmp_path, 1, serve=serve_secured(tmp_path)) as fleet:
        fleet.start("a")
        wait_until(lambda: "node a of" in fleet.log("a"))
        fleet.register()
        wait_until(lambda: fleet.settled()["p0"] == 1 and fleet.jobs() == 0, seconds=120)
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.is_file()]
        assert any(b"fleet\0join" in line for line in lines)
        assert not any(PASSWORD.encode() in line for line in lines)
        assert fleet.end("a") == 0
        assert PASSWORD not in fleet.log("a")
        where = ("fleet", "status", "--server")
        assert PASSWORD not in command(*where, fleet.server.url, "--json").out
        wrong = command(*where, fleet.server.url, extra={"PGPASSFILE": "/nowhere", "PGPASSWORD": "wr0ng"})
        assert (wrong.code, "password authentication failed" in wrong.err, "wr0ng" in wrong.err) == (1, True, False)
        write_authority(tmp_path / "other.pem", issue("other", is_authority=True))
        other = command(*where, fleet.server.url.replace("authority.pem", "other.pem"))
        assert (other.code, "certificate verify failed" in other.err) == (1, True), other
        bare = command(*where, fleet.server.url.replace("verify-full", "disable"))
        assert (bare.code, "no encryption" in bare.err) == (1, True), bare
