"""Many replica portals in this process, all with their files on one host, and a folder of archives for them."""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crawler.fleet.folder import FleetFolder
from crawler.language.dates import to_iso_utc
from crawler.replica import Replica
from crawler.replica.wire import Logged
from tests.support.crawling import ROOT, environment, value
from tests.support.nights_harness import FIRST_PLANNED

CONTACT = re.compile(r"contact: (p\d+)@example\.vn")


class TimedReplica(Replica):
    """A replica that notes each request to its file host: the time, and the portal of the crawl."""

    def __init__(self, *, articles: int, files_of: "TimedReplica | None" = None) -> None:
        super().__init__(articles=articles, files_of=files_of)
        self.asked: list[tuple[float, str, str]] = []

    def log(self, entry: Logged) -> None:
        """Note a request."""
        super().log(entry)
        if entry.server == "files":
            found = CONTACT.search(dict(entry.headers).get("User-Agent", ""))
            self.asked.append((time.monotonic(), found[1] if found else "", entry.path))


@dataclass
class Fleet:
    """A folder of archives with the portals of its profiles."""

    folder: FleetFolder
    files: TimedReplica
    portals: dict[str, Replica] = field(default_factory=dict)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `schedule --once` a minute after the first night's time, in a new session."""
        now = to_iso_utc(FIRST_PLANNED.replace(minute=31))
        line = [sys.executable, "-m", "crawler", "schedule", "--archives", str(self.folder.path), "--once", *arguments]
        return subprocess.Popen(
            line, cwd=ROOT, env=environment({"PORTAL_ARCHIVE_NOW": now}), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def once(self, *arguments: str) -> int:
        """Run `schedule --once` to its end; give its exit code."""
        with self.start(*arguments) as process:
            process.communicate(timeout=1200)
        return process.returncode

    def settled(self) -> Counter[str]:
        """Count the runs of each portal that settled its night."""
        sql = "select count(*) from crawls where outcome in ('complete', 'partial', 'suspect')"
        archives = self.folder.archives()
        return Counter({name: value(archives[name], sql) if name in archives else 0 for name in self.portals})

    def busiest_second(self) -> int:
        """Return the most requests to the host of files within any second."""
        times = sorted(at for at, _, _ in self.files.asked)
        first, most = 0, 0
        for last, at in enumerate(times):
            while times[first] <= at - 1:
                first += 1
            most = max(most, last - first + 1)
        return most


@contextmanager
def serve_fleet(folder: Path, count: int, *, articles: int, requests_per_second: int) -> Iterator[Fleet]:
    """Serve this many portals of one corpus. Their file host has this cap, and no other cap has an effect."""
    fleet = FleetFolder(folder)
    fleet.prepare()
    with ExitStack() as served:
        files = served.enter_context(TimedReplica(articles=articles))
        found = Fleet(fleet, files, {"p0": files})
        for number in range(1, count):
            portal = TimedReplica(articles=articles, files_of=files)
            found.portals[f"p{number}"] = served.enter_context(portal)
        for name, one in found.portals.items():
            profile = one.profile_toml(name, contact=f"{name}@example.vn", limits={"disk_reserve_bytes": 0})
            (fleet.profiles / f"{name}.toml").write_text(profile, encoding="utf-8")
        free = "requests_per_second = 1000\nconnections = 500\n"
        fleet.file.write_text(
            f'[hosts."*"]\n{free}[addresses."*"]\n{free}[hosts."{files.files_host}"]\n'
            f"requests_per_second = {requests_per_second}\nconnections = 32\n",
            encoding="utf-8",
        )
        yield found


def is_running(pid: int) -> bool:
    """True until a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()


def fairness(shares: list[float]) -> float:
    """Return Jain's index of fairness: 1 if all have as much."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))
