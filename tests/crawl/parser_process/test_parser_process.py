"""The parser process: it reads as the crawl itself would, and a page that kills it fails alone."""

import asyncio
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop

from crawler.crawl.parser_process.client import ParserProcess
from crawler.errors import ReadingError
from crawler.extract.answer import read_file, read_page
from crawler.items import Answer, FileReading, FileRole, PageReading, Purpose
from crawler.profile import load_profile
from crawler.sentences import say
from tests.support.processes.running import is_running, wait_until_gone

PROFILE = load_profile("sapa")
PAGES = sorted((Path(__file__).parents[3] / "tests" / "pages").glob("*/page.html"))
ARTICLE = "https://sapa.laocai.gov.vn/tin-tuc-su-kien/bai-viet-thu-nhat-1234567"


Said = TypeVar("Said")


def ask(questions: Callable[[ParserProcess], Awaitable[Said]], *, hang_seconds: float | None = None) -> Said:
    """Ask a parser process in an event loop, and close it there, as a crawl does."""

    async def put() -> Said:
        parser = ParserProcess(PROFILE, hang_seconds=hang_seconds)
        try:
            return await questions(parser)
        finally:
            parser.close()
            await asyncio.sleep(0)

    return asyncio.run(put())


def answer(html: bytes, url: str = ARTICLE) -> Answer:
    return Answer(url, html, "text/html; charset=utf-8", None)


def written_dates(reading: PageReading) -> list[str | None]:
    """Return the times as text: Python takes two times for equal that name one instant in two zones."""
    links = [*reading.links, *(reading.listing.rows if reading.listing else ())]
    dates = [*(reading.article.dates if reading.article else ()), *(link.date for link in links if link.date)]
    return [date.at.isoformat() if date.at else None for date in dates]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_pages_read_beside_are_read_as_they_are_here() -> None:
    async def questions(parser: ParserProcess) -> None:
        assert PAGES
        for page in PAGES:
            said = answer(page.read_bytes())
            for purpose, listing, number in (
                (Purpose.ARTICLE, None, None), (Purpose.HOME, None, None), (Purpose.LISTING, ARTICLE, 1),
                (Purpose.LISTING, ARTICLE, 2), (Purpose.PROBE, None, None), (Purpose.FEED, None, None),
            ):  # fmt: skip
                beside = await parser.read_page(said, purpose, asked=ARTICLE, listing=listing, page=number)
                here = read_page(said, purpose, asked=ARTICLE, listing=listing, page=number, profile=PROFILE)
                assert beside == here
                assert written_dates(beside[0]) == written_dates(here[0])

    ask(questions)


@pytest.mark.parametrize("role", list(FileRole))
@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7 ...", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", b"a{background:url(/b.png)}"]
)
def test_files_read_beside_are_read_as_they_are_here(role: FileRole, data: bytes) -> None:
    said = Answer("https://sapa.laocai.gov.vn/a.css", data, "text/css", None)
    beside = ask(lambda parser: parser.read_file(said, role, asked=said.url))
    assert beside == read_file(said, role, asked=said.url, profile=PROFILE)


def test_remarks_of_a_library_are_no_lines_of_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    # A directory of three entries that ends within the second.
    data = b"II*\0\x08\0\0\0\x03\0" + b"\x00\x01\x04\0\x01\0\0\0\x08\0\0\0" + b"\x01\x01\x04"
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        read_file(answer(data), FileRole.IMAGE, asked="", profile=PROFILE)
    assert remarks
    ask(lambda parser: parser.read_file(answer(data), FileRole.IMAGE, asked=""))
    assert capfd.readouterr().err == ""


