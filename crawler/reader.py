"""A process beside the crawl that reads pages and pictures, so that the crawl only fetches and writes.

Reading is a third of a crawl's work, and pure: the answer goes over, the reading comes back, in order. A page that
kills its reader (a fault in a parser written in C) is blamed alone; what waited behind it is given to a new reader.
"""

import asyncio
import signal
import socket
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Self, cast

import msgspec

from crawler.archive.answers import Answer
from crawler.errors import ReadingError
from crawler.items import Address, FileReading, FileRole, PageReading, Purpose
from crawler.profile import Profile, render_profile, restore_profile
from crawler.reading import read_file, read_page

# A frame is its length in so many bytes, big-endian, and a message: a question in MessagePack, for its many bytes, a
# reply in JSON, which keeps the offsets of times (MessagePack has instants only).
_LENGTH_BYTES = 4


class _PageQuestion(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """An answer to read as a page for a purpose."""

    answer: Answer
    asked: str
    purpose: Purpose
    listing: str | None
    page: int | None


class _FileQuestion(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """An answer to examine as a file for a role."""

    answer: Answer
    asked: str
    role: FileRole


_Question = _PageQuestion | _FileQuestion


class _Reply(msgspec.Struct, array_like=True, frozen=True):
    """What a question came to: one of the three."""

    page: tuple[PageReading, tuple[Address, ...]] | None = None
    file: FileReading | None = None
    error: str | None = None


_write_question: Callable[[_Question], bytes] = msgspec.msgpack.Encoder().encode
_read_question: Callable[[bytes], _Question] = msgspec.msgpack.Decoder(_Question).decode
_write_reply: Callable[[_Reply], bytes] = msgspec.json.Encoder().encode
_read_reply = msgspec.json.Decoder(_Reply).decode


class Reader:
    """Reads in another process; to be asked in a running event loop. Start it early: it takes a moment to be there."""

    def __init__(self, profile: Profile) -> None:
        self._profile = render_profile(profile)
        self._waiting: deque[tuple[bytes, asyncio.Future[_Reply]]] = deque()
        self._link: _Link | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._is_closed = False
        self._start()

    @property
    def pid(self) -> int:
        """The process that reads now."""
        return self._process.pid

    async def read_page(
        self, answer: Answer, purpose: Purpose, *, asked: str, listing: str | None, page: int | None
    ) -> tuple[PageReading, tuple[Address, ...]]:
        """Read a page, as `reading.read_page` does.

        Raises:
            ReadingError: if the parser failed, or died of this page.

        """
        reply = await self._ask(_PageQuestion(answer, asked, purpose, listing, page))
        assert reply.page is not None
        return reply.page

    async def read_file(self, answer: Answer, role: FileRole, *, asked: str) -> FileReading:
        """Examine a file, as `reading.read_file` does.

        Raises:
            ReadingError: if the examination failed, or died of this file.

        """
        reply = await self._ask(_FileQuestion(answer, asked, role))
        assert reply.file is not None
        return reply.file

    def close(self) -> None:
        """End the process at once, since it holds nothing; what is still waiting is given up."""
        self._is_closed = True
        self._process.kill()
        self._process.wait()
        if self._link is not None:
            self._link.close()
        self._socket.close()

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "crawler.reader"]
            self._process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)  # noqa: S603
        self._socket.sendall(_frame(self._profile))
        self._socket.setblocking(False)

    async def _ask(self, question: _Question) -> _Reply:
        message = _frame(_write_question(question))
        future: asyncio.Future[_Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, future))
        if self._link is not None:
            self._link.send(message)
        elif self._connecting is None or self._connecting.done():
            self._connecting = asyncio.ensure_future(self._connect())
        reply = await future
        if reply.error is not None:
            raise ReadingError(f"{question.asked}: {reply.error}")
        return reply

    async def _connect(self) -> None:
        """Connect to the process, a new one if it died; what waits is put to it as soon as it listens."""
        try:
            if self._process.returncode is not None:
                self._start()
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: _Link(self._begin, self._take, self._lost), sock=self._socket)
        except OSError as error:
            while self._waiting:
                self._take_reply(_Reply(error=f"no reader can be had: {error}"))

    def _begin(self, link: "_Link") -> None:
        self._link = link
        for message, _ in self._waiting:
            link.send(message)

    def _take(self, message: bytes) -> None:
        self._take_reply(_read_reply(message))

    def _take_reply(self, reply: _Reply) -> None:
        _, future = self._waiting.popleft()
        if not future.done():
            future.set_result(reply)

    def _lost(self) -> None:
        """Blame the page that was being read when the process died, and go on with the next ones in a new process."""
        if self._is_closed:
            return
        status = self._process.wait()
        self._link = None
        if self._waiting:
            self._take_reply(_Reply(error=f"the reader died of it (exit status {status})"))
        if self._waiting:
            self._connecting = asyncio.ensure_future(self._connect())


