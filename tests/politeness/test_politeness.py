"""The politeness of a crawl: its turns with the state, and without it."""

import asyncio
import itertools
import logging
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.politeness.caps import Cap, Caps
from crawler.politeness.politeness import ASKED, ROBOTS_AGE, Politeness
from crawler.politeness.state import KeptRobots, SharedState, Slot
from tests.support.portals.fleets import fairness

NOW = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)
FAST = Caps({"*": Cap(1000.0, 2)}, {"*": Cap(1000.0, 3)})


def make(folder: Path, caps: Caps = FAST, shares: int = 4) -> Politeness:
    return Politeness(folder / "politeness.db", caps, shares=shares)


def most_at_once(politeness: list[Politeness], *hosts: str) -> int:
    """Ask each host ten times by each crawl, all at once; give how many requests were under way together."""
    under_way, most = 0, 0

    async def ask(one: Politeness, host: str) -> None:
        nonlocal under_way, most
        async with one.turn(host, "192.0.2.1"):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    async def ask_all() -> None:
        await asyncio.gather(*(ask(one, host) for one in politeness for host in hosts for _ in range(10)))

    asyncio.run(ask_all())
    return most


def test_two_crawls_share_the_connections_of_a_host_and_of_an_address(tmp_path: Path) -> None:
    crawls = [make(tmp_path), make(tmp_path)]
    assert most_at_once(crawls, "a.vn") <= 2
    assert most_at_once(crawls, "a.vn", "b.vn") <= 3


def test_a_turn_that_is_given_up_leaves_its_connection_to_others(tmp_path: Path) -> None:
    caps = Caps({"*": Cap(0.01, 1)}, {})

    async def give_up() -> None:
        one = make(tmp_path, caps)
        async with one.turn("a.vn", None):
            pass
        waiting = asyncio.ensure_future(one.turn("a.vn", None).__aenter__())
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(give_up())
    state = SharedState(tmp_path / "politeness.db")
    assert isinstance(state.begin([("host a.vn", Cap(0.01, 1))], "taken"), Slot)
    state.close()