def test_a_parser_that_fails_fails_one_page_alone() -> None:
    async def questions(parser: ParserProcess) -> list[object]:
        urls = (ARTICLE, "http://[no-address", ARTICLE)
        asked = (
            parser.read_page(answer(b"<a href=/x/y-1>x</a>", url), Purpose.ARTICLE, asked=url, listing=None, page=None)
            for url in urls
        )
        return await asyncio.gather(*asked, return_exceptions=True)

    first, broken, last = ask(questions)
    assert first == last
    assert isinstance(broken, ReadingError)
    assert broken.kind == "parser_crash"
    assert broken.sentence == say("parser-failed", error="ValueError")


def test_a_page_that_kills_the_process_fails_alone() -> None:
    async def questions(parser: ParserProcess) -> list[object]:
        before = parser.pid
        await parser.read_file(answer(b"x"), FileRole.REQUISITE, asked="warm")
        os.kill(parser.pid, signal.SIGSTOP)
        asked = [
            asyncio.ensure_future(parser.read_file(answer(data), FileRole.REQUISITE, asked=data.decode()))
            for data in (b"one", b"two", b"three")
        ]
        await asyncio.sleep(0)
        os.kill(parser.pid, signal.SIGKILL)
        said: list[object] = await asyncio.gather(*asked, return_exceptions=True)
        assert parser.pid != before
        return said

    blamed, *others = ask(questions)
    assert isinstance(blamed, ReadingError)
    assert (blamed.kind, blamed.sentence) == ("parser_crash", say("parser-died", status=-9))
    assert others == [
        read_file(answer(data), FileRole.REQUISITE, asked="", profile=PROFILE) for data in (b"two", b"three")
    ]


def ask_three_of_a_stopped_one(then: Callable[[ParserProcess], None]) -> Callable[[ParserProcess], Awaitable[Any]]:
    """Ask a process that hangs about three files, do something more, and return what came of them."""

    async def questions(parser: ParserProcess) -> list[object]:
        await parser.read_file(answer(b"x"), FileRole.REQUISITE, asked="warm")
        os.kill(parser.pid, signal.SIGSTOP)
        then(parser)
        asked = (parser.read_file(answer(data), FileRole.REQUISITE, asked="") for data in (b"one", b"two", b"three"))
        said: list[object] = await asyncio.gather(*asked, return_exceptions=True)
        assert parser.failures == sum(isinstance(one, ReadingError) and one.kind != "stopping" for one in said)
        return said

    return questions


def test_a_page_that_the_process_is_not_done_with_in_time_fails_alone() -> None:
    before: list[int] = []
    blamed, *others = ask(ask_three_of_a_stopped_one(lambda parser: before.append(parser.pid)), hang_seconds=8)
    assert isinstance(blamed, ReadingError)
    assert (blamed.kind, blamed.sentence) == ("parser_deadline", say("parser-late", seconds=30))
    assert others == [
        read_file(answer(data), FileRole.REQUISITE, asked="", profile=PROFILE) for data in (b"two", b"three")
    ]
    assert not is_alive(before[0])


def test_questions_that_come_while_a_process_dies_go_to_the_next() -> None:
    async def ask_one_that_dies() -> list[object]:
        parser = ParserProcess(PROFILE)
        await parser.read_file(answer(b"x"), FileRole.REQUISITE, asked="warm")
        os.kill(parser.pid, signal.SIGSTOP)
        asked = []
        for number in range(10):
            # So large that the connection cannot take them all: a write fails, and uvloop closes it at once.
            question = parser.read_file(answer(b"x" * 300_000), FileRole.REQUISITE, asked="")
            asked.append(asyncio.ensure_future(question))
            await asyncio.sleep(0)
            if number == 5:
                os.kill(parser.pid, signal.SIGKILL)
                os.waitid(os.P_PID, parser.pid, os.WEXITED | os.WNOWAIT)
        said: list[object] = await asyncio.gather(*asked, return_exceptions=True)
        parser.close()
        return said

    blamed, *others = uvloop.run(ask_one_that_dies())
    assert isinstance(blamed, ReadingError)
    assert all(isinstance(one, FileReading) for one in others), others