class _Link(asyncio.Protocol):
    """Parts the bytes that come into frames."""

    def __init__(
        self, begin: Callable[["_Link"], None], take: Callable[[bytes], None], lost: Callable[[], None]
    ) -> None:
        self._received = bytearray()
        self._on_begin = begin
        self._on_frame = take
        self._on_loss = lost
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to send, and say that it can be done."""
        self._transport = cast(asyncio.Transport, transport)
        self._on_begin(self)

    def data_received(self, data: bytes) -> None:
        """Hand on every frame that is whole."""
        self._received += data
        while len(self._received) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(self._received[:_LENGTH_BYTES], "big")
            if len(self._received) < end:
                return
            message = bytes(self._received[_LENGTH_BYTES:end])
            del self._received[:end]
            self._on_frame(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """Say that nothing more comes."""
        self._on_loss()

    def send(self, message: bytes) -> None:
        """Send a frame; lost if the other side is."""
        assert self._transport is not None
        self._transport.write(message)

    def close(self) -> None:
        """End the connection."""
        assert self._transport is not None
        self._transport.close()


def _frame(message: bytes) -> bytes:
    return len(message).to_bytes(_LENGTH_BYTES, "big") + message


class _Desk:
    """The other side: answers questions one after the other until there are no more."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._profile = restore_profile(self._receive() or b"")

    @classmethod
    def open(cls) -> Self:
        """Open it on the socket that stands as standard input."""
        return cls(cast(BinaryIO, socket.socket(fileno=0).makefile("rwb")))

    def serve(self) -> None:
        """Answer until the crawl ends, or dies."""
        while (message := self._receive()) is not None:
            self._stream.write(_frame(self._reply(_read_question(message))))
            self._stream.flush()

    def _reply(self, question: _Question) -> bytes:
        try:
            return _write_reply(self._read(question))
        except Exception:
            # Whatever a parser raises is told to the crawl, which records it as an error of our own.
            return _write_reply(_Reply(error=traceback.format_exc()))

    def _read(self, question: _Question) -> _Reply:
        answer, asked = question.answer, question.asked
        if isinstance(question, _FileQuestion):
            return _Reply(file=read_file(answer, question.role, asked=asked, profile=self._profile))
        return _Reply(
            page=read_page(
                answer, question.purpose, asked=asked, listing=question.listing, page=question.page,
                profile=self._profile,
            )
        )  # fmt: skip

    def _receive(self) -> bytes | None:
        head = self._stream.read(_LENGTH_BYTES)
        if len(head) < _LENGTH_BYTES:
            return None
        length = int.from_bytes(head, "big")
        message = self._stream.read(length)
        return message if len(message) == length else None


def main() -> None:
    """Read until the crawl has no more questions; a signal to the whole group is the crawl's to obey."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        _Desk.open().serve()
    except (BrokenPipeError, ConnectionResetError):
        # The crawl died; the next one reads what it left behind.
        return


if __name__ == "__main__":
    main()
