"""Where the portals of a plan have their archives: all in one, or each its own in the folder of a fleet."""

import logging
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from crawler import settings
from crawler.archive.database import open_for_copying, read_file_mark, read_mark
from crawler.archive.lock import hold_plan
from crawler.errors import PortalArchiveError, ProfileError
from crawler.fleet.answers import note_answered
from crawler.fleet.fleet_file import read_storage
from crawler.fleet.folder import FleetFolder
from crawler.operations.journal.database import journal_path
from crawler.operations.schedule.journaling import PlanJournal

logger = logging.getLogger(__name__)

# Shows whether the files changed from which a verdict was made; it is compared, never read.
Mark = tuple[int, ...]


class Places(Protocol):
    """Names the archive and the journal of each portal, and finds which portals' archives changed."""

    @property
    def journal(self) -> PlanJournal:
        """The journal of the plan itself: which profiles cannot be used."""

    @property
    def most_at_once(self) -> int | None:
        """How many nights may run at once. None if there is no limit."""

    @property
    def all_archives(self) -> tuple[str, str]:
        """The option of our commands that names all of them, and its value."""

    @property
    def backup_place(self) -> str | None:
        """The place of backups; of a fleet, below which each archive has its own. None if none are made."""

    def archive_of(self, portal: str) -> Path:
        """Return the path of a portal's archive, there yet or not."""

    def journal_of(self, portal: str) -> PlanJournal:
        """Return the journal beside a portal's archive."""

    def read_marks(self, portals: Iterable[str]) -> dict[str, Mark]:
        """Return a mark for each portal, which changes when its rows may have changed."""

    def hold(self) -> AbstractContextManager[None]:
        """Keep other schedulers off the plan while the block runs."""

    def hold_night(self, portal: str) -> AbstractContextManager[None]:
        """Keep schedulers of other plans off a portal's archive while the block runs."""

    def note_answered(self, night: date) -> None:
        """Note a night on which some portal was answered, if the archives do not show it to each other."""

    def put_job_event(self, job: str, event: str, *, exit_code: int | None, message: str | None) -> None:
        """Write what APScheduler did with a job into the journal that it belongs to."""


