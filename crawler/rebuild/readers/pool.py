"""Reading in several processes, while one process writes. Readings come in the order of the questions."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Self

from crawler.archive.warc.files.folder import find_files
from crawler.rebuild.readers.reading import Pending, Question, Reading, read_again
from crawler.side_process.parent import end_with_parent

# Below this, starting processes takes longer than reading the pages.
_LEAST_BYTES = 8 * 1024 * 1024


def size_of(folder: Path) -> int:
    """Return the size of the WARC files in a folder."""
    return sum(file.path.stat().st_size for file in find_files(folder) if file.has_warc_name)


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ReadingPool:
    """Processes that read. If a page kills its process, that page gives an error, and the others are read."""

    def __init__(self, folder: Path, processes: int) -> None:
        self._folder = folder
        self._processes = processes
        self._pool = self._start(processes)
        self._alone: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in (self._pool, self._alone):
            if pool is not None:
                pool.shutdown(cancel_futures=True)

    def ask(self, question: Question) -> Pending:
        """Begin to read."""
        try:
            future = self._pool.submit(read_again, self._folder, question)
        except BrokenProcessPool:
            self._pool = self._start(self._processes)
            future = self._pool.submit(read_again, self._folder, question)
        return _Asked(question, future, self._read_alone)

    def _read_alone(self, question: Question) -> Reading:
        """Read one question in a process that reads nothing else meanwhile."""
        if self._alone is None:
            self._alone = self._start(1)
        try:
            return self._alone.submit(read_again, self._folder, question).result()
        except BrokenProcessPool:
            self._alone = None
            return Reading(error="the reader died of it")

    def _start(self, processes: int) -> ProcessPoolExecutor:
        # A forked process would share the database's connection.
        return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_follow_parent)


@contextmanager
def open_asker(folder: Path, processes: int | None) -> Iterator[ReadingPool | None]:
    """Start the processes that read an archive's WARC files; None where this one reads.

    `processes` is their number, 0 for none. None is one for each core, and none for a small archive.
    """
    if processes is None:
        processes = 0 if size_of(folder) < _LEAST_BYTES or count_cores() == 1 else count_cores()
    if not processes:
        yield None
        return
    with ReadingPool(folder, processes) as pool:
        yield pool


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    future: "Future[Reading]"
    read_alone: Callable[[Question], Reading]

    def result(self) -> Reading:
        try:
            return self.future.result()
        except BrokenProcessPool:
            # One of the questions that were under way killed its process: each of them is asked again by itself.
            return self.read_alone(self.question)


def _follow_parent() -> None:
    """Leave signals to the parent, and end when it ends, however it does and whatever is read then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    end_with_parent(parent.pid if parent is not None else None)
