"""Every table: a row that is changed, deleted or added is found, and named once; a sound archive gives no line."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.articles.search_index import fill_twin, read_indexed
from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_writing
from crawler.archive.fixity import verify
from crawler.archive.fixity.index import ComparedIndex, compare_index, read_last_pages
from crawler.archive.fixity.quick import verify_quickly
from crawler.archive.warc.ledger import HostPlain, HostUnverified
from crawler.language.dates import to_iso_utc
from tests.support.build import Clock, Night
from tests.support.withholding import SECRET, act, make_nights, night_of_secret

FIXTURE = Path(__file__).parent.parent.parent / "fixtures" / "archive-0.1.0"
# Names of migrations that are not known are refused by `check_schema`. Which damaged file was looked at is a note of
# this machine's own: a false one costs a look. Words too many, and articles that wait, cost a withholding a comparison.
NOT_COVERED = {"_sqlite_migrations", "_damaged_files", "_address_words", "_unsearched", "_unerased"}
_NAMES = (
    "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'articles_fts%'"
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that 0.1.0 began, with nights, texts, hosts and withheld rows of today."""
    folder = tmp_path_factory.mktemp("template") / "old"
    shutil.copytree(FIXTURE, folder)
    archive, clock = folder / "archive.db", Clock()
    make_nights(archive, clock, first=1, last=3)
    _put_texts(archive, "Kế hoạch")
    act(archive, "withhold", SECRET.url, at=clock())
    clock.go_on(days=1)
    with Night(archive, clock, with_adoption=True) as night:
        night_of_secret(night, 4)
        now = to_iso_utc(clock())
        night.writer.ask_plainly(HostPlain(night.writer.crawl_id, now, "x.vn", 500)).result()
        night.writer.note_unverified(HostUnverified(night.writer.crawl_id, now, "y.vn", "aa", None)).result()
    _put_texts(archive, "Kế hoạch mới 12/QĐ-UBND")
    with closing(open_for_writing(archive)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return archive


def _put_texts(archive: Path, text: str) -> None:
    with closing(open_for_writing(archive)) as connection:
        for (sha256,) in connection.execute("select sha256 from attachments").fetchall():
            put_text(connection, archive, sha256=sha256, held=HeldText(TextReading(text, "pdf"), 1))


def _tables(archive: Path) -> list[str]:
    with closing(sqlite3.connect(archive)) as connection:
        return [row[0] for row in connection.execute(_NAMES) if row[0] not in NOT_COVERED]


def _altered(template: Path, folder: Path, sql: str) -> Path | None:
    """Copy the archive and alter the copy; None if there is no such row. The WARC files are those of the template."""
    folder.mkdir()
    for path in template.parent.glob("*.db"):
        shutil.copy(path, folder / path.name)
    (folder / "warc").symlink_to(template.parent / "warc")
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        return folder / "archive.db" if connection.execute(sql).rowcount > 0 else None


def _alterations(archive: Path, table: str) -> Iterator[str]:
    """Yield statements: one column changed (each table another one), a row deleted, a row added."""
    with closing(sqlite3.connect(archive)) as connection:
        info = connection.execute(f"pragma table_info({table})").fetchall()
        keys = [row[1] for row in info if row[5]] or [info[0][1]]
        first = connection.execute(f"select {', '.join(keys)} from {table} order by 1 desc limit 1").fetchone()
    values = ["987654" if "int" in row[2].lower() else "'zz'" for row in info]
    yield f"insert into {table} ({', '.join(row[1] for row in info)}) values ({', '.join(values)})"
    if first is None:
        return
    where = " and ".join(f"{key} is {value!r}" for key, value in zip(keys, first, strict=True))
    rest = [row for row in info if row[1] not in keys] or info
    column, kind = rest[len(table) % len(rest)][1:3]
    changed = f"coalesce({column}, 0) + 17" if "int" in kind.lower() else f"coalesce({column}, '') || 'x'"
    yield f"update {table} set {column} = {changed} where {where}"
    yield f"delete from {table} where {where}"


def test_an_archive_with_all_of_it_is_sound(template: Path) -> None:
    found = verify(template)
    assert (found.differences, found.notes) == ([], [])
    assert found.rows > 400


@pytest.mark.parametrize("statement", ["update", "insert"])
def test_one_row_altered_in_every_table_gives_one_finding_each(template: Path, tmp_path: Path, statement: str) -> None:
    # Of these, one alteration explains others.
    apart = {"_row_ledger", "history", "warc_files", "captures", "articles", "portals", "crawls", "search_meta"}
    apart |= {"attachment_facts", "revision_sums"}  # they follow from the texts, one of which is altered too
    altered = set()
    archive = _altered(template, tmp_path / "copy", "update crawls set id = id")
    assert archive is not None
    with closing(sqlite3.connect(archive, isolation_level=None)) as connection:
        for table in set(_tables(template)) - apart:
            for sql in _alterations(template, table):
                if sql.startswith(statement) and connection.execute(sql).rowcount > 0:
                    altered.add(table)
    found = verify(archive).findings
    assert sorted(str(one.table) for one in found) == sorted(altered), [one.text for one in found]
    assert len(altered) > 25


@pytest.mark.slow
def test_each_alteration_of_a_row_is_found_and_named_once(template: Path, tmp_path: Path) -> None:
    wrong, tried = [], 0
    for table in _tables(template):
        for number, sql in enumerate(_alterations(template, table)):
            archive = _altered(template, tmp_path / f"{table}-{number}", sql)
            tried += archive is not None
            found = verify(archive).findings if archive else []
            # A row of a WARC file that never was cannot be told from one whose file was lost.
            name = "warc/zz: the file" if sql.startswith("insert into warc_files") else table.strip("_")
            if archive and (len(found) != 1 or name not in (found[0].table or "") + found[0].text):
                wrong.append((sql, [one.text for one in found]))
    assert wrong == []
    assert tried > 100


@pytest.mark.parametrize(
    "sql",
    [
        "delete from articles_fts_docsize where id = (select max(id) from articles_fts_docsize)",
        "delete from articles_fts_data where id > 1",
        "insert into articles_fts (articles_fts) values ('delete-all')",
        "insert into articles_fts (rowid, title) values (123456789, 'lạ')",
        "delete from articles_fts_idx",
        "delete from articles_fts_idx where term = (select max(term) from articles_fts_idx)",
        "update articles_fts_idx set pgno = pgno + 1 where segid = (select max(segid) from articles_fts_idx)",
        "update articles_fts_idx set pgno = 1.5",
        "insert into articles_fts_idx select segid, 'z', pgno from articles_fts_idx limit 1",
        "insert into articles_fts_idx select segid, x'7a', pgno from articles_fts_idx limit 1",
        "delete from articles_fts_data where id = 1",
        "insert into articles_fts_data select max(id) + 7, block from articles_fts_data",
        "insert into articles_fts_config values ('x', 1)",
    ],
)
def test_an_altered_index_is_one_finding(template: Path, tmp_path: Path, sql: str) -> None:
    archive = _altered(template, tmp_path / "copy", sql)
    assert archive is not None
    found = verify(archive).findings
    assert [one.kind for one in found] in (["index"], ["database"]), found


def test_an_index_that_is_merged_in_part_is_sound(template: Path, tmp_path: Path) -> None:
    archive = _altered(template, tmp_path / "copy", "update crawls set id = id")
    assert archive is not None
    taken_over = 0
    with closing(open_for_writing(archive)) as connection:
        rows = list(read_indexed(connection))
        command = "insert into articles_fts (articles_fts, rank) values (?, ?)"
        for name, value in (("pgsz", 64), ("automerge", 0), ("crisismerge", 99)):
            connection.execute(command, (name, value))
        connection.execute("insert into articles_fts (articles_fts) values ('delete-all')")
        for row in rows:
            fill_twin(connection, "articles_fts", rows=[row])
        connection.execute("delete from articles_fts_config where k <> 'version'")
        segments = 0
        for step in range(200):
            connection.execute(command, ("merge", -4 if step == 0 else 4))
            (structure,) = connection.execute("select block from articles_fts_data where id = 10").fetchone()
            pages = read_last_pages(structure) or {}
            segments = len(pages)
            if 0 in pages.values():
                taken_over += 1
                assert compare_index(archive) == ComparedIndex()
            if segments == 1:
                break
    assert segments == 1, "the merge did not end"
    assert taken_over, "no segment was seen that was taken over and not dropped"


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("warc_files", "name", "x'ff'"),
        ("warc_files", "serial", "'1x'"),
        ("warc_files", "size_bytes", "x'ff'"),
        ("withholdings", "what", "'1x'"),
        ("search_meta", "key", "x'ff'"),
        ("search_meta", "value", "'²'"),
        ("articles", "sort_key", "'1x'"),
        ("articles", "sort_key", "sort_key + 1"),
        ("images", "thumbnail", "cast(x'ff41' as text)"),
        ("revision_rows", "body", "cast(x'ff41' as text)"),
        ("article_dates", "article_id", "article_id + 1"),
        ("article_dates", "article_id", "987654321"),
    ],
)
def test_a_value_that_cannot_be_read_is_a_finding(
    template: Path, tmp_path: Path, table: str, column: str, value: str
) -> None:
    last = f"(select max(rowid) from {table})"
    archive = _altered(template, tmp_path / "copy", f"update {table} set {column} = {value} where rowid = {last}")
    assert archive is not None
    (found,) = verify(archive).findings
    assert found.table == table, found
    verify_quickly(archive, now=datetime(2026, 1, 1, tzinfo=UTC), seconds=60)


