"""A crawl compared with a bare Scrapy spider that only downloads the same addresses, and with `wget --warc-file`.

`python -m bench.crawl [--articles N] [--pictures N] [--rounds N] [--gate RATIO --gate-cpu RATIO]` serves a portal of
pages of real size (`bench.portal`), and prints the ratios of wall time, CPU time and memory. No side waits between
requests; the texts of attachments are not read. The sides take turns, and the median of the ratios of pairs counts: a
burst of other work falls on one pair.

With `--gate` and `--gate-cpu`, a ratio above its gate ends with exit code 1. A pair in whose time other programs took
more than a tenth of the machine says nothing of the wall time, since a crawl needs two cores and the bare spider one.
If most pairs are such, only the CPU time is judged. With a gate, `wget` is left out.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.portal import make_portal
from bench.server import serve

# Of the machine's time, taken by programs that are not measured.
DISTURBED = 0.1


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run: wall and CPU time in seconds, peak memory of its largest process in MiB.

    `others` is the share of the machine's time that went to other programs meanwhile, the server's included.
    """

    wall: float
    cpu: float
    memory: float
    others: float


Runs = dict[str, list[Cost]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. Return 1 if a ratio is above its gate."""
    parser = argparse.ArgumentParser(prog="python -m bench.crawl")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--pictures", type=int, default=0, help="of each article, about 120 kB each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gate", type=float, help="the highest ratio of wall times that passes")
    parser.add_argument("--gate-cpu", type=float, help="the highest ratio of CPU times that passes")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx reads as another user
        portal = make_portal(folder / "portal", articles=options.articles, pictures=options.pictures)
        with serve(portal.folder, folder) as (base, server):
            profile, asked = folder / "bench.toml", folder / "asked.txt"
            profile.write_text(portal.profile(base), encoding="utf-8")
            asked.write_text("\n".join(base + path[1:] for path in portal.paths), encoding="utf-8")
            sides = {"crawl": _crawl(profile), "bare Scrapy": [sys.executable, "-m", "bench.bare", str(asked)]}
            if shutil.which("wget") and options.gate is None:
                sides["wget"] = ["wget", "-q", "-i", str(asked), "--warc-file", "{run}/wget", "-P", "{run}", "-x"]
            print(f"{len(portal.paths)} addresses, served by {server}, {options.rounds} rounds, median of pairs:")
            runs = _take_turns(sides, folder, rounds=options.rounds)
    for other in list(runs)[1:]:
        print(_compare(runs, other))
    return judge(runs, wall=options.gate, cpu=options.gate_cpu)


def _crawl(profile: Path) -> list[str]:
    return [sys.executable, "-m", "crawler", "crawl", "--portal", str(profile), "--archive", "{run}/archive.db"]


def _take_turns(sides: Mapping[str, list[str]], folder: Path, *, rounds: int) -> Runs:
    """Run all sides in each round, and once before, to warm up."""
    runs: Runs = {side: [] for side in sides}
    for number in range(rounds + 1):
        for side, command in sides.items():
            run = folder / "run"
            run.mkdir()
            cost = _measure([part.format(run=run) for part in command])
            if number:
                runs[side].append(cost)
            shutil.rmtree(run)
    return runs


def _measure(command: list[str]) -> Cost:
    began, busy = time.perf_counter(), _busy_seconds()
    environment = {**os.environ, "PORTAL_ARCHIVE_TEXTS_MINUTES": "0"}
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    assert child.stderr is not None
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors.decode()}")
    wall, cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    others = (_busy_seconds() - busy - cpu) / wall / (os.cpu_count() or 1)
    return Cost(wall, cpu, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024), others)


def _busy_seconds() -> float:
    """Return the seconds that the machine's processors were not idle, or were stolen from it; 0 if nothing says so."""
    try:
        line = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return 0
    user, nice, system, _idle, _waiting, irq, soft_irq, steal = (int(word) for word in line.split()[1:9])
    return (user + nice + system + irq + soft_irq + steal) / os.sysconf("SC_CLK_TCK")


def _ratios(runs: Runs, other: str, *, name: str) -> list[float]:
    return [
        getattr(ours, name) / getattr(theirs, name) for ours, theirs in zip(runs["crawl"], runs[other], strict=True)
    ]


def _compare(runs: Runs, other: str) -> str:
    figures = []
    for name, unit in (("wall", "s"), ("cpu", "s"), ("memory", "MiB")):
        ours, theirs = (statistics.median(getattr(cost, name) for cost in runs[side]) for side in ("crawl", other))
        ratio = statistics.median(_ratios(runs, other, name=name))
        figures.append(f"{name} {ratio:.2f} ({ours:.2f} of {theirs:.2f} {unit})")
    return f"  crawl of {other}: {', '.join(figures)}"


def judge(runs: Runs, *, wall: float | None, cpu: float | None) -> int:
    """Say which gates are missed; 1 if there is one."""
    pairs = zip(runs["crawl"], runs["bare Scrapy"], _ratios(runs, "bare Scrapy", name="wall"), strict=True)
    sound = [ratio for ours, theirs, ratio in pairs if max(ours.others, theirs.others) <= DISTURBED]
    missed = []
    if wall is not None and len(sound) * 2 < len(runs["crawl"]):
        print(f"  other programs took the machine in most pairs ({len(sound)} were sound): the wall time is not judged")
    elif wall is not None and (ratio := statistics.median(sound)) > wall:
        missed.append(f"wall ratio {ratio:.2f} of {len(sound)} sound pairs is above the gate of {wall}")
    if cpu is not None and (ratio := statistics.median(_ratios(runs, "bare Scrapy", name="cpu"))) > cpu:
        missed.append(f"CPU ratio {ratio:.2f} is above the gate of {cpu}")
    for line in missed:
        print(line)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
