"""Whether backups are made and proved, and whether the plan's profiles can be used: what the journal tells."""

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
)
from crawler.operations.journal.plans import ProfileFault, read_faults

# A good backup may be so old: the nightly one, and one that failed after it.
BACKUP_DAYS = timedelta(days=2)
# A good restore drill may be so old: three months, and some days to do it in.
DRILL_DAYS = timedelta(days=100)

_NO_REASON = Phrase("problem_no_reason")


@dataclass(frozen=True, slots=True)
class BackupHealth:
    """What the journal knows of copies and profiles; empty where there is no journal."""

    last_backup: Backup | None = None
    last_good_backup: Backup | None = None
    first_good_backup: Backup | None = None
    last_drill: Drill | None = None
    last_good_drill: Drill | None = None
    faults: tuple[ProfileFault, ...] = ()


def read_copies(journal: sqlite3.Connection) -> BackupHealth:
    """Read what the journal knows of copies and profiles."""
    return BackupHealth(
        last_backup(journal),
        last_good(journal),
        first_good(journal),
        last_drill(journal),
        last_good_drill(journal),
        tuple(read_faults(journal)),
    )


def judge_copies(copies: BackupHealth, now: datetime, *, planned_since: datetime | None) -> Iterator[Problem]:
    """Name what is wrong with backups, drills and profiles.

    Args:
        copies: what the journal tells.
        now: the time to judge at.
        planned_since: since when there is something to back up, where backups are planned; None where they are not, so
            that none at all is no problem.

    """
    yield from _judge_backup(copies, now, planned_since=planned_since)
    yield from _judge_drill(copies, now)
    for fault in copies.faults:
        yield make_problem(
            "profile-fault", fault.portal, since=parse_iso(fault.since), reason=quote(fault.message, _NO_REASON)
        )


def _judge_backup(copies: BackupHealth, now: datetime, *, planned_since: datetime | None) -> Iterator[Problem]:
    last, good = copies.last_backup, copies.last_good_backup
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


def _judge_drill(copies: BackupHealth, now: datetime) -> Iterator[Problem]:
    drill, good, first = copies.last_drill, copies.last_good_drill, copies.first_good_backup
    begin = good.at if good is not None else first.at if first is not None else None
    if drill is not None and not drill.ok:
        what = Phrase("drill_last_failed", {"reason": quote(drill.message, _NO_REASON)})
        yield make_problem("drill", since=parse_iso(begin or drill.at), what=what)
    elif begin is not None and now - parse_iso(begin) > DRILL_DAYS:
        yield make_problem("drill", since=parse_iso(begin), what=Phrase("drill_due"))