@pytest.mark.parametrize("kind", ["no folder", "locked for long"])
def test_without_the_state_a_crawl_takes_its_share_and_says_so_once(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state" / "politeness.db"
    holder = None
    if kind == "locked for long":
        path.parent.mkdir()
        holder = hold_locked(path)
    ticks = itertools.count(0.0, 0.04)
    one = Politeness(path, Caps({"*": Cap(100.0, 8)}, {}), shares=4, monotonic=lambda: next(ticks))
    with caplog.at_level(logging.INFO):
        assert most_at_once([one], "a.vn") <= 2
        assert one.rest_seconds(ASKED, "a.vn") == 0
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "a 4th of each host's cap" in caplog.text
    path.parent.mkdir(exist_ok=True)
    if holder is not None:
        holder.execute("rollback")
        holder.close()
    ticks = itertools.count(1000.0)
    with caplog.at_level(logging.INFO):
        one.note_rest(ASKED, "a.vn", seconds=60)
    assert "shared with other crawls" in caplog.text
    assert make(path.parent).rest_seconds(ASKED, "a.vn") > 0


def test_a_crawl_by_itself_takes_one_part_of_the_cap(tmp_path: Path) -> None:
    one = Politeness(tmp_path / "none" / "p.db", Caps({"*": Cap(100.0, 8)}, {}), shares=4, monotonic=lambda: 0.0)
    most_at_once([one], "a.vn")
    # A quarter of the cap, and a tenth less: 9 of the 10 turns came after the first.
    assert one._next_at["host a.vn"] == pytest.approx(10 / (100 / 4 * 0.9))


def hold_locked(path: Path) -> sqlite3.Connection:
    SharedState(path).end_rest(ASKED, "a.vn")  # makes it
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    return holder


def test_requests_wait_for_a_locked_state_while_all_else_of_the_crawl_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    holder = hold_locked(tmp_path / "politeness.db")
    one, other = make(tmp_path), make(tmp_path)
    waiting_since, steps = time.monotonic(), 0

    async def ask(crawl: Politeness) -> float:
        async with crawl.turn("a.vn", "192.0.2.1"):
            return time.monotonic()

    async def go_on() -> None:
        nonlocal steps
        while time.monotonic() < waiting_since + 1.5:
            await asyncio.sleep(0.001)
            steps += 1
        holder.execute("rollback")

    async def all_at_once() -> list[float]:
        asked, _ = await asyncio.gather(asyncio.gather(*(ask(crawl) for crawl in (one, other) * 8)), go_on())
        return asked

    asked = asyncio.run(all_at_once())
    holder.close()
    assert min(asked) > waiting_since + 1.5, "no request went without the state"
    assert not caplog.records
    # Sixteen requests that each waited in SQLite would leave it no step at all.
    assert steps > 50


def test_a_damaged_state_is_made_anew_and_shared(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "politeness.db"
    path.write_bytes(b"no database at all" * 99)
    crawls = [make(tmp_path), make(tmp_path)]
    assert most_at_once(crawls, "a.vn") <= 2
    assert ["is damaged" in record.getMessage() for record in caplog.records] == [True]
    path.write_bytes(b"overwritten while it is open" * 999)
    assert most_at_once(crawls, "a.vn") <= 2
    assert ["is damaged" in record.getMessage() for record in caplog.records] == [True, True]
    with closing(sqlite3.connect(path)) as found:
        assert found.execute("pragma integrity_check").fetchone() == ("ok",)


def test_connections_that_end_while_the_state_is_locked_are_given_back_later(tmp_path: Path) -> None:
    path = tmp_path / "politeness.db"
    one = make(tmp_path)

    async def ask(meanwhile: Callable[[], object]) -> None:
        async with one.turn("a.vn", None):
            meanwhile()

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        asyncio.run(ask(lambda: other.execute("begin immediate")))
        other.execute("rollback")
        assert other.execute("select count(*) from connections").fetchone() == (1,)
        asyncio.run(ask(list))
        assert other.execute("select count(*) from connections").fetchone() == (0,)
    one.close()


def test_what_could_not_be_told_is_told_without_a_further_request(tmp_path: Path) -> None:
    holder = hold_locked(tmp_path / "politeness.db")
    one = make(tmp_path)

    async def tell_and_wait() -> None:
        one.note_rest(ASKED, "a.vn", seconds=600)
        assert one._untold
        holder.execute("rollback")
        while one._untold:
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(tell_and_wait(), 30))
    holder.close()
    assert 500 < make(tmp_path).rest_seconds(ASKED, "a.vn") <= 600


def test_a_robots_txt_is_shared_in_its_age_only(tmp_path: Path) -> None:
    first, second = make(tmp_path), make(tmp_path)
    kept = KeptRobots("2026-09-01T18:30:00Z", 200, "", b"", "sapa", "urn:uuid:1")

    async def share() -> None:
        assert await first.find_robots("https://a.vn", now=NOW) is None
        waiting = asyncio.ensure_future(second.find_robots("https://a.vn", now=NOW))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        first.keep_robots("https://a.vn", kept)
        assert await waiting == kept
        assert await second.find_robots("https://a.vn", now=NOW + ROBOTS_AGE) is None
        second.keep_robots("https://a.vn", None)
        assert await second.find_robots("https://a.vn", now=NOW - timedelta(seconds=1)) is None

    asyncio.run(share())


# One crawl in a process of its own: so many streams ask one host for some seconds, and print how often.
_CRAWL = """
import asyncio, sys, time
from pathlib import Path
from crawler.politeness.caps import Cap, Caps
from crawler.politeness.politeness import Politeness

async def ask_all(streams, until):
    one = Politeness(Path(sys.argv[1]), Caps({"*": Cap(50.0, int(sys.argv[4]))}, {}), shares=32)
    async def ask(counts=0):
        while time.monotonic() < until:
            async with one.turn("a.vn", None):
                counts += 1
                await asyncio.sleep(0.001)
        return counts
    return await asyncio.gather(*(ask() for _ in range(streams)))

began = float(sys.argv[3])
time.sleep(max(0.0, began - time.monotonic()))
print(*asyncio.run(ask_all(int(sys.argv[2]), began + 4.0)))
"""


@pytest.mark.parametrize("connections", [32, 2])
def test_the_streams_of_all_crawls_get_the_same_share_of_the_cap(tmp_path: Path, connections: int) -> None:
    began = str(time.monotonic() + 2.0)
    crawls = [
        subprocess.Popen(
            [sys.executable, "-c", _CRAWL, str(tmp_path / "politeness.db"), str(streams), began, str(connections)],
            stdout=subprocess.PIPE, text=True,
        )
        for streams in (8, 2, 1, 1)
    ]  # fmt: skip
    shares = [float(count) for crawl in crawls for count in crawl.communicate(timeout=60)[0].split()]
    assert len(shares) == 12
    # 45 a second, as far as the streams began in time; each has one turn reserved at the end.
    assert sum(shares) <= 4 * 45 + 12 + 1
    assert fairness(shares) >= 0.95
