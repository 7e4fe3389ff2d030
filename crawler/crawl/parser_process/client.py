"""A second process that reads pages and pictures, so that the crawl's own process only fetches and writes.

Reading is a third of a crawl's work, and has no side effects: an answer goes in, a reading comes out, in order. If a
page kills the process (a fault in a parser written in C), or takes far longer than the budgets of `extract.cost` allow,
only that page fails. The pages after it go to a new process, and so do those after one that took much memory.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress

from crawler import side_process
from crawler.crawl.parser_process.protocol import (
    CRASH,
    DEADLINE,
    RETIRING,
    FileQuestion,
    HomeQuestion,
    PageQuestion,
    Question,
    Reply,
    read_reply,
    write_question,
)
from crawler.errors import ReadingError
from crawler.extract.identity.surroundings import Surroundings
from crawler.items import Address, Answer, FileReading, FileRole, PageReading, Purpose
from crawler.profile import Profile, render_profile
from crawler.sentences import Sentence, say
from crawler.side_process.lateness import LOOK_SECONDS, Lateness

logger = logging.getLogger(__name__)

# Of CPU time. A page at the budgets takes some two, a large picture as long; a slow machine ten times as much.
DEADLINE_SECONDS = 30.0
# A run that is asked to stop waits this long for the page under way. Systems kill a service after 10 s or more.
STOPPING_SECONDS = 3.0

# A page of millions of characters leaves an interpreter large: caches hold its texts, and memory stays in pieces. A
# process above this is replaced. With one that reads a page at the budgets (some 180 MB more) a crawl stays below
# 500 MB, its writer included.
MOST_BYTES = 128_000_000

# Replies are some kilobytes; only a listing of hundreds of rows is more.
_BUFFER_BYTES = 1024 * 1024


class ParserProcess:
    """Reads in another process. Ask it in a running event loop; make it early, since it takes a moment to start."""

    def __init__(
        self,
        profile: Profile,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        hang_seconds: float | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Start the process.

        Args:
            profile: the portal's.
            deadline_seconds: what one answer may take, as of `Lateness`.
            hang_seconds: as of `Lateness`.
            most_bytes: a process with more memory is replaced after its answer.
        """
        self._most_bytes = most_bytes
        self._profile = render_profile(profile)
        self._waiting: deque[tuple[bytes, asyncio.Future[Reply]]] = deque()
        self._writer: asyncio.StreamWriter | None = None
        self._serving: asyncio.Task[None] | None = None
        self._deadline_seconds = deadline_seconds
        self._hang_seconds = hang_seconds
        self._deadline: asyncio.TimerHandle | None = None
        self._is_late = False
        self._stopping: asyncio.TimerHandle | None = None
        self._stopped: tuple[str, Sentence] | None = None
        self.failures = 0
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
            ReadingError: if the parser failed, died of this page or was not done in time; or the run stops.
        """
        reply = await self._ask(PageQuestion(answer, asked, purpose, listing, page))
        assert reply.page is not None
        return reply.page

    async def read_file(self, answer: Answer, role: FileRole, *, asked: str) -> FileReading:
        """Examine a file, as `extract.answer.read_file` does.

        Raises:
            ReadingError: as `read_page`.
        """
        reply = await self._ask(FileQuestion(answer, asked, role))
        assert reply.file is not None
        return reply.file

    async def name_other_home(self, answer: Answer, *, around: Surroundings) -> Sentence | None:
        """Say what a home page is of instead of the profile's CMS, as `extract.answer.name_other_home` does.

        Raises:
            ReadingError: if the parser failed, died of this page or was not done in time; or the run stops.
        """
        return (await self._ask(HomeQuestion(answer, answer.url, around))).other_home

    def stop_soon(self, kind: str, why: Sentence, *, after_seconds: float = STOPPING_SECONDS) -> None:
        """Answer for a few seconds more, then fail all questions with this kind and reason."""
        self._stopping = asyncio.get_running_loop().call_later(after_seconds, self._stop, (kind, why))

    def _stop(self, why: tuple[str, Sentence]) -> None:
        self._stopped = why
        side_process.end_group(self._process)

    def close(self) -> None:
        """Kill the process, which holds no state. Questions without a reply are given up."""
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.cancel()
        for timer in filter(None, (self._deadline, self._stopping)):
            timer.cancel()
        side_process.end_group(self._process)
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self._socket.close()

    def _start(self) -> None:
        self._process, self._socket = side_process.start(
            "crawler.crawl.parser_process", str(self._most_bytes), own_group=True
        )
        self._socket.sendall(side_process.frame(self._profile))
        self._socket.setblocking(False)

    async def _ask(self, question: Question) -> Reply:
        if self._stopped is not None:
            raise ReadingError(*self._stopped)
        message = side_process.frame(write_question(question))
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, future))
        if len(self._waiting) == 1:
            self._set_deadline()
        if self._writer is not None:
            # To a process that has just died nothing is sent: the next one gets all that waits.
            if not self._writer.is_closing():
                self._writer.write(message)
        elif self._serving is None or self._serving.done():
            self._serving = asyncio.ensure_future(self._serve())
        reply = await future
        if reply.failure is not None:
            raise self._fail(question, reply)
        return reply

    def _fail(self, question: Question, reply: Reply) -> ReadingError:
        """Return the error of an answer that was not read. A fault of ours is logged and counted."""
        assert reply.failure is not None
        kind, said = reply.failure
        if reply.failure != self._stopped:
            self.failures += 1
            logger.error("%s: %s: %s", question.asked, said, reply.trace or kind)
        return ReadingError(kind, said)

    async def _serve(self) -> None:
        """Run processes, one after the other, until one dies while no question waits."""
        try:
            while self._waiting:
                await self._exchange()
        except OSError as error:
            while self._waiting:
                self._take_reply(_failed(CRASH, say("parser-failed", error=type(error).__name__), trace=str(error)))

    async def _exchange(self) -> None:
        """Send the waiting questions and receive replies until the process ends. Fail the page that killed it."""
        if self._process.returncode is not None:
            self._start()
            self._set_deadline()
        reader, self._writer = await asyncio.open_connection(sock=self._socket, limit=_BUFFER_BYTES)
        self._writer.writelines(message for message, _ in self._waiting)
        is_retiring = False
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not is_retiring:
                length = side_process.length_in(await reader.readexactly(side_process.LENGTH_BYTES))
                reply = await reader.readexactly(length)
                is_retiring = reply == RETIRING
                if not is_retiring:
                    self._take_reply(read_reply(reply))
        self._writer.close()
        self._writer = None
        status = side_process.end_group(self._process)
        is_late, self._is_late = self._is_late, False
        if self._stopped is not None:
            while self._waiting:
                self._take_reply(_failed(*self._stopped))
        elif is_retiring:
            return
        elif self._waiting and is_late:
            self._take_reply(_failed(DEADLINE, say("parser-late", seconds=round(self._deadline_seconds))))
        elif self._waiting:
            self._take_reply(_failed(CRASH, say("parser-died", status=status)))

    def _take_reply(self, reply: Reply) -> None:
        _, future = self._waiting.popleft()
        self._set_deadline()
        if not future.done():
            future.set_result(reply)

    def _set_deadline(self) -> None:
        """Begin the time of the question that is under way now."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._waiting:
            self._look_later(Lateness(self._process.pid, self._deadline_seconds, hang_seconds=self._hang_seconds))

    def _look_later(self, lateness: Lateness) -> None:
        self._deadline = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look, lateness)

    def _look(self, lateness: Lateness) -> None:
        if not lateness.is_late():
            self._look_later(lateness)
            return
        self._is_late = True
        side_process.end_group(self._process)


def _failed(kind: str, said: Sentence, *, trace: str | None = None) -> Reply:
    return Reply(failure=(kind, said), trace=trace)
