"""Nothing outlives a command that is killed, whatever its processes are doing then."""

import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from crawler.replica import Replica
from tests.support.build import make_archive
from tests.support.crawling import ROOT, environment, start, write_profile
from tests.support.processes.memory import tree_of
from tests.support.processes.running import wait_until_gone

# The interpreter's lock is held all the time: no thread of the process gets a turn.
BUSY = "import re; re.match('(a+)+$', 'a' * 60 + 'b')"
CHILD = f"""
from crawler.side_process.parent import end_with_parent
end_with_parent()
print("ready", flush=True)
{BUSY}
"""
PARENT = f"""
import subprocess, sys, time
with subprocess.Popen([sys.executable, "-c", {CHILD!r}]):
    time.sleep(600)
"""
POOL = """
import re
from pathlib import Path
from crawler.rebuild.readers.pool import ReadingPool

class Endless:
    def __reduce__(self):
        return re.match, ("(a+)+$", "a" * 60 + "b")

if __name__ == "__main__":
    with ReadingPool(Path("."), 2) as pool:
        for _ in range(2):
            pool.ask(None).result()
        asked = [pool.ask(Endless()) for _ in range(2)]
        print("ready", flush=True)
        asked[0].result()
"""


def kill_and_look(process: "subprocess.Popen[str]", *, when: Callable[[set[int]], bool]) -> None:
    """Kill a process when the tree of its processes is as wanted. None of them may be left."""
    while not when(pids := set(tree_of(process.pid))):
        assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()
    wait_until_gone(*pids)


def run_script(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    )


def test_a_busy_child_ends_with_its_parent() -> None:
    process = run_script("-c", PARENT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    kill_and_look(process, when=lambda pids: len(pids) == 2)


def test_a_child_whose_parent_ended_before_it_began_ends() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    script = f"from crawler.side_process.parent import end_with_parent; end_with_parent({gone.pid})"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert ended.returncode == -9


def test_the_processes_of_a_killed_rebuild_end(tmp_path: Path) -> None:
    script = tmp_path / "rebuild.py"
    script.write_text(POOL)
    process = subprocess.Popen(
        [sys.executable, str(script)], cwd=tmp_path, env={**environment(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    kill_and_look(process, when=lambda pids: len(pids) >= 3)


def test_the_processes_of_a_killed_crawl_end(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"

    def is_at_work(pids: set[int]) -> bool:
        said = b""
        for pid in pids:
            with suppress(OSError):
                said += Path(f"/proc/{pid}/cmdline").read_bytes()
        return b"parser_process" in said and b"writer_process" in said and archive.exists()

    with Replica(articles=240) as portal:
        process = start("crawl", "--portal", write_profile(portal, tmp_path), "--archive", archive)
        kill_and_look(process, when=is_at_work)


def test_the_process_of_a_visitors_sql_ends_with_a_killed_site(tmp_path: Path) -> None:
    process = start("serve", "--port", "0", "--archive", make_archive(tmp_path))
    assert process.stdout is not None
    address = next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    asked = f"{address.rstrip('/')}/archive?{urllib.parse.urlencode({'sql': sql})}"

    def ask() -> None:
        with suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(asked, timeout=30).read()

    threading.Thread(target=ask, daemon=True).start()
    kill_and_look(process, when=lambda pids: len(pids) >= 2)