def test_a_run_that_stops_does_not_wait_for_a_process_that_hangs() -> None:
    why = say("stopping")
    said = ask(ask_three_of_a_stopped_one(lambda parser: parser.stop_soon("stopping", why, after_seconds=0.1)))
    assert [(one.kind, one.sentence) for one in said] == [("stopping", why)] * 3


PARENT = """
import asyncio, sys
from crawler.crawl.parser_process.client import ParserProcess
from crawler.items import Answer, FileRole
from crawler.profile import load_profile

async def main():
    parser = ParserProcess(load_profile("sapa"))
    await parser.read_file(Answer("https://a.vn/", b"x", None, None), FileRole.REQUISITE, asked="x")
    print(parser.pid, flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_process_in_the_middle_of_a_page_ends_with_its_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdin is not None
    pid = int(parent.stdout.readline())
    os.kill(pid, signal.SIGSTOP)  # it will not see the end of its connection
    assert is_running(pid)
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    wait_until_gone(pid)


def test_a_process_that_died_at_rest_is_replaced() -> None:
    async def questions(parser: ParserProcess) -> object:
        first = await parser.read_file(answer(b"one"), FileRole.REQUISITE, asked="one")
        before = parser.pid
        os.kill(before, signal.SIGKILL)
        async with asyncio.timeout(30):
            while is_alive(before):  # until the loop has noticed its end
                await asyncio.sleep(0.01)
            again = await parser.read_file(answer(b"one"), FileRole.REQUISITE, asked="one")
        assert parser.pid != before
        return first == again

    assert ask(questions)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its memory")
def test_a_process_that_became_large_is_replaced_and_no_answer_is_lost() -> None:
    async def questions() -> None:
        parser = ParserProcess(PROFILE, most_bytes=1)
        try:
            first = parser.pid
            asked = (
                parser.read_file(answer(data), FileRole.REQUISITE, asked="") for data in (b"one", b"two", b"three")
            )
            said = await asyncio.gather(*asked)
            second = parser.pid
            last = await parser.read_file(answer(b"last"), FileRole.REQUISITE, asked="")
            assert len({first, second, parser.pid}) == 3
            assert parser.failures == 0
        finally:
            parser.close()
            await asyncio.sleep(0)
        for data, reading in zip((b"one", b"two", b"three", b"last"), (*said, last), strict=True):
            assert reading == read_file(answer(data), FileRole.REQUISITE, asked="", profile=PROFILE)

    asyncio.run(questions())


def test_closing_ends_the_process_also_one_that_was_never_asked() -> None:
    async def questions(parser: ParserProcess) -> int:
        await parser.read_file(answer(b"x"), FileRole.REQUISITE, asked="x")
        return parser.pid

    unasked = ParserProcess(PROFILE)
    unasked.close()
    assert not is_alive(unasked.pid)
    assert not is_alive(ask(questions))


def test_ctrl_c_while_it_imports_does_not_end_it() -> None:
    async def questions(parser: ParserProcess) -> tuple[int, int]:
        first = parser.pid
        os.kill(first, signal.SIGINT)
        await parser.read_file(answer(b"\xff\xd8\xff"), FileRole.IMAGE, asked=ARTICLE)
        return first, parser.pid

    first, last = ask(questions)
    assert first == last
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_it_ends_with_a_crawl_that_is_killed() -> None:
    program = (
        "import signal; from crawler.profile import load_profile\n"
        "from crawler.crawl.parser_process.client import ParserProcess\n"
        "print(ParserProcess(load_profile('sapa')).pid, flush=True); signal.pause()"
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], text=True, **pipes) as crawl:
        assert crawl.stdout is not None
        pid = int(crawl.stdout.readline())
        assert is_alive(pid)
        crawl.kill()
        # The parser process holds the crawl's error stream, too, which closes only when both have ended.
        assert crawl.communicate(timeout=30) == ("", "")
