"""Write an export: all files of one moment, first in a hidden folder, then each moved to its place.

`datapackage.json` is deleted first and written last: while it is missing, the export is incomplete.
"""

import hashlib
import os
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.lock import hold_lock
from crawler.archive.snapshot import drop_thumbnails, write_public_copy
from crawler.errors import ExportError, WrongUseError
from crawler.export.data_dictionary import read_queries, read_table_words
from crawler.export.files import CsvWriter, ParquetWriter, RowWriter, write_rows
from crawler.export.package import (
    PACKAGE_NAME,
    SUMS_NAME,
    ExportedFile,
    ExportState,
    read_last_withholding,
    read_package,
    render_package,
    render_sums,
)
from crawler.export.tables import TableSource, list_sources, query_source, read_batches
from crawler.language.dates import to_iso_utc

FORMATS = ("csv", "parquet", "sqlite")
SNAPSHOT_NAME = "archive.db"
_PART, _LOCK = ".part", ".lock"
_WRITERS: Mapping[str, type[RowWriter]] = {"csv": CsvWriter, "parquet": ParquetWriter}
_SNAPSHOT_ABOUT = "The whole public database: every table, index and view, for SQLite 3.35 or newer"


@dataclass(frozen=True, slots=True)
class Exported:
    """A written export: the folder, and its files with their digests."""

    folder: Path
    files: tuple[ExportedFile, ...]

    @property
    def size_bytes(self) -> int:
        """The size of all files."""
        return sum(file.size_bytes for file in self.files)


def export_archive(
    archive: Path, into: Path, *, formats: Collection[str] = FORMATS, now: datetime, leave_out: Collection[str] = ()
) -> Exported:
    """Export every public table and view of an archive into a folder. A crawl may write at the same time.

    Args:
        archive: the database.
        into: the folder, created if missing; an earlier export in it is replaced, other files stay.
        formats: some of `FORMATS`.
        now: the time of the export.
        leave_out: `thumbnails` leaves thumbnails out of the snapshot; the files of tables never have them.

    Raises:
        ArchiveLockedError: if another export writes into the folder.
        ArchiveUnusableError: if the archive cannot be read, or the disk is full.
        ExportError: if a file cannot be written.
        WrongUseError: if a format is unknown, or `into` is not a folder.
    """
    _check_formats(formats, FORMATS)
    with _hidden_folder(into) as part, _open_source(archive, part, formats=formats, leave_out=leave_out) as connection:
        state = _read_state(connection, now)
        sources = list_sources(connection, read_table_words())
        tables = [form for form in FORMATS if form in formats and form in _WRITERS]
        files = [file for source in sources for file in _write_source(connection, source, folder=part, forms=tables)]
        if "sqlite" in formats:
            files.append(_describe(part / SNAPSHOT_NAME, "sqlite", description=_SNAPSHOT_ABOUT, rows=None))
        by_name = {source.name: source for source in sources}
        (part / SUMS_NAME).write_bytes(render_sums(files))
        (part / PACKAGE_NAME).write_bytes(render_package("Portal archive", state, files=files, sources=by_name))
        _move_into_place(part, into, names=[*(file.name for file in files), SUMS_NAME])
    return Exported(into, tuple(files))


def export_query(
    archive: Path, into: Path, *, query: str, parameters: Mapping[str, str], formats: Collection[str]
) -> Exported:
    """Write the whole result of a query, canned or an SQL statement, into a folder.

    Args:
        archive: the database.
        into: the folder, created if missing.
        query: the name of a canned query, or a statement (its file is named `query`).
        parameters: values of the named parameters of the statement.
        formats: `csv`, `parquet` or both.

    Raises:
        ArchiveLockedError: if another export writes into the folder.
        ArchiveUnusableError: if the archive cannot be read.
        ExportError: if a file cannot be written.
        WrongUseError: if a format is unknown, or the query fails or gives no rows.
    """
    _check_formats(formats, tuple(_WRITERS))
    canned = read_queries()
    is_canned = query in canned
    name, sql = (query, canned[query].sql) if is_canned else ("query", query)
    # As on the site: a missing parameter of a canned query is empty.
    given = defaultdict(str, parameters) if is_canned else dict(parameters)
    with _hidden_folder(into) as part:
        forms = [form for form in _WRITERS if form in formats]
        with closing(open_for_reading(archive)) as connection:
            try:
                connection.set_authorizer(_allow_reading)
                connection.execute("begin")
                source = query_source(connection, name, sql=sql, parameters=given)
                files = _write_source(connection, source, folder=part, forms=forms)
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise WrongUseError(f"the query {name!r} does not run: {error}") from error
        for file in files:
            (part / file.name).replace(into / file.name)
    return Exported(into, tuple(files))


