"""The place of an archive on disk: a note in its folder records how far the archive had come at this place.

`.history/here` is never written again, so its inode and its change time stay the same. In a copy of the folder they
differ. `.history/known.json` holds them, with the last segment of the archive and the highest ids. If both files are
lost, the archive is still whole; only the ids of the next run jump.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = ".history"


@dataclass(frozen=True, slots=True)
class Place:
    """The content of the note: `head` is the first record of the last segment, `ids` the highest ids by their kind.

    `is_here` is False if the note was copied from another place, or says that the archive was restored.
    """

    is_here: bool
    head: str | None
    ids: dict[str, int] | None


def read_place(archive: Path) -> Place | None:
    """Read the note beside an archive; None if there is none."""
    folder = archive.absolute().parent / FOLDER
    try:
        known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
        return Place(known["here"] == _identify(folder), known["head"], known["ids"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note_place(archive: Path, head: str, *, ids: Mapping[str, int]) -> None:
    """Note that the archive is at this place, after a commit.

    Raises:
        OSError: if it cannot be written.
    """
    folder = archive.absolute().parent / FOLDER
    folder.mkdir(exist_ok=True)
    if not (folder / "here").exists():
        (folder / "here").touch()
    _write(folder, {"here": _identify(folder), "head": head, "ids": dict(ids)})


def note_restored(archive: Path, ids: Mapping[str, int]) -> None:
    """Note that an archive was restored here, and the ids in use: the ids of its next run will be higher.

    The ids of an earlier note still count.

    Raises:
        OSError: if it cannot be written.
    """
    folder = archive.absolute().parent / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    before = read_place(archive)
    known = (before.ids if before else None) or {}
    taken = {kind: max(ids.get(kind, 0), known.get(kind, 0)) for kind in ids.keys() | known.keys()}
    _write(folder, {"here": None, "head": None, "ids": taken})


def _identify(folder: Path) -> list[int]:
    """Return inode and change time, which differ in a copy of this place; [] if no run was noted here yet."""
    try:
        found = (folder / "here").stat()
    except FileNotFoundError:
        return []
    return [found.st_ino, found.st_ctime_ns]


def _write(folder: Path, known: Mapping[str, object]) -> None:
    part = folder / "known.json.part"
    with part.open("w", encoding="utf-8") as stream:
        json.dump(known, stream)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(folder / "known.json")
