"""Where an archive lies: a note beside it says how far it had come at this place.

`.history/here` is never written again, so its inode and the time of its last change stay. A copy of the folder has
others. `.history/known.json` names them, with the segment that the archive began last and the highest ids. Losing both
loses no archive; the ids of the next run jump then.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = ".history"


@dataclass(frozen=True, slots=True)
class Place:
    """What the note says: `head` is the first record of the last segment, `ids` the highest ids by their kind.

    `is_here` is False if the note came from another place, or says that the archive was restored.
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
    """Note that the archive lies here, after a commit.

    Raises:
        OSError: if it cannot be written.
    """
    folder = archive.absolute().parent / FOLDER
    folder.mkdir(exist_ok=True)
    if not (folder / "here").exists():
        (folder / "here").touch()
    _write(folder, {"here": _identify(folder), "head": head, "ids": dict(ids)})


def note_restored(archive: Path, ids: Mapping[str, int]) -> None:
    """Note that an archive was restored here, and which ids are taken: those of its next run are higher.

    What an earlier note says of ids still counts.

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
    """Return what tells this place from a copy of it; [] if no run was noted here yet."""
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
