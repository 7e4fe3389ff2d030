"""Losses: records and files that a rebuild, or the start of a run, could not use. Each is a row."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.warc.files.scan import Damage
from crawler.archive.warc.writer import Position
from crawler.body import CHUNK_BYTES, sha256_of

# The kinds of `losses.kind`.
DAMAGED, RECORD, ENTRY, FILE, MISSING, RUN, LISTED = (
    "damaged-record", "unusable-record", "unusable-entry", "refused-file", "missing-files", "run-without-beginning",
    "missing-record",
)  # fmt: skip
KINDS = frozenset({DAMAGED, RECORD, ENTRY, FILE, MISSING, RUN, LISTED})


@dataclass(frozen=True, slots=True)
class Loss:
    """A record, entry or file that could not be used.

    Args:
        kind: one of the kinds above.
        what: a description for a person, without the place.
        warc_file: the name in `warc/`; None for files that are missing.
        offset: the offset of the record; None for a whole file.
        about: the record or entry. It may name a withheld address, so it is not stored.
    """

    kind: str
    what: str
    warc_file: str | None = None
    offset: int | None = None
    about: str = ""

    def line(self) -> str:
        """Return it as a line for a person."""
        about = f" ({self.about})" if self.about else ""
        if self.warc_file is None:
            return self.what + about
        subject = f"the record at offset {self.offset} " if self.offset is not None else ""
        return f"warc/{self.warc_file}: {subject}{self.what}{about}"


@dataclass(frozen=True, slots=True)
class SpareFile:
    """A file without records, or whose records other files hold. `verify` and later runs ignore it."""

    name: str
    size_bytes: int
    sha256: str
    held_in: str

    def is_still(self, path: Path) -> bool:
        """Return whether a file is unchanged since the rebuild that found all its records in other files."""
        return path.stat().st_size == self.size_bytes and digest_of_file(path) == self.sha256


def damage_loss(damage: Damage) -> Loss:
    """Make a loss from a damage."""
    size = f", {damage.length} bytes" if damage.length else ""
    about = f"it reads as {damage.record}" if damage.record else ""
    return Loss(DAMAGED, f"{damage.what}{size}", damage.warc_file, damage.offset, about)


def record_loss(kind: str, what: str, *, position: Position, about: str = "") -> Loss:
    """Make a loss for a record, or for an entry in it."""
    return Loss(kind, what, position.warc_file, position.offset, about)


def put_losses(connection: sqlite3.Connection, losses: list[Loss]) -> None:
    """Store losses, each once, in the caller's transaction."""
    for loss in losses:
        row = (loss.kind, loss.warc_file, loss.offset, loss.what)
        connection.execute(
            """insert into losses (kind, warc_file, warc_offset, what) select ?1, ?2, ?3, ?4 where not exists (
                 select 1 from losses where kind = ?1 and warc_file is ?2 and warc_offset is ?3 and what = ?4)""",
            row,
        )


def count_losses(connection: sqlite3.Connection) -> int:
    """Return the number of losses of the rebuild that made the archive, and of later starts."""
    return int(connection.execute("select count(*) from losses").fetchone()[0])


def put_spare_file(connection: sqlite3.Connection, file: SpareFile) -> None:
    """Store a file whose records other files hold."""
    connection.execute(
        "insert or replace into spare_files (name, size_bytes, sha256, held_in) values (?, ?, ?, ?)",
        (file.name, file.size_bytes, file.sha256, file.held_in),
    )


def read_spare_files(connection: sqlite3.Connection) -> dict[str, SpareFile]:
    """Return the files whose records other files hold, by name."""
    rows = connection.execute("select name, size_bytes, sha256, held_in from spare_files")
    return {row[0]: SpareFile(*row) for row in rows}


def read_lost_places(connection: sqlite3.Connection) -> dict[str, frozenset[int | None]]:
    """Return the offsets of losses by file name; the offset None means the whole file."""
    places: dict[str, set[int | None]] = {}
    sql = "select warc_file, warc_offset from losses where warc_file is not null and kind <> ?"
    for name, offset in connection.execute(sql, (LISTED,)):
        places.setdefault(name, set()).add(offset)
    return {name: frozenset(found) for name, found in places.items()}


def read_missing_records(connection: sqlite3.Connection) -> set[str]:
    """Return the ids of listed records that are known to be missing."""
    rows = connection.execute("select what from losses where kind = ?", (LISTED,))
    return {str(row[0]).partition(" ")[0] for row in rows}


def are_files_missing(connection: sqlite3.Connection) -> bool:
    """Return whether files are known to be missing."""
    return connection.execute("select 1 from losses where kind = ?", (MISSING,)).fetchone() is not None


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return sha256_of(iter(lambda: stream.read(CHUNK_BYTES), b""))