def _allow_reading(action: int, *_: str | None) -> int:
    """Refuse ATTACH: a statement could create a database, or read the withheld one."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def _check_formats(formats: Collection[str], known: Sequence[str]) -> None:
    unknown = sorted(set(formats) - set(known))
    if unknown or not formats:
        raise WrongUseError(f"formats: expected some of {', '.join(known)}, got {', '.join(unknown) or 'none'}")


@contextmanager
def _hidden_folder(into: Path) -> Iterator[Path]:
    """Make an empty hidden folder inside `into`, for one export at a time; delete it at the end."""
    if into.exists() and not into.is_dir():
        raise WrongUseError(f"{into}: is no folder")
    part = into / _PART
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{into}: cannot be made: {error.strerror}") from error
    with hold_lock(into / _LOCK, f"{into}: another export writes into this folder"):
        try:
            shutil.rmtree(part, ignore_errors=True)  # left by an export that was killed
            part.mkdir()
            yield part
        except OSError as error:
            raise ExportError(f"{into}: cannot be written: {error.strerror or error}") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _open_source(
    archive: Path, part: Path, *, formats: Collection[str], leave_out: Collection[str]
) -> Iterator[sqlite3.Connection]:
    """Open the database that gives the tables, at one moment: the snapshot if one is written, else the archive."""
    connection = open_for_reading(archive)
    try:
        if "sqlite" in formats:
            snapshot = part / SNAPSHOT_NAME
            write_public_copy(connection, snapshot)
            if "thumbnails" in leave_out:
                drop_thumbnails(snapshot)
            connection.close()
            connection = open_for_reading(snapshot)
        connection.execute("begin")
        yield connection
    finally:
        connection.close()


def _read_state(connection: sqlite3.Connection, now: datetime) -> ExportState:
    (crawl_id,) = connection.execute("select coalesce(max(id), 0) from crawls").fetchone()
    return ExportState(to_iso_utc(now), int(crawl_id), read_last_withholding(connection))


def _write_source(
    connection: sqlite3.Connection, source: TableSource, *, folder: Path, forms: Sequence[str]
) -> list[ExportedFile]:
    """Write a source in some formats. If a value does not fit the kind of its column, write all columns as texts."""
    if not forms:
        return []
    try:
        return _write_files(connection, source, folder=folder, forms=forms)
    except ExportError:
        texts = tuple(replace(column, kind="string") for column in source.columns)
        return _write_files(connection, replace(source, columns=texts), folder=folder, forms=forms)


def _write_files(
    connection: sqlite3.Connection, source: TableSource, *, folder: Path, forms: Sequence[str]
) -> list[ExportedFile]:
    paths = {form: folder / f"{source.name}.{form}" for form in forms}
    writers: list[RowWriter] = [_WRITERS[form](path, source.columns) for form, path in paths.items()]
    try:
        rows = write_rows(read_batches(connection, source), writers)
    finally:
        for writer in writers:
            writer.close()
    return [_describe(path, form, description=source.description, rows=rows) for form, path in paths.items()]


def _describe(path: Path, form: str, *, description: str, rows: int | None) -> ExportedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return ExportedFile(path.name, form, description, path.stat().st_size, digest, rows)


def _move_into_place(part: Path, into: Path, *, names: Sequence[str]) -> None:
    """Replace the old files by the new ones; delete the files that only the old export has."""
    try:
        old = read_package(into)
    except ExportError:
        old = None
    (into / PACKAGE_NAME).unlink(missing_ok=True)
    for file in old.files if old else ():
        if file.name not in names and Path(file.name).name == file.name:
            (into / file.name).unlink(missing_ok=True)
    for name in names:
        (part / name).replace(into / name)
    (part / PACKAGE_NAME).replace(into / PACKAGE_NAME)
