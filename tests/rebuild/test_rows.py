"""Comparing an archive with a rebuild: equal rows give no line, altered ones one each, another reader's are counted."""

import shutil
from pathlib import Path

import pytest

from crawler.archive.database import migrate_if_older
from crawler.archive.fixity import Verification, verify
from crawler.extract.version import READER_VERSION
from crawler.rebuild.rows import compare_with_rebuild
from tests.support.archives.rows import change, copy_archive
from tests.support.build import make_archive

FIXTURE = Path(__file__).parent.parent / "fixtures" / "archive-0.1.0"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("template"), nights=2)


def _by_today_s_reader(archive: Path) -> Verification:
    """Verify an archive as one whose files today's reader read too."""
    found = verify(archive)
    found.readers = {READER_VERSION: 1}
    found.findings.clear()
    return found


def test_a_sound_archive_has_no_line(template: Path) -> None:
    before = template.read_bytes()
    found = _by_today_s_reader(template)
    compare_with_rebuild(template, found)
    assert (found.differences, found.notes) == ([], [])
    assert template.read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    [
        "update articles set body_html = 'x' where id = 1",
        "update misses set kind = 'x'",
        "update images set thumbnail = x'00'",
        "delete from article_dates where rowid = 1",
        "insert into article_redirects values (99, 1)",
        "update frontier set attempts = 9 where rowid = 1",
    ],
)
def test_an_altered_row_is_one_finding(template: Path, tmp_path: Path, sql: str) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    change(archive, sql.replace("update misses set kind = 'x'", "update article_events set kind = 'x' where id = 1"))
    found = _by_today_s_reader(archive)
    compare_with_rebuild(archive, found)
    assert [one.kind for one in found.findings] == ["row"], found.differences
    assert "rebuild" in found.differences[0]


def test_what_the_ledger_found_is_not_named_again(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    change(archive, "update articles set body_html = 'x' where id = 1")
    found = verify(archive)
    found.readers = {READER_VERSION: 1}
    compare_with_rebuild(archive, found)
    assert len(found.findings) == 1


def test_rows_that_another_version_read_are_counted(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    change(archive, "update articles set body_html = 'x' where id = 1")
    found = verify(archive)
    found.findings.clear()
    found.readers = {1: 5, READER_VERSION: 3}
    compare_with_rebuild(archive, found)
    assert found.findings == []
    assert found.notes == [
        f"read by version 1: 1 row, not compared with a rebuild by version {READER_VERSION}, which makes them "
        "otherwise: articles 1"
    ]


def test_an_archive_of_0_1_0_has_no_line(tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "old")
    archive = tmp_path / "old" / "archive.db"
    assert migrate_if_older(archive)
    found = verify(archive)
    compare_with_rebuild(archive, found)
    assert found.findings == []
    assert found.readers.keys() == {1}


def test_nothing_is_compared_while_files_are_damaged(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    sorted((archive.parent / "warc").glob("*.warc.gz"))[0].unlink()
    found = verify(archive)
    compare_with_rebuild(archive, found)
    assert len(found.findings) == 1
    assert found.notes[-1].startswith("rows: not compared with a rebuild")