@pytest.mark.parametrize(
    ("chosen", "number"),
    [("100", 987654), ("303", 987654), ("(select min(capture_id) from images)", -5), ("1", 987654), ("1", -5)],
)
def test_another_id_of_a_capture_is_one_finding(template: Path, tmp_path: Path, chosen: str, number: int) -> None:
    archive = _altered(template, tmp_path / "copy", f"update captures set id = {number} where id = {chosen}")
    assert archive is not None
    found = verify(archive).findings
    assert [(one.table, one.key) for one in found] == [("captures", str(number))], [one.text for one in found]


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        ("losses", "insert into losses select 9, 'damaged-record', name, 0, 'is damaged, 90 bytes' from warc_files"),
        ("losses", "insert into losses values (9, 'missing-files', null, null, 'the file 1 is missing')"),
        ("spare_files", "insert into spare_files select 'x', 1, sha256, warc_file from images, captures limit 1"),
        ("_row_ledger", "delete from _row_ledger where key = 'state'"),
        ("_sqlite_migrations", "update _sqlite_migrations set applied_at = 'x' where rowid = 3"),
        (
            "attachment_facts",
            "update attachment_facts set attachment_sha256 = attachment_sha256 || 'x' "
            "where attachment_sha256 = (select min(attachment_sha256) from attachment_facts)",
        ),
    ],
)
def test_a_false_row_that_silences_other_findings_is_found(
    template: Path, tmp_path: Path, table: str, sql: str
) -> None:
    archive = _altered(template, tmp_path / "copy", f"{sql} limit 1" if "from warc_files" in sql else sql)
    assert archive is not None
    (found,) = verify(archive).findings
    assert found.table == table


