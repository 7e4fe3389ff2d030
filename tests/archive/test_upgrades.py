"""Old archives open: a database of every released schema is migrated without loss."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from crawler.archive import schema
from crawler.archive.database import migrate_if_older, open_for_copying, open_for_reading, open_for_writing
from crawler.archive.lock import hold_archive
from crawler.archive.snapshot import copy_database
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, SchemaTooNewError, SchemaTooOldError
from crawler.search.hits import search_articles
from tests.support.archives.rows import all_rows
from tests.support.build import Clock, Night, make_archive, small_portal
from tests.support.crawling import command
from tests.support.write_schema import SCHEMAS, SCRIPT, last_migration, migrated_step_by_step, new_archive_script

FIXTURES = sorted(SCHEMAS.glob("*.sql"))
OLD = FIXTURES[0]


def _load(fixture: Path, folder: Path) -> Path:
    """Make the database of a fixture, as the version of that schema left it."""
    archive = folder / "archive.db"
    connection = sqlite3.connect(archive, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.executescript(fixture.read_text(encoding="utf-8"))
    finally:
        connection.close()
    return archive


def _tables(connection: sqlite3.Connection) -> Iterator[str]:
    """Name the tables with rows, without those of the index, which may be made again."""
    rows = connection.execute(
        "select name from pragma_table_list where type = 'table' and schema = 'main' order by name"
    )
    yield from (name for (name,) in rows.fetchall() if not name.startswith("sqlite_"))


def _rows(archive: Path) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Read every table: its columns, and its rows, sorted."""
    connection = sqlite3.connect(archive)
    try:
        found = {}
        for name in {*_tables(connection), "revisions"}:  # a table, and a view since m0034
            columns = [row[1] for row in connection.execute(f"pragma table_info({name})")]
            # Not by rowid, which some tables lack. A new column comes after the old ones.
            rows = sorted(connection.execute(f"select {', '.join(columns)} from {name}").fetchall(), key=repr)
            found[name] = (columns, rows)
        return found
    finally:
        connection.close()


def _make_newer(archive: Path) -> None:
    connection = sqlite3.connect(archive, isolation_level=None)
    connection.execute(
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm9999_later', '')"
    )
    connection.close()


def _picture_of(folder: Path) -> dict[str, str]:
    """Give every file of a folder with its digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _without_days(columns: list[str], rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Give rows as migration m0030 leaves them: those of article 3, which has no date, have no day made up for it."""
    if "sort_key" not in columns:
        return [_with(columns, row, event_on=None) if row[columns.index("article_id")] == 3 else row for row in rows]
    place = columns.index("published_on")
    return [_with(columns, row, sort_key=row[columns.index("id")]) if row[place] is None else row for row in rows]


def _with(columns: list[str], row: tuple[object, ...], **values: object) -> tuple[object, ...]:
    return tuple(values.get(column, value) for column, value in zip(columns, row, strict=True))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_a_migration_keeps_every_row_of_every_column(fixture: Path, tmp_path: Path) -> None:
    archive = _load(fixture, tmp_path)
    before = _rows(archive)
    open_for_writing(archive).close()
    after = _rows(archive)
    assert sum(len(rows) for _, rows in before.values()) > 100
    for name, (columns, rows) in before.items():
        if name in ("_sqlite_migrations", "search_meta"):  # what was applied, and derived from what
            continue
        now_columns, now_rows = after[name]
        assert len(now_rows) == len(rows), name
        places = [now_columns.index(column) for column in columns]
        kept = [tuple(row[place] for place in places) for row in now_rows]
        assert kept == (_without_days(columns, rows) if name in ("articles", "article_facts") else rows), name


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_a_migrated_database_has_the_schema_of_a_new_one(fixture: Path, tmp_path: Path) -> None:
    def columns(archive: Path) -> dict[str, set[str]]:
        return {name: set(columns) for name, (columns, _) in _rows(archive).items()}

    def others(archive: Path) -> set[tuple[str, str]]:
        connection = sqlite3.connect(archive)
        rows = connection.execute("select type, name from sqlite_master where type != 'table'").fetchall()
        connection.close()
        return set(rows)

    archive, new = _load(fixture, tmp_path), tmp_path / "new.db"
    for path in (archive, new):
        open_for_writing(path).close()
    assert columns(archive) == columns(new)
    assert others(archive) == others(new)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_a_migrated_archive_is_searched_and_has_sound_references(fixture: Path, tmp_path: Path) -> None:
    connection = open_for_writing(_load(fixture, tmp_path))
    try:
        assert [row[0] for row in connection.execute("pragma integrity_check")] == ["ok"]
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        assert len(search_articles(connection, "trồng cây gây rừng").hits) == 4
    finally:
        connection.close()


