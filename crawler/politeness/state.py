"""What crawls share, in a small database of SQLite: whose turn it is, who is connected, which hosts rest.

It may be thrown away at any time. A turn is a time reserved in one statement (the generic cell rate algorithm with no
burst), so the first who asks goes first. Connections are given in the order in which they were asked for. A process
that dies loses its turn and its place in that order, and its connections are given to others.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crawler.politeness.caps import Cap
from crawler.politeness.state_file import StateFile

# A connection of a living process is given up after this time: its number may belong to another process by now.
LEASE_SECONDS = 3600.0
# No rest of a host is longer, in seconds: one wrong answer, or a wrong clock, must not keep all portals off for days.
LONGEST_REST_SECONDS = 6 * 3600.0

# If a busy machine delayed requests, this many of them may begin at once; then they are apart again. With
# the one that is due, and 18 of a second, they stay below a cap of 25.
LATE_AT_ONCE = 3
# Seconds between the questions of a stream that waits for a connection, for each that is before it; and the most
# seconds.
ROOM_SECONDS, SLOWEST_ROOM_SECONDS = 0.02, 0.2
# A stream that did not ask for this many seconds makes no other wait: it died, or its machine has stopped.
UNSEEN_SECONDS = 2.0

_SCHEMA = """
create table if not exists turns (key text primary key, next_at real not null) without rowid;
create table if not exists begun (key text primary key, next_at real not null) without rowid;
create table if not exists waiting (key text, lease text, asked_at real, seen_at real, primary key (key, lease))
  without rowid;
create table if not exists connections (key text, lease text, pid integer, until real, primary key (key, lease))
  without rowid;
create table if not exists rests (kind text, host text, until real not null, primary key (kind, host)) without rowid;
create table if not exists robots (origin text primary key, fetched_at text, status integer, coding text, body blob,
  archive text, record_id text, fetching_until real) without rowid;
"""


class StateUnreachableError(Exception):
    """Raised when a state that is elsewhere cannot be asked, by `server_state`."""


@dataclass(frozen=True, slots=True)
class KeptRobots:
    """A robots.txt as one crawl fetched it: `record_id` is its record in that crawl's archive."""

    fetched_at: str
    status: int
    coding: str
    body: bytes
    archive: str
    record_id: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A connection by its lease, and the seconds to wait for the turns that were reserved with it, of the first caps.

    One that was not reserved yet is to be, once those before it have come.
    """

    lease: str
    waits: tuple[float, ...]


class PolitenessState(Protocol):
    """What crawls ask of each other; `SharedState` says what each question means."""

    def close(self) -> None:
        """Close it."""

    def reserve(self, key: str, cap: Cap) -> float:
        """Reserve the next turn of a host or address."""

    def begin(self, caps: Sequence[tuple[str, Cap]], lease: str) -> Slot | float:
        """Take a connection, and reserve its first turn."""

    def put_off(self, key: str, cap: Cap) -> float:
        """Tell for how long a turn is put off whose time has come."""

    def disconnect(self, lease: str, keys: Sequence[str]) -> None:
        """Give a connection back."""

    def put_rest(self, kind: str, host: str, *, seconds: float) -> None:
        """Let a host rest."""

    def end_rest(self, kind: str, host: str) -> None:
        """Let a host be asked again."""

    def rest_seconds(self, kind: str, host: str) -> float:
        """Return for how long a host still rests."""

    def find_robots(self, origin: str) -> KeptRobots | None:
        """Return the robots.txt that is kept of an origin."""

    def claim_robots(self, origin: str, *, seconds: float) -> bool:
        """Claim the fetch of an origin's robots.txt."""

    def put_robots(self, origin: str, kept: KeptRobots | None) -> None:
        """End a claim."""


