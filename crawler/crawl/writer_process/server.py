"""The process that writes: it carries out one call after the other until the crawl closes the connection."""

import gc
import signal
import socket
import traceback
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, cast

from crawler import settings, side_process
from crawler.archive.readings import PageApplied
from crawler.archive.run_writer import RunWriter
from crawler.crawl.writer_process.protocol import Call, read_message, write_reply
from crawler.errors import PortalArchiveError
from crawler.profile import restore_profile
from crawler.rebuild.adoption import adopt
from crawler.rebuild.readers.side_process import SideReader
from crawler.side_process.parent import end_with_parent


class _Server:
    """Carries out the crawl's calls with one `RunWriter`."""

    def __init__(self) -> None:
        self._held = ExitStack()

    def open(
        self, archive: Path, profile: bytes, *, full: bool, warcinfo_fields: tuple[tuple[str, str], ...],
        wait_seconds: float,
    ) -> None:  # fmt: skip
        """Hold the archive."""
        self._writer = RunWriter(
            archive, restore_profile(profile), clock=settings.clock, warcinfo_fields=warcinfo_fields, full=full,
            wait_seconds=wait_seconds,
        )  # fmt: skip
        self._held.callback(self._writer.close)

    def begin(self) -> tuple[int, int, int, list[str]]:
        """Adopt what a dead run left, and begin the run."""
        asker = self._held.enter_context(SideReader(self._writer.folder))
        adopted = adopt(self._writer, asker=asker)
        self._writer.begin()
        lost = [loss.line() for loss in adopted.losses]
        return self._writer.crawl_id, adopted.captures, adopted.torn_bytes, lost

    def serve(self, connection: socket.socket) -> None:
        """Carry out calls until the crawl ends or dies. Then let the archive go; what is not committed stays so."""
        stream = cast(BinaryIO, connection.makefile("rb"))
        with self._held:
            while (message := side_process.receive(stream)) is not None:
                connection.sendall(side_process.frame(self._reply(read_message(message))))

    def _reply(self, call: Call) -> bytes:
        try:
            return write_reply((None, self._carry_out(call)))
        except Exception as error:
            # For the log of the crawl. A broken writer raises one error again and again: it is noted once.
            if not isinstance(error, PortalArchiveError) and not hasattr(error, "__notes__"):
                error.add_note(traceback.format_exc())
            return write_reply((error, None))

    def _carry_out(self, call: Call) -> object:
        name, args, kwargs = call
        if name in ("open", "begin"):
            return getattr(self, name)(*args, **kwargs)
        where, _, question = name.rpartition(".")
        value: Any = getattr(getattr(self._writer, where) if where else self._writer, question)(*args, **kwargs)
        value = value.result() if isinstance(value, Future) else value
        return None if isinstance(value, PageApplied) else value  # the crawl has no use for it


def main() -> None:
    """Serve until the crawl closes the connection. Ignore signals to the process group: the crawl handles them."""
    end_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # As in the crawl's own process: collect garbage less often.
    gc.set_threshold(50_000, 20, 20)
    gc.freeze()
    gc.enable()
    try:
        _Server().serve(socket.socket(fileno=0))
    except (BrokenPipeError, ConnectionResetError):
        # The crawl died. The next one adopts what it left.
        return
