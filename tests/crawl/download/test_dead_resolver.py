"""A crawl stops at once also while the system looks for a name, at a name server that never answers."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.crawling import environment

# In namespaces of its own: a network of nothing but a name server that is silent, and the crawl that asks it.
PROGRAM = """
import fcntl, signal, socket, struct, subprocess, sys, time
from pathlib import Path

folder = Path(sys.argv[1])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    up = 0x1
    fcntl.ioctl(server, 0x8914, struct.pack("16sH14x", b"lo", up))  # SIOCSIFFLAGS, netdevice(7)
    server.bind(("127.0.0.1", 53))
    server.settimeout(60)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\\noptions timeout:30 attempts:2\\n")
    subprocess.run(["mount", "--bind", folder / "resolv.conf", "/etc/resolv.conf"], check=True)
    if sys.argv[2:]:
        line = [sys.executable, "-m", "crawler", *sys.argv[2:]]
        crawl = subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        server.recvfrom(512)
        began = time.monotonic()
        crawl.send_signal(signal.SIGTERM)
        said = crawl.communicate()[1]
        print(crawl.returncode, time.monotonic() - began < 10, "Traceback" in said)
"""


def _run_apart(folder: Path, *line: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", "--mount", sys.executable, "-c", PROGRAM, folder, *line],
        env=environment({}), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("scheme", "has_fleet"), [("http", False), ("https", False), ("https", True)])
def test_a_crawl_ends_soon_that_waits_for_a_name_server(tmp_path: Path, scheme: str, *, has_fleet: bool) -> None:
    if shutil.which("unshare") is None or _run_apart(tmp_path).returncode != 0:
        pytest.skip("this system gives no network and no mounts to a process")
    if has_fleet:
        (tmp_path / "fleet.toml").write_text("", encoding="utf-8")
    profile, archive = tmp_path / "x.toml", tmp_path / "x" / "archive.db"
    archive.parent.mkdir()
    profile.write_text(
        f'name = "x"\ntitle = "X"\ncms = "vnpt"\nbase_url = "{scheme}://silent.example/"\n'
        "[limits]\ndisk_reserve_bytes = 0\n",
        encoding="utf-8",
    )
    ended = _run_apart(tmp_path, "crawl", "--portal", str(profile), "--archive", str(archive))
    assert ended.stdout == "130 True False\n", ended.stderr
