"""Any alteration of any file or row of an archive with everything in it is found, and named in one line."""

from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from tests.support.archives.rows import change
from tests.support.damage.sweep import build_archive, copy_whole, make_alterations


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = build_archive(tmp_path_factory.mktemp("sweep") / "archive")
    found = verify(archive)
    assert (found.differences, found.notes) == ([], [])
    return archive


def find_wrong(whole: Path, folder: Path, *, seed: int, rows: int, files: int) -> tuple[int, list[str]]:
    """Try alterations; give how many there were, and those that were not named in one line."""
    tried, wrong = 0, []
    for number, one in enumerate(make_alterations(whole, seed=seed, rows=rows, files=files)):
        archive = copy_whole(whole, folder / str(number))
        if not one.alter(archive):
            continue
        tried += 1
        found = verify(archive).differences
        if len(found) != 1 or not any(name in found[0] for name in one.names):
            wrong.append(f"{one.what}: {found}")
    return tried, wrong


def test_some_alterations_of_rows_and_files_are_one_line_each(whole: Path, tmp_path: Path) -> None:
    tried, wrong = find_wrong(whole, tmp_path, seed=1, rows=12, files=12)
    assert wrong == []
    assert tried > 15


@pytest.mark.trial
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_hundreds_of_alterations_are_one_line_each(whole: Path, tmp_path: Path, seed: int) -> None:
    tried, wrong = find_wrong(whole, tmp_path, seed=seed, rows=150, files=150)
    assert wrong == []
    assert tried > 240


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        # A place before the beginning of a file, and no bytes.
        ("update captures set warc_offset = -9 where id = (select capture_id from images limit 1)", "warc_offset"),
        ("update captures set warc_length = 0 where id = (select capture_id from images limit 1)", "warc_length"),
        ("delete from captures where id = (select max(capture_id) from attachments)", "has no row in captures"),
        ("update warc_files set name = replace(name, '.gz', '.g') where serial = 18", "its row has another name"),
        # All rows of one article, to another.
        ("update article_dates set article_id = 11 where article_id = 10", "one of the rows of article_id 10 has"),
        ("delete from _row_ledger where key = '_sqlite_migrations'", "_sqlite_migrations is missing"),
        ("update _row_ledger set key = 'x' where key = '_sqlite_migrations'", "_sqlite_migrations is missing"),
        ("update attachments set capture_id = 298 where rowid = 1", "attachments: row"),
    ],
)
def test_what_an_altered_row_brings_along_is_not_said_again(whole: Path, tmp_path: Path, sql: str, named: str) -> None:
    archive = copy_whole(whole, tmp_path / "copy")
    change(archive, sql)
    (line,) = verify(archive).differences
    assert named in line


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        # The row of an answer that others are read from, as 304s.
        ("delete from captures where rowid = 13", "capture 278: url is 'withheld'"),
        ("delete from box_state where key = 'rows'", "withheld.db: it has other rows than were written"),
    ],
)
def test_what_an_altered_row_of_the_withheld_database_brings_along_is_not_said_again(
    whole: Path, tmp_path: Path, sql: str, named: str
) -> None:
    archive = copy_whole(whole, tmp_path / "copy")
    change(archive.with_name("withheld.db"), sql)
    (line,) = verify(archive).differences
    assert named in line
