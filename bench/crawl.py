"""A crawl of the replica compared with a bare Scrapy spider that only downloads the same addresses.

`python -m bench.crawl [--articles N] [--rounds N] [--gate RATIO]` prints the ratios of wall time, CPU time and peak
memory. No side waits between requests. Each side and the replica run in separate processes. The sides take turns, and
the best round of each counts, since other work of the machine only makes a round slower. The texts of attachments are
not read, since the bare spider reads none. With `--gate`, a wall ratio above it ends with exit code 1.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run: wall and CPU time in seconds, peak memory in MiB."""

    wall: float
    cpu: float
    memory: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. Return 1 if the wall ratio is above the gate."""
    parser = argparse.ArgumentParser(prog="python -m bench.crawl")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gate", type=float, help="the highest wall ratio that passes")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        profile = folder / "replica.toml"
        command = [sys.executable, "-m", "crawler.replica", "--articles", str(options.articles)]
        replica = subprocess.Popen([*command, "--profile", str(profile)], stdout=subprocess.PIPE, text=True)
        try:
            assert replica.stdout is not None
            base = replica.stdout.readline().strip()
            replica.stdout.readline()  # it says that the profile is written
            ratio = _compare(base, profile, folder=folder, rounds=options.rounds)
        finally:
            replica.terminate()
            replica.wait()
    if options.gate is not None and ratio > options.gate:
        print(f"wall ratio {ratio:.2f} is above the gate of {options.gate}")
        return 1
    return 0


def _compare(base: str, profile: Path, *, folder: Path, rounds: int) -> float:
    text = profile.read_text(encoding="utf-8").replace("concurrency = 8", "concurrency = 16")
    profile.write_text(text, encoding="utf-8")
    _run_ours(profile, folder / "warm")  # the replica draws its pictures, and logs the requests of a crawl
    asked = folder / "asked.json"
    asked.write_bytes(urllib.request.urlopen(f"{base}_replica/requests").read())
    ours, bare = [], []
    for number in range(rounds):
        bare.append(_run_bare(asked))
        ours.append(_run_ours(profile, folder / f"run{number}"))
    requests = len(json.loads(asked.read_bytes()))
    print(f"{requests} requests, best of {rounds}:")
    for name, unit in (("wall", "s"), ("cpu", "s"), ("memory", "MiB")):
        mine, theirs = _best(ours, name), _best(bare, name)
        print(f"  {name:6}  crawl {mine:7.2f} {unit:3}  bare Scrapy {theirs:7.2f} {unit:3}  ratio {mine / theirs:.2f}")
    return _best(ours, "wall") / _best(bare, "wall")


def _best(costs: list[Cost], name: str) -> float:
    return min(float(getattr(cost, name)) for cost in costs)


def _run_ours(profile: Path, folder: Path) -> Cost:
    folder.mkdir()
    command = [sys.executable, "-m", "crawler", "crawl", "--portal", str(profile)]
    return _measure([*command, "--archive", str(folder / "archive.db")], {"PORTAL_ARCHIVE_TEXTS_MINUTES": "0"})


def _run_bare(asked: Path) -> Cost:
    return _measure([sys.executable, "-m", "bench.bare", str(asked)], {})


def _measure(command: list[str], environment: Mapping[str, str]) -> Cost:
    began = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **environment}
    )
    assert child.stderr is not None
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors.decode()}")
    memory = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, memory)


if __name__ == "__main__":
    sys.exit(main())
