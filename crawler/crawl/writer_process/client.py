"""A process that writes the archive, so that the crawl's own process only fetches.

It holds the archive's lock, its database and its WARC file, and runs `RunWriter` and `RunQueries`. Calls go to it in
their order, replies come back in that order. It ends when its connection to the crawl ends: after a crawl that died it
writes nothing more, and lets the archive go.
"""

import asyncio
import logging
import select
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from crawler import settings, side_process
from crawler.archive.lock import hold_crawl
from crawler.archive.warc.ledger import Failed, FileRead, HostPlain, HostUnverified, ListingWalked, PageRead
from crawler.body import spool_folder
from crawler.crawl.writer_process.protocol import Call, Reply, read_message, write_call
from crawler.errors import ArchiveUnusableError
from crawler.items import Address, Capture, Exchange, FileReading, Outcome, PageReading
from crawler.profile import Profile, render_profile
from crawler.sentences import Sentence

if TYPE_CHECKING:
    # What only the process itself needs: to import it takes as long as fifty pages.
    from crawler.archive.run_queries import RunQueries
    from crawler.archive.warc.notes import CertificateChain, SharedRobots

logger = logging.getLogger(__name__)

_RECEIVE_BYTES = 256 * 1024
# The parts of messages that go into one system call. Systems allow 1024.
_PARTS = 64


class _Waiting:
    """A call without a reply yet. It keeps the message, whose spool files the process is to read."""

    def __init__(self, kept: Call, future: "asyncio.Future[Any] | None") -> None:
        self.kept = kept
        self.future = future
        self.reply: Reply | None = None

    def take(self, reply: Reply) -> None:
        self.reply = error, value = reply
        if self.future is None or self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(value)


