"""When a host counts as down, and who tries it again."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from scrapy import Request

from crawler.crawl.breakers import Breakers
from crawler.crawl.outcomes import RefusedError
from crawler.politeness.caps import Caps
from crawler.politeness.politeness import Politeness
from crawler.replica import Replica
from tests.support.crawling import crawl, rows, run, value, write_profile

OWN, FILES = "https://portal.vn/a", "https://files.vn:8443/b"
T = TypeVar("T")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _breakers(clock: Clock, *, own_rest_seconds: float = 0.05) -> Breakers:
    return Breakers(
        "portal.vn", failures=3, rest_seconds=300, own_rest_seconds=own_rest_seconds, own_rests=2, monotonic=clock
    )


def _run(work: Callable[[Breakers, Clock], Awaitable[T]]) -> T:
    async def main() -> T:
        clock = Clock()
        return await work(_breakers(clock), clock)

    return asyncio.run(main())


async def _is_refused(breakers: Breakers, url: str) -> bool:
    try:
        await breakers.enter(url)
    except RefusedError as error:
        return error.kind == "host-down"
    return False


def test_a_host_is_down_after_three_failures_in_a_row_only() -> None:
    async def work(breakers: Breakers, _: Clock) -> None:
        for answers in (True, False):
            breakers.note_failure(FILES)
            breakers.note_failure(FILES)
            assert not await _is_refused(breakers, FILES)
            if answers:
                breakers.note_answer(FILES)
        breakers.note_failure(FILES)
        assert await _is_refused(breakers, FILES)
        assert not await _is_refused(breakers, "https://files.vn/b")

    _run(work)


@pytest.mark.parametrize("answers", [True, False])
def test_after_its_rest_one_request_tries_a_host_and_the_others_wait_for_it(answers: bool) -> None:
    async def work(breakers: Breakers, clock: Clock) -> list[bool]:
        for _ in range(3):
            breakers.note_failure(FILES)
        clock.now = 301
        assert await breakers.enter(FILES)
        others = [asyncio.ensure_future(_is_refused(breakers, FILES)) for _ in range(5)]
        await asyncio.sleep(0)
        assert not any(other.done() for other in others)
        (breakers.note_answer if answers else breakers.note_failure)(FILES)
        return list(await asyncio.gather(*others))

    assert _run(work) == [not answers] * 5


def test_a_trial_that_was_not_sent_leaves_the_next_one_to_try() -> None:
    async def work(breakers: Breakers, clock: Clock) -> None:
        for _ in range(3):
            breakers.note_failure(FILES)
        clock.now = 301
        assert await breakers.enter(FILES)
        breakers.note_nothing(FILES)
        assert await breakers.enter(FILES)

    _run(work)


def test_the_portal_itself_has_more_patience_once_it_answered() -> None:
    async def work(breakers: Breakers, clock: Clock) -> None:
        breakers.note_answer(OWN)
        for _ in range(6):
            assert not await _is_refused(breakers, OWN)
            breakers.note_failure(OWN, is_retry=True)
        for _ in range(2):
            waiting = asyncio.ensure_future(breakers.enter(OWN))
            await asyncio.sleep(0)
            assert not waiting.done()
            clock.now += 1
            assert await waiting
            breakers.note_failure(OWN, is_retry=True)
        assert await _is_refused(breakers, OWN)

    _run(work)


def test_first_tries_at_the_portal_do_not_count() -> None:
    async def work(breakers: Breakers, _: Clock) -> None:
        breakers.note_answer(OWN)
        for _ in range(20):
            breakers.note_failure(OWN)
            assert not await _is_refused(breakers, OWN)

    _run(work)


def test_what_was_skipped_is_given_once_and_its_host_is_tried_at_once() -> None:
    async def work(breakers: Breakers, _: Clock) -> None:
        for _ in range(3):
            breakers.note_failure(FILES)
        breakers.skip(Request(FILES, meta={"asked": FILES, "retry_times": 2, "is_trial": True}))
        (again,) = breakers.take_skipped()
        assert (again.url, again.meta) == (FILES, {"asked": FILES})
        assert await breakers.enter(FILES)
        breakers.skip(again)
        assert breakers.take_skipped() == []

    _run(work)


def test_a_dead_file_host_costs_a_few_tries(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("^/hli-ubnd-responsive/", "reset")
        crawl(portal, tmp_path)
        asked = [one for one in portal.requests if one.server == "files" and one.path != "/robots.txt"]
    down = value(tmp_path / "archive.db", "select count(distinct url) from crawl_errors where kind = 'host-down'")
    # Those that are on the wire at once, eight at most, and the trial at the end of the run.
    assert len(asked) < 20 < 40 < down


def test_a_file_host_that_is_back_at_the_end_of_the_run_is_asked_for_all(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        portal.faults.set("^/hli-ubnd-responsive/", "hang", times=3)
        profile = write_profile(portal, tmp_path, pace={"concurrency": 1})
        line = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", f"portal={profile}"]
        run([*line, "-s", f"ARCHIVE={archive}", "-s", "DOWNLOAD_HEAD_SECONDS=0.3"])
    down = {row["url"] for row in rows(archive, "select url from crawl_errors where kind = 'host-down'")}
    had = {row["url"] for row in rows(archive, "select url from captures where status = 200")}
    assert down
    assert down <= had


def test_a_host_that_is_down_for_one_crawl_of_a_fleet_is_down_for_the_others_but_not_their_own(tmp_path: Path) -> None:
    def of_crawl(own: str) -> Breakers:
        shared = Politeness(tmp_path / "politeness.db", Caps({}, {}), shares=4)
        return Breakers(
            own, failures=3, rest_seconds=300, own_rest_seconds=60, own_rests=2, politeness=shared, monotonic=Clock()
        )

    async def work() -> None:
        first, second, third = of_crawl("portal.vn"), of_crawl("other.vn"), of_crawl("files.vn:8443")
        for _ in range(3):
            first.note_failure(FILES)
        assert await _is_refused(second, FILES)
        assert second.is_down(FILES)
        assert not await _is_refused(third, FILES)
        # One crawl had an answer: crawls that have not heard of the failures are not told of them any more.
        first.note_answer(FILES)
        assert not await _is_refused(of_crawl("fourth.vn"), FILES)

    asyncio.run(work())
