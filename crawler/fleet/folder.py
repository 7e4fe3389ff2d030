"""The folder of a fleet: an archive for each portal in `NAME/`, `fleet.toml`, `profiles/`, and state in `.fleet/`."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.lock import hold_lock

# Beside profiles it is taken for no profile.
FLEET_FILE_NAME = "fleet.toml"
# The journal of the whole plan is beside a database of this name, which does not exist.
_PLAN_NAME = "fleet.db"
_STATE, _ARCHIVE_NAME = ".fleet", "archive.db"

_FIRST_FLEET_FILE = """\
# What holds for all portals of this folder; docs/operations.md, "Many portals". A change takes effect with the next
# crawl. What is asked of a host stays a tenth below what stands here.

# Every host that has no table of its own, over all crawls together.
[hosts."*"]
requests_per_second = 5
connections = 4

# The file host of the CMS: all portals share it.
[hosts."storage-vnportal.vnpt.vn"]
requests_per_second = 20
connections = 16

# Every server address, by whatever names it is asked.
[addresses."*"]
requests_per_second = 20
connections = 32

# A portal that gave no answer at all, or shows another system, so many nights in a row is parked: asked again after
# so many days only, and nightly from its first answer on. 0 nights: never.
[parking]
nights = 14
probe_days = 7
"""


@dataclass(frozen=True, slots=True)
class FleetFolder:
    """Names the files of a fleet. `state` holds what may be thrown away: it is found out again."""

    path: Path

    @property
    def file(self) -> Path:
        """The file of what holds for all portals."""
        return self.path / FLEET_FILE_NAME

    @property
    def profiles(self) -> Path:
        """The folder of the profiles, if the command line names none."""
        return self.path / "profiles"

    @property
    def state(self) -> Path:
        """The folder of state files."""
        return self.path / _STATE

    @property
    def plan(self) -> Path:
        """The path beside which the journal of the plan is."""
        return self.path / _PLAN_NAME

    def archive_of(self, portal: str) -> Path:
        """Return the path of a portal's archive, there yet or not."""
        return self.path / portal / _ARCHIVE_NAME

    def archives(self) -> dict[str, Path]:
        """Return the archives that exist, by portal, ordered by name."""
        found = sorted(self.path.glob(f"[!.]*/{_ARCHIVE_NAME}"))
        return {path.parent.name: path for path in found}

    @contextmanager
    def hold_plan(self) -> Iterator[None]:
        """Hold the plan of the fleet while the block runs.

        Raises:
            ArchiveLockedError: if another scheduler holds it.
            ArchiveUnusableError: if the lock file cannot be made.
        """
        with hold_lock(self.state / ".schedule.lock", f"{self.path}: another scheduler runs the plan of this folder"):
            yield

    def prepare(self) -> None:
        """Make the folder, and a `fleet.toml` with the defaults if there is none.

        Raises:
            OSError: if it cannot be made.
        """
        self.profiles.mkdir(parents=True, exist_ok=True)
        self.state.mkdir(exist_ok=True)
        if not self.file.exists():
            write_whole(self.file, _FIRST_FLEET_FILE)


def fleet_of(archive: Path) -> FleetFolder | None:
    """Return the fleet that an archive belongs to by its place. None for one by itself.

    So a crawl that is begun by hand shares the fleet's politeness, too.
    """
    found = FleetFolder(archive.absolute().parent.parent)
    return found if found.file.is_file() else None


def write_whole(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, also after a crash."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
