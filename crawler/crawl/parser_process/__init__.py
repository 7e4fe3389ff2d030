"""A second process that reads pages and pictures, so that the crawl's own process only fetches and writes.

Reading is a third of a crawl's work, and has no side effects: an answer goes in, a reading comes out, in order. If a
page kills the process (a fault in a parser written in C), only that page fails. The pages after it go to a new process.
"""

import asyncio
from collections import deque
from contextlib import suppress

from crawler import side_process
from crawler.crawl.parser_process.protocol import (
    FileQuestion,
    HomeQuestion,
    PageQuestion,
    Question,
    Reply,
    read_reply,
    write_question,
)
from crawler.errors import ReadingError
from crawler.extract.identity.systems import Surroundings
from crawler.items import Address, Answer, FileReading, FileRole, PageReading, Purpose
from crawler.profile import Profile, render_profile
from crawler.sentences import Sentence

# Replies are some kilobytes; only a listing of hundreds of rows is more.
_BUFFER_BYTES = 1024 * 1024


class ParserProcess:
    """Reads in another process. Ask it in a running event loop; make it early, since it takes a moment to start."""

    def __init__(self, profile: Profile) -> None:
        self._profile = render_profile(profile)
        self._waiting: deque[tuple[bytes, asyncio.Future[Reply]]] = deque()
        self._writer: asyncio.StreamWriter | None = None
        self._serving: asyncio.Task[None] | None = None
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

    async def name_other_home(self, answer: Answer, *, around: Surroundings) -> Sentence | None:
        """Say what a home page is of instead of the profile's CMS, as `extract.answer.name_other_home` does.

        Raises:
            ReadingError: if the parser failed, or this page killed its process.
        """
        return (await self._ask(HomeQuestion(answer, answer.url, around))).other_home

    def close(self) -> None:
        """Kill the process, which holds no state. Questions without a reply are given up."""
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.cancel()
        self._process.kill()
        self._process.wait()
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self._socket.close()

    def _start(self) -> None:
        self._process, self._socket = side_process.start("crawler.crawl.parser_process")
        self._socket.sendall(side_process.frame(self._profile))
        self._socket.setblocking(False)

    async def _ask(self, question: Question) -> Reply:
        message = side_process.frame(write_question(question))
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, future))
        if self._writer is not None:
            self._writer.write(message)
        elif self._serving is None or self._serving.done():
            self._serving = asyncio.ensure_future(self._serve())
        reply = await future
        if reply.error is not None:
            raise ReadingError(f"{question.asked}: {reply.error}")
        return reply

    async def _serve(self) -> None:
        """Run processes, one after the other, until one dies while no question waits."""
        try:
            while self._waiting:
                await self._exchange()
        except OSError as error:
            while self._waiting:
                self._take_reply(Reply(error=f"no parser process can be started: {error}"))

    async def _exchange(self) -> None:
        """Send the waiting questions and receive replies until the process dies. Fail the page that killed it."""
        if self._process.returncode is not None:
            self._start()
        reader, self._writer = await asyncio.open_connection(sock=self._socket, limit=_BUFFER_BYTES)
        self._writer.writelines(message for message, _ in self._waiting)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = side_process.length_in(await reader.readexactly(side_process.LENGTH_BYTES))
                self._take_reply(read_reply(await reader.readexactly(length)))
        self._writer.close()
        self._writer = None
        status = self._process.wait()
        if self._waiting:
            self._take_reply(Reply(error=f"the reader died of it (exit status {status})"))

    def _take_reply(self, reply: Reply) -> None:
        _, future = self._waiting.popleft()
        if not future.done():
            future.set_result(reply)
