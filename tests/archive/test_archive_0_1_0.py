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
from crawler.archive.withheld.withheld_db import withheld_path
from crawler.rebuild.rebuild import rebuild
from crawler.sentences import COLUMNS
from tests.support.build import Clock
from tests.support.crawling import command
from tests.support.withholding import SECRET, act, differing, make_nights

FIXTURE = Path(__file__).parent.parent / "fixtures" / "archive-0.1.0"
# When migrations were applied; what was derived with which version; what the command `texts` adds to a rebuild.
NOT_COMPARED = {"_sqlite_migrations", "search_meta", "attachment_texts", "attachment_facts"}
# Who read a revision: a rebuild reads with today's reader.
NOT_COMPARED_COLUMNS = {"reader"}


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
                columns = sorted(
                    {row[1] for row in connection.execute(f"pragma table_info({name})")} - NOT_COMPARED_COLUMNS
                )
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


def test_the_command_verify_migrates_it_first_and_keeps_a_copy(tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "old")
    ended = command("verify", "--archive", tmp_path / "old" / "archive.db")
    assert (ended.code, ended.out.endswith("all as it should be\n")) == (0, True)
    assert list((tmp_path / "old").glob("archive.before-*.db"))


def test_it_is_sound(archive: Path) -> None:
    assert verify(archive).differences == []


def test_a_rebuild_gives_the_rows_of_the_migrated_archive(archive: Path, tmp_path: Path) -> None:
    new = tmp_path / "old" / "new.db"
    rebuild(archive, new)
    migrated, rebuilt = _whole_rows(archive), _whole_rows(new)
    assert migrated.keys() == rebuilt.keys()
    # Which rows the ledger has digests of: none of a migrated archive's, until a run writes them.
    assert (migrated.pop("_row_ledger"), rebuilt["_row_ledger"]) == ([], [("rebuilt", "state")])
    # A migrated archive's articles wait for the next run to note their words.
    assert migrated.pop("_address_words") == []
    assert len(migrated.pop("_unsearched")) == len(migrated["articles"])
    for name, rows in migrated.items():
        assert rebuilt[name] == rows, name


def test_a_withheld_database_of_0_1_0_gives_rows_back_with_kind_and_arguments(tmp_path: Path) -> None:
    for name in ("one", "twin"):
        (tmp_path / name).mkdir()
        clock = Clock()
        make_nights(tmp_path / name / "archive.db", clock, first=1, last=2)
    archive, twin = tmp_path / "one" / "archive.db", tmp_path / "twin" / "archive.db"
    act(archive, "withhold", SECRET.url, at=clock())
    with closing(sqlite3.connect(withheld_path(archive))) as withheld:
        for table, name in (("crawl_errors", "message"), ("article_events", "detail")):
            withheld.execute(f"alter table {table} drop column {name}_kind")
            withheld.execute(f"alter table {table} drop column {name}_args")
        blanked = withheld.execute("update crawl_errors set _how = 'blanked:message' where _how like 'blanked:%'")
        assert blanked.rowcount > 0
        withheld.commit()
    act(archive, "release", SECRET.url, at=clock())
    assert differing(archive, twin) == []