class SharedState:
    """The open database. If another file has its name by now, that one is opened.

    Args:
        path: of the database, made if missing.
        monotonic: the clock of turns, the same for all processes of a machine.
        wall: the clock of rests, which outlive a restart of the machine.

    Raises:
        StateBusyError: by each method, if the database is locked, or was damaged: ask again.
        sqlite3.Error: by each method, if it cannot be used.
    """

    def __init__(
        self, path: Path, *, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._monotonic = monotonic
        self._wall = wall
        # Its own connections, which another file must know too.
        self._held: dict[str, Sequence[str]] = {}
        self._file = StateFile(path, _SCHEMA, moved=self._hold_again)

    def _hold_again(self, connection: sqlite3.Connection) -> None:
        for lease, keys in self._held.items():
            self._put_connections(connection, keys, lease=lease)

    def close(self) -> None:
        """Close the database."""
        self._file.close()

    def reserve(self, key: str, cap: Cap) -> float:
        """Reserve the next turn of a host or address; give the seconds until then.

        A reserved time further ahead than all connections together could reserve is of another boot; it counts as now.
        """
        with self._file.use() as connection:
            return max(0.0, self._reserve(connection, "turns", key=key, cap=cap))

    def put_off(self, key: str, cap: Cap) -> float:
        """Tell for how long a turn is put off whose time has come, in seconds; 0 if it may begin.

        On a busy machine many wake long after their times, all at once. They are set apart here, the first one first.
        """
        with self._file.use() as connection:
            return max(0.0, self._reserve(connection, "begun", key=key, cap=cap) - LATE_AT_ONCE * cap.interval)

    def _reserve(self, connection: sqlite3.Connection, table: str, *, key: str, cap: Cap) -> float:
        now, interval = self._monotonic(), cap.interval
        [(at,)] = connection.execute(
            f"""insert into {table} (key, next_at) values (:key, :now + :interval) on conflict (key) do update set
                  next_at = case when next_at > :now + :furthest then :now else max(next_at, :now) end + :interval
                returning next_at""",  # noqa: S608 - ours
            {"key": key, "now": now, "interval": interval, "furthest": (cap.connections + 2) * interval + 1.0},
        ).fetchall()
        return float(at) - interval - now

    def begin(self, caps: Sequence[tuple[str, Cap]], lease: str) -> Slot | float:
        """Take a connection to a host and its address at once, and reserve the turn of the host.

        If one of them has no room, give the seconds until the next try.

        Who tries first gets the first that is free: each try keeps the place in the order of the host, and once the
        host has room, in that of the address.

        Args:
            caps: of the host first, then of its address.
            lease: a name that no other stream has; `disconnect` asks for it.
        """
        with self._file.write() as connection:
            seconds = self._connect(connection, caps, lease=lease)
            wait = 0.0 if seconds else max(0.0, self._reserve(connection, "turns", key=caps[0][0], cap=caps[0][1]))
        if seconds:
            return seconds
        self._held[lease] = [key for key, _ in caps]
        return Slot(lease, (wait,))

    def _connect(self, connection: sqlite3.Connection, caps: Sequence[tuple[str, Cap]], *, lease: str) -> float:
        host, now = caps[0][0], self._monotonic()
        row = connection.execute(
            "select asked_at from waiting where key = ? and lease = ? and asked_at <= ?", (host, lease, now)
        ).fetchone()
        asked_at = row[0] if row else now
        keys = [key for key, _ in caps]
        for number, (key, cap) in enumerate(caps, 1):
            (before,) = connection.execute(
                "select count(*) from waiting where key = ? and asked_at < ? and seen_at between ? and ?",
                (key, asked_at, now - UNSEEN_SECONDS, now),
            ).fetchone()
            if not _has_room(connection, key, cap=cap, wanted=before + 1, now=self._wall()):
                _wait(connection, keys, lease=lease, times=(asked_at, now), reached=number)
                return float(min(SLOWEST_ROOM_SECONDS, ROOM_SECONDS * (before + 1)))
        connection.executemany("delete from waiting where key = ? and lease = ?", [(key, lease) for key in keys])
        self._put_connections(connection, keys, lease=lease)
        return 0.0

    def _put_connections(self, connection: sqlite3.Connection, keys: Sequence[str], *, lease: str) -> None:
        rows = [(key, lease, os.getpid(), self._wall() + LEASE_SECONDS) for key in keys]
        connection.executemany("insert or replace into connections values (?, ?, ?, ?)", rows)

    def disconnect(self, lease: str, keys: Sequence[str]) -> None:
        """Give a connection back, or the place of one that waits for it."""
        held = [(key, lease) for key in keys]
        self._held.pop(lease, None)
        with self._file.write() as connection:
            connection.executemany("delete from connections where key = ? and lease = ?", held)
            connection.executemany("delete from waiting where key = ? and lease = ?", held)

    def put_rest(self, kind: str, host: str, *, seconds: float) -> None:
        """Let a host rest for this long, at most some hours; a longer rest of the same kind stays."""
        until = self._wall() + min(seconds, LONGEST_REST_SECONDS)
        with self._file.use() as connection:
            connection.execute(
                """insert into rests values (?, ?, ?)
                   on conflict do update set until = max(until, excluded.until)""",
                (kind, host, until),
            )

    def end_rest(self, kind: str, host: str) -> None:
        """Let a host be asked again."""
        with self._file.use() as connection:
            connection.execute("delete from rests where kind = ? and host = ?", (kind, host))

    def rest_seconds(self, kind: str, host: str) -> float:
        """Return for how long a host still rests; 0 if it does not."""
        with self._file.use() as connection:
            row = connection.execute("select until from rests where kind = ? and host = ?", (kind, host)).fetchone()
        seconds = float(row[0]) - self._wall() if row else 0.0
        return seconds if 0 < seconds <= LONGEST_REST_SECONDS else 0.0

    def find_robots(self, origin: str) -> KeptRobots | None:
        """Return the robots.txt that is kept of an origin, of any age."""
        with self._file.use() as connection:
            row = connection.execute(
                "select fetched_at, status, coding, body, archive, record_id from robots where origin = ?", (origin,)
            ).fetchone()
        return KeptRobots(*row) if row and row[0] is not None else None

    def claim_robots(self, origin: str, *, seconds: float) -> bool:
        """Claim the fetch of an origin's robots.txt for this long. False if another crawl fetches it now."""
        now = self._wall()
        with self._file.use() as connection:
            changed = connection.execute(
                """insert into robots (origin, fetching_until) values (:origin, :until) on conflict do update
                   set fetching_until = :until
                   where fetching_until is null or fetching_until not between :now and :until""",
                {"origin": origin, "now": now, "until": now + seconds},
            )
        return changed.rowcount > 0

    def put_robots(self, origin: str, kept: KeptRobots | None) -> None:
        """End a claim, and keep what was fetched; None if nothing that may be shared was."""
        with self._file.use() as connection:
            if kept is None:
                connection.execute("update robots set fetching_until = null where origin = ?", (origin,))
                return
            connection.execute(
                "insert or replace into robots values (?, ?, ?, ?, ?, ?, ?, null)",
                (origin, kept.fetched_at, kept.status, kept.coding, kept.body, kept.archive, kept.record_id),
            )


def _wait(
    connection: sqlite3.Connection, keys: Sequence[str], *, lease: str, times: tuple[float, float], reached: int
) -> None:
    """Keep a place where there is no room, and in the orders before that; others of the rest are not kept waiting.

    Who waits for a busy host would else hold up all hosts of its address.
    """
    oldest, now = times[1] - 60 * UNSEEN_SECONDS, times[1]
    connection.executemany(
        "delete from waiting where key = ? and (lease = ? or seen_at not between ? and ?)",
        [(key, lease, oldest, now) for key in keys],
    )
    connection.executemany("insert into waiting values (?, ?, ?, ?)", [(key, lease, *times) for key in keys[:reached]])


def _has_room(connection: sqlite3.Connection, key: str, *, cap: Cap, wanted: int, now: float) -> bool:
    rows = connection.execute("select lease, pid, until from connections where key = ?", (key,)).fetchall()
    if len(rows) + wanted <= cap.connections:
        return True
    dead = [lease for lease, pid, until in rows if not now < until <= now + LEASE_SECONDS or not _is_alive(pid)]
    connection.executemany("delete from connections where lease = ?", [(lease,) for lease in dead])
    return len(rows) - len(dead) + wanted <= cap.connections


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
