"""A second process that reads pages and pictures, so that the crawl's own process only fetches and writes.

Reading is a third of a crawl's work, and has no side effects: an answer goes in, a reading comes out, in order. If a
page kills the process (a fault in a parser written in C), only that page fails. The pages after it go to a new process.
"""

import asyncio
import socket
import subprocess
import sys
from collections import deque

from crawler.crawl.parser_process.frames import FrameReader
from crawler.crawl.parser_process.protocol import (
    FileQuestion,
    PageQuestion,
    Question,
    Reply,
    frame,
    read_reply,
    write_question,
)
from crawler.errors import ReadingError
from crawler.items import Address, Answer, FileReading, FileRole, PageReading, Purpose
from crawler.profile import Profile, render_profile


class ParserProcess:
    """Reads in another process. Ask it in a running event loop; make it early, since it takes a moment to start."""

    def __init__(self, profile: Profile) -> None:
        self._profile = render_profile(profile)
        self._waiting: deque[tuple[bytes, asyncio.Future[Reply]]] = deque()
        self._link: FrameReader | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._is_closed = False
        self._start()

    @property
    def pid(self) -> int:
        """The id of the present process."""
        return self._process.pid

    async def read_page(
        self, answer: Answer, purpose: Purpose, *, asked: str, listing: str | None, page: int | None
    ) -> tuple[PageReading, tuple[Address, ...]]:
        """Read a page, as `extract.answer.read_page` does.

        Raises:
            ReadingError: if the parser failed, or this page killed its process.

        """
        reply = await self._ask(PageQuestion(answer, asked, purpose, listing, page))
        assert reply.page is not None
        return reply.page

    async def read_file(self, answer: Answer, role: FileRole, *, asked: str) -> FileReading:
        """Examine a file, as `extract.answer.read_file` does.

        Raises:
            ReadingError: if the examination failed, or this file killed the process.

        """
        reply = await self._ask(FileQuestion(answer, asked, role))
        assert reply.file is not None
        return reply.file

    def close(self) -> None:
        """Kill the process, which holds no state. Questions without a reply are given up."""
        self._is_closed = True
        self._process.kill()
        self._process.wait()
        if self._link is not None:
            self._link.close()
        self._socket.close()

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "crawler.crawl.parser_process"]
            self._process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)  # noqa: S603
        self._socket.sendall(frame(self._profile))
        self._socket.setblocking(False)

    async def _ask(self, question: Question) -> Reply:
        message = frame(write_question(question))
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
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
        """Connect to the process, to a new one if it died; then the waiting questions are sent."""
        try:
            if self._process.returncode is not None:
                self._start()
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: FrameReader(self._begin, self._take, self._lost), sock=self._socket)
        except OSError as error:
            while self._waiting:
                self._take_reply(Reply(error=f"no reader can be had: {error}"))

    def _begin(self, link: FrameReader) -> None:
        self._link = link
        for message, _ in self._waiting:
            link.send(message)

    def _take(self, message: bytes) -> None:
        self._take_reply(read_reply(message))

    def _take_reply(self, reply: Reply) -> None:
        _, future = self._waiting.popleft()
        if not future.done():
            future.set_result(reply)

    def _lost(self) -> None:
        """Fail the page that was being read when the process died, and go on with a new process."""
        if self._is_closed:
            return
        status = self._process.wait()
        self._link = None
        if self._waiting:
            self._take_reply(Reply(error=f"the reader died of it (exit status {status})"))
        if self._waiting:
            self._connecting = asyncio.ensure_future(self._connect())
