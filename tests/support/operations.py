"""Shared by the tests of operations: runs, backups, a small disk, and a web hook that receives messages."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawler.operations.backup.create import MadeBackup
from crawler.operations.backup.journaled import back_up
from crawler.operations.health.problems import Problem
from crawler.operations.health.status import Status
from crawler.profile import Profile, parse_profile
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, Clock, Night, because

NOW = FIRST_NIGHT.replace(month=11, day=24)
# When the first planned night begins.
PLANNED = FIRST_NIGHT


def only(status: Status, kind: str) -> Problem:
    """Check that there is one problem, and its kind."""
    assert [problem.kind for problem in status.problems] == [kind], status.problems
    return status.problems[0]


def add_run(
    archive: Path, clock: Clock, outcome: str = "complete", reason: str | None = None,
    profile: Profile | None = None, offset: int | None = None,
) -> None:  # fmt: skip
    """Add a run without requests, with this outcome and reason, to an archive."""
    night = Night(archive, clock, profile, with_adoption=True)
    night.writer.finish(outcome, because(reason), clock_offset_seconds=offset)
    night.writer.close()


def other_portal(name: str = "khac", extra: str = "") -> Profile:
    """Make the profile of a second portal; `extra` are more lines of TOML."""
    text = PROFILE_TOML.replace('"sapa"', f'"{name}"').replace("sapa.example.vn", f"{name}.example.vn")
    return parse_profile(text + extra)


def backup(
    archive: Path, place: Path | str, *, now: datetime = NOW, append_only: bool = False, beside: bool = False
) -> MadeBackup:
    """Make a backup and journal it."""
    return back_up(archive, str(place), now=now, append_only=append_only, beside=beside)


def names(place: Path, folder: str = "snapshots") -> list[str]:
    """List the files in a folder of a target."""
    return sorted(path.name for path in (place / folder).iterdir())


def damage(path: Path) -> None:
    """Change one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of a size such as `64k` at a folder; skip the test without the right to mount."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no small disk could be mounted here (uid {os.geteuid()}); a full disk is not tested")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@dataclass
class Mailbox:
    """The messages that were posted, oldest first, as Apprise's JSON; the hook answers with `status`."""

    port: int
    status: int = 200
    posts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def target(self) -> str:
        """The Apprise address of the hook, with a secret in it."""
        return f"json://bot:s3cr3t@127.0.0.1:{self.port}/hook"

    def take(self) -> list[str]:
        """Give title and body of each message since the last call."""
        said = [f"{post['title']}\n{post['message']}" for post in self.posts]
        self.posts.clear()
        return said


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Listen on a free port of this machine while the block runs."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if mailbox.status == 200:
                mailbox.posts.append(json.loads(content))
            self.send_response(mailbox.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        mailbox = Mailbox(server.server_port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
