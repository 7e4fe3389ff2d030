"""The archive that version 0.1.0 made of the replica portal over six nights: later versions open and rebuild it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.database import migrate_if_older, open_for_writing
from crawler.archive.fixity import verify
from crawler.archive.withheld.overlay import Overlay
from crawler.rebuild.rebuild import rebuild
from crawler.sentences import COLUMNS

FIXTURE = Path(__file__).parent.parent / "fixtures" / "archive-0.1.0"
# When migrations were applied; what was derived with which version; what the command `texts` adds to a rebuild.
NOT_COMPARED = {"_sqlite_migrations", "search_meta", "attachment_texts"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE, tmp_path / "old")
    path = tmp_path / "old" / "archive.db"
    assert migrate_if_older(path)
    return path


def _whole_rows(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read every table, with what is withheld in its place."""
    connection = open_for_writing(archive)
    found = {}
    with closing(connection), closing(Overlay(connection, archive)) as overlay, overlay.restored():
        names = connection.execute(
            "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'"
        ).fetchall()
        for (name,) in names:
            if name not in NOT_COMPARED:
                columns = sorted(row[1] for row in connection.execute(f"pragma table_info({name})"))
                rows = connection.execute(f"select {', '.join(columns)} from {name}").fetchall()
                found[name] = sorted((tuple(row) for row in rows), key=repr)
        connection.execute("rollback")
    return found


def test_it_is_migrated_and_every_prose_is_understood(archive: Path) -> None:
    rows = _whole_rows(archive)
    assert len(rows["articles"]) > 10
    connection = sqlite3.connect(archive)
    for column in COLUMNS:
        told = f"select {column.name}, {column.name}_kind, {column.name}_args from {column.table}"
        for prose, kind, args in connection.execute(told).fetchall():
            assert (prose is None) == (kind is None) == (args is None), prose
            assert kind != "other", prose
            assert '"other"' not in (args or ""), prose
    connection.close()


def test_it_is_sound(archive: Path) -> None:
    assert verify(archive).differences == []


def test_a_rebuild_gives_the_rows_of_the_migrated_archive(archive: Path, tmp_path: Path) -> None:
    new = tmp_path / "old" / "new.db"
    rebuild(archive, new)
    migrated, rebuilt = _whole_rows(archive), _whole_rows(new)
    assert migrated.keys() == rebuilt.keys()
    for name, rows in migrated.items():
        assert rebuilt[name] == rows, name


def test_what_is_withheld_is_not_in_the_new_columns(archive: Path) -> None:
    """A withheld address is blanked in the arguments as in the prose."""
    connection = sqlite3.connect(archive)
    told = connection.execute("select message, message_args from crawl_errors").fetchall()
    connection.close()
    for message, args in told:
        assert ("withheld:" in message) == ("withheld:" in args)
