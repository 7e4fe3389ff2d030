"""A month of nights in minutes: the scheduler as a child process, the clock passed in, the replica at each night."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive.lock import is_held
from crawler.replica import Replica
from tests.support.crawling import CHILD_SECONDS, ROOT, Ended, environment, rows, write_profile

# 01:30 of the replica's first day at the portal, when its plan begins.
FIRST_PLANNED = datetime(2025, 6, 1, 18, 30, tzinfo=UTC)


@dataclass
class Nights:
    """An archive of the replica that a scheduler crawls every night; nights count from 1.

    `largest_file` is the size in bytes from which writing fails, as on a full disk; None: no limit.
    """

    portal: Replica
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)
    largest_file: int | None = None

    @property
    def archive(self) -> Path:
        """The archive's path."""
        return self.folder / "archive.db"

    @property
    def profile(self) -> Path:
        """The path of the profile, written with `overrides`."""
        return write_profile(self.portal, self.folder, **self.overrides)

    def planned(self, night: int) -> datetime:
        """Give when a night was to begin."""
        return FIRST_PLANNED + timedelta(days=night - 1)

    def once(self, night: int, *, minutes: float = 1, **env: str) -> Ended:
        """Set the portal to a night and run `schedule --once` that many minutes after its planned time."""
        self.portal.night = night
        return self.once_at(self.planned(night) + timedelta(minutes=minutes), **env)

    def once_at(self, now: datetime, **env: str) -> Ended:
        """Run `schedule --once` by this clock to its end."""
        with self.start_at(now, **env) as process:
            out, err = process.communicate(timeout=CHILD_SECONDS)
        return Ended(process.returncode, out, err)

    def start(self, night: int, *, minutes: float = 1, **env: str) -> "subprocess.Popen[str]":
        """Set the portal to a night and start `schedule --once`; the caller ends it."""
        self.portal.night = night
        return self.start_at(self.planned(night) + timedelta(minutes=minutes), **env)

    def start_at(self, now: datetime, **env: str) -> "subprocess.Popen[str]":
        """Start `schedule --once` by this clock."""
        line = [sys.executable, "scheduler.py", "--once", "--portal", str(self.profile), "--archive", str(self.archive)]
        return subprocess.Popen(
            line, cwd=ROOT, env=environment({**self.env, "PORTAL_ARCHIVE_NOW": now.isoformat(), **env}),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=self._fill_disk,
        )  # fmt: skip

    def _fill_disk(self) -> None:
        if self.largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest_file, self.largest_file))

    @contextmanager
    def crawling(self, night: int, *, minutes: float = 1) -> Iterator[tuple["subprocess.Popen[str]", int]]:
        """Start a slow night; give the scheduler and the process id of its crawl when that is fetching."""
        former, self.overrides = self.overrides, {**self.overrides, "pace": {"delay_seconds": 0.05, "concurrency": 2}}
        self.portal.forget_requests()
        with self.start(night, minutes=minutes) as process:
            self.overrides = former
            wait_until(lambda: len(self.portal.requests) > 8 or process.poll() is not None)
            assert process.poll() is None, process.communicate()
            yield process, children_of(process.pid)[0]

    def wait_for_crawl(self) -> None:
        """Wait until no crawl holds the archive."""
        wait_until(lambda: not is_held(self.archive))

    def crawls(self) -> list[tuple[str, str]]:
        """Give start and outcome of every run, by the archive."""
        found = rows(self.archive, "select started_at, outcome from crawls order by id")
        return [(row["started_at"], row["outcome"]) for row in found]

    def runs(self, night: int) -> list[tuple[int | None, str | None]]:
        """Give exit code and note of every run of a night, by the journal; (None, note) of one that was missed."""
        planned = self.planned(night).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = rows(
            self.folder / "operations.db", "select exit_code, note from runs where planned_at = ? order by id", planned
        )
        return [(row["exit_code"], row["note"]) for row in found]


def journal_rows(archive: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Read rows of the journal beside an archive."""
    return [tuple(row) for row in rows(archive.with_name("operations.db"), sql, *parameters)]


def wait_until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait at most `seconds` until a condition is true that another process or thread changes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """Give the ids of a process's children (Linux)."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # the thread has ended meanwhile
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def kill(*pids: int) -> None:
    """Kill processes as a power cut would."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