class WriterProcess:
    """Writes one run of one portal in another process. Its methods are those of `RunWriter`.

    Methods that return a future need a running event loop; the others wait. Any error breaks the writer: every later
    call raises it again. Make it early, since the process takes a moment to start.
    """

    def __init__(self) -> None:
        self.crawl_id = 0
        self.broken: BaseException | None = None
        self.payload_bytes = 0
        self.queries = cast("RunQueries", _Queries(self))
        self._waiting: deque[_Waiting] = deque()
        self._unsent: deque[bytes | memoryview] = deque()
        self._received = bytearray()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_sending = False
        self._is_lost = False
        self._held = ExitStack()
        self._process, self._socket = side_process.start("crawler.crawl.writer_process")
        self._socket.setblocking(False)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def is_open(self) -> bool:
        """True if it holds an archive."""
        return hasattr(self, "archive")

    def open(
        self, archive: Path, profile: Profile, *, full: bool, warcinfo_fields: tuple[tuple[str, str], ...]
    ) -> None:
        """Hold the archive and open its files, as `RunWriter` does.

        While another crawl runs, the archive is refused at once. Otherwise wait some seconds for its holder, which may
        be the writer of a crawl that died.

        Raises:
            ArchiveLockedError: if another run holds the archive.
            ArchiveUnusableError: if its files cannot be opened or written.
            WrongUseError: if its schema is newer, or the portal moved and the profile does not say so.
        """
        self._held.enter_context(hold_crawl(archive))
        self.ask(
            "open", archive, render_profile(profile), full=full, warcinfo_fields=warcinfo_fields,
            wait_seconds=settings.ORPHAN_SECONDS,
        )  # fmt: skip
        self.archive = archive
        self.folder = archive.parent / "warc"
        self.spool = spool_folder(archive)
        self.full = full

    def begin(self) -> tuple[int, int]:
        """Adopt what a dead run left, and begin the run.

        Returns:
            The number of captures that were adopted, and the bytes of torn records that were cut off.
        """
        self.crawl_id, captures, torn_bytes, lost = self.ask("begin")
        for line in lost:
            logger.error("left out of the archive, and stored as a loss: %s", line)
        return captures, torn_bytes

    def record(self, exchange: Exchange) -> "asyncio.Future[Capture]":
        """Append an exchange to the WARC and give its capture."""
        self.payload_bytes += exchange.body.size_bytes
        return self.tell("record", exchange)

    def record_unread(self, exchange: Exchange, error: str) -> "asyncio.Future[Capture | None]":
        """Append an exchange whose answer could not be read, and give its capture, if there is one."""
        self.payload_bytes += exchange.body.size_bytes
        return self.tell("record_unread", exchange, error)

    def note_certificates(self, chain: "CertificateChain") -> "asyncio.Future[None]":
        """Append the certificates that a host showed."""
        return self.tell("note_certificates", chain)

    def note_shared_robots(self, shared: "SharedRobots") -> "asyncio.Future[None]":
        """Append a robots.txt that another crawl fetched, and this one goes by."""
        return self.tell("note_shared_robots", shared)

    def apply_page(
        self, entry: PageRead, reading: PageReading, *, addresses: tuple[Address, ...]
    ) -> "asyncio.Future[None]":
        """Store the reading of a page, in one transaction with its frontier entry."""
        return self.tell("apply_page", entry, reading, addresses=addresses)

    def apply_file(self, entry: FileRead, reading: FileReading) -> "asyncio.Future[None]":
        """Store what was read of a file."""
        return self.tell("apply_file", entry, reading)

    def fail(self, failure: Failed) -> "asyncio.Future[None]":
        """Store a failed request."""
        return self.tell("fail", failure)

    def walked(self, entry: ListingWalked) -> "asyncio.Future[None]":
        """Store how far a listing was read."""
        return self.tell("walked", entry)

    def ask_plainly(self, entry: HostPlain) -> "asyncio.Future[None]":
        """Store that a host is asked plainly from now on."""
        return self.tell("ask_plainly", entry)

    def note_unverified(self, entry: HostUnverified) -> "asyncio.Future[None]":
        """Store what a host showed whose certificate was not verified."""
        return self.tell("note_unverified", entry)

    def known_files(self, wanted: Sequence[tuple[str, str]]) -> "asyncio.Future[set[tuple[str, str]]]":
        """Return those of the wanted files that are held or were asked for before, as `RunQueries` does."""
        return self.tell("queries.known_files", wanted)

    def commit(self) -> None:
        """End the batch, without waiting."""
        if self.broken is None:
            self._send(("commit", (), {}))

    def finish(
        self,
        outcome: Outcome,
        reason: tuple[Sentence, ...] = (),
        *,
        ill: Sentence | None = None,
        clock_offset_seconds: int | None = None,
    ) -> None:
        """End the run with its outcome, as `RunWriter` does. If the process died, the next run closes the row."""
        if not self._is_lost:
            self.ask("finish", outcome, reason, ill=ill, clock_offset_seconds=clock_offset_seconds)

    def close(self) -> None:
        """End the process, in any state of the run, and wait until it has let the archive go."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        self._loop = None
        self._socket.close()
        self._process.wait()
        self._held.close()

    def ask(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method and wait for its value."""
        call = self._send((name, args, kwargs))
        while call.reply is None:
            self._flush()
            poll = select.poll()
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._unsent else 0))
            poll.poll()
            self._receive()
        error, value = call.reply
        if error is not None:
            raise error
        return value

    def tell(self, name: str, /, *args: Any, **kwargs: Any) -> "asyncio.Future[Any]":
        """Call a method and give the future of its value. All calls of one turn of the loop go in one write."""
        loop = asyncio.get_running_loop()
        if self._loop is None and not self._is_lost:
            self._loop = loop
            loop.add_reader(self._socket, self._receive)
            loop.call_soon(self._flush)  # of a batch that ended before the first answer came
        future = loop.create_future()
        self._send((name, args, kwargs), future)
        return future

    def _send(self, message: Call, future: "asyncio.Future[Any] | None" = None) -> _Waiting:
        call = _Waiting(message, future)
        if self._is_lost:
            call.take((self.broken, None))
            return call
        if not self._unsent and self._loop is not None:
            self._loop.call_soon(self._flush)
        sent = write_call(message)
        self._unsent.extend((side_process.head_of(sent), sent))  # in two parts: a large message is not copied
        self._waiting.append(call)
        return call

    def _flush(self) -> None:
        """Send what is unsent, as far as the connection takes it now."""
        try:
            while self._unsent:
                sent = self._socket.sendmsg(list(islice(self._unsent, _PARTS)))
                while self._unsent and sent >= len(self._unsent[0]):
                    sent -= len(self._unsent.popleft())
                if sent:
                    self._unsent[0] = memoryview(self._unsent[0])[sent:]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()
            self._process.kill()  # it is dead, or of no more use
            if self._loop is not None:
                # The loop may tell nothing of it: libuv stops to watch a connection with an error.
                self._loop.call_soon(self._receive_rest)
        if self._loop is not None and bool(self._unsent) != self._is_sending:
            self._is_sending = not self._is_sending
            if self._is_sending:
                self._loop.add_writer(self._socket, self._flush)
            else:
                self._loop.remove_writer(self._socket)

    def _receive(self) -> None:
        """Take the replies that have come."""
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
        self._received += data
        while (end := _end_of_frame(self._received)) is not None:
            reply = cast(Reply, read_message(self._received[side_process.LENGTH_BYTES : end]))
            del self._received[:end]
            self.broken = self.broken or reply[0]
            self._waiting.popleft().take(reply)

    def _receive_rest(self) -> None:
        """Take the replies of a process that was killed."""
        self._process.wait()
        while not self._is_lost:
            self._receive()

    def _lose(self) -> None:
        """Fail all calls: the process died. The next start adopts what it wrote."""
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._loop = None
        self._is_lost = True
        self._unsent.clear()
        status = self._process.wait()
        lost = ArchiveUnusableError(f"the process that writes the archive died (exit status {status})")
        logger.error("%s", lost)
        self.broken = self.broken or lost
        while self._waiting:
            self._waiting.popleft().take((self.broken, None))


class _Queries:
    """The methods of `RunQueries`, asked of a writer process."""

    def __init__(self, writer: WriterProcess) -> None:
        self._writer = writer

    def __getattr__(self, name: str) -> Any:
        return partial(self._writer.ask, f"queries.{name}")


def _end_of_frame(data: bytearray) -> int | None:
    """Return where the first frame ends. None if it is not there as a whole."""
    end = side_process.LENGTH_BYTES + side_process.length_in(data)
    return end if end <= len(data) else None