def test_the_current_schema_has_a_fixture_that_says_what_it_is(tmp_path: Path) -> None:
    way_out = "a migration was added or changed: run .venv/bin/python -m tests.support.write_schema and commit it"
    new = tmp_path / "new.db"
    connection = open_for_writing(new)
    last = last_migration(connection)
    connection.close()
    fixture = SCHEMAS / f"{last}.sql"
    assert fixture.is_file(), way_out
    archive = _load(fixture, tmp_path)

    def master(path: Path) -> set[tuple[str, str]]:
        connection = sqlite3.connect(path)
        rows = connection.execute("select name, sql from sqlite_master where sql is not null").fetchall()
        connection.close()
        return set(rows)

    assert master(archive) == master(new), way_out


def test_the_script_of_a_new_archive_makes_what_the_migrations_make(tmp_path: Path) -> None:
    def picture(connection: sqlite3.Connection) -> tuple[set[Any], dict[str, list[Any]]]:
        made = connection.execute("select type, name, tbl_name, sql from sqlite_master").fetchall()
        tables = [name for kind, name, *_ in made if kind == "table" and name not in ("search_meta", "articles_fts")]
        rows = {name: connection.execute(f"select * from {name}").fetchall() for name in tables}
        rows["_sqlite_migrations"] = [row[:3] for row in rows["_sqlite_migrations"]]  # without the time
        return set(made), rows

    step_by_step = migrated_step_by_step()
    expected = picture(step_by_step)
    step_by_step.close()
    archive = tmp_path / "archive.db"
    open_for_writing(archive).close()
    new = sqlite3.connect(archive)
    assert picture(new) == expected
    new.close()


def test_the_script_of_a_new_archive_ends_with_the_last_migration() -> None:
    way_out = "a migration was added or changed: run .venv/bin/python -m tests.support.write_schema and commit it"
    assert SCRIPT.read_text(encoding="utf-8") == "\n".join(new_archive_script()) + "\n", way_out


def test_a_crawl_goes_on_with_a_migrated_archive(tmp_path: Path) -> None:
    archive = _load(OLD, tmp_path)
    (tmp_path / "warc").mkdir()
    for name, *_ in _rows(archive)["warc_files"][1]:
        (tmp_path / "warc" / name).touch()  # their serials are taken; nothing in them is asked for here
    clock = Clock()
    clock.go_on(days=30)
    with Night(archive, clock) as night:
        small_portal(night, edition=4)
        assert night.value("select count(*) from articles") == 4
        assert night.value("select count(*) from crawls where outcome = 'complete'") == 3


def test_a_copy_is_made_before_a_migration_and_opens_with_the_old_version(tmp_path: Path) -> None:
    archive = _load(OLD, tmp_path)
    before = _rows(archive)
    open_for_writing(archive).close()
    copies = sorted(tmp_path.glob("archive.before-*.db"))
    assert [copy.name for copy in copies] == ["archive.before-0004.db"]
    assert _rows(copies[0]) == before
    connection = open_for_copying(copies[0])
    assert schema.pending_migrations(connection) != []
    connection.close()


def test_going_back_to_a_copy_loses_no_night_that_was_crawled_since(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=1)
    connection = open_for_copying(archive)
    copy_database(connection, tmp_path / "archive.before-0004.db")
    connection.close()
    clock = Clock()
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        small_portal(night, edition=2)
    known = all_rows(archive)
    for suffix in ("", "-wal", "-shm"):
        archive.with_name(f"archive.db{suffix}").unlink(missing_ok=True)
    (tmp_path / "archive.before-0004.db").rename(archive)
    clock.go_on(days=1)
    with Night(archive, clock, with_adoption=True) as night:
        assert night.value("select count(*) from articles") == len(known["articles"])
        assert night.rows("select * from revisions order by rowid") == [row[1:] for row in known["revisions"]]


