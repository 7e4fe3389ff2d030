"""Whole crawls of the replica as child processes, and queries of tests to an archive."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.archive.articles.search_index import register_functions
from crawler.replica import Replica

ROOT = Path(__file__).parents[2]
CHILD_SECONDS = 240


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a child's environment: ours without our variables, and attachments are not read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_ARCHIVE_")}
    return {**kept, "PORTAL_ARCHIVE_TEXTS_MINUTES": "0", **(extra or {})}


def command(*arguments: str | Path, extra: Mapping[str, str] | None = None, **options: Any) -> Ended:
    """Run `portal-archive` with arguments to its end."""
    return run([sys.executable, "-m", "crawler", *map(str, arguments)], extra=extra, **options)


def run(line: Sequence[str], *, extra: Mapping[str, str] | None = None, **options: Any) -> Ended:
    """Run a command line to its end, from the project's root."""
    done = subprocess.run(
        line,
        cwd=ROOT,
        env=environment(extra),
        capture_output=True,
        text=True,
        timeout=CHILD_SECONDS,
        check=False,
        **options,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def start(*arguments: str | Path) -> "subprocess.Popen[str]":
    """Start `portal-archive` with arguments; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "crawler", *map(str, arguments)],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def write_profile(portal: Replica, folder: Path, **overrides: Any) -> Path:
    """Write the replica's profile, without a disk reserve: tests run on small disks, too."""
    path = folder / "replica.toml"
    overrides.setdefault("limits", {"disk_reserve_bytes": 0})
    path.write_text(portal.profile_toml(**overrides), encoding="utf-8")
    return path


def crawl(
    portal: Replica, folder: Path, *arguments: str, extra: Mapping[str, str] | None = None, **overrides: Any
) -> Ended:
    """Crawl the replica into `folder`/archive.db."""
    profile = write_profile(portal, folder, **overrides)
    return command("crawl", "--portal", profile, "--archive", folder / "archive.db", *arguments, extra=extra)


def rows(archive: Path, sql: str, *parameters: object) -> list[sqlite3.Row]:
    """Query an archive, read-only."""
    connection = sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    register_functions(connection)
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


def value(archive: Path, sql: str, *parameters: object) -> Any:
    """Query an archive for one value."""
    return rows(archive, sql, *parameters)[0][0]


def tables(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read all tables, rows sorted, without the search segments: a rebuild may order those differently."""
    connection = sqlite3.connect(archive)
    names = [
        name
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'table' and sql not like '%virtual%'"
        )
        if not name.startswith(("_", "sqlite_", "articles_fts"))
    ]
    try:
        return {name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr) for name in names}
    finally:
        connection.close()


def kill(process: "subprocess.Popen[str]", number: int = signal.SIGKILL) -> int:
    """Send a signal to a child and wait for its end."""
    process.send_signal(number)
    process.communicate(timeout=CHILD_SECONDS)
    return process.returncode


def kill_writer(process: "subprocess.Popen[str]") -> int:
    """Kill the writer process of a crawl, if it has one yet, else the crawl; wait for the crawl's end."""
    writers = []
    for pid in _children(process.pid):
        with suppress(OSError):  # it has ended meanwhile
            writers += [pid] if b"writer_process" in Path(f"/proc/{pid}/cmdline").read_bytes() else []
    return _kill_all(process, writers or [process.pid])


def kill_family(process: "subprocess.Popen[str]") -> int:
    """Stop a crawl and its processes, then kill them all, as the end of a machine does; wait for the crawl's end."""
    family = [process.pid, *_children(process.pid)]
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    return _kill_all(process, family)


def _children(pid: int) -> list[int]:
    found = list[int]()
    for of_thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # the thread has ended meanwhile
            found += map(int, of_thread.read_text().split())
    return found


def _kill_all(process: "subprocess.Popen[str]", pids: list[int]) -> int:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=CHILD_SECONDS)
    return process.returncode


def content(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the content of an archive, without ids, times and WARC places."""
    return {
        "articles": [
            tuple(row)
            for row in rows(
                archive,
                """select a.url, title, summary, body, byline, source, published_on, published_from, listed, revision,
                     content_sha256 from articles a order by a.url""",
            )
        ],
        "urls": [tuple(row) for row in rows(archive, "select url from article_urls order by url")],
        "images": [tuple(row) for row in rows(archive, "select sha256 from images order by 1")],
        "attachments": [tuple(row) for row in rows(archive, "select sha256 from attachments order by 1")],
        "references": [
            tuple(row)
            for row in rows(
                archive,
                """select a.url, i.position, i.image_sha256, i.caption from article_images i
                   join articles a on a.id = i.article_id order by 1, 2""",
            )
        ],
    }
