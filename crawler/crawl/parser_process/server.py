"""The process that parses: it answers one question after the other until the crawl closes the connection."""

import gc
import resource
import signal
import socket
import sys
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self, cast

from crawler import side_process
from crawler.crawl.parser_process.protocol import (
    CRASH,
    RETIRING,
    FileQuestion,
    HomeQuestion,
    Question,
    Reply,
    read_question,
    write_reply,
)
from crawler.extract.answer import name_other_home, read_file, read_page
from crawler.profile import restore_profile
from crawler.sentences import say
from crawler.side_process.parent import end_with_parent

_MEMORY = Path("/proc/self/statm")  # proc(5): sizes in pages of memory, the second is what is resident


class _Connection:
    """The connection to the crawl: reads questions, writes replies."""

    def __init__(self, stream: BinaryIO, *, most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes
        self._profile = restore_profile(side_process.receive(self._stream) or b"")

    @classmethod
    def open(cls, *, most_bytes: int) -> Self:
        """Open it on the socket that is standard input."""
        return cls(cast(BinaryIO, socket.socket(fileno=0).makefile("rwb")), most_bytes=most_bytes)

    def serve(self) -> None:
        """Answer until the crawl ends or dies, or this process is too large for another page."""
        while (message := side_process.receive(self._stream)) is not None:
            self._stream.write(side_process.frame(self._reply(read_question(message))))
            if _resident_bytes() > self._most_bytes:
                self._stream.write(side_process.frame(RETIRING))
                self._stream.flush()
                self._wait_for_end()
                return
            self._stream.flush()

    def _wait_for_end(self) -> None:
        """Pass over what the crawl sent meanwhile. Closing at once could take the last reply from it."""
        while side_process.receive(self._stream) is not None:
            pass

    def _reply(self, question: Question) -> bytes:
        try:
            return write_reply(self._read(question))
        except Exception as error:
            # A page that breaks the parser is recorded, and the others are read.
            said = say("parser-failed", error=type(error).__name__)
            return write_reply(Reply(failure=(CRASH, said), trace=traceback.format_exc()))

    def _read(self, question: Question) -> Reply:
        answer, asked = question.answer, question.asked
        if isinstance(question, HomeQuestion):
            return Reply(other_home=name_other_home(answer, self._profile, around=question.around))
        if isinstance(question, FileQuestion):
            return Reply(file=read_file(answer, question.role, asked=asked, profile=self._profile))
        return Reply(
            page=read_page(
                answer, question.purpose, asked=asked, listing=question.listing, page=question.page,
                profile=self._profile,
            )
        )  # fmt: skip


def _resident_bytes() -> int:
    """Return the memory of this process; 0 where the system does not say it."""
    with suppress(OSError):
        return int(_MEMORY.read_text().split()[1]) * resource.getpagesize()
    return 0


def main() -> None:
    """Answer until the crawl closes the connection. Ignore signals to the process group: the crawl handles them."""
    end_with_parent()
    gc.freeze()
    gc.enable()
    # What a library remarks on a picture or a page (Pillow, of broken EXIF data) does not go into the crawl's log.
    warnings.simplefilter("ignore")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        _Connection.open(most_bytes=int(sys.argv[1])).serve()
    except (BrokenPipeError, ConnectionResetError):
        # The crawl died. The next one reads what it left.
        return
