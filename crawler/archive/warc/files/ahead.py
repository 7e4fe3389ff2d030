"""Read records ahead in a thread, while earlier records are compared: zlib releases the interpreter lock.

A process instead of a thread would have to copy the records, and both together would take longer.
"""

from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread

from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage

_One = WarcRecord | Damage
# All records of a part are handed over at once, which costs less than one by one. The waiting parts and the two in work
# take some ten megabytes, because a larger body is a spool file.
_PART_RECORDS, _PART_BYTES = 32, 1024 * 1024
_WAITING_PARTS = 2


class _Part:
    """Records in their order. The last part has the error that ended the reading, if there was one."""

    def __init__(self) -> None:
        self.records: list[_One] = []
        self.size_bytes = 0
        self.is_last = False
        self.error: BaseException | None = None

    def add(self, one: _One) -> bool:
        """Add a record. True if the part is full."""
        self.records.append(one)
        self.size_bytes += len(one.body.data) + len(one.head) if isinstance(one, WarcRecord) else 0
        return len(self.records) >= _PART_RECORDS or self.size_bytes >= _PART_BYTES


def read_ahead(records: Iterator[_One]) -> Iterator[_One]:
    """Yield the records of an iterator in its order, and raise its error.

    The iterator runs in a thread, up to some megabytes ahead. No other code may use it. The thread ends together with
    the loop over the records, also if that loop is left early.
    """
    parts: Queue[_Part] = Queue(_WAITING_PARTS)
    stopped: list[bool] = []
    thread = Thread(target=_read, args=(records, parts), kwargs={"stopped": stopped}, daemon=True)
    thread.start()
    try:
        while True:
            part = parts.get()
            yield from part.records
            if part.error is not None:
                raise part.error
            if part.is_last:
                return
    finally:
        stopped.append(True)
        while thread.is_alive():
            with suppress(Empty):
                parts.get(timeout=0.01)  # it may wait for room
        thread.join()


def _read(records: Iterator[_One], parts: "Queue[_Part]", *, stopped: list[bool]) -> None:
    part = _Part()
    try:
        for one in records:
            if stopped:
                return
            if part.add(one):
                parts.put(part)
                part = _Part()
    except BaseException as error:  # for the thread that asked
        part.error = error
    part.is_last = True
    parts.put(part)
