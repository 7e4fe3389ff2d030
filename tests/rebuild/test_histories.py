"""WARC files of two histories in one folder are named, never merged; one of them can be chosen."""

import shutil
from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from crawler.archive.warc.reader import warc_files
from crawler.errors import ForkError
from crawler.operations.backup.restore import restore
from crawler.rebuild.histories import Histories
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import all_rows
from tests.support.build import Clock, Night, article_page, new_address, read_rows
from tests.support.operations import backup
from tests.support.wire.warc_records import read_records

TABLES = ("articles", "captures", "crawls", "history", "revisions")
WORDS = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản số"


def read(night: Night, number: int) -> None:
    assert night.read(new_address(number).url, article_page(f"Tin {number}", f"{WORDS} {number}."))


def crawl(archive: Path, clock: Clock, *numbers: int) -> None:
    clock.go_on(hours=25)
    with Night(archive, clock, with_adoption=True) as night:
        for number in numbers:
            read(night, number)


def merge(*archives: Path) -> Path:
    """Put the WARC files of several machines into one folder; give the path of a database there."""
    folder = archives[0].parent.with_name("merged") / "warc"
    for archive in archives:
        shutil.copytree(archive.parent / "warc", folder, dirs_exist_ok=True)
    return folder.parent / "archive.db"


def history_of(archive: Path) -> str:
    return str(read_rows(archive, "select history from history order by id desc limit 1")[0][0])


@pytest.fixture
def forked(tmp_path: Path, clock: Clock) -> tuple[Path, Path]:
    """Two machines that went on from one backup."""
    one, other = tmp_path / "one" / "archive.db", tmp_path / "other" / "archive.db"
    one.parent.mkdir()
    crawl(one, clock, 1)
    backup(one, tmp_path / "target")
    restore(str(tmp_path / "target"), other)
    for number in (2, 3):
        crawl(one, clock, number)
        crawl(other, clock, number + 10)
    return one, other


def assert_equal(made: Path, archive: Path) -> None:
    """Compare rows; those that say where a record lies are equal too, since the files are."""
    assert all_rows(made, TABLES) == all_rows(archive, TABLES)


def test_each_history_by_itself_is_rebuilt_as_it_was(forked: tuple[Path, Path]) -> None:
    for archive in forked:
        made = archive.with_name("new.db")
        assert rebuild(archive, made).left_out == ()
        assert_equal(made, archive)


def test_two_histories_in_one_folder_are_refused_by_name_and_one_can_be_chosen(forked: tuple[Path, Path]) -> None:
    merged = merge(*forked)
    with pytest.raises(ForkError, match=r"the files hold 2 histories: \w{8} \(history \w{8} .*--history") as refused:
        rebuild(merged, merged)
    assert not merged.exists()
    for archive, other in (forked, forked[::-1]):
        assert history_of(archive)[:8] in str(refused.value)
        made = merged.with_name(f"{archive.parent.name}.db")
        done = rebuild(merged, made, history=history_of(archive)[:8])
        assert_equal(made, archive)
        own = {path.name for path in warc_files(archive.parent / "warc")}
        assert set(done.left_out) == {path.name for path in warc_files(other.parent / "warc")} - own
        assert [line for line in done.lines() if "left out, of another history" in line]
    with pytest.raises(ForkError, match="none or several begin with 'zz'"):
        rebuild(merged, merged, history="zz")


def test_a_history_that_went_on_from_the_middle_of_a_run_is_cut_there(tmp_path: Path, clock: Clock) -> None:
    one, other = tmp_path / "one" / "archive.db", tmp_path / "other" / "archive.db"
    one.parent.mkdir()
    with Night(one, clock) as night:
        read(night, 1)
        night.writer.commit().result()
        backup(one, tmp_path / "target")
        read(night, 2)
    assert restore(str(tmp_path / "target"), other).differences == []
    crawl(other, clock, 13)
    merged = merge(other, one)  # of the file that both have, the whole one
    with pytest.raises(ForkError, match="hold 2 histories"):
        rebuild(merged, merged)
    for archive in (one, other):
        made = merged.with_name(f"{archive.parent.name}.db")
        rebuild(merged, made, history=history_of(archive)[:8])
        assert_equal(made, archive)
    assert read_rows(other, "select count(*) from articles") == [(2,)]


def test_files_of_another_archive_are_named_too(tmp_path: Path, clock: Clock) -> None:
    archives = [tmp_path / name / "archive.db" for name in ("one", "other")]
    for number, archive in enumerate(archives, start=1):
        archive.parent.mkdir()
        crawl(archive, clock, number)
    merged = merge(*archives)
    with pytest.raises(ForkError, match="hold 2 histories"):
        rebuild(merged, merged)
    made = merged.with_name("new.db")
    rebuild(merged, made, history=history_of(archives[1]))
    assert read_rows(made, "select title from articles") == [("Tin 2",)]


def test_a_lost_file_in_the_middle_is_a_loss_and_no_second_history(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    for number in (1, 2, 3, 4):
        crawl(archive, clock, number)
    warc_files(tmp_path / "warc")[1].unlink()
    rebuild(archive, tmp_path / "new.db")
    titles = [row[0] for row in read_rows(tmp_path / "new.db", "select title from articles order by id")]
    assert titles == ["Tin 1", "Tin 3", "Tin 4"]
    for table in ("captures", "crawls", "articles"):
        assert [row[0] for row in read_rows(tmp_path / "new.db", f"select id from {table} order by id")] == [1, 3, 4]


def test_a_copy_of_a_file_under_another_name_is_no_second_history(forked: tuple[Path, Path]) -> None:
    histories = Histories()
    files = warc_files(forked[0].parent / "warc")
    for path in [*files, *files[-1:]]:
        for record in read_records(path):
            histories.note(record, path)
    assert histories.select(None).left_out == ()


def test_a_run_adopts_no_file_of_another_history(forked: tuple[Path, Path], clock: Clock) -> None:
    one, other = forked
    before = all_rows(one)
    foreign = warc_files(other.parent / "warc")[-1]
    shutil.copy(foreign, one.parent / "warc" / foreign.name)
    with pytest.raises(ForkError, match=f"warc/{foreign.name}: is of history {history_of(other)[:8]}"):
        crawl(one, clock, 4)
    assert all_rows(one) == before
    (one.parent / "warc" / foreign.name).unlink()
    crawl(one, clock, 4)
    assert verify(one).differences == []


def test_a_database_that_is_older_than_its_files_catches_up(tmp_path: Path, clock: Clock) -> None:
    archive, old = tmp_path / "archive.db", tmp_path / "old.db"
    crawl(archive, clock, 1)
    shutil.copy(archive, old)
    for number in (2, 3):
        crawl(archive, clock, number)
    shutil.copy(old, archive)
    for suffix in ("-wal", "-shm"):
        archive.with_name(archive.name + suffix).unlink(missing_ok=True)
    crawl(archive, clock, 4)
    assert [row[0] for row in read_rows(archive, "select id from articles order by id")] == [1, 2, 3, 4]
    assert verify(archive).differences == []
