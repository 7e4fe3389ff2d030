"""The reader's process: answers questions one after the other until there are no more."""

import signal
import socket
import traceback
from typing import BinaryIO, Self, cast

from crawler.crawl.parser_process.protocol import (
    LENGTH_BYTES,
    FileQuestion,
    Question,
    Reply,
    frame,
    read_question,
    write_reply,
)
from crawler.extract.answer import read_file, read_page
from crawler.profile import restore_profile


class _Desk:
    """Where questions come in and replies go out."""

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
            self._stream.write(frame(self._reply(read_question(message))))
            self._stream.flush()

    def _reply(self, question: Question) -> bytes:
        try:
            return write_reply(self._read(question))
        except Exception:
            # Whatever a parser raises is told to the crawl, which records it as an error of our own.
            return write_reply(Reply(error=traceback.format_exc()))

    def _read(self, question: Question) -> Reply:
        answer, asked = question.answer, question.asked
        if isinstance(question, FileQuestion):
            return Reply(file=read_file(answer, question.role, asked=asked, profile=self._profile))
        return Reply(
            page=read_page(
                answer, question.purpose, asked=asked, listing=question.listing, page=question.page,
                profile=self._profile,
            )
        )  # fmt: skip

    def _receive(self) -> bytes | None:
        head = self._stream.read(LENGTH_BYTES)
        if len(head) < LENGTH_BYTES:
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
