"""What crawls share: turns in order, connections of the living, rests, one robots.txt."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from crawler.politeness.caps import Cap
from crawler.politeness.state import LONGEST_REST_SECONDS, UNSEEN_SECONDS, KeptRobots, SharedState, Slot

CAP = Cap(10.0, 2)  # kept at 9 a second
KEY = "host a.vn"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[SharedState]:
    found = SharedState(tmp_path / "politeness.db", monotonic=clock, wall=clock)
    yield found
    found.close()


@pytest.fixture
def other(tmp_path: Path, clock: Clock, state: SharedState) -> Iterator[SharedState]:
    """The same state, as another process opens it."""
    found = SharedState(tmp_path / "politeness.db", monotonic=clock, wall=clock)
    yield found
    found.close()


def connect(state: SharedState, caps: list[tuple[str, Cap]], lease: str) -> float:
    """Take a connection: 0 if it was taken, else the seconds until the next try."""
    found = state.begin(caps, lease)
    return 0.0 if isinstance(found, Slot) else found


def test_turns_are_a_tenth_slower_than_the_promise_and_in_the_order_of_asking(
    state: SharedState, other: SharedState
) -> None:
    waits = [one.reserve(KEY, CAP) for one in (state, other, other, state)]
    assert waits == pytest.approx([0, 1 / 9, 2 / 9, 3 / 9])


def test_an_idle_host_saves_up_no_turns(state: SharedState, clock: Clock) -> None:
    state.reserve(KEY, CAP)
    clock.now += 60
    assert [state.reserve(KEY, CAP) for _ in range(2)] == pytest.approx([0, 1 / 9])


def test_a_turn_of_another_boot_delays_nobody(state: SharedState, clock: Clock) -> None:
    clock.now = 9e6
    state.reserve(KEY, CAP)
    clock.now = 5.0  # the machine was started again
    assert state.reserve(KEY, CAP) == 0
    assert state.reserve(KEY, CAP) == pytest.approx(1 / 9)


def test_late_turns_do_not_all_begin_at_once(state: SharedState, other: SharedState, clock: Clock) -> None:
    waits = [one.reserve(KEY, CAP) for one in (state, other) for _ in range(4)]
    clock.now += max(waits) + 1  # all of them slept too long
    put_off = [one.put_off(KEY, CAP) for one in (state, other) for _ in range(4)]
    assert put_off == pytest.approx([0, 0, 0, 0, 1 / 9, 2 / 9, 3 / 9, 4 / 9])
    clock.now += 60
    assert state.put_off(KEY, CAP) == 0


def test_no_more_connections_than_the_cap_of_host_and_address(state: SharedState, other: SharedState) -> None:
    address = ("address 192.0.2.1", Cap(10.0, 3))
    assert connect(state, [(KEY, CAP), address], "first") == 0
    assert connect(other, [(KEY, CAP), address], "second") == 0
    assert connect(other, [(KEY, CAP), address], "third") > 0  # the host has no room
    assert connect(other, [("host b.vn", CAP), address], "fourth") == 0
    assert connect(other, [("host b.vn", CAP), address], "fifth") > 0  # the address has none
    state.disconnect("first", [KEY, address[0]])
    assert connect(other, [(KEY, CAP), address], "third") == 0


def test_connections_are_given_in_the_order_of_asking(state: SharedState, other: SharedState, clock: Clock) -> None:
    for lease in ("one", "two"):
        assert connect(state, [(KEY, CAP)], lease) == 0
    for lease in ("three", "four", "five"):
        assert connect(other, [(KEY, CAP)], lease) > 0
        clock.now += 0.1
    state.disconnect("one", [KEY])
    # Whoever gave one back, or tries more often, does not get it before the one that waits longest.
    assert connect(state, [(KEY, CAP)], "six") > 0
    clock.now += 0.1
    assert connect(other, [(KEY, CAP)], "five") > connect(other, [(KEY, CAP)], "four") > 0
    assert connect(other, [(KEY, CAP)], "three") == 0
    state.disconnect("two", [KEY])
    other.disconnect("four", [KEY])  # it waits no more
    assert connect(other, [(KEY, CAP)], "five") == 0
    state.disconnect("three", [KEY])
    assert connect(state, [(KEY, CAP)], "seven") > 0  # behind "six"
    clock.now += UNSEEN_SECONDS + 1
    assert connect(state, [(KEY, CAP)], "seven") == 0  # which has died


def test_hosts_of_one_address_get_its_connections_in_the_order_of_asking(
    state: SharedState, other: SharedState, clock: Clock
) -> None:
    address = ("address 192.0.2.1", Cap(20.0, 1))
    x, y = [("host x.vn", CAP), address], [("host y.vn", CAP), address]
    assert isinstance(state.begin(x, "holds"), Slot)
    assert not isinstance(other.begin(y, "first"), Slot)
    clock.now += 0.01
    assert not isinstance(state.begin(x, "second"), Slot)
    state.disconnect("holds", [key for key, _ in x])
    assert not isinstance(state.begin(x, "second"), Slot), "another host's was asked for before"
    assert isinstance(other.begin(y, "first"), Slot)


def test_who_waits_for_a_busy_host_holds_up_no_other_of_its_address(state: SharedState, clock: Clock) -> None:
    address = ("address 192.0.2.1", Cap(20.0, 2))
    busy = [("host x.vn", Cap(20.0, 1)), address]
    assert isinstance(state.begin(busy, "holds"), Slot)
    assert not isinstance(state.begin(busy, "waits"), Slot)
    clock.now += 0.01
    assert isinstance(state.begin([("host y.vn", CAP), address], "other"), Slot)


def test_the_connections_of_a_killed_process_are_given_to_others(state: SharedState, tmp_path: Path) -> None:
    take = (
        "import os, signal, sys; from pathlib import Path;"
        "from crawler.politeness.caps import Cap; from crawler.politeness.state import SharedState;"
        "state = SharedState(Path(sys.argv[1]), wall=lambda: 1000.0);"
        f"[state.begin([({KEY!r}, Cap(10.0, 2))], name) for name in 'ab']; os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", take, tmp_path / "politeness.db"], check=False)
    assert done.returncode == -9
    assert connect(state, [(KEY, CAP)], "c") == 0


def test_a_rest_is_over_by_itself_and_never_longer_than_some_hours(state: SharedState, clock: Clock) -> None:
    state.put_rest("asked", "a.vn", seconds=60)
    state.put_rest("asked", "a.vn", seconds=30)
    assert state.rest_seconds("asked", "a.vn") == 60
    assert state.rest_seconds("down", "a.vn") == 0
    state.put_rest("asked", "b.vn", seconds=1e9)
    assert state.rest_seconds("asked", "b.vn") == LONGEST_REST_SECONDS
    clock.now -= 1e6  # the clock was ahead, and is right again
    assert state.rest_seconds("asked", "b.vn") == 0
    clock.now += 1e6 + 60
    assert state.rest_seconds("asked", "a.vn") == 0
    state.end_rest("asked", "b.vn")
    assert state.rest_seconds("asked", "b.vn") == 0


def test_one_crawl_at_a_time_fetches_a_robots_txt(state: SharedState, other: SharedState, clock: Clock) -> None:
    assert state.claim_robots("https://a.vn", seconds=60)
    assert not other.claim_robots("https://a.vn", seconds=60)
    clock.now += 61  # it died
    assert other.claim_robots("https://a.vn", seconds=60)
    kept = KeptRobots("2026-09-01T18:30:00Z", 200, "", b"User-agent: *", "sapa", "urn:uuid:1")
    other.put_robots("https://a.vn", kept)
    assert state.find_robots("https://a.vn") == kept
    assert state.claim_robots("https://a.vn", seconds=60)
    state.put_robots("https://a.vn", None)  # nothing that others may go by
    assert other.find_robots("https://a.vn") == kept
    assert other.claim_robots("https://a.vn", seconds=60)


@pytest.mark.parametrize("how", ["deleted", "replaced", "moved with its folder"])
def test_crawls_share_the_file_that_has_the_name_now(tmp_path: Path, clock: Clock, how: str) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    path = folder / "politeness.db"
    first, second = (SharedState(path, monotonic=clock, wall=clock) for _ in range(2))
    for number, one in enumerate((first, second)):
        assert connect(one, [(KEY, CAP)], f"held {number}") == 0
    if how == "deleted":
        path.unlink()
    elif how == "replaced":
        SharedState(tmp_path / "other.db").end_rest("asked", "a.vn")
        (tmp_path / "other.db").rename(path)
    else:
        folder.rename(tmp_path / "moved")
        with pytest.raises(sqlite3.OperationalError):
            first.reserve(KEY, CAP)
        folder.mkdir()
    third = SharedState(path, monotonic=clock, wall=clock)
    waits = [one.reserve(KEY, CAP) for one in (third, first, second, third)]
    assert waits == pytest.approx([0, 1 / 9, 2 / 9, 3 / 9]), "one order for all of them"
    assert connect(third, [(KEY, CAP)], "more") > 0, "connections that are open count in the new file, too"
    first.disconnect("held 0", [KEY])
    assert connect(third, [(KEY, CAP)], "more") == 0
    for one in (first, second, third):
        one.close()


def test_a_file_that_was_thrown_away_leaves_no_log_or_journal_to_the_next(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "politeness.db"
    with closing(sqlite3.connect(path)) as former:
        former.execute("pragma journal_mode = wal")  # as versions before had it
        former.execute("create table turns (key text primary key, next_at real not null)")
        former.commit()
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("select * from turns").fetchall()
            state = SharedState(path, monotonic=clock, wall=clock)
            assert state.reserve(KEY, CAP) == 0
            path.unlink()
            assert [state.reserve(KEY, CAP) for _ in range(2)] == pytest.approx([0, 1 / 9])
            state.close()
    again = SharedState(path, monotonic=clock, wall=clock)
    assert again.reserve(KEY, CAP) == pytest.approx(2 / 9)
    again.close()


def test_crawls_that_open_a_new_state_at_once_all_share_it(tmp_path: Path) -> None:
    at_once = threading.Barrier(8)

    def share(path: Path) -> float:
        at_once.wait()
        opened = SharedState(path)
        wait = opened.reserve(KEY, CAP)
        opened.close()
        return wait

    with ThreadPoolExecutor(8) as pool:
        for number in range(50):
            waits = sorted(pool.map(share, [tmp_path / f"{number}.db"] * 8))
            assert waits[-1] > 6 * CAP.interval, "the eighth turn comes after seven others"
