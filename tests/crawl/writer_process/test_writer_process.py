"""The writer process: it writes as `RunWriter` does, errors cross as themselves, and no death leaves it behind."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec.structs import replace as replace_struct

from crawler import settings
from crawler.archive.lock import hold_archive, is_held
from crawler.archive.warc.ledger import FileRead, PageRead
from crawler.archive.warc.reader import warc_files
from crawler.body import Body, BodySink
from crawler.crawl.writer_process.client import WriterProcess
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, PortalMovedError
from crawler.extract.answer import read_page
from crawler.extract.version import READER_VERSION
from crawler.items import Answer, FileReading, Outcome, PageReading, Purpose
from tests.support.build import (
    BASE,
    DESCRIBE,
    Clock,
    Night,
    article,
    article_page,
    exchange,
    make_profile,
    new_address,
    read_rows,
)
from tests.support.processes.memory import tree_of
from tests.support.processes.running import wait_until_gone
from tests.support.readers.other_reader import rewriting

PROFILE = make_profile()
A = new_address(1)
Said = TypeVar("Said")


def open_process(archive: Path, *, base_url: str = PROFILE.base_url) -> WriterProcess:
    writer = WriterProcess()
    try:
        writer.open(archive, replace_struct(PROFILE, base_url=base_url), full=False, warcinfo_fields=DESCRIBE)
    except BaseException:
        writer.close()
        raise
    return writer


def begin_process(archive: Path) -> WriterProcess:
    writer = open_process(archive)
    writer.begin()
    return writer


@pytest.fixture
def writer(archive: Path) -> Iterator[WriterProcess]:
    with closing(begin_process(archive)) as begun:
        yield begun


def run(writer: WriterProcess, calls: Callable[[], Awaitable[Said]]) -> Said:
    """Make calls in an event loop, and end the process there, as a crawl does."""

    async def call() -> Said:
        try:
            return await calls()
        finally:
            writer.close()

    return asyncio.run(call())


def spool(folder: Path, data: bytes) -> Body:
    sink = BodySink(folder, spool_above=10)
    sink.write(data)
    return sink.finish()


def test_a_run_is_written_in_the_order_of_its_calls(archive: Path, writer: WriterProcess) -> None:
    async def calls() -> None:
        captures = [writer.record(exchange(f"{BASE}/{number}", b"%d" % number)) for number in range(30)]
        assert [(await capture).id for capture in captures] == list(range(1, 31))
        page = await writer.record(exchange(A.url, b"page"))
        assert page.crawl_id == writer.crawl_id == 1
        reading = PageReading(article=article())
        stored = writer.apply_page(PageRead(page.record_id, "article", A.url), reading, addresses=(A,))
        # A question is answered after all calls before it.
        assert writer.queries.facts().held_articles == 1
        await stored
        assert read_rows(archive, "select count(*) from articles") == [(0,)]
        writer.commit()
        assert await writer.known_files([(f"{BASE}/a.png", "image")]) == set()
        assert read_rows(archive, "select count(*) from articles") == [(1,)]
        writer.finish(Outcome.COMPLETE)

    run(writer, calls)
    assert not is_held(archive)
    assert read_rows(archive, "select outcome from crawls") == [("complete",)]
    assert writer.payload_bytes == sum(len(str(number)) for number in range(30)) + 4


def test_it_reads_held_captures_in_a_process_beside_it(archive: Path, clock: Clock) -> None:
    html = article_page("Một", "Một dòng.\n\nHai dòng.")
    with Night(archive, clock) as night:
        night.read(A.url, html, by=rewriting(body=lambda one: one.body + "\n\nTin liên quan"))
    page = read_page(
        Answer(A.url, html.encode(), "text/html; charset=utf-8", None), Purpose.ARTICLE, asked=A.url, listing=None,
        page=None, profile=PROFILE,
    )[0]  # fmt: skip
    with closing(begin_process(archive)) as writer:

        async def calls() -> list[int]:
            before = tree_of(writer.pid)
            again = await writer.record(exchange(A.url, html.encode()))
            await writer.apply_page(
                PageRead(again.record_id, "article", A.url, reader=READER_VERSION), page, addresses=(A,)
            )
            beside = [pid for pid in tree_of(writer.pid) if pid not in before]
            writer.finish(Outcome.COMPLETE)
            return beside

        (beside,) = run(writer, calls)
    wait_until_gone(beside)
    assert read_rows(archive, "select number, body from revisions") == [(1, "Một dòng.\n\nHai dòng.")]


def test_a_batch_that_ends_before_the_first_answer_holds_nothing_up(writer: WriterProcess) -> None:
    async def calls() -> int:
        writer.commit()
        return (await asyncio.wait_for(writer.record(exchange(A.url, b"page")), 10)).id

    assert run(writer, calls) == 1


def test_a_large_body_goes_by_its_file_and_lives_until_it_is_written(tmp_path: Path, writer: WriterProcess) -> None:
    data = os.urandom(300_000)

    async def calls() -> None:
        body = spool(tmp_path, data)
        assert body.path is not None
        asked = asyncio.ensure_future(writer.record(replace(exchange(f"{BASE}/a.bin", b""), body=body)))
        path = body.path
        asked.cancel()  # its caller is gone, and with it the last name of the file but the call's
        del body, asked
        assert path.exists()
        again = await writer.record(exchange(f"{BASE}/b.bin", data))
        assert again.record_type == "revisit"
        assert not path.exists()

    run(writer, calls)
    assert writer.broken is None


def test_a_large_answer_read_back_is_the_callers_to_remove(writer: WriterProcess) -> None:
    data = os.urandom(2 * 1024 * 1024)

    async def calls() -> None:
        capture = await writer.record(exchange(f"{BASE}/a.bin", data))
        answer = writer.queries.answer(capture)
        assert answer.spooled is not None
        assert answer.spooled.read() == data
        path = answer.spooled.path
        writer.close()
        assert path is not None
        assert path.exists()
        answer.spooled.discard()
        assert not path.exists()

    run(writer, calls)


def test_an_archive_that_a_crawl_holds_is_refused_soon(archive: Path, writer: WriterProcess) -> None:
    began = time.monotonic()
    with pytest.raises(ArchiveLockedError, match=f"{archive}: another run"):
        open_process(archive)
    assert time.monotonic() - began < settings.ORPHAN_SECONDS


def test_another_holder_is_waited_for(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = hold_archive(archive)
    held.__enter__()
    monkeypatch.setattr(settings, "ORPHAN_SECONDS", 0.1)
    with pytest.raises(ArchiveLockedError, match=f"{archive}: another run"):
        open_process(archive)
    monkeypatch.setattr(settings, "ORPHAN_SECONDS", 30.0)
    let_go = threading.Timer(0.3, held.__exit__, (None, None, None))
    let_go.start()
    open_process(archive).close()
    let_go.join()


def test_errors_of_a_start_cross_as_themselves(archive: Path, writer: WriterProcess, tmp_path: Path) -> None:
    writer.close()
    with pytest.raises(PortalMovedError, match="https://elsewhere"):
        open_process(archive, base_url="https://elsewhere.vn/")
    assert not is_held(archive)
    other = tmp_path / "other" / "archive.db"
    other.parent.mkdir()
    other.write_bytes(b"not a database at all" * 100)
    with pytest.raises(ArchiveUnusableError, match=str(other)):
        open_process(other)


def test_an_error_breaks_every_later_call_and_the_run_is_closed_as_failed(archive: Path, writer: WriterProcess) -> None:
    async def calls() -> None:
        with pytest.raises(ArchiveUnusableError) as first:
            await writer.apply_file(FileRead("no such record", "image", BASE), FileReading("", "image/png", 1))
        assert writer.broken is first.value
        for call in (writer.record(exchange(f"{BASE}/2")), writer.known_files([])):
            with pytest.raises(ArchiveUnusableError, match=str(first.value)):
                await call
        with pytest.raises(ArchiveUnusableError):
            writer.queries.due()
        writer.finish(Outcome.COMPLETE)

    run(writer, calls)
    assert read_rows(archive, "select outcome, reason from crawls") == [("failed", str(writer.broken))]


def test_an_error_of_our_own_says_once_where_it_happened(writer: WriterProcess) -> None:
    async def calls() -> None:
        for _ in range(3):
            with pytest.raises(AttributeError) as caught:
                await writer.tell("record", None)
            (note,) = vars(caught.value)["__notes__"]
            assert "in _record" in note

    run(writer, calls)


def test_a_killed_process_fails_all_calls_and_the_next_start_goes_on(archive: Path, writer: WriterProcess) -> None:
    async def calls() -> None:
        await writer.record(exchange(f"{BASE}/1", b"one"))
        os.kill(writer.pid, signal.SIGSTOP)
        waiting = [writer.record(exchange(f"{BASE}/2", os.urandom(200_000))) for _ in range(5)]
        await asyncio.sleep(0)
        os.kill(writer.pid, signal.SIGKILL)
        for call in waiting:
            with pytest.raises(ArchiveUnusableError, match="died \\(exit status -9\\)"):
                await call
        with pytest.raises(ArchiveUnusableError, match="died"):
            await writer.record(exchange(f"{BASE}/3"))
        with pytest.raises(ArchiveUnusableError, match="died"):
            writer.queries.due()
        writer.commit()
        writer.finish(Outcome.COMPLETE)

    run(writer, calls)
    with closing(open_process(archive)) as following:
        assert following.begin() == (1, 0)
        following.finish(Outcome.COMPLETE)
    assert read_rows(archive, "select outcome from crawls") == [("interrupted",), ("complete",)]
    assert read_rows(archive, "select url from captures") == [(f"{BASE}/1",)]


class DeafLoop(asyncio.SelectorEventLoop):
    """Tells nothing of a connection, as libuv does after an error on it."""

    def add_reader(self, *_arguments: object) -> None:
        """Watch nothing."""


def test_a_process_that_died_is_noticed_at_the_next_batch_if_the_loop_tells_nothing(writer: WriterProcess) -> None:
    async def calls() -> None:
        os.kill(writer.pid, signal.SIGKILL)
        os.waitid(os.P_PID, writer.pid, os.WEXITED | os.WNOWAIT)
        unwritten = writer.record(exchange(A.url, b"page"))
        writer.commit()  # as the crawl's timer does
        with pytest.raises(ArchiveUnusableError, match="died"):
            await asyncio.wait_for(unwritten, 10)

    with asyncio.Runner(loop_factory=DeafLoop) as runner:
        runner.run(calls())


def test_signals_to_the_group_do_not_end_it(archive: Path) -> None:
    writer = WriterProcess()
    os.kill(writer.pid, signal.SIGINT)  # while it imports, too
    writer.open(archive, PROFILE, full=False, warcinfo_fields=DESCRIBE)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(writer.pid, number)
    writer.begin()
    writer.finish(Outcome.COMPLETE)
    writer.close()
    assert read_rows(archive, "select outcome from crawls") == [("complete",)]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


CRAWL = """
import asyncio, signal, sys
from pathlib import Path
from crawler.crawl.writer_process.client import WriterProcess
from tests.support.build import BASE, DESCRIBE, exchange, make_profile

async def crawl():
    writer = WriterProcess()
    writer.open(Path(sys.argv[1]), make_profile(), full=False, warcinfo_fields=DESCRIBE)
    writer.begin()
    await writer.record(exchange(f"{BASE}/1", b"one"))
    print(writer.pid, flush=True)
    signal.pause()

asyncio.run(crawl())
"""


def test_a_killed_crawl_leaves_no_writer_whatever_it_does_then(archive: Path) -> None:
    line = [sys.executable, "-c", CRAWL, str(archive)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(line, text=True, **pipes) as crawl:
        assert crawl.stdout is not None
        pid = int(crawl.stdout.readline())
        if sys.platform == "linux":
            os.kill(pid, signal.SIGSTOP)  # as if it were in a long statement; there the kernel ends it
        crawl.kill()
        with closing(open_process(archive)) as following:
            # The dead crawl's writer holds its error stream, too, which closes only when both have ended.
            assert crawl.communicate(timeout=30) == ("", "")
            assert following.begin() == (1, 0)
    assert len(warc_files(archive.parent / "warc")) == 2
