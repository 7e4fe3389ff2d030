"""Errors of SQLite and of the system, in words that name the way out."""

import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crawler.errors import ArchiveUnusableError, Fault, SqliteCode, fault_of, say_archive_fault, say_fault


def _fill(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "full.db")) as connection:
        connection.execute("pragma max_page_count = 4")
        connection.execute("create table t as select randomblob(100000) as x")


def _open_in_no_folder(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "missing" / "a.db")) as connection:
        connection.execute("select 1")


def _write_read_only(folder: Path) -> None:
    sqlite3.connect(folder / "read.db").close()
    with closing(sqlite3.connect(f"{(folder / 'read.db').as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("create table t (x)")


def _read_text(folder: Path) -> None:
    (folder / "text.db").write_text("no database " * 100, encoding="utf-8")
    with closing(sqlite3.connect(folder / "text.db")) as connection:
        connection.execute("select * from sqlite_master")


def _write_beside_a_writer(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "a.db", isolation_level=None)) as first:
        first.execute("begin exclusive")
        with closing(sqlite3.connect(folder / "a.db", timeout=0)) as second:
            second.execute("create table t (x)")


@pytest.mark.parametrize(
    ("fail", "fault", "words"),
    [
        (_fill, Fault.FULL, "the disk is full; make room on it"),
        (_open_in_no_folder, Fault.SHUT, "the folder must exist"),
        (_write_read_only, Fault.SHUT, "this user must be allowed"),
        (_read_text, Fault.DAMAGED, "`portal-archive rebuild` makes a new database"),
        (_write_beside_a_writer, Fault.BUSY, "another program holds the database"),
    ],
)
def test_an_error_of_sqlite_is_said_with_the_way_out(
    tmp_path: Path, fail: Callable[[Path], None], fault: Fault, words: str
) -> None:
    with pytest.raises(sqlite3.Error) as caught:
        fail(tmp_path)
    assert fault_of(caught.value) is fault
    assert words in say_archive_fault(caught.value)
    assert str(caught.value) not in say_archive_fault(caught.value)


def test_the_cause_of_an_error_counts() -> None:
    named = ArchiveUnusableError("archive.db: cannot be written")
    named.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert fault_of(named) is Fault.FULL
    assert fault_of(ArchiveUnusableError("archive.db: of another portal")) is Fault.OTHER


def test_an_unknown_error_is_said_as_it_is() -> None:
    assert say_fault(OSError(errno.EMFILE, "Too many open files")) == "Too many open files"
    assert say_fault(sqlite3.ProgrammingError("closed")) == "closed"
    assert say_fault(RuntimeError()) == "RuntimeError"


def test_the_codes_are_those_of_sqlites_module() -> None:
    assert {one.name: int(one) for one in SqliteCode} == {
        one.name: getattr(sqlite3, f"SQLITE_{one.name}") for one in SqliteCode
    }