@dataclass(slots=True)
class OneArchive:
    """All portals in one archive, which takes one run at a time."""

    archive: Path
    journal: PlanJournal = field(init=False)
    most_at_once: int | None = 1
    _files: Mark = ()
    _last_run: int = -1
    # How often a portal's rows changed; None for all portals.
    _changes: dict[str | None, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal = PlanJournal(self.archive)

    @property
    def all_archives(self) -> tuple[str, str]:
        """The option of one archive."""
        return "--archive", str(self.archive)

    @property
    def backup_place(self) -> str | None:
        """The place that the environment names."""
        return settings.backup_target()

    def archive_of(self, portal: str) -> Path:  # noqa: ARG002 - the same for all
        """Return the archive."""
        return self.archive

    def journal_of(self, portal: str) -> PlanJournal:  # noqa: ARG002 - the same for all
        """Return the journal of the archive."""
        return self.journal

    def read_marks(self, portals: Iterable[str]) -> dict[str, Mark]:
        """Return how often each portal's rows changed, as far as this process saw it.

        Runs are written one after the other. So after a change only the portals of the last known run and of later ones
        are judged again. If the database is another file, or has fewer runs, an older copy was restored: then all are.
        """
        files = read_mark(self.archive)
        if files != self._files:
            changed = _runs_since(self.archive, self._last_run) if files[:1] == self._files[:1] else None
            if changed:
                for portal in changed.values():
                    self._changes[portal] = self._changes.get(portal, 0) + 1
            else:
                self._changes[None] = self._changes.get(None, 0) + 1
                changed = _runs_since(self.archive, None)
            self._last_run = max(changed or (), default=-1)
            self._files = files
        of_all = self._changes.get(None, 0)
        return {portal: (of_all, self._changes.get(portal, 0)) for portal in portals}

    def hold(self) -> AbstractContextManager[None]:
        """Hold the plan of the archive."""
        return hold_plan(self.archive)

    def hold_night(self, portal: str) -> AbstractContextManager[None]:  # noqa: ARG002 - `hold` holds it
        """Hold nothing more."""
        return nullcontext()

    def note_answered(self, night: date) -> None:
        """Note nothing: the runs of all portals are in the archive."""

    def put_job_event(self, job: str, event: str, *, exit_code: int | None, message: str | None) -> None:
        """Write it into the archive's journal."""
        self.journal.put_job_event(job, event, exit_code=exit_code, message=message)


@dataclass(slots=True)
class ArchivePerPortal:
    """Each portal's archive in the folder of a fleet; their nights may run at once."""

    fleet: FleetFolder
    journal: PlanJournal = field(init=False)
    most_at_once: int | None = None
    _journals: dict[str, PlanJournal] = field(default_factory=dict)
    # Paths are made once: a look at a thousand portals would make thousands.
    _archives: dict[str, tuple[Path, Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal = PlanJournal(self.fleet.plan)

    @property
    def all_archives(self) -> tuple[str, str]:
        """The option of a folder."""
        return "--archives", str(self.fleet.path)

    @property
    def backup_place(self) -> str | None:
        """The storage of the fleet, else the place that the environment names."""
        return self.storage or settings.backup_target()

    @property
    def storage(self) -> str | None:
        """The storage of the fleet, None if there is none, or its file cannot be used."""
        try:
            return read_storage(self.fleet)
        except ProfileError as error:
            logger.error("%s; nothing is shipped to a storage", error)  # noqa: TRY400 - the message is for the operator
            return None

    def archive_of(self, portal: str) -> Path:
        """Return the portal's own archive."""
        return self._paths_of(portal)[0]

    def _paths_of(self, portal: str) -> tuple[Path, Path]:
        """Return the paths of a portal's archive and its journal."""
        found = self._archives.get(portal)
        if found is None:
            archive = self.fleet.archive_of(portal)
            found = self._archives[portal] = archive, journal_path(archive)
        return found

    def journal_of(self, portal: str) -> PlanJournal:
        """Return the journal beside the portal's archive; the folder is made for it."""
        found = self._journals.get(portal)
        if found is None:
            archive = self.archive_of(portal)
            archive.parent.mkdir(parents=True, exist_ok=True)
            found = self._journals.setdefault(portal, PlanJournal(archive))
        return found

    def read_marks(self, portals: Iterable[str]) -> dict[str, Mark]:
        """Return sizes and times of each portal's own files; the journal's, too: a scheduler may have died."""
        return {portal: self._mark(portal) for portal in portals}

    def _mark(self, portal: str) -> Mark:
        archive, journal = self._paths_of(portal)
        return *read_mark(archive), *read_file_mark(journal)

    def hold(self) -> AbstractContextManager[None]:
        """Hold the plan of the folder."""
        return self.fleet.hold_plan()

    def hold_night(self, portal: str) -> AbstractContextManager[None]:
        """Hold the plan of the portal's archive, which somebody may have given to another scheduler."""
        return hold_plan(self.archive_of(portal))

    def note_answered(self, night: date) -> None:
        """Note it in the folder's state."""
        note_answered(self.fleet, night)

    def put_job_event(self, job: str, event: str, *, exit_code: int | None, message: str | None) -> None:
        """Write an event into the portal's journal, named as for one archive: `backup NAME` is a `backup` there."""
        what, _, portal = job.partition(" ")
        if not portal:
            self.journal.put_job_event(job, event, exit_code=exit_code, message=message)
            return
        name = job if what == "night" else what
        self.journal_of(portal).put_job_event(name, event, exit_code=exit_code, message=message)


def _runs_since(archive: Path, run: int | None) -> dict[int, str] | None:
    """Return the portals of a run and of all later ones, by run; of the last one if `run` is None.

    Empty if there is no such run, None if the archive cannot be read.
    """
    try:
        with closing(open_for_copying(archive)) as connection:
            if run is None:
                rows = connection.execute("select id, portal from crawls order by id desc limit 1")
            else:
                rows = connection.execute("select id, portal from crawls where id >= ?", (run,))
            return {row[0]: row[1] for row in rows}
    except (PortalArchiveError, sqlite3.Error):
        return None
