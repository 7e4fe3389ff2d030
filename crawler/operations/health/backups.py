"""Whether backups are made and tried, and whether the plan's profiles can be used, by the journal."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.language.dates import parse_iso
from crawler.operations.health.problems import Phrase, Problem, make_problem, quote
from crawler.operations.journal.backups import (
    Backup,
    Drill,
    first_good,
    last_backup,
    last_drill,
    last_good,
    last_good_drill,
    last_held,
    last_of_each,
)
from crawler.operations.journal.plans import ProfileFault, read_faults

# The greatest age of a good backup: the nightly one, and one that failed after it.
BACKUP_DAYS = timedelta(days=2)
# The greatest age of a good restore drill: three months, and some days to do it in.
DRILL_DAYS = timedelta(days=100)

_NO_REASON = Phrase("problem_no_reason")


@dataclass(frozen=True, slots=True)
class BackupHealth:
    """What the journal says of backups and profiles; empty if there is no journal.

    `last_of_each` are the last attempts to each target, `held` the last ones that saw which history it holds.
    """

    last_backup: Backup | None = None
    last_good_backup: Backup | None = None
    first_good_backup: Backup | None = None
    last_drill: Drill | None = None
    last_good_drill: Drill | None = None
    last_of_each: tuple[Backup, ...] = ()
    held: tuple[Backup, ...] = ()
    faults: tuple[ProfileFault, ...] = ()


def read_backup_health(journal: sqlite3.Connection) -> BackupHealth:
    """Read what the journal says of backups and profiles."""
    return BackupHealth(
        last_backup(journal),
        last_good(journal),
        first_good(journal),
        last_drill(journal),
        last_good_drill(journal),
        tuple(last_of_each(journal)),
        tuple(last_held(journal)),
        tuple(read_faults(journal)),
    )


def judge_backups(health: BackupHealth, now: datetime, *, planned_since: datetime | None) -> Iterator[Problem]:
    """Name what is wrong with backups, drills and profiles.

    Args:
        health: what the journal says.
        now: the time to judge at.
        planned_since: since when there is something to back up. None if no backups are planned: then it is not a
            problem
            that there are none.
    """
    yield from _judge_backup(health, now, planned_since=planned_since)
    yield from _judge_drill(health, now)
    for fault in health.faults:
        yield make_problem(
            "profile-fault", fault.portal, since=parse_iso(fault.since), reason=quote(fault.message, _NO_REASON)
        )


def _judge_backup(health: BackupHealth, now: datetime, *, planned_since: datetime | None) -> Iterator[Problem]:
    last, good = health.last_backup, health.last_good_backup
    if good is not None:
        since = parse_iso(good.at)
        is_old = now - since > BACKUP_DAYS
    elif last is not None:
        since, is_old = parse_iso(last.at), True
    elif planned_since is not None:
        since, is_old = planned_since, now - planned_since > BACKUP_DAYS
    else:
        return
    if is_old:
        what = Phrase("backup_none_tried")
        if last is not None and not last.ok:
            what = Phrase("backup_last_failed", {"reason": quote(last.message, _NO_REASON)})
        yield make_problem("backup", since=since, what=what)
    elif good is not None:
        yield from _judge_failures(health, good)


def _judge_failures(health: BackupHealth, good: Backup) -> Iterator[Problem]:
    """Name the last failure, until a backup to that target succeeds, or others do for so long that it was given up."""
    failed = [
        one for one in health.last_of_each if not one.ok and parse_iso(good.at) - parse_iso(one.at) <= BACKUP_DAYS
    ]
    if failed:
        yield make_problem(
            "backup/failed",
            since=parse_iso(failed[-1].at),
            place=failed[-1].target,
            reason=quote(failed[-1].message, _NO_REASON),
            good=parse_iso(good.at),
        )


def _judge_drill(health: BackupHealth, now: datetime) -> Iterator[Problem]:
    drill, good, first = health.last_drill, health.last_good_drill, health.first_good_backup
    begin = good.at if good is not None else first.at if first is not None else None
    if drill is not None and not drill.ok:
        what = Phrase("drill_last_failed", {"reason": quote(drill.message, _NO_REASON)})
        yield make_problem("drill", since=parse_iso(begin or drill.at), what=what)
    elif begin is not None and now - parse_iso(begin) > DRILL_DAYS:
        yield make_problem("drill", since=parse_iso(begin), what=Phrase("drill_due"))