def test_no_copy_is_made_of_a_new_or_current_database(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    open_for_writing(archive).close()
    open_for_writing(archive).close()
    assert list(tmp_path.glob("*before*")) == []


def test_a_database_whose_first_run_died_at_once_is_begun_anew(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    connection = sqlite3.connect(archive)
    schema.load_migrations().ensure_migrations_table(Database(connection))
    connection.close()
    with pytest.raises(ArchiveUnusableError):
        open_for_reading(archive)
    with Night(archive, Clock()) as night:
        small_portal(night)
    assert list(tmp_path.glob("*before*")) == []


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("create table notes (text text)")
    connection.close()
    for opened in (open_for_writing, open_for_reading, open_for_copying):
        with pytest.raises(ArchiveUnusableError, match="not an archive"):
            opened(other)


def test_without_room_for_the_copy_nothing_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = _load(OLD, tmp_path)
    before = _rows(archive)
    full = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(ArchiveUnusableError, match=r"not migrated, since no copy could be made before: .*1 MB free"):
        open_for_writing(archive)
    assert _rows(archive) == before
    assert list(tmp_path.glob("*before*")) == []


def test_a_copy_that_cannot_be_written_keeps_the_migration_from_beginning(tmp_path: Path) -> None:
    archive = _load(OLD, tmp_path)
    before = _rows(archive)
    (tmp_path / "archive.before-0004.db").mkdir()
    ended = command("serve", "--archive", archive)
    assert ended.code == 1
    assert len(ended.err.strip().splitlines()) == 1
    assert "no copy could be made" in ended.err
    assert _rows(archive) == before


@pytest.mark.parametrize("with_log", [False, True])
def test_a_newer_database_is_refused_before_a_byte_is_written(with_log: bool, tmp_path: Path) -> None:
    made = make_archive(tmp_path, nights=1)
    _make_newer(made)
    folder = tmp_path / "copy"
    folder.mkdir()
    if with_log:
        # A death leaves a log. The next writing connection folds it into the database.
        writer = sqlite3.connect(made, isolation_level=None)
        writer.execute("update portals set title = 'Khác'")
        for suffix in ("", "-wal"):
            shutil.copy(made.with_name(made.name + suffix), folder / f"archive.db{suffix}")
        writer.close()
    else:
        shutil.copy(made, folder / "archive.db")
    archive = folder / "archive.db"
    before = _picture_of(folder)
    for opened in (open_for_writing, open_for_reading, open_for_copying, migrate_if_older):
        with pytest.raises(SchemaTooNewError, match="m9999_later"):
            opened(archive)
        after = _picture_of(folder)
        after.pop("archive.db-shm", None)  # of an existing log; SQLite makes it again
        assert after == before


WHY = ("--reason", "x", "--by", "y")


@pytest.mark.parametrize(
    "words",
    [
        ("crawl", "--portal", "p.toml"), ("schedule", "--portal", "p.toml"),
        ("schedule", "--once", "--portal", "p.toml"),
        ("serve",), ("status",), ("status", "--json"), ("verify",), ("texts",), ("export", "--into", "out"),
        ("backup", "--to", "target"), ("backup", "--drill", "--to", "target"), ("notify",), ("notify", "--dry-run"),
        ("withhold", "1", *WHY), ("release", "1", *WHY), ("withhold", "--proposals"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_refuses_a_newer_database_with_exit_code_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    archive = make_archive(tmp_path, nights=1)
    _make_newer(archive)
    before = _picture_of(tmp_path)
    profile = tmp_path / "p.toml"
    profile.write_text('name = "p"\ntitle = "P"\ncms = "vnpt"\nbase_url = "http://127.0.0.1:9/"\n', encoding="utf-8")
    places = {name: str(tmp_path / name) for name in ("p.toml", "out", "target")}
    ended = command(*(places.get(word, word) for word in words), "--archive", archive)
    assert ended.code == 2, ended
    assert "update portal-archive" in ended.err
    after = _picture_of(tmp_path)
    assert after["archive.db"] == before["archive.db"]
    assert {name for name in after if "wal" in name or "shm" in name} == set()


def test_a_reader_says_of_an_older_archive_what_brings_it_up_to_date(tmp_path: Path) -> None:
    archive = _load(OLD, tmp_path)
    with pytest.raises(SchemaTooOldError, match=r"older schema; the next `crawl`, `schedule`, `serve`, `verify`"):
        open_for_reading(archive)
    ended = command("status", "--archive", archive)
    assert ended.code == 1
    assert len(ended.err.strip().splitlines()) == 1


def test_verify_refuses_an_older_archive_while_a_run_holds_it(tmp_path: Path) -> None:
    archive = _load(OLD, tmp_path)
    with hold_archive(archive):
        ended = command("verify", "--archive", archive)
    assert (ended.code, ended.out) == (1, "")
    assert "older schema" in ended.err


def test_a_reader_migrates_an_archive_that_no_run_holds(tmp_path: Path) -> None:
    archive = _load(OLD, tmp_path)
    assert migrate_if_older(archive)
    open_for_reading(archive).close()
    assert not migrate_if_older(archive)


def test_a_reader_leaves_an_older_archive_alone_while_a_run_holds_it(tmp_path: Path) -> None:
    archive = _load(OLD, tmp_path)
    before = _rows(archive)
    with hold_archive(archive), pytest.raises(ArchiveLockedError):
        migrate_if_older(archive)
    assert _rows(archive) == before
