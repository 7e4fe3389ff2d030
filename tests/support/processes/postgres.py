"""A separate PostgreSQL server, on a socket in a new folder: no port, no password, nothing kept."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam

import pytest


@dataclass(frozen=True)
class Server:
    """A server that can be stopped and started; `url` is its address.

    With a `port` it also listens on 127.0.0.1, there over TLS only, and to passwords only.
    """

    programs: Path
    folder: Path
    port: int | None = None

    @property
    def url(self) -> str:
        """The address of the database `postgres`, for its owner."""
        port = f"&port={self.port}" if self.port is not None else ""
        return f"postgresql:///postgres?host={self.folder}&user=postgres{port}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=60"
        if self.port is not None:
            options += f" -c listen_addresses=127.0.0.1 -c port={self.port} -c ssl=on"
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop it at once, as a machine that goes down: connections break."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self.programs / program, *map(str, arguments)], check=True, capture_output=True, timeout=60,
            cwd=self.folder, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, **_account(),
        )  # fmt: skip

    def make(self) -> None:
        """Make the database cluster."""
        self._run("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")

    def use_certificate(self, *, certificate: bytes, key: bytes) -> None:
        """Show a certificate on the port, and ask for passwords there. Before the start."""
        data = self.folder / "data"
        (data / "server.crt").write_bytes(certificate)
        (data / "server.key").write_bytes(key)
        (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n", "ascii")
        (data / "server.key").chmod(0o600)
        if account := _account():
            for name in ("server.crt", "server.key"):
                os.chown(data / name, int(account["user"]), int(account["group"]))


@contextmanager
def serve_postgres(*, port: int | None = None, prepare: Callable[[Server], None] = lambda _: None) -> Iterator[Server]:
    """Run a server while the block runs; skip the test if PostgreSQL is not installed.

    Args:
        port: of 127.0.0.1, where `prepare` has given it a certificate.
        prepare: called with the server before it starts.
    """
    programs = _find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql)")
    # Short, since a socket's path may have 107 bytes only; and the server's account must reach it.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Server(programs, folder, port)
    try:
        if account := _account():
            os.chown(folder, int(account["user"]), int(account["group"]))
        try:
            server.make()
            prepare(server)
            server.start()
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"PostgreSQL cannot be started here: {getattr(error, 'stderr', None) or error}")
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_programs() -> Path | None:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return kept[-1].parent if kept else None


def _account() -> dict[str, int]:
    """Return whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid}
    return {}
