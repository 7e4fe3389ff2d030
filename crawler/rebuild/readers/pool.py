"""Read captures in several processes, while one process writes. Readings come in the order of the questions."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from crawler.archive.warc.files.folder import find_files
from crawler.rebuild.readers.reading import Pending, Question, Reading
from crawler.rebuild.readers.side_process import DEADLINE_SECONDS, SideReader
from crawler.side_process.cores import count_cores

# Below this, starting several processes takes longer than reading the pages.
_LEAST_BYTES = 8 * 1024 * 1024


def size_of(folder: Path) -> int:
    """Return the size of the WARC files in a folder."""
    return sum(file.path.stat().st_size for file in find_files(folder) if file.has_warc_name)


def count_readers(folder: Path) -> int:
    """Return the number of processes that read an archive: one for a small archive, else one for each core.

    It is never 0: a page that crashes its reader, or never ends, must not stop the work on other pages.
    """
    return 1 if size_of(folder) < _LEAST_BYTES else count_cores()


class ReadingPool:
    """Processes that read. If a page crashes its process, or takes far too long, only this page gives an error."""

    def __init__(self, folder: Path, processes: int, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """Read the WARC files of `folder`. One question may take up to `deadline_seconds` (`Lateness`)."""
        self._readers = [SideReader(folder, deadline_seconds=deadline_seconds) for _ in range(processes)]
        self._idle: SimpleQueue[SideReader] = SimpleQueue()
        for reader in self._readers:
            self._idle.put(reader)
        # Each thread waits for one process. The threads live as long as the pool, because a process ends together with
        # the thread that started it.
        self._threads = ThreadPoolExecutor(processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for _reader in self._readers:
            self._idle.get().close()
        self._threads.shutdown()

    def ask(self, question: Question) -> Pending:
        """Begin to read."""
        return self._threads.submit(self._read, question)

    def _read(self, question: Question) -> Reading:
        reader = self._idle.get()
        try:
            return reader.read(question)
        finally:
            self._idle.put(reader)


@contextmanager
def open_asker(folder: Path, processes: int | None) -> Iterator[ReadingPool | None]:
    """Start the processes that read an archive's WARC files. Yield None if this process reads by itself.

    `processes` is their number; 0 starts none. With None, `count_readers` gives the number, and 1 also starts none.
    """
    if processes is None:
        readers = count_readers(folder)
        processes = readers if readers > 1 else 0
    if not processes:
        yield None
        return
    with ReadingPool(folder, processes) as pool:
        yield pool
