"""The epoch of an archive, in a file beside it: which of a portal's homes, counted, this disk was.

An archive of another epoch than the fleet's registry says is a copy that the fleet no longer goes on with.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import ArchiveUnusableError
from crawler.fleet.folder import FleetFolder, write_whole

_NAME = "epoch.json"
_FORMER = ".former"


@dataclass(frozen=True, slots=True)
class EpochMark:
    """The epoch of an archive; `is_whole` is False while it is being restored."""

    epoch: int
    is_whole: bool = True


def read_mark(fleet: FleetFolder, portal: str) -> EpochMark | None:
    """Read the epoch of a portal's archive, None if there is none.

    Raises:
        ArchiveUnusableError: if the file cannot be read.
    """
    path = _path(fleet, portal)
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return EpochMark(int(row["epoch"]), bool(row["whole"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArchiveUnusableError(f"{path}: cannot be read: {error!r}") from error


def write_mark(fleet: FleetFolder, portal: str, *, mark: EpochMark) -> None:
    """Write the epoch of a portal's archive; the folder is made for it.

    Raises:
        ArchiveUnusableError: if it cannot be written.
    """
    path = _path(fleet, portal)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps({"epoch": mark.epoch, "whole": mark.is_whole}) + "\n")
    except OSError as error:
        raise ArchiveUnusableError(f"{path}: cannot be written: {error}") from error


def set_aside(fleet: FleetFolder, portal: str, *, epoch: int) -> Path:
    """Move the archive of a former epoch out of the way, whole; give its place.

    Raises:
        ArchiveUnusableError: if it cannot be moved.
    """
    place = fleet.path / _FORMER / f"{portal}-{epoch}"
    try:
        place.parent.mkdir(exist_ok=True)
        (fleet.path / portal).rename(place)
    except OSError as error:
        raise ArchiveUnusableError(f"{fleet.path / portal}: cannot be moved to {place}: {error}") from error
    return place


def _path(fleet: FleetFolder, portal: str) -> Path:
    return fleet.path / portal / _NAME
