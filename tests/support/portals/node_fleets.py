"""A fleet of several nodes on this machine: replica portals, PostgreSQL, a folder and a process for each node."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from procrastinate import App, PsycopgConnector

from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.portals import Portal, add_portal, read_portals
from crawler.language.dates import to_iso_utc
from crawler.operations.node.queue import make_queue_tables, queue_of
from tests.support.crawling import ROOT, environment, value
from tests.support.nights_harness import FIRST_PLANNED, children_of
from tests.support.portals.fleets import Fleet, serve_fleet
from tests.support.processes.postgres import Server, serve_postgres

SETTLED = "select count(*) from crawls where outcome in ('complete', 'partial', 'suspect')"
NIGHT = to_iso_utc(FIRST_PLANNED)


@dataclass
class NodeFleet:
    """Nodes by name, each with its folder and its process; the portals are those of `served`."""

    server: Server
    served: Fleet
    path: Path
    storage: Path | None = None
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def folder(self, node: str) -> FleetFolder:
        """Give the folder of a node."""
        return FleetFolder(self.path / node)

    def log(self, node: str) -> str:
        """Give what a node logged, over all its starts."""
        return (self.path / f"{node}.log").read_text(encoding="utf-8")

    def start(self, node: str, *, jobs: int = 2, night: int = 1, **env: str) -> None:
        """Start a node a minute after a night's time; the first time, its folder is made."""
        folder = self.folder(node)
        folder.prepare()
        storage = f'storage = "{self.storage}"\n' if self.storage else ""
        folder.file.write_text(storage + self.served.folder.file.read_text(encoding="utf-8"), encoding="utf-8")
        now = to_iso_utc(FIRST_PLANNED.replace(minute=31) + timedelta(days=night - 1))
        line = [
            sys.executable, "-m", "crawler", "fleet", "join", "--server", self.server.url, "--disk", str(folder.path),
            "--name", node, "--jobs", str(jobs),
        ]  # fmt: skip
        with (self.path / f"{node}.log").open("ab") as log:
            self.processes[node] = subprocess.Popen(
                line, cwd=ROOT, env=environment({"PORTAL_ARCHIVE_NOW": now, **env}), stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def kill(self, node: str, *, with_crawls: bool) -> None:
        """Kill a node's process, with its crawls as if the machine had lost its power."""
        process = self.processes.pop(node)
        crawls = children_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for pid in crawls if with_crawls else ():
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def end(self, node: str) -> int:
        """Stop a node as a service is stopped; give its exit code."""
        process = self.processes.pop(node)
        process.terminate()
        return process.wait(120)

    def register(self) -> dict[str, str | None]:
        """Bring all served portals into the fleet; give the home of each."""
        with open_server(self.server.url) as connection:
            for path in sorted(self.served.folder.profiles.glob("*.toml")):
                add_portal(connection, path.stem, profile=path.read_text(encoding="utf-8"))
        return {name: portal.home for name, portal in self.portals().items()}

    def portals(self) -> dict[str, Portal]:
        """Read the portals from the server."""
        with open_server(self.server.url) as connection:
            return {portal.name: portal for portal in read_portals(connection)}

    def jobs(self) -> int:
        """Count the jobs that the server holds."""
        with open_server(self.server.url) as connection:
            found = connection.execute("select count(*) from procrastinate_jobs").fetchone()
        assert found is not None
        return int(str(found[0]))

    def settled(self) -> Counter[str]:
        """Count the nights of each portal that were settled, over the disks of all nodes."""
        found = Counter(dict.fromkeys(self.served.portals, 0))
        for archive in self.path.glob("*/[!.]*/archive.db"):
            if archive.parent.name in found:
                with suppress(Exception):  # it is being made
                    found[archive.parent.name] += value(archive, SETTLED)
        return found

    def shipped(self) -> set[str]:
        """Name the portals whose archives were shipped."""
        with open_server(self.server.url) as connection:
            found = connection.execute("select name from fleet_portals where shipped_at is not null").fetchall()
        return {str(name) for (name,) in found}

    def archives(self, portal: str) -> list[str]:
        """Name the nodes whose disks have an archive of a portal."""
        return sorted(path.parent.parent.name for path in self.path.glob(f"*/{portal}/archive.db"))


def send(fleet: NodeFleet, node: str, portal: str) -> None:
    """Put a job into the queue of a node as somebody else might: without the locks of ours."""

    async def defer() -> None:
        async with App(connector=PsycopgConnector(conninfo=fleet.server.url)).open_async() as app:
            await app.configure_task("night", queue=queue_of(node)).defer_async(portal=portal, night=NIGHT)

    asyncio.run(defer())


@contextmanager
def serve_node_fleet(
    folder: Path, count: int, *, articles: int = 4, serve: Callable[[], AbstractContextManager[Server]] = serve_postgres
) -> Iterator[NodeFleet]:
    """Serve this many portals and a server. The test starts nodes; they are ended here."""
    (folder / "served").mkdir()
    (folder / "nodes").mkdir()
    with (
        serve() as server,
        serve_fleet(folder / "served", count, articles=articles, requests_per_second=1000) as served,
    ):
        make_queue_tables(server.url)
        with open_server(server.url) as connection:
            make_tables(connection)
        fleet = NodeFleet(server, served, folder / "nodes")
        try:
            yield fleet
        finally:
            for node in list(fleet.processes):
                fleet.kill(node, with_crawls=True)
