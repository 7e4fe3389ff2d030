"""The processes that run SQL of visitors, and the queue before them."""

import asyncio
import queue
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from crawler import side_process
from crawler.web.visitor_sql import messages
from crawler.web.visitor_sql.bounds import GRACE_SECONDS
from crawler.web.visitor_sql.messages import Answered, Ask, Refused

# Statements at a time. The machine's other cores are for the site's own pages.
PROCESSES = 2
# Statements that may wait for a process. Further ones are refused and may be tried later.
MAX_WAITING = 16
# Beyond the time after which the process ends itself.
_SPARE_SECONDS = 1.0
_START_SECONDS = 30.0


class BusyError(Exception):
    """Raised when too many statements wait already, by `SqlPool.ask`."""


class SqlPool:
    """Runs statements on a database, given by its URI for SQLite, in at most PROCESSES processes.

    Each process has one thread here that waits for it. A process starts when it is first needed, and again after it
    was ended for a statement that went on too long.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._threads = ThreadPoolExecutor(PROCESSES, thread_name_prefix="visitor-sql")
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._all = [_Process(uri) for _ in range(PROCESSES)]
        for process in self._all:
            self._idle.put(process)
        self._under_way = 0

    async def ask(self, ask: Ask) -> Answered | Refused:
        """Run a statement, and wait for its rows.

        Raises:
            BusyError: if too many statements wait.
        """
        if self._under_way >= PROCESSES + MAX_WAITING:
            raise BusyError
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, ask)
        finally:
            self._under_way -= 1

    def close(self) -> None:
        """End the processes, also those that are at work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            process.close()

    def _ask(self, ask: Ask) -> Answered | Refused:
        process = self._idle.get()
        try:
            return process.ask(ask)
        finally:
            self._idle.put(process)


class _Process:
    """One process, started when it is asked."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._is_closed = False

    def ask(self, ask: Ask) -> Answered | Refused:
        """Send a statement and read the reply. End the process if none comes in time."""
        try:
            if self._child is not None and self._child.poll() is not None:
                self.end()  # it died since it was last asked
            connection = self._socket or self._start()
            until = time.monotonic() + ask.limit_ms / 1000 + GRACE_SECONDS + _SPARE_SECONDS
            connection.sendall(side_process.frame(messages.write_message(ask)))
            size = side_process.length_in(_receive(connection, side_process.LENGTH_BYTES, until=until))
            return messages.read_reply(_receive(connection, size, until=until))
        except OSError:  # also a time that is over
            self.end()
            return Refused("interrupted", is_interrupted=True)

    def end(self) -> None:
        """End the process, if it runs."""
        child, connection = self._child, self._socket
        self._child = self._socket = None
        if child is not None:
            child.kill()
            child.wait()
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End the process for good."""
        self._is_closed = True
        self.end()

    def _start(self) -> socket.socket:
        if self._is_closed:
            raise ConnectionAbortedError("the site is closing")
        self._child, ours = side_process.start("crawler.web.visitor_sql", self._uri)
        self._socket = ours
        _receive(ours, len(messages.READY), until=time.monotonic() + _START_SECONDS)
        return ours


def _receive(connection: socket.socket, size: int, *, until: float) -> bytes:
    """Receive exactly this many bytes.

    Raises:
        OSError: if they do not come in time, or the process ended.
    """
    parts = bytearray()
    while len(parts) < size:
        connection.settimeout(max(0.001, until - time.monotonic()))
        part = connection.recv(min(size - len(parts), 1024 * 1024))
        if not part:
            raise ConnectionResetError("the process ended")
        parts += part
    return bytes(parts)
