"""The progress of a command that reads an archive's files: a bar on a terminal, otherwise a line for each tenth."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from crawler.cli.terminal.output import is_quiet


@contextmanager
def show_progress(total_bytes: int, *, doing: str) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes the number of bytes of each finished part. A quiet command shows nothing."""
    if is_quiet():
        yield lambda _: None
    elif sys.stderr.isatty():
        with tqdm(total=total_bytes, desc=doing, unit="B", unit_scale=True, dynamic_ncols=True) as bar:

            def advance(count: int) -> None:
                bar.update(count)

            yield advance
    else:
        yield _Lines(total_bytes, doing).add


class _Lines:
    """Writes a line to standard error after each tenth of the bytes."""

    def __init__(self, total_bytes: int, doing: str) -> None:
        self._total = max(1, total_bytes)
        self._doing = doing
        self._done = 0

    def add(self, count: int) -> None:
        before = self._done * 10 // self._total
        self._done += count
        if (now := min(10, self._done * 10 // self._total)) > before:
            print(f"{self._doing}: {now * 10}%", file=sys.stderr, flush=True)
