"""How fast the site answers while a crawl writes to a large archive, compared with a table page of a bare Datasette.

`python -m bench.reading [--articles N] [--rounds N] [--seconds N] [--readers N] [--keep FOLDER] [--pages-a-second N]
[--gate RATIO] [--orders]` makes an archive of N articles (`bench.library`), or takes the one from an earlier run in
FOLDER. It publishes the archive with `portal-archive serve`, starts a writer that works as a crawl does
(`bench.writing`), and asks for pages of the site one after another, in turn with pages of the table `articles` of a
bare Datasette (`bench.table`), for this many rounds or seconds, whichever ends first. Then this many readers ask at
once, each for a page every ten seconds. It prints the median and the 95th percentile of each kind in ms, and that
percentile divided by the yardstick's. No request has a validator. With `--gate`, search pages or article pages above
that ratio end it with exit code 1.

With `--orders`, it asks instead only for searches of several words, each by tier and newest first in turn, without a
writer, and prints the CPU of the whole pages, and the ratio of the two for each kind. The gate is then that of all.

20,000 articles are made in about half a minute, 300,000 in ten: `--keep` them.

The yardstick is a light table page: 20 rows without their long texts, and no suggested facets. The default page takes
seconds, most of them for facets. It is asked now and then, for comparison.
"""

import argparse
import http.client
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

from bench.library import build_library
from bench.questions import ARTICLE, OTHER, SEARCH, Asker

TABLE, DEFAULT_TABLE = "bare Datasette: 20 rows without texts", "bare Datasette: default table page"
LIGHT = "?_size=20&_nosuggest=1&_nocol=summary&_nocol=body&_nocol=body_html&_nocol=captions"
# The number of questions between two requests to the yardstick.
_BETWEEN = 8
# The default page is requested in one of this many rounds.
_ROUNDS_BETWEEN = 4
# How long readers ask at once, and how long each looks at a page.
_READING_SECONDS, _PAGE_SECONDS = 30.0, 10.0


@dataclass(frozen=True, slots=True)
class Spread:
    """The times of answers, in milliseconds."""

    count: int
    middle: float
    p95: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The times of each kind of page, of the judged groups, of the yardstick, and of readers at once."""

    kinds: dict[tuple[str, str], Spread]
    groups: dict[str, Spread]
    table: Spread
    at_once: Spread | None = None

    def ratio(self, group: str) -> float:
        """Return the 95th percentile of a group of pages divided by the yardstick's."""
        return self.groups[group].p95 / self.table.p95

    def middle_ratio(self, group: str) -> float:
        """Return the median of a group divided by the yardstick's: other work of the machine moves it less."""
        return self.groups[group].middle / self.table.middle


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. Return 1 if a ratio is above the gate."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading")
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=90.0, help="after so long no further round begins")
    parser.add_argument("--readers", type=int, default=200, help="so many ask at once in the end; 0 for none")
    parser.add_argument("--keep", type=Path, help="a folder to take the archive from, or leave it in")
    parser.add_argument("--pages-a-second", type=float, default=2.0, help="how fast the writer writes; 0 for none")
    parser.add_argument("--gate", type=float, help="the highest ratio of search and article pages that passes")
    parser.add_argument("--orders", action="store_true", help="only compare searches by tier with newest first")
    options = parser.parse_args(argv)
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        archive = folder / f"library-{options.articles}" / "archive.db"
        if not archive.exists():
            print(f"making {options.articles} articles", flush=True)
            make_library(archive, options.articles)
        print("asking", flush=True)
        if options.orders:
            ratio = compare_orders(archive, rounds=options.rounds)
            return 1 if options.gate and ratio > options.gate else 0
        measured = measure(
            archive,
            rounds=options.rounds,
            pages_a_second=options.pages_a_second,
            seconds=options.seconds,
            readers=options.readers,
        )
    _print(measured)
    above = [group for group in (SEARCH, ARTICLE) if options.gate and measured.ratio(group) > options.gate]
    for group in above:
        print(f"{group} pages: ratio {measured.ratio(group):.2f} is above the gate of {options.gate}")
    return 1 if above else 0


def make_library(archive: Path, articles: int) -> None:
    """Make the archive under another name first, so that an interrupted run leaves no incomplete archive."""
    unfinished = archive.parent.with_suffix(".unfinished")
    unfinished.mkdir(parents=True)
    build_library(unfinished / archive.name, articles)
    unfinished.rename(archive.parent)


def measure(
    archive: Path, *, rounds: int, pages_a_second: float, seconds: float = math.inf, readers: int = 0
) -> Measured:
    """Measure this many rounds of pages while a writer writes, or for this many seconds; then readers at once."""
    ours, table = [sys.executable, "-m", "crawler", "serve", "--port", "0"], [sys.executable, "-m", "bench.table"]
    writer = [sys.executable, "-m", "bench.writing", str(archive), str(pages_a_second)]
    asker = Asker(archive, random.Random(1))
    with ExitStack() as stack:
        site = stack.enter_context(_run([*ours, "--archive", str(archive)]))
        yardstick = stack.enter_context(_run([*table, str(archive)]))
        if pages_a_second:
            stack.enter_context(_run(writer))
        measured = _ask(site, yardstick, asker=asker, rounds=rounds, until=time.monotonic() + seconds)
        return replace(measured, at_once=_ask_at_once(site, asker=asker, readers=readers)) if readers else measured


