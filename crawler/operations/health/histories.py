"""Which history an archive is, and which one each target of backups holds."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.archive.history.lineage import read_head
from crawler.locale import say
from crawler.operations.journal.backups import Backup


@dataclass(frozen=True, slots=True)
class HistoryStatus:
    """The archive's identity, that of its history, and the number of runs and acts in it."""

    archive: str
    history: str
    runs: int


@dataclass(frozen=True, slots=True)
class BackupPlace:
    """Which history a target of backups held when it was asked last, and its newest snapshot.

    `is_own` is False if it refused a backup of this archive, since that history is another one.
    """

    place: str
    history: str
    snapshot: str
    is_own: bool


def read_history(connection: sqlite3.Connection) -> HistoryStatus | None:
    """Read which history the archive is."""
    head = read_head(connection)
    if head is None:
        return None
    return HistoryStatus(head.archive, head.history, connection.execute("select count(*) from history").fetchone()[0])


def read_places(held: Iterable[Backup]) -> tuple[BackupPlace, ...]:
    """Return what each target holds, by the last attempts that saw it."""
    return tuple(BackupPlace(one.target, *one.held, is_own=one.ok) for one in held if one.held)


def history_lines(own: HistoryStatus | None, places: Iterable[BackupPlace], *, language: str) -> Iterator[str]:
    """Yield the lines of `status`: the archive's own history, then that of each target."""
    if own is not None:
        yield say("status_history", language, history=own.history[:8], archive=own.archive[:8], count=own.runs)
    for held in places:
        history, snapshot = held.history[:8], held.snapshot
        if held.is_own:
            yield say("status_place", language, place=held.place, history=history, snapshot=snapshot)
        else:
            yield say("status_place_foreign", language, place=held.place, history=history, snapshot=snapshot)