def test_what_is_public_of_a_withheld_row_is_verified_too(template: Path, tmp_path: Path) -> None:
    first = "select min(id) from captures where status = 451"
    archive = _altered(template, tmp_path / "a", f"update captures set url = 'https://x.vn/' where id = ({first})")
    assert archive is not None
    (line,) = verify(archive).differences
    assert "shows another url than it should" in line
    other = _altered(template, tmp_path / "b", "update crawls set id = id")
    assert other is not None
    with closing(sqlite3.connect(other.with_name("withheld.db"), isolation_level=None)) as connection:
        assert connection.execute("delete from withheld_names where rowid = 1").rowcount == 1
    (line,) = verify(other).differences
    assert line.startswith("withheld_names: not what the withholdings reach")


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("update captures set _key = null where rowid = (select min(rowid) from captures)", None),
        ("update articles set _key = null where rowid = (select max(rowid) from articles)", "articles"),
        ("update articles set _key = _key || 'x' where rowid = (select max(rowid) from articles)", "articles"),
        ("update articles set _how = null where rowid = (select max(rowid) from articles)", "articles"),
        ("update revisions set body = 'x' where rowid = (select max(rowid) from revisions)", "revision_rows"),
        ("update revisions set _died = 99 where rowid = (select max(rowid) from revisions)", "revision_rows"),
        ("update withheld_names set _born = 99 where rowid = 1", "withheld_names"),
        ("insert into withheld_names select * from withheld_names limit 1", "withheld.db"),
        ("insert into revisions select * from revisions limit 1", None),
        (
            "update frontier set url = 'x' where _died is not null and rowid = (select min(rowid) from frontier "
            "where _died is not null)",
            "withheld.db",
        ),
        ("update images set thumbnail = cast(x'ff41' as text) where rowid = (select min(rowid) from images)", None),
        ("update box_state set key = 'x' where key = 'oldest'", "box_state"),
        ("delete from box_state where key = 'oldest'", "box_state"),
    ],
)
def test_an_altered_row_of_the_withheld_database_is_one_finding(
    template: Path, tmp_path: Path, sql: str, table: str | None
) -> None:
    archive = _altered(template, tmp_path / "a", "update crawls set id = id")
    assert archive is not None
    with closing(sqlite3.connect(archive.with_name("withheld.db"), isolation_level=None)) as connection:
        assert connection.execute(sql).rowcount == 1
    found = verify(archive).findings
    assert len(found) == 1, [one.text for one in found]
    assert table in (None, found[0].table)


def test_without_the_withheld_database_there_is_one_line(template: Path, tmp_path: Path) -> None:
    archive = _altered(template, tmp_path / "a", "update crawls set id = id")
    assert archive is not None
    archive.with_name("withheld.db").unlink()
    (line,) = verify(archive).differences
    assert "is missing, but things are withheld" in line


def test_rows_of_a_lost_ledger_record_are_counted_and_not_named(template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(template.parent, folder)
    path = sorted((folder / "warc").glob("sapa-*.warc.gz"))[-1]
    data = bytearray(path.read_bytes())
    data[-20] ^= 0xFF  # the last record is of the ledger
    path.write_bytes(data)
    found = verify(folder / "archive.db")
    assert len(found.differences) == 1, found.differences
    assert any("since the ledger record that wrote them may be lost" in note for note in found.notes)