def compare_orders(archive: Path, *, rounds: int) -> float:
    """Print what searches by tier cost beside newest first, for each kind. Return the ratio of the p95 of all."""
    asker, taken = Asker(archive, random.Random(1)), defaultdict[str, list[tuple[float, float]]](list)
    with _run([sys.executable, "-m", "crawler", "serve", "--port", "0", "--archive", str(archive)]) as site:
        for number in range(-1, rounds):  # the first warms up, and does not count
            for place, (kind, *paths) in enumerate(asker.ask_in_both_orders()):
                # Whichever comes second finds pages of the index in memory.
                turn = 1 if (number + place) % 2 else -1
                tiers_taken, newest_taken = [_cpu_of(site, path) for path in paths[::turn]][::turn]
                if number >= 0:
                    taken[kind].append((tiers_taken, newest_taken))
    taken["all"] = list(chain.from_iterable(taken.values()))
    heads = f"{'tiers p50':>10} {'p95':>8} {'newest p50':>11} {'p95':>8} {'ratio':>6} of sums"
    print(f"{'CPU of a whole page, ms':28} {'asked':>6} {heads}")
    for kind, pairs in taken.items():
        tiers, newest = (_spread(list(times)) for times in zip(*pairs, strict=True))
        sums = sum(one for one, _ in pairs) / sum(other for _, other in pairs)
        shown = f"{len(pairs):6} {tiers.middle:10.1f} {tiers.p95:8.1f} {newest.middle:11.1f} {newest.p95:8.1f}"
        print(f"{kind:28} {shown} {tiers.p95 / newest.p95:6.2f} {sums:7.2f}")
    return tiers.p95 / newest.p95


def _cpu_of(site: str, path: str) -> float:
    """Ask for a page. Return the milliseconds of CPU that the site took: other work of the machine moves it little."""
    before = _read_cpu()
    _time(site.rstrip("/") + path)
    return _read_cpu() - before


def _read_cpu() -> float:
    """Read the milliseconds of CPU of the programs that this one has started (Linux)."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    threads = chain.from_iterable(Path(f"/proc/{child}/task").glob("*/schedstat") for child in children)
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


@contextmanager
def _run(command: Sequence[str]) -> Iterator[str]:
    """Run a program until the end of the context. Yield the last word of its first line."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline().split()
            if not line:
                raise SystemExit(f"{' '.join(command)} did not start")
            yield line[-1]
            if child.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended early with {child.returncode}")
        finally:
            child.terminate()


def _ask(site: str, yardstick: str, *, asker: Asker, rounds: int, until: float) -> Measured:
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    table: list[float] = []
    base = site.rstrip("/")
    for number in range(-1, rounds):  # the first warms up, and does not count
        if number > 0 and time.monotonic() > until:
            break
        for place, question in enumerate(asker.ask_round()):
            if place % _BETWEEN == 0:
                table.append(_time(yardstick + LIGHT))
            taken = _time(base + question.path)
            if number >= 0:
                times[question.group, question.kind].append(taken)
        if number < 0:
            table.clear()
        elif number % _ROUNDS_BETWEEN == 0:
            times[OTHER, DEFAULT_TABLE].append(_time(yardstick))
    groups = {
        group: _spread([taken for key, taken_all in times.items() if key[0] == group for taken in taken_all])
        for group in (SEARCH, ARTICLE, OTHER)
    }
    return Measured({key: _spread(taken) for key, taken in times.items()}, groups, _spread(table))


def _ask_at_once(site: str, *, asker: Asker, readers: int) -> Spread:
    """Let readers ask at once, each for a page of any kind and then for the next one when it has looked at it."""
    began = time.monotonic()
    rounds = chain.from_iterable(asker.ask_round() for _ in count())
    each = int(_READING_SECONDS / _PAGE_SECONDS)
    paths = [[question.path for question in islice(rounds, each)] for _ in range(readers)]

    def read(number: int) -> list[float]:
        taken = []
        for place, path in enumerate(paths[number]):
            due = began + (place + number / readers) * _PAGE_SECONDS
            time.sleep(max(due - time.monotonic(), 0))
            taken.append(_time(site.rstrip("/") + path))
        return taken

    with ThreadPoolExecutor(readers) as pool:
        return _spread([taken for one in pool.map(read, range(readers)) for taken in one])


def _time(address: str) -> float:
    """Ask for a page on a new connection. Return the milliseconds until its last byte."""
    parts = urlsplit(address)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("GET", address.removeprefix(f"{parts.scheme}://{parts.netloc}"))
    response = connection.getresponse()
    response.read()
    taken = (time.perf_counter() - began) * 1000
    connection.close()
    if response.status not in (200, 302):
        raise SystemExit(f"{address} answered {response.status}")
    return taken


def _spread(taken: list[float]) -> Spread:
    # A percentile needs two values.
    many = taken if len(taken) > 1 else taken * 2
    return Spread(len(taken), median(taken), quantiles(many, n=20, method="inclusive")[-1])


def _print(measured: Measured) -> None:
    table = measured.table
    print(f"{'':42} {'asked':>6} {'p50 ms':>8} {'p95 ms':>8} {'ratio':>6}")
    rows = [((group, f"all {group} pages"), measured.groups[group]) for group in (SEARCH, ARTICLE)]
    for (_, kind), spread in [*rows, *sorted(measured.kinds.items()), (("", TABLE), table)]:
        ratio = spread.p95 / table.p95
        print(f"{kind:42} {spread.count:6} {spread.middle:8.1f} {spread.p95:8.1f} {ratio:6.2f}")
    if one := measured.at_once:
        print(f"{'readers at once':42} {one.count:6} {one.middle:8.1f} {one.p95:8.1f} {one.p95 / table.p95:6.2f}")


if __name__ == "__main__":
    sys.exit(main())
